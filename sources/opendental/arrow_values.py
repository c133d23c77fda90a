"""A table's values as Arrow has them: those of raw, by the type that raw has for each column."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from opendental_pipeline.databases.table import Column
from opendental_pipeline.databases.type_hints import raw_type
from opendental_pipeline.settings.errors import ExtractionError
from sources.opendental.raw_projection import accepted

_ARROW = {
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    # dlt has one floating-point type; every REAL is a DOUBLE, too
    "real": pa.float64(),
    "double precision": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp without time zone": pa.timestamp("us"),
    "time without time zone": pa.time64("us"),
    "bytea": pa.large_binary(),
}

_MOST_DIGITS = 38
"""That a decimal number may have in DuckDB, Snowflake, BigQuery and Redshift."""


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a column; text for what dlt has no exact type for.

    Those are numbers of more than 38 digits or of any, durations, and JSON.
    """
    name = raw_type(column)
    if numeric := re.fullmatch(r"numeric\((\d+),(\d+)\)", name):
        precision, scale = map(int, numeric.groups())
        if precision <= _MOST_DIGITS:
            return pa.decimal128(precision, scale)
    return _ARROW.get(re.sub(r"\(\d+\)", "", name), pa.large_string())


def is_json(column: Column) -> bool:
    """Whether a column's texts are JSON, which dlt has a type for."""
    return raw_type(column) == "jsonb"


def to_arrow(column: Column, values: pa.Array) -> pa.Array:
    """Makes of a column's values, as they are read, those that raw has.

    Args:
        column: with its hints.
        values: texts or bytes.

    Raises:
        ExtractionError: its `data_type` in tables.yml cannot hold some.
    """
    found = accepted(column, values)
    if found.refused:
        raise ExtractionError(
            "columns hold values that their data_type in tables.yml cannot take:"
            f" {column.name} ({found.refused:,})"
        )
    values, wanted = found.values, arrow_type(column)
    if pa.types.is_time(wanted):
        # Arrow reads no time of day, but one of a day
        day = pa.scalar("1970-01-01", values.type)
        values = pc.binary_join_element_wise(day, values, pa.scalar(" ", values.type))
        values = values.cast(pa.timestamp("us"))
    return values.cast(wanted)
