"""Gives the tables of raw the schema of replication's: what can be added at once, and what later.

Nothing is ever dropped. What needs an empty table, like another type, becomes a `PendingAlter`: the
load does it in the transaction that brings all rows again, so nobody sees the table without them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from destinations import fence, raw
from destinations.exclusive_lock import cursor_of, lock_exclusively
from destinations.schema_changes import Change, ColumnChange, KeyChange, SchemaPlan, describe
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
from opendental_pipeline.settings.errors import SchemaError
from opendental_pipeline.settings.table_config import Deletes, TableConfig


@dataclass(frozen=True)
class RawTable:
    """A table as PostgreSQL describes it.

    Attributes:
        columns: in order, by name.
        key: the primary key's columns.
        constraint: the primary key's name; None without one.
    """

    columns: dict[str, Column]
    key: tuple[str, ...] = ()
    constraint: str | None = None

    @classmethod
    def of(
        cls, types: Mapping[str, str], key: Iterable[str], constraint: str | None = None
    ) -> "RawTable":
        """A table of columns with some types."""
        columns = {name: Column(name, kind, kind, nullable=True) for name, kind in types.items()}
        return cls(columns, tuple(key), constraint)


@dataclass(frozen=True)
class RawTables:
    """The tables of raw.

    Attributes:
        by_name: by their names there.
        denied: owners of those that this role may not read and write, by name.
        role: who this is.
        counts_bytes: whether the length of a text is that of its bytes, as in SQL_ASCII.
    """

    by_name: dict[str, RawTable]
    counts_bytes: bool = False
    denied: Mapping[str, str] = field(default_factory=dict)
    role: str = ""

    def type_of(self, column: Column) -> str:
        """A column's type in this database, which has room for every text of the source's."""
        if self.counts_bytes:
            return _LENGTH.sub(lambda n: f"varying({4 * int(n[1])})", raw_type(column))
        return raw_type(column)


_LENGTH = re.compile(r"varying\((\d+)\)")

_COLUMNS = sa.text("""
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS kind, k.conname,
           array_position(k.conkey, a.attnum) AS place
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
    WHERE n.nspname = :schema AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum""")


_DENIED = sa.text("""
    SELECT c.relname, pg_get_userbyid(c.relowner)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND c.relkind IN ('r', 'p') AND NOT (
        has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
        AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))""")


def read_raw(connection: Connection, schema: str) -> RawTables:
    """The tables of the raw schema."""
    tables: dict[str, RawTable] = {}
    rows = connection.execute(_COLUMNS, {"schema": schema})
    for name, group in groupby(rows, key=lambda row: row.relname):
        columns = list(group)
        key = {column.place: column.attname for column in columns if column.place}
        types = {column.attname: column.kind for column in columns}
        tables[name] = RawTable.of(types, (key[n] for n in sorted(key)), columns[0].conname)
    encoding = run_sql(connection, "SHOW server_encoding").scalar()
    denied = {row[0]: row[1] for row in connection.execute(_DENIED, {"schema": schema})}
    role = str(run_sql(connection, "SELECT current_user").scalar())
    return RawTables(tables, encoding == "SQL_ASCII", denied, role)


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
        SchemaError: the table is another role's.
        LockLostError: the run lost its lock.
    """
    name = postgres_identifier(table.name)
    place = f"{postgres_ident(schema)}.{postgres_ident(name)}"
    if owner := existing.denied.get(name):
        raise SchemaError(
            f"{place} belongs to {owner}, and {existing.role} may not read and write it;"
            f" ALTER TABLE {place} OWNER TO {postgres_ident(existing.role)}",
            table=table.name,
            hop=raw.HOP,
        )
    have, want = existing.by_name.get(name), _wanted(config, table, existing)
    if have is None:
        _run(target, schema, table, [_create_table(place, want)])
        return (), NO_ALTER
    at_once, later = plan_raw(have, want)
    constraint = postgres_ident(have.constraint or postgres_identifier(f"{table.name}_pkey"))
    adds = [f"ALTER TABLE {place} {clause}" for clause in _clauses(at_once, constraint)]
    clears = _clear(place, have, want, config.excluded_columns)
    _run(target, schema, table, [*adds, *clears], exclusively=place if adds else None)
    return describe(at_once), PendingAlter(tuple(_clauses(later, constraint)), _reason(later))


def _run(
    target: Engine,
    schema: str,
    table: Table,
    statements: Sequence[str],
    exclusively: str | None = None,
) -> None:
    if statements:
        with redact_errors(table.name, raw.HOP), fence.begin(target, schema) as connection:
            if exclusively:
                with closing(cursor_of(connection)) as cursor:
                    lock_exclusively(cursor, exclusively, postgres_identifier(table.name))
            for statement in statements:
                run_sql(connection, statement)


def _wanted(config: TableConfig, table: Table, existing: RawTables) -> RawTable:
    types = {postgres_identifier(column.name): existing.type_of(column) for column in table.columns}
    own = [LOADED_AT, DELETED_AT] if config.deletes is Deletes.MARK else [LOADED_AT]
    types |= dict.fromkeys(own, "timestamp with time zone")
    return RawTable.of(types, map(postgres_identifier, table.primary_key))


def _create_table(place: str, want: RawTable) -> str:
    body = [f"{postgres_ident(c.name)} {c.column_type}" for c in want.columns.values()]
    body += [_primary_key(want.key)] if want.key else []
    return f"CREATE TABLE {place} ({', '.join(body)})"


def _clear(place: str, have: RawTable, want: RawTable, excluded: Iterable[str]) -> Iterator[str]:
    """Removes what must not stay: the values of excluded columns, and rows that were marked."""
    for column in map(postgres_identifier, excluded):
        if column in have.columns:
            name = postgres_ident(column)
            yield f"UPDATE {place} SET {name} = NULL WHERE {name} IS NOT NULL"
    if DELETED_AT in have.columns and DELETED_AT not in want.columns:
        yield f"DELETE FROM {place} WHERE {postgres_ident(DELETED_AT)} IS NOT NULL"


def plan_raw(have: RawTable, want: RawTable) -> tuple[SchemaPlan, SchemaPlan]:
    """Plans what has to change in a table of raw: at once, and together with all its rows."""
    pairs = [(have.columns.get(name), column) for name, column in want.columns.items()]
    added = [ColumnChange((Change.ADD,), new, new) for old, new in pairs if not old]
    retyped = [ColumnChange((Change.RETYPE,), old, new) for old, new in pairs if old and old != new]
    key = KeyChange(have.key, want.key) if have.key != want.key else None
    return SchemaPlan(tuple(added)), SchemaPlan(tuple(retyped), key=key)


def _clauses(plan: SchemaPlan, constraint: str) -> Iterator[str]:
    """Those of ALTER TABLE; done twice they do no harm, for a load that failed is done again."""
    for change in plan.columns:
        name, kind = postgres_ident(change.want.name), change.want.column_type
        added = change.kinds == (Change.ADD,)
        yield f"ADD COLUMN {name} {kind}" if added else f"ALTER {name} TYPE {kind} USING NULL"
    if plan.key:
        yield f"DROP CONSTRAINT IF EXISTS {constraint}"
        # PostgreSQL keeps the columns of a key NOT NULL without it
        freed = [name for name in plan.key.have if name not in plan.key.want]
        yield from (f"ALTER {postgres_ident(name)} DROP NOT NULL" for name in freed)
        if plan.key.want:
            yield f"ADD CONSTRAINT {constraint} {_primary_key(plan.key.want)}"


def _reason(plan: SchemaPlan) -> str:
    names = ", ".join(plan.having(Change.RETYPE))
    reasons = [f"its columns {names} have another type"] if names else []
    reasons += [f"its key is {', '.join(plan.key.want) or 'none'} now"] if plan.key else []
    return " and ".join(reasons)


def _primary_key(names: Iterable[str]) -> str:
    return f"PRIMARY KEY ({', '.join(map(postgres_ident, names))})"
