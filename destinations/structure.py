"""Gives the tables of both tiers the shape of the catalogue: CREATE or ALTER ADD, never DROP."""

import re
from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from destinations import raw, replication
from destinations.bulk import without_values
from sources.opendental.catalogue import Catalogue, Column, Table, create_statement
from sources.opendental.connections import run_sql
from sources.opendental.replica import LOADED_AT, TOMBSTONES, replica_of
from sources.opendental.sql import ident
from sources.opendental.strategy import REPLICATED_AT
from sources.opendental.tables import TableConfig
from sources.opendental.types import HINTED

_STAMP = (
    f"{ident(REPLICATED_AT)} timestamp(6) NOT NULL"
    " DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)"
)

_TOMBSTONES = f"""
    CREATE TABLE IF NOT EXISTS {ident(TOMBSTONES)} (
        id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
        table_name varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        row_key varchar(3072) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
        deleted_at timestamp(6) NOT NULL DEFAULT current_timestamp(6),
        KEY by_table (table_name, deleted_at)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""


def prepare_replication(connection: Connection) -> None:
    """Makes the table of tombstones where it is missing."""
    run_sql(connection, _TOMBSTONES)
    connection.commit()


def align_replication(source: Engine, target: Engine, table: Table, replicas: Catalogue) -> None:
    """Makes the copy of a source's table, or adds the columns it lacks.

    The definitions are the source's own, so types, defaults and zero dates survive. The copy is
    InnoDB, generates no keys, and enforces none but the primary one: it only ever repeats.

    Args:
        source: where the table is.
        target: replication.
        table: the columns wanted.
        replicas: what replication has.

    Raises:
        LoadingError: the statement was refused.
    """
    replica = replicas.get(table.name)
    missing = [c for c in table.columns if replica is None or not replica.has(c.name)]
    if replica is not None:
        _release_removed(target, table, replica)
    if not missing:
        return
    with without_values(table.name, replication.HOP), source.connect() as connection:
        original = create_statement(connection, table.name)
    definitions = _definitions(original, table)
    if replica is None:
        body = [definitions[c.name] for c in table.columns]
        keys = _keys(original, {c.name for c in table.columns})
        body += [_STAMP, *keys, f"KEY {ident(REPLICATED_AT)} ({ident(REPLICATED_AT)})"]
        options = re.search(r"(DEFAULT CHARSET=.*?)(?= COMMENT=|\n|$)", original.rsplit(")", 1)[1])
        suffix = options.group(1) if options else ""
        statements = [
            f"CREATE TABLE {ident(table.name)} (\n{', '.join(body)}\n)"
            f" ENGINE=InnoDB ROW_FORMAT=DYNAMIC {suffix}",
        ]
    else:
        added = ", ".join(f"ADD COLUMN {definitions[c.name]}" for c in missing)
        statements = [f"ALTER TABLE {ident(table.name)} {added}"]
    with without_values(table.name, replication.HOP), target.connect() as connection:
        for statement in statements:
            run_sql(connection, statement)
        connection.commit()


def _release_removed(target: Engine, table: Table, replica: Table) -> None:
    """Lets columns that are no longer copied be NULL, so that new rows need no value for them."""
    removed = [
        column
        for column in replica_of(replica).columns
        if not table.has(column.name) and not column.nullable
    ]
    if not removed:
        return
    with without_values(table.name, replication.HOP), target.connect() as connection:
        original = create_statement(connection, table.name)
        definitions = _definitions(original, replace(replica, columns=tuple(removed)))
        changes = []
        for definition in definitions.values():
            kind = re.split(r" NOT NULL", definition, maxsplit=1)[0]
            changes.append(f"MODIFY COLUMN {kind} NULL DEFAULT NULL")
        run_sql(connection, f"ALTER TABLE {ident(table.name)} {', '.join(changes)}")
        connection.commit()


def _definitions(original: str, table: Table) -> dict[str, str]:
    """The column definitions of a CREATE TABLE statement, one to a line, by column."""
    lines = {}
    for line in original.splitlines():
        found = re.match(r"  (`(?:[^`]|``)+`) (.*?),?$", line)
        if found:
            lines[found.group(1)] = found.group(2)
    definitions = {}
    for column in table.columns:
        definition = lines[ident(column.name)]
        definition = re.sub(
            r" (?:GENERATED ALWAYS )?AS \(.*\) (?:STORED|VIRTUAL|PERSISTENT)", "", definition
        )
        definition = definition.replace(" AUTO_INCREMENT", "").replace(" INVISIBLE", "")
        definitions[column.name] = f"{ident(column.name)} {definition}"
    return definitions


def _keys(original: str, columns: set[str]) -> list[str]:
    """The index definitions, unique ones made plain, as far as all their columns are copied."""
    keys = []
    for line in original.splitlines():
        found = re.match(
            r"  ((?:UNIQUE )?KEY|PRIMARY KEY) ?(`(?:[^`]|``)+`)? ?(\(.*\)).*?,?$", line
        )
        if not found:
            continue
        kind, name, parts = found.groups()
        named = {n.replace("``", "`") for n in re.findall(r"`((?:[^`]|``)+)`", parts)}
        if named <= columns:
            keys.append(f"{kind.removeprefix('UNIQUE ')} {name or ''} {parts}")
    return keys


def read_raw(connection: Connection, schema: str) -> dict[str, set[str]]:
    """The columns of every table in the raw schema."""
    tables: dict[str, set[str]] = {}
    query = sa.text(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = :schema"
    )
    for table, column in connection.execute(query, {"schema": schema}):
        tables.setdefault(table, set()).add(column)
    return tables


def align_raw(
    target: Engine, schema: str, config: TableConfig, replica: Table, existing: dict[str, set[str]]
) -> None:
    """Makes the table in raw, or adds the columns it lacks; the source's names and order.

    Raises:
        LoadingError: the statement was refused.
    """
    have = existing.get(replica.name)
    wanted = {c.name: _raw_type(config, c) for c in replica_of(replica).columns}
    wanted[LOADED_AT] = "timestamptz"
    missing = {name: kind for name, kind in wanted.items() if have is None or name not in have}
    if not missing:
        return
    place = f"{raw.ident(schema)}.{raw.ident(replica.name)}"
    if have is None:
        body = [f"{raw.ident(name)} {kind}" for name, kind in wanted.items()]
        if config.primary_key:
            body.append(f"PRIMARY KEY ({', '.join(map(raw.ident, config.primary_key))})")
        statement = f"CREATE TABLE {place} ({', '.join(body)})"
    else:
        added = ", ".join(f"ADD COLUMN {raw.ident(n)} {kind}" for n, kind in missing.items())
        statement = f"ALTER TABLE {place} {added}"
    with without_values(replica.name, raw.HOP), target.begin() as connection:
        run_sql(connection, statement)


def _raw_type(config: TableConfig, column: Column) -> str:
    hint = config.columns.get(column.name)
    return HINTED[hint.data_type] if hint and hint.data_type else column.rule.postgres(column)


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
