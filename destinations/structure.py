"""Gives the tables of both tiers the shape of the catalogue: CREATE or ALTER ADD.

Nothing is dropped but columns of replication whose values must not be there any more.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from destinations import raw, replication
from destinations.bulk import without_values
from destinations.definitions import HASH_COMMENT, Definitions
from sources.opendental.catalogue import Catalogue, Column, Table, create_statement
from sources.opendental.connections import run_sql
from sources.opendental.contract import REPLICATED_AT, TOMBSTONES
from sources.opendental.naming import LOADED_AT, in_raw
from sources.opendental.sql import ident
from sources.opendental.tables import TableConfig

_TOMBSTONES = f"""
    CREATE TABLE IF NOT EXISTS {ident(TOMBSTONES)} (
        id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
        table_name varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        row_key mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
        deleted_at timestamp(6) NOT NULL DEFAULT current_timestamp(6),
        KEY by_table (table_name, deleted_at)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""


def prepare_replication(connection: Connection) -> None:
    """Makes the table of tombstones where it is missing."""
    run_sql(connection, _TOMBSTONES)
    connection.commit()


def align_replication(
    source: Engine, target: Engine, config: TableConfig, table: Table, replicas: Catalogue
) -> None:
    """Makes the copy of a source's table, or adds the columns it lacks.

    The definitions are the source's own, so types, defaults and zero dates survive. The copy is
    InnoDB, generates no keys, and enforces none but the primary one: it only ever repeats. A column
    that is excluded or hashed from now on loses the values it had.

    Args:
        source: where the table is.
        target: replication.
        config: its entry in tables.yml.
        table: the columns wanted.
        replicas: what replication has.

    Raises:
        LoadingError: the statement was refused.
    """
    replica = replicas.get(table.name)
    if replica is None:
        statement = _original(source, table.name).create(table)
    else:
        changes = _changes(source, target, config, table, replica)
        if not changes:
            return
        statement = f"ALTER TABLE {ident(table.name)} {', '.join(changes)}"
    with without_values(table.name, replication.HOP), target.connect() as connection:
        run_sql(connection, statement)
        connection.commit()


def _changes(
    source: Engine, target: Engine, config: TableConfig, table: Table, replica: Table
) -> list[str]:
    """What has to change in a replica: columns to add, to make anew, and to let be NULL."""
    replica = replica.without([REPLICATED_AT])
    added = [column for column in table.columns if _is_other(column, replica)]
    unwanted = config.excluded_columns
    dropped = [n for n in [*unwanted, *(c.name for c in added)] if replica.has(n)]
    released = [
        column
        for column in replica.without(unwanted).columns
        if not table.has(column.name) and not column.nullable
    ]
    changes = [f"DROP COLUMN {ident(name)}" for name in dropped]
    if added:
        changes += [f"ADD COLUMN {d}" for d in _original(source, table.name).of(added)]
    if released:
        # new rows have no value for them
        changes += [f"MODIFY COLUMN {d}" for d in _original(target, table.name).released(released)]
    return changes


def _is_other(wanted: Column, replica: Table) -> bool:
    """Whether replication lacks a column, or has it in clear where it is hashed, or the reverse."""
    if not replica.has(wanted.name):
        return True
    return bool(wanted.hashed) != (replica.column(wanted.name).comment == HASH_COMMENT)


def _original(server: Engine, table: str) -> Definitions:
    with without_values(table, replication.HOP), server.connect() as connection:
        return Definitions.parse(create_statement(connection, table))


RawTables = dict[str, dict[str, str]]
"""The type of every column of every table in raw, by their names there."""


def read_raw(connection: Connection, schema: str) -> RawTables:
    """The tables of the raw schema."""
    tables: RawTables = {}
    query = sa.text(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = :schema AND c.relkind IN ('r', 'p')"
        " AND a.attnum > 0 AND NOT a.attisdropped"
    )
    for table, column, kind in connection.execute(query, {"schema": schema}):
        tables.setdefault(table, {})[column] = kind
    return tables


def align_raw(
    target: Engine, schema: str, config: TableConfig, table: Table, existing: RawTables
) -> dict[str, str]:
    """Makes the table in raw, or the columns it lacks; the source's names and order.

    A column that is excluded now is emptied and stays.

    Args:
        target: PostgreSQL.
        schema: of raw.
        config: the table's entry in tables.yml.
        table: the columns wanted, with their hints.
        existing: what raw has.

    Returns:
        the columns that have another type in raw, and the type they should have; the load that
        fills them changes it.

    Raises:
        LoadingError: the statement was refused.
    """
    have = existing.get(in_raw(table.name))
    wanted = {in_raw(column.name): column.raw_type for column in table.columns}
    wanted[LOADED_AT] = "timestamp with time zone"
    place = f"{raw.ident(schema)}.{raw.ident(in_raw(table.name))}"
    statements = []
    if have is None:
        body = [f"{raw.ident(name)} {kind}" for name, kind in wanted.items()]
        if config.primary_key:
            key = ", ".join(raw.ident(in_raw(name)) for name in config.primary_key)
            body.append(f"PRIMARY KEY ({key})")
        statements.append(f"CREATE TABLE {place} ({', '.join(body)})")
    else:
        added = [f"ADD COLUMN {raw.ident(n)} {wanted[n]}" for n in wanted if n not in have]
        if added:
            statements.append(f"ALTER TABLE {place} {', '.join(added)}")
        excluded = [in_raw(name) for name in config.excluded_columns]
        for name in map(raw.ident, (name for name in excluded if name in have)):
            statements.append(f"UPDATE {place} SET {name} = NULL WHERE {name} IS NOT NULL")
    if statements:
        with without_values(table.name, raw.HOP), target.begin() as connection:
            for statement in statements:
                run_sql(connection, statement)
    return {name: kind for name, kind in wanted.items() if have and have.get(name, kind) != kind}


def have_rows(connection: Connection, tables: Iterable[str]) -> set[str]:
    """Which of the quoted tables have any row, in one query."""
    names = list(tables)
    if not names:
        return set()
    union = " UNION ALL ".join(
        f"SELECT {number} AS number, EXISTS (SELECT 1 FROM {name}) AS filled"
        for number, name in enumerate(names)
    )
    return {names[row.number] for row in run_sql(connection, union) if row.filled}
