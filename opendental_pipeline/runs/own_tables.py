"""The pipeline's own tables: made where there are none, and those of earlier versions evolved."""

from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Connection

from destinations.exclusive_lock import cursor_of, lock_exclusively
from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.settings.errors import ConfigurationError

MOMENT = sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql")
"""The type of a moment; MySQL's know no zone, and are in UTC."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


def make_or_evolve(
    connection: Connection, table: sa.Table, fills: Mapping[str, str] = _NOTHING
) -> None:
    """Makes a table, or gives one of an earlier version what it lacks; rows and views stay.

    Args:
        connection: behind the fence, for CREATE and ALTER.
        table: as it is wanted.
        fills: what a column that is added says in rows that are there already, as SQL.

    Raises:
        ConfigurationError: a view has its name, as where the views over all clinics are.
        PostgresLockedError: somebody reads it for longer than a lock is waited for.
    """
    looking = sa.inspect(connection)
    if table.name in looking.get_view_names(table.schema):
        raise ConfigurationError(
            f"{table} is a view, and no table of this pipeline's: drop it, or have another schema;"
            " of several clinics, name one: --clinic NAME"
        )
    if not looking.has_table(table.name, table.schema):
        table.create(connection)
        return
    found = {str(one["name"]): one for one in looking.get_columns(table.name, table.schema)}
    name = connection.dialect.identifier_preparer.format_table(table)
    _alter(connection, table, name, list(_changes(connection, table, found)))
    for moment in _without_zone(connection, table, found):
        # one that a view shows keeps its type; its times are in UTC all the same
        with suppress(sa.exc.NotSupportedError), connection.begin_nested():
            zoned = f"TYPE timestamptz USING {moment} AT TIME ZONE 'UTC'"
            _alter(connection, table, name, [f"ALTER COLUMN {moment} {zoned}"])
    if added := [f"{n} = {sql}" for n, sql in fills.items() if n not in found]:
        run_sql(connection, f"UPDATE {name} SET {', '.join(added)}")
    for index in table.indexes:
        index.create(connection, checkfirst=True)


def _alter(connection: Connection, table: sa.Table, name: str, clauses: list[str]) -> None:
    if not clauses:
        return
    if connection.dialect.name == "postgresql":
        with closing(cursor_of(connection)) as cursor:
            lock_exclusively(cursor, name, table.name)
    run_sql(connection, f"ALTER TABLE {name} {', '.join(clauses)}")


def _changes(connection: Connection, table: sa.Table, found: Mapping[str, Any]) -> Iterator[str]:
    """What adds missing columns, and lets those be empty that a run fills at its end only."""
    quote = connection.dialect.identifier_preparer.quote
    for column in table.columns:
        kind = column.type.compile(connection.dialect)
        if column.name not in found:
            yield f"ADD COLUMN {quote(column.name)} {kind}"
        elif column.nullable and not found[column.name]["nullable"]:
            # only the history in PostgreSQL had such columns
            yield f"ALTER COLUMN {quote(column.name)} DROP NOT NULL"


def _without_zone(
    connection: Connection, table: sa.Table, found: Mapping[str, Any]
) -> Iterator[str]:
    """The columns of PostgreSQL that say nowhere that they are in UTC."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.columns:
        if isinstance(column.type, sa.DateTime) and column.name in found:
            kind: Any = found[column.name]["type"]
            if not kind.timezone:
                yield connection.dialect.identifier_preparer.quote(column.name)
