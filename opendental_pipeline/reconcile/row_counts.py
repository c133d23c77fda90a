"""Row counts of source and replication, held against each other whenever a table was copied.

A comparison finds more, but not every table is compared every night. A count is told in one row, so
nothing that cuts off or changes the rows of a SELECT has an effect on it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.databases.table import Table
from opendental_pipeline.settings.table_config import Frequency, TableConfig
from sources.opendental.table_query import TooLongError

Query = Callable[[str], Sequence[Any]]
"""Runs a query and returns its rows."""

_TABLES_AT_ONCE = 50
_FEW_ROWS = 50_000
"""Rows up to which the tables are counted together, since counting InnoDB's takes time."""


def count_rows(query: Query, tables: Iterable[Table]) -> dict[str, int]:
    """Counts the rows of some tables; without those that take the server too long.

    Args:
        query: where they are.
        tables: as they are there, or as their original is.
    """
    names: dict[bool, list[str]] = {True: [], False: []}
    for table in tables:
        names[table.has_exact_count or table.rows <= _FEW_ROWS].append(table.name)
    quick, slow = names[True], names[False]
    groups = [quick[n : n + _TABLES_AT_ONCE] for n in range(0, len(quick), _TABLES_AT_ONCE)]
    counts: dict[str, int] = {}
    for group in (*groups, *([name] for name in slow)):
        counts |= _counted(query, group)
    return counts


def _counted(query: Query, names: Sequence[str]) -> dict[str, int]:
    union = " UNION ALL ".join(
        f"SELECT {literal(name)} AS name, COUNT(*) AS count_ FROM {ident(name)}" for name in names
    )
    try:
        return {str(name): int(count) for name, count in query(union)}
    except TooLongError:
        if len(names) == 1:
            return {}
        return {n: count for name in names for n, count in _counted(query, [name]).items()}


def disagreeing(
    configs: Mapping[str, TableConfig], originals: Mapping[str, int], copies: Mapping[str, int]
) -> list[str]:
    """The tables whose copy has too few rows, or too many where deletions are looked for.

    One that could not be counted is among them.

    Args:
        configs: their entries in tables.yml.
        originals: their rows at the source.
        copies: their rows in replication.
    """
    return [
        name
        for name, config in configs.items()
        if name not in originals
        or copies[name] < originals[name]
        or (copies[name] > originals[name] and config.reconcile.deletes is Frequency.NIGHTLY)
    ]
