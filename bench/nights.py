"""Nights of a whole clinic: ours and plain dlt's in turn, with no changes and with a few."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from bench.data import Change, change_clinic
from bench.figures import CHANGED, UNCHANGED, Series
from bench.programs import BenchError
from bench.servers import Route, connect_to
from bench.tools import Nightly
from bench.watch import Run, watched

SCHEMA = "raw"
# Tables of a tool's own, among those it copied.
OWN = r"^(_dlt_|etl_)"


@dataclass(frozen=True)
class Copier:
    """Somebody who copies the clinic every night.

    Attributes:
        tool: what does it.
        route: the source, the same for all, and targets of its own.
        exact: whether its nights must bring each edit; plain dlt's miss some.
    """

    tool: Nightly
    route: Route
    exact: bool


def nights(
    copiers: Sequence[Copier], rows: int, runs: int, say: Callable[[str], None]
) -> list[Series]:
    """A first night for each, then so many nights without changes, then so many with.

    Args:
        copiers: at least one.
        rows: of the clinic.
        runs: nights of each kind.
        say: told each result.

    Raises:
        BenchError: a night failed, or did not bring what it must.
    """
    for copier in copiers:
        copier.route.empty()
        copier.tool.first_night(copier.route)
        check_rows(copier, rows)
        say(f"first night: {copier.tool.name}")
    unchanged = [one_each(copiers, rows, say, UNCHANGED) for _turn in range(runs)]
    changed = []
    for turn in range(runs):
        mark = f" ~{turn}"
        changes = change_clinic(copiers[0].route.owner(), mark)
        changed.append(one_each(copiers, rows, say, CHANGED))
        for copier in copiers:
            check_rows(copier, rows)
            if copier.exact:
                check_changes(copier, changes, mark)
    return [
        Series(title + copier.tool.name, [turn[copier.tool.name] for turn in turns])
        for title, turns in ((UNCHANGED, unchanged), (CHANGED, changed))
        for copier in copiers
    ]


def one_each(
    copiers: Sequence[Copier], rows: int, say: Callable[[str], None], title: str
) -> Mapping[str, Run]:
    """One night of everybody, by the tool's name."""
    found = {}
    for copier in copiers:
        cluster, night = copier.route.cluster, partial(copier.tool.night, copier.route)
        run = found[copier.tool.name] = watched(cluster, rows, night)
        say(f"{title}{copier.tool.name} {run.usage.seconds:.2f} s")
    return found


def check_rows(copier: Copier, rows: int) -> None:
    """Refuse a copy that has more or fewer rows than the clinic.

    Raises:
        BenchError: it has.
    """
    names = sa.text(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = :schema"
        " AND table_type = 'BASE TABLE' AND table_name !~ :own"
    )
    with connect_to(copier.route.analytics).connect() as connection:
        found = connection.execute(names, {"schema": SCHEMA, "own": OWN})
        tables: list[str] = list(found.scalars())
        counts = " UNION ALL ".join(f'SELECT COUNT(*) AS n FROM {SCHEMA}."{t}"' for t in tables)
        total = f"SELECT SUM(n) FROM ({counts or 'SELECT 0 AS n'}) AS counts"
        arrived = int(connection.execute(sa.text(total)).scalar_one())
    if arrived != rows:
        raise BenchError(f"{copier.tool.name} has {arrived:,} rows in PostgreSQL, not {rows:,}.")


def check_changes(copier: Copier, changes: Sequence[Change], mark: str) -> None:
    """Refuse a night that left changes behind.

    Raises:
        BenchError: it did.
    """
    with connect_to(copier.route.analytics).connect() as connection:
        for change in changes:
            query = sa.text(
                f'SELECT COUNT(*) FROM {SCHEMA}."{change.table}"'
                f' WHERE RIGHT("{change.column}", :length) = :mark'
            )
            parameters = {"length": len(mark), "mark": mark}
            arrived: int = connection.execute(query, parameters).scalar_one()
            if arrived != change.rows:
                raise BenchError(
                    f"{copier.tool.name} brought {arrived} of {change.rows} changes of"
                    f" {change.table}.{change.column}."
                )
