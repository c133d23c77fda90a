"""Gives the tables of raw the shape of replication's: what can be added at once, and what later.

Nothing is ever dropped. What needs an empty table, like another type, becomes a `PendingAlter`: the
load does it in the transaction that brings all rows anew, so nobody sees the table without them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from destinations import fence, raw
from destinations.slice_job import redact_errors
from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.identifiers import (
    DELETED_AT,
    LOADED_AT,
    postgres_ident,
    postgres_identifier,
)
from opendental_pipeline.databases.table import Column, Table
from opendental_pipeline.databases.type_hints import raw_type
from opendental_pipeline.planning.slice import NO_ALTER, PendingAlter
from opendental_pipeline.settings.table_config import Deletes, TableConfig


@dataclass
class RawTable:
    """A table as PostgreSQL describes it.

    Attributes:
        types: of its columns, in order.
        key: the primary key's columns.
        constraint: the primary key's name; None without one.
    """

    types: dict[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    constraint: str | None = None


@dataclass(frozen=True)
class RawTables:
    """The tables of raw.

    Attributes:
        by_name: by their names there.
        counts_bytes: whether the length of a text is that of its bytes, as in SQL_ASCII.
    """

    by_name: dict[str, RawTable]
    counts_bytes: bool = False

    def type_of(self, column: Column) -> str:
        """A column's type in this database, which has room for every text of the source's."""
        if self.counts_bytes:
            return _LENGTH.sub(lambda n: f"varying({4 * int(n[1])})", raw_type(column))
        return raw_type(column)


_LENGTH = re.compile(r"varying\((\d+)\)")

_COLUMNS = sa.text("""
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS kind
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum""")

_KEYS = sa.text("""
    SELECT c.relname, k.conname, array_agg(a.attname ORDER BY place.n) AS key
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN unnest(k.conkey) WITH ORDINALITY AS place (attnum, n)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = place.attnum
    WHERE n.nspname = :schema AND k.contype = 'p' GROUP BY c.relname, k.conname""")


def read_raw(connection: Connection, schema: str) -> RawTables:
    """The tables of the raw schema."""
    tables: dict[str, RawTable] = {}
    for row in connection.execute(_COLUMNS, {"schema": schema}):
        tables.setdefault(row.relname, RawTable()).types[row.attname] = row.kind
    for row in connection.execute(_KEYS, {"schema": schema}):
        tables[row.relname].constraint, tables[row.relname].key = row.conname, tuple(row.key)
    encoding = run_sql(connection, "SHOW server_encoding").scalar()
    return RawTables(tables, counts_bytes=encoding == "SQL_ASCII")


def evolve_raw_table(
    target: Engine, schema: str, config: TableConfig, table: Table, existing: RawTables
) -> tuple[tuple[str, ...], PendingAlter]:
    """Makes the table in raw, or the columns it lacks; the source's names and order.

    A column that is excluded now is emptied and stays.

    Args:
        target: PostgreSQL.
        schema: of raw.
        config: the table's entry in tables.yml.
        table: the columns wanted, with their hints.
        existing: what raw has.

    Returns:
        what was changed, as sentences, and what the load has to change with the rows.

    Raises:
        LoadingError: the statement was refused.
        LockLostError: the run lost its lock.
    """
    have = existing.by_name.get(postgres_identifier(table.name))
    wanted = {
        postgres_identifier(column.name): existing.type_of(column) for column in table.columns
    }
    wanted[LOADED_AT] = "timestamp with time zone"
    marked = config.deletes is Deletes.MARK
    if marked:
        wanted[DELETED_AT] = "timestamp with time zone"
    key = tuple(postgres_identifier(name) for name in table.primary_key)
    place = f"{postgres_ident(schema)}.{postgres_ident(postgres_identifier(table.name))}"
    statements, done = [], []
    if have is None:
        body = [f"{postgres_ident(name)} {kind}" for name, kind in wanted.items()]
        body += [f"PRIMARY KEY ({_names(key)})"] if key else []
        statements.append(f"CREATE TABLE {place} ({', '.join(body)})")
    else:
        if added := [name for name in wanted if name not in have.types]:
            adds = (f"ADD COLUMN {postgres_ident(name)} {wanted[name]}" for name in added)
            statements.append(f"ALTER TABLE {place} {', '.join(adds)}")
            done = [f"column {name} was added" for name in added]
        for name in map(postgres_identifier, config.excluded_columns):
            if name in have.types:
                column = postgres_ident(name)
                statements.append(f"UPDATE {place} SET {column} = NULL WHERE {column} IS NOT NULL")
        if not marked and DELETED_AT in have.types:
            statements.append(f"DELETE FROM {place} WHERE {postgres_ident(DELETED_AT)} IS NOT NULL")
    if statements:
        with redact_errors(table.name, raw.HOP), fence.begin(target, schema) as connection:
            for statement in statements:
                run_sql(connection, statement)
    name = (
        have.constraint if have and have.constraint else postgres_identifier(f"{table.name}_pkey")
    )
    return tuple(done), _pending_alter(
        have, wanted, key, postgres_ident(name)
    ) if have else NO_ALTER


def _pending_alter(
    have: RawTable, wanted: dict[str, str], key: tuple[str, ...], constraint: str
) -> PendingAlter:
    """What differs; done twice it does no harm, for a load whose package failed is done again."""
    retyped = [n for n, kind in wanted.items() if have.types.get(n, kind) != kind]
    clauses = [f"ALTER COLUMN {postgres_ident(n)} TYPE {wanted[n]} USING NULL" for n in retyped]
    reasons = [f"its columns {', '.join(retyped)} have another type"] if retyped else []
    if have.key != key:
        clauses.insert(0, f"DROP CONSTRAINT IF EXISTS {constraint}")
        # PostgreSQL keeps the columns of a key NOT NULL without it
        freed = [name for name in have.key if name not in key]
        clauses += [f"ALTER COLUMN {postgres_ident(name)} DROP NOT NULL" for name in freed]
        clauses += [f"ADD CONSTRAINT {constraint} PRIMARY KEY ({_names(key)})"] if key else []
        reasons.append(f"its key is {', '.join(key) or 'none'} now")
    return PendingAlter(tuple(clauses), " and ".join(reasons))


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(postgres_ident, names))
