"""Raw as dlt's dataset: the schema that `pipeline.dataset()` reads it by, from the catalogue.

The schema that loads knows only keys, since dlt would look at each column in every step of every
package. Whoever reads asks PostgreSQL what there is.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg2
from dlt.common.schema import Schema
from dlt.common.schema.typing import TColumnSchema, TTableSchemaColumns

from opendental_pipeline.databases.identifiers import dlt_identifier

COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, NULL),
        CASE WHEN a.atttypmod >= 4 THEN ((a.atttypmod - 4) >> 16) & 65535 END,
        CASE WHEN a.atttypmod >= 4 THEN (a.atttypmod - 4) & 2047 END
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum"""
"""The columns of a schema: table, name, type, and what a NUMERIC says of its digits."""

_DLT_TYPES: dict[str, TColumnSchema] = {
    "smallint": {"data_type": "bigint"},
    "integer": {"data_type": "bigint"},
    "bigint": {"data_type": "bigint"},
    "real": {"data_type": "double"},
    "double precision": {"data_type": "double"},
    "boolean": {"data_type": "bool"},
    "date": {"data_type": "date"},
    "time without time zone": {"data_type": "time", "precision": 6},
    "timestamp without time zone": {"data_type": "timestamp", "precision": 6, "timezone": False},
    "timestamp with time zone": {"data_type": "timestamp", "precision": 6},
    "jsonb": {"data_type": "json"},
    "bytea": {"data_type": "binary"},
}
_TEXT: TColumnSchema = {"data_type": "text"}
_ANY_DECIMAL: TColumnSchema = {"data_type": "decimal", "precision": 76, "scale": 38}

_INTERVAL = psycopg2.extensions.new_type((1186,), "INTERVAL", lambda value, _: value)
"""A span as PostgreSQL shows it: dlt has no type for it, and Python's has no months."""


def show_intervals(connection: Any) -> None:
    """Makes a connection of psycopg2's return spans as text, as the schema says."""
    psycopg2.extensions.register_type(_INTERVAL, connection)


def complete(schema: Schema, found: Iterable[Sequence[Any]]) -> None:
    """Gives the tables of a schema the columns that raw has.

    Args:
        schema: of a dataset.
        found: the answer to `COLUMNS`.
    """
    columns: dict[str, TTableSchemaColumns] = {}
    for table, name, kind, precision, scale in found:
        column: TColumnSchema = {"name": name, **_dlt_type(kind, precision, scale)}
        columns.setdefault(dlt_identifier(table), {})[name] = column
    for table in schema.data_table_names():
        schema.tables[table]["columns"] = columns.get(table, {})


def _dlt_type(kind: str, precision: int | None, scale: int | None) -> TColumnSchema:
    if kind != "numeric":
        return _DLT_TYPES.get(kind, _TEXT)
    if precision is None or scale is None:
        return _ANY_DECIMAL
    return {"data_type": "decimal", "precision": precision, "scale": scale}
