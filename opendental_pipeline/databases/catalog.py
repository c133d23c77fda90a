"""What a MySQL server says about its tables, read in one pass over information_schema."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from opendental_pipeline.databases.spelling import plain_default, plain_extra
from opendental_pipeline.databases.table import Catalogue, Column, Table

_NAMES: sa.BindParameter[str] = sa.bindparam("names", expanding=True)

_COLUMNS = sa.text("""
    SELECT table_name AS owner, column_name AS name, data_type AS data_type,
           column_type AS column_type, is_nullable AS is_nullable, extra AS extra,
           character_maximum_length AS length, numeric_precision AS `precision`,
           numeric_scale AS scale,
           character_set_name AS charset, collation_name AS collation,
           column_default AS `default`, column_comment AS comment
    FROM information_schema.columns
    WHERE table_schema = :database AND (:every OR table_name IN :names)
    ORDER BY table_name, ordinal_position""").bindparams(_NAMES)

_TABLES = sa.text("""
    SELECT table_name AS name, engine AS engine, table_rows AS `rows`, data_length AS size,
           create_time AS create_time, update_time AS update_time
    FROM information_schema.tables
    WHERE table_schema = :database AND (:every OR table_name IN :names)
        AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')""").bindparams(_NAMES)

_INDEXES = sa.text("""
    SELECT table_name AS owner, index_name AS name, column_name AS col, sub_part AS part
    FROM information_schema.statistics
    WHERE table_schema = :database AND (:every OR table_name IN :names)
    ORDER BY table_name, index_name, seq_in_index""").bindparams(_NAMES)


def read_catalogue(
    connection: Connection, database: str, tables: Collection[str] | None = None
) -> Catalogue:
    """Reads the base tables of a database in three queries, which lock nothing.

    Args:
        connection: to a MySQL or MariaDB server.
        database: whose tables to describe.
        tables: only these; None for all.
    """
    parameters = {"database": database, "every": tables is None, "names": list(tables or [""])}
    is_mysql = not connection.dialect.is_mariadb  # type: ignore[attr-defined]
    columns: dict[str, list[Column]] = defaultdict(list)
    for row in connection.execute(_COLUMNS, parameters):
        columns[row.owner].append(_column(row, is_mysql=is_mysql))
    indexes: dict[tuple[str, str], list[str]] = defaultdict(list)
    prefixes: dict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(_INDEXES, parameters):
        indexes[row.owner, row.name].append(row.col)
        if row.name == "PRIMARY" and row.part:
            prefixes[row.owner][row.col] = int(row.part)
    others: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for (table, index), names in indexes.items():
        if index != "PRIMARY":
            others[table][index] = tuple(names)
    return {
        row.name: Table(
            name=row.name,
            engine=row.engine or "",
            rows=int(row.rows or 0),
            size=int(row.size or 0),
            updated_at=row.update_time,
            created_at=row.create_time,
            columns=tuple(columns[row.name]),
            primary_key=_shown(columns[row.name], indexes.get((row.name, "PRIMARY"), ())),
            indexes=others[row.name],
            key_prefixes=prefixes[row.name],
        )
        for row in connection.execute(_TABLES, parameters)
    }


def respell(found: Catalogue, names: Iterable[str]) -> Catalogue:
    """The same tables, called as another server calls them.

    Args:
        found: of a server to which names that differ in case only are one.
        names: as the other server spells them.
    """
    spelled = {name.lower(): name for name in names}
    renamed = {spelled.get(name.lower(), name): table for name, table in found.items()}
    return {name: replace(table, name=name) for name, table in renamed.items()}


def read_collations(connection: Connection) -> frozenset[str]:
    """The collations that a server knows, with their charsets in their names."""
    # MariaDB 10.10 and later have a column for the whole name; MySQL shows headers in upper case
    query = "SELECT * FROM information_schema.collation_character_set_applicability"
    names = set()
    for row in connection.execute(sa.text(query)).mappings():
        shown = {str(column).lower(): str(value) for column, value in row.items()}
        names.add(shown.get("full_collation_name", shown["collation_name"]))
    return frozenset(names)


def _shown(columns: Iterable[Column], names: Iterable[str]) -> tuple[str, ...]:
    """Those names that are columns: the key of a versioned table has one more, which is not."""
    visible = {column.name for column in columns}
    return tuple(name for name in names if name in visible)


_SYNONYMS = {"geomcollection": "geometrycollection"}
"""Types that MySQL 8 calls by a name that others do not know."""


def _column(row: Any, *, is_mysql: bool) -> Column:
    default = None if row.default is None else str(row.default)
    nullable, extra = row.is_nullable == "YES", row.extra or ""
    if is_mysql:
        default = plain_default(default, row.data_type.lower(), extra, nullable=nullable)
        extra = plain_extra(extra)
    return Column(
        name=row.name,
        data_type=_SYNONYMS.get(row.data_type.lower(), row.data_type.lower()),
        column_type=_SYNONYMS.get(row.column_type, row.column_type),
        nullable=nullable,
        extra=extra,
        length=row.length,
        precision=row.precision,
        scale=row.scale,
        charset=row.charset,
        collation=row.collation,
        default=default,
        comment=row.comment or "",
    )
