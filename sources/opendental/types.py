"""How every MySQL type travels: how it is read, how it is written, and its type in PostgreSQL.

The type alone decides, never the values seen. What arrow cannot hold travels as the text that MySQL
shows, and the server at the other end parses it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from sources.opendental.catalogue import Column


class Carrier(StrEnum):
    """The arrow (and dlt) type that carries a value between two databases."""

    INTEGER = "bigint"
    DOUBLE = "double"
    TEXT = "text"
    BINARY = "binary"

    @property
    def arrow(self) -> pa.DataType:
        """The arrow type of a carried column."""
        return {
            Carrier.INTEGER: pa.int64(),
            Carrier.DOUBLE: pa.float64(),
            Carrier.TEXT: pa.large_string(),
            Carrier.BINARY: pa.large_binary(),
        }[self]


Coercion = Callable[[pa.ChunkedArray], tuple[pa.ChunkedArray, int]]
"""Makes a carried column acceptable to PostgreSQL; returns it and how many values it changed."""


@dataclass(frozen=True)
class TypeRule:
    """One MySQL type on its way through both hops.

    Attributes:
        carrier: what it travels as.
        postgres: its column type in raw.
        read: the expression that reads it, `{}` being the column.
        write: the expression that LOAD DATA stores it with, `{}` being the text read, or None
            where the text itself is right.
        coerce: what PostgreSQL cannot hold and what becomes of it.
    """

    carrier: Carrier
    postgres: Callable[["Column"], str]
    read: str = "{}"
    write: str | None = None
    coerce: Coercion | None = None

    @property
    def key(self) -> str:
        """The expression whose text names a row by a key column of this type."""
        return "HEX({})" if self.carrier is Carrier.BINARY else f"CAST({self.read} AS CHAR)"


def drop_nul(values: pa.ChunkedArray) -> tuple[pa.ChunkedArray, int]:
    """Removes NUL characters from text, which PostgreSQL cannot store."""
    affected = pc.sum(pc.match_substring(values, "\0")).as_py() or 0
    return (pc.replace_substring(values, "\0", "") if affected else values), affected


def null_unless(parses: Callable[[str], object], arrow: pa.DataType) -> Coercion:
    """Turns what is no calendar date (zero, partial, 31 February) into NULL.

    The whole column is parsed at once; only a column with such a value is looked at one by one.
    """

    def is_date(text: str) -> bool:
        try:
            parses(text)
        except ValueError:
            return False
        return True

    def coerce(values: pa.ChunkedArray) -> tuple[pa.ChunkedArray, int]:
        try:
            values.cast(arrow)
        except pa.ArrowInvalid:
            distinct = values.unique().drop_null().to_pylist()
            refused = pa.array([v for v in distinct if not is_date(v)], pa.large_string())
            mask = pc.is_in(values, refused)
            return pc.if_else(mask, pa.scalar(None, pa.large_string()), values), pc.sum(
                mask
            ).as_py()
        return values, 0

    return coerce


def _varchar(column: "Column") -> str:
    return f"varchar({column.length})" if column.length else "text"


def _fraction(name: str) -> Callable[["Column"], str]:
    return lambda column: f"{name}({column.fraction})"


def _always(name: str) -> Callable[["Column"], str]:
    return lambda _: name


def _bits(column: "Column") -> str:
    width = column.precision or 1
    return "boolean" if width == 1 else "bigint" if width < 64 else "numeric(20,0)"


_AS_TEXT = "CAST({} AS CHAR)"

_TEXT = TypeRule(Carrier.TEXT, _always("text"), coerce=drop_nul)
_VARCHAR = TypeRule(Carrier.TEXT, _varchar, coerce=drop_nul)
_BYTES = TypeRule(Carrier.BINARY, _always("bytea"), write="UNHEX({})")
_DATE = null_unless(date.fromisoformat, pa.date32())
_TIMESTAMP = TypeRule(
    Carrier.TEXT,
    _fraction("timestamp"),
    read=_AS_TEXT,
    coerce=null_unless(datetime.fromisoformat, pa.timestamp("us")),
)


def _integer(postgres: str) -> TypeRule:
    return TypeRule(Carrier.INTEGER, _always(postgres))


RULES: dict[str, TypeRule] = {
    "tinyint": _integer("smallint"),
    "tinyint unsigned": _integer("smallint"),
    "smallint": _integer("smallint"),
    "smallint unsigned": _integer("integer"),
    "mediumint": _integer("integer"),
    "mediumint unsigned": _integer("integer"),
    "int": _integer("integer"),
    "int unsigned": _integer("bigint"),
    "bigint": _integer("bigint"),
    "bigint unsigned": TypeRule(Carrier.TEXT, _always("numeric(20,0)"), read=_AS_TEXT),
    # written as a number: the text 0 would be the year 2000
    "year": TypeRule(
        Carrier.INTEGER, _always("smallint"), read="{} + 0", write="CAST({} AS UNSIGNED)"
    ),
    "bit": TypeRule(Carrier.TEXT, _bits, read="CAST({} + 0 AS CHAR)", write="CAST({} AS UNSIGNED)"),
    "decimal": TypeRule(Carrier.TEXT, lambda c: f"numeric({c.precision},{c.scale})", read=_AS_TEXT),
    # adding a double zero widens to double without the six digits that FLOAT shows
    "float": TypeRule(Carrier.DOUBLE, _always("real"), read="{} + 0e0"),
    "double": TypeRule(Carrier.DOUBLE, _always("double precision")),
    "date": TypeRule(Carrier.TEXT, _always("date"), read=_AS_TEXT, coerce=_DATE),
    "datetime": _TIMESTAMP,
    "timestamp": _TIMESTAMP,
    "time": TypeRule(Carrier.TEXT, _fraction("interval"), read=_AS_TEXT),
    "char": _VARCHAR,
    "varchar": _VARCHAR,
    "enum": _VARCHAR,
    "set": _VARCHAR,
    "tinytext": _TEXT,
    "text": _TEXT,
    "mediumtext": _TEXT,
    "longtext": _TEXT,
    "json": TypeRule(Carrier.TEXT, _always("jsonb"), coerce=drop_nul),
    "binary": _BYTES,
    "varbinary": _BYTES,
    "tinyblob": _BYTES,
    "blob": _BYTES,
    "mediumblob": _BYTES,
    "longblob": _BYTES,
}

_UNKNOWN = TypeRule(Carrier.TEXT, _always("text"), read=_AS_TEXT, coerce=drop_nul)

HINTED: dict[str, str] = {
    "bool": "boolean",
    "smallint": "smallint",
    "integer": "integer",
    "bigint": "bigint",
    "numeric": "numeric",
    "double": "double precision",
    "text": "text",
    "date": "date",
    "timestamp": "timestamp",
    "time": "time",
    "interval": "interval",
    "json": "jsonb",
    "binary": "bytea",
}
"""The PostgreSQL type that a column's `data_type` in tables.yml asks for."""


def rule_of(column: "Column") -> TypeRule:
    """The rule of a column's type; types that are not listed travel as text."""
    unsigned = " unsigned" if column.unsigned else ""
    return RULES.get(column.data_type + unsigned) or RULES.get(column.data_type) or _UNKNOWN
