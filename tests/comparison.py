"""Compares source, replication and raw, value by value, with no code of those that moved the rows.

Both MySQL sides are read as the text the server prints; PostgreSQL likewise; all in sessions that
leave nothing to the servers' settings. Each text becomes one
canonical value by the MySQL type alone, and what PostgreSQL cannot hold by the stated coercions.
"""

import hashlib
import json
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import psycopg2.extensions
import pymysql
import sqlalchemy as sa

from tests.sessions import mysql_session, postgres_session


@dataclass(frozen=True)
class Difference:
    """A row that two tiers do not share; without its values."""

    table: str
    tier: str
    kind: str
    key: tuple[object, ...]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tiers:
    """The three places: MySQL, MySQL, and a schema in PostgreSQL."""

    source: sa.URL
    replication: sa.URL
    analytics: sa.URL
    schema: str = "raw"


@dataclass(frozen=True)
class Comparison:
    """What comparing found.

    Attributes:
        differences: of replication and raw from the source.
        coerced: how many values PostgreSQL cannot hold, by table and column.
    """

    differences: list[Difference]
    coerced: Counter[tuple[str, str]]


def differences(tiers: Tiers, tables: Iterable[str] | None = None) -> list[Difference]:
    """Every difference of replication and raw from the source, over all base tables or some."""
    return compare(tiers, tables).differences


def compare(tiers: Tiers, tables: Iterable[str] | None = None) -> Comparison:
    """The same, and what may differ."""
    found: list[Difference] = []
    coerced: Counter[tuple[str, str]] = Counter()
    zone = "@@GLOBAL.time_zone"
    with (
        closing(mysql_session(tiers.source, sql_mode="''", time_zone=zone)) as source,
        # replication keeps the times that the source shows, in UTC
        closing(mysql_session(tiers.replication, sql_mode="''", time_zone="'+00:00'")) as replica,
        closing(postgres_session(tiers.analytics)) as pg,
    ):
        for table in tables if tables is not None else _tables(source):
            columns = _columns(source, table)
            key = _key(source, table)
            wanted = _read_mysql(source, table, columns)
            copied = _read_mysql(replica, table, columns)
            found += _compare(table, "replication", key, columns, wanted, copied)
            expected = [
                [_in_raw(kind, v) for (_, kind), v in zip(columns, r, strict=True)] for r in wanted
            ]
            loaded = _read_postgres(pg, tiers.schema, table, columns)
            found += _compare(table, "raw", key, columns, expected, loaded)
            for before, after in zip(wanted, expected, strict=True):
                for (name, _), one, other in zip(columns, before, after, strict=True):
                    coerced[table, name] += one != other
    return Comparison(found, +coerced)


def exported(
    tiers: Tiers,
    connection: duckdb.DuckDBPyConnection,
    place: Callable[[str], str],
    tables: Iterable[str],
) -> list[Difference]:
    """Every difference of exported tables from replication, but for what raw cannot hold.

    Args:
        connection: to DuckDB, which reads files, too.
        place: what DuckDB calls a table.
    """
    found: list[Difference] = []
    with closing(mysql_session(tiers.replication, sql_mode="''", time_zone="'+00:00'")) as replica:
        for table in tables:
            columns = [one for one in _columns(replica, table) if one[0] != "_replicated_at"]
            key = _key(replica, table)
            wanted = [
                [_in_raw(kind, v) for (_, kind), v in zip(columns, row, strict=True)]
                for row in _read_mysql(replica, table, columns)
            ]
            shown = ", ".join(_shown_in_duckdb(_named(n), kind) for n, kind in columns)
            rows = connection.sql(f"SELECT {shown} FROM {place(table)}").fetchall()
            got = [
                [_from_raw(kind, v) for (_, kind), v in zip(columns, row, strict=True)]
                for row in rows
            ]
            found += _compare(table, "exported", key, columns, wanted, got)
            if len(got) != len(wanted):
                found.append(Difference(table, "exported", "as many rows", ()))
    return found


def _shown_in_duckdb(name: str, kind: str) -> str:
    if "blob" in kind or "binary" in kind or kind in SHAPES:
        return f"hex({name})"
    return f"CAST({name} AS VARCHAR)"


SHAPES = (
    *("geometry", "point", "linestring", "polygon", "multipoint", "geometrycollection"),
    *("geomcollection", "vector"),
)

Column = tuple[str, str]
Rows = list[list[object]]


def _all(connection: pymysql.Connection, query: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def _name(connection: pymysql.Connection) -> str:
    name = connection.db
    assert name is not None
    return name.decode() if isinstance(name, bytes) else name


def _tables(connection: pymysql.Connection) -> list[str]:
    query = (
        "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
        " AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1"
    )
    return [row[0] for row in _all(connection, query, _name(connection))]


def _columns(connection: pymysql.Connection, table: str) -> list[Column]:
    query = (
        "SELECT column_name, data_type, column_type FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position"
    )
    rows = _all(connection, query, _name(connection), table)
    return [(n, "bit(1)" if full.startswith("bit(1)") else kind) for n, kind, full in rows]


def _key(connection: pymysql.Connection, table: str) -> list[str]:
    query = (
        "SELECT column_name FROM information_schema.key_column_usage WHERE table_schema = %s"
        " AND table_name = %s AND constraint_name = 'PRIMARY' ORDER BY ordinal_position"
    )
    names = [row[0] for row in _all(connection, query, _name(connection), table)]
    shown = {name for name, _ in _columns(connection, table)}
    return [name for name in names if name in shown]  # a versioned table hides one


def _read_mysql(connection: pymysql.Connection, table: str, columns: list[Column]) -> Rows:
    with connection.cursor() as cursor:
        selected = ", ".join(_shown(name, kind) for name, kind in columns)
        cursor.execute(f"SELECT {selected} FROM {_quoted(table)}")
        return [
            [_canonical(kind, v) for (_, kind), v in zip(columns, row, strict=True)]
            for row in cursor.fetchall()
        ]


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _shown(name: str, kind: str) -> str:
    if kind in ("float", "double"):
        # all bits, not the digits of FLOAT or DOUBLE(12,3); and no negative zero
        return f"{_quoted(name)} + 0e0"
    if kind == "vector":
        return f"CAST({_quoted(name)} AS BINARY)"  # the driver takes it for a text
    return f"{_quoted(name)} + 0" if kind.startswith("bit") else _quoted(name)


def _named(name: str) -> str:
    """A name in PostgreSQL, by the rule that the README states; quoted."""
    octets = name.encode()
    taken = ("_loaded_at", "_deleted_at", "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid")
    if len(octets) > 63 or name in taken:
        start = octets[:54]
        while True:
            try:
                name = f"{start.decode()}_{hashlib.sha256(octets).hexdigest()[:8]}"
                break
            except UnicodeDecodeError:
                start = start[:-1]
    return '"' + name.replace('"', '""') + '"'


def _read_postgres(
    pg: psycopg2.extensions.connection, schema: str, table: str, columns: list[Column]
) -> Rows:
    with pg.cursor() as cursor:
        selected = ", ".join(f"{_named(name)}::text" for name, _ in columns)
        cursor.execute(f'SELECT {selected} FROM "{schema}".{_named(table)}')
        return [
            [_from_raw(kind, v) for (_, kind), v in zip(columns, row, strict=True)]
            for row in cursor.fetchall()
        ]


def _canonical(kind: str, value: str | bytes | None) -> object:
    """The value that a text of MySQL means; octets are themselves."""
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"decimal|year|(tiny|small|medium|big)?int|bit.*", kind):
        return Decimal(value)
    if kind == "double":
        return struct.pack("d", float(value))
    if kind == "float":
        return struct.pack("f", float(value))
    if kind in ("datetime", "timestamp"):
        return re.sub(r"\.?0*$", "", value) if "." in value else value
    if kind == "time":
        return _microseconds(value)
    if kind == "json":
        return _document(value)
    return value


def _document(text: str) -> str:
    """What a JSON document says, however it is printed."""

    def number(digits: str) -> list[str]:
        # in a list with a name, which tells a number from a text
        return ["number", str(Decimal(digits).normalize())]

    return json.dumps(json.loads(text, parse_int=number, parse_float=number), sort_keys=True)


def _from_raw(kind: str, value: str | None) -> object:
    """The same of a text of PostgreSQL."""
    if value is None:
        return None
    if value in ("true", "false") and (kind == "bit(1)" or kind == "tinyint"):
        return Decimal(value == "true")
    if "blob" in kind or "binary" in kind or kind in SHAPES:
        return bytes.fromhex(value.removeprefix("\\x"))
    if kind == "time":
        days = re.match(r"(-?\d+) days? ?(.*)", value)
        if days:
            return int(days[1]) * 86_400_000_000 + _microseconds(days[2] or "00:00:00")
    return _canonical(kind, value)


def _in_raw(kind: str, value: object) -> object:
    """What PostgreSQL can hold of a canonical value, by the rules that the project states."""
    if isinstance(value, str) and kind in ("date", "datetime", "timestamp"):
        try:
            date.fromisoformat(value[:10])
        except ValueError:
            return None
    if isinstance(value, str):
        if kind == "json":
            return _document(re.sub(r"(?<!\\)((\\\\)*)\\u0000", r"\1", value))
        return value.replace("\0", "")
    return value


def _microseconds(clock: str) -> int:
    read = re.fullmatch(r"(-?)(\d+):(\d+):([\d.]+)", clock)
    assert read
    sign, hours, minutes, seconds = read.groups()
    total = (int(hours) * 3600 + int(minutes) * 60) * 1_000_000 + int(Decimal(seconds) * 1_000_000)
    return -total if sign else total


def _compare(
    table: str, tier: str, key: list[str], columns: list[Column], wanted: Rows, got: Rows
) -> list[Difference]:
    names = [name for name, _ in columns]
    if not key:
        if Counter(map(tuple, wanted)) != Counter(map(tuple, got)):
            return [Difference(table, tier, "rows differ", ())]
        return []
    places = [names.index(name) for name in key]
    left = {tuple(row[i] for i in places): row for row in wanted}
    right = {tuple(row[i] for i in places): row for row in got}
    found = [Difference(table, tier, "missing", k) for k in left.keys() - right.keys()]
    found += [Difference(table, tier, "extra", k) for k in right.keys() - left.keys()]
    for k in left.keys() & right.keys():
        changed = tuple(n for n, a, b in zip(names, left[k], right[k], strict=True) if a != b)
        if changed:
            found.append(Difference(table, tier, "changed", k, changed))
    return found
