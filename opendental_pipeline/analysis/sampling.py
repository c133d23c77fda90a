"""Looks at some rows of a table: whether a column is fit to be a cursor, whether a type fits."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.databases.table import Table
from opendental_pipeline.settings.data_type import DataType

_SAMPLE = 5_000
"""Rows from either end of a table; a statement over them takes a few hundredths of a second."""

_MISFIT = {
    DataType.BOOL: "{} NOT IN (0, 1)",
    DataType.TIME: "({0} < '00:00:00' OR {0} >= '24:00:00')",
}
"""The condition on values that a type cannot take."""


@dataclass(frozen=True)
class Quality:
    """What a sample says of a column that could be a cursor.

    Attributes:
        unset: rows in which it is NULL, zero, or OpenDental's `0001-01-01`.
        future: rows in which it is more than a day ahead of the server's clock.
        distinct: how many values it has.
    """

    unset: int = 0
    future: int = 0
    distinct: int = 0


@dataclass(frozen=True)
class Sample:
    """What some rows of a table say.

    Attributes:
        rows: how many were looked at.
        cursors: of each column that could be a cursor.
        misfits: rows whose value the type that a column is meant to have cannot take.
    """

    rows: int = 0
    cursors: Mapping[str, Quality] = field(default_factory=dict)
    misfits: Mapping[str, int] = field(default_factory=dict)


def sample(connection: Connection, table: Table, types: Mapping[str, DataType]) -> Sample:
    """Looks at the first and the last rows of a table in one short statement.

    Args:
        connection: to the source.
        table: the table.
        types: those that some of its columns are meant to have.
    """
    cursors = [column.name for column in table.columns if column.auto_updated]
    checked = {name: _MISFIT[kind] for name, kind in types.items() if kind in _MISFIT}
    names = list(dict.fromkeys([*cursors, *checked]))
    if not names or not table.rows:
        return Sample()
    selected = ["COUNT(*)"]
    for name in map(ident, cursors):
        selected += [
            f"COALESCE(SUM({name} IS NULL OR {name} < '1900-01-01'), 0)",
            f"COALESCE(SUM({name} > NOW() + INTERVAL 1 DAY), 0)",
            f"COUNT(DISTINCT {name})",
        ]
    misfits = (condition.format(ident(name)) for name, condition in checked.items())
    selected += [f"COALESCE(SUM({condition}), 0)" for condition in misfits]
    query = f"SELECT {', '.join(selected)} FROM ({_ends(table, names)}) AS ends"
    rows, *found = (int(value) for value in run_sql(connection, query).one())
    thirds = [found[n : n + 3] for n in range(0, 3 * len(cursors), 3)]
    return Sample(
        rows=rows,
        cursors={name: Quality(*third) for name, third in zip(cursors, thirds, strict=True)},
        misfits=dict(zip(checked, found[3 * len(cursors) :], strict=True)),
    )


def _ends(table: Table, names: list[str]) -> str:
    selected = f"SELECT {', '.join(map(ident, names))} FROM {ident(table.name)}"
    if table.rows <= 2 * _SAMPLE or not table.primary_key:
        return f"{selected} LIMIT {2 * _SAMPLE}"
    first = ", ".join(map(ident, table.primary_key))
    last = ", ".join(f"{ident(name)} DESC" for name in table.primary_key)
    return (
        f"({selected} ORDER BY {first} LIMIT {_SAMPLE})"
        f" UNION ALL ({selected} ORDER BY {last} LIMIT {_SAMPLE})"
    )
