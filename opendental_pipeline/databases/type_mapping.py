"""How every MySQL type travels: how it is read, how it is written, and its type in PostgreSQL.

The type alone decides, never the values seen. A value travels as the text that MySQL shows, and the
server at the other end parses it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from opendental_pipeline.databases.mysql_result import ByteArray, ColumnOffsets, is_utf8
from opendental_pipeline.databases.table import Column


class TransferType(StrEnum):
    """What a value is on its way, in dlt's words; it travels as the text that MySQL shows of it."""

    INTEGER = "bigint"
    DOUBLE = "double"
    TEXT = "text"
    BINARY = "binary"

    @property
    def arrow(self) -> pa.DataType:
        """The arrow type of a carried column."""
        return pa.large_binary() if self is TransferType.BINARY else pa.large_string()


Coercion = Callable[[pa.Array], tuple[pa.Array, int]]
"""Makes a carried column acceptable to PostgreSQL; returns it and how many values it changed."""

IsLoadable = Callable[[ByteArray, ColumnOffsets], bool]
"""Whether PostgreSQL takes all values of a column as they are."""


@dataclass(frozen=True)
class TypeRule:
    """One MySQL type on its way through both hops.

    Attributes:
        transfer_type: what it travels as.
        postgres: its column type in raw.
        read: the expression that reads it, `{}` being the column.
        write: the expression that LOAD DATA stores it with, `{}` being the bytes read; `{}` alone
            where they are right as they are.
        coerce: what PostgreSQL cannot hold and what becomes of it.
        is_loadable: whether PostgreSQL can hold all values of a column, for a type that has
            others than text with NUL.
    """

    transfer_type: TransferType
    postgres: Callable[[Column], str]
    read: str = "{}"
    write: Callable[[Column], str] = lambda _: "{}"
    coerce: Coercion | None = None
    is_loadable: IsLoadable | None = None

    @property
    def key(self) -> str:
        """The expression whose text names a row by a key column of this type."""
        return (
            "HEX({})" if self.transfer_type is TransferType.BINARY else f"CAST({self.read} AS CHAR)"
        )


def storable(values: pa.Array) -> tuple[pa.Array, int]:
    """Makes text that PostgreSQL can store: no NUL, and U+FFFD for what is no character.

    MySQL's three-byte UTF-8 holds halves of surrogate pairs, which no other UTF-8 does.
    """
    held = values.view(pa.large_binary())
    has_nul = pc.any(pc.match_substring(values, "\0")).as_py()
    if not has_nul and is_utf8(held):
        return values, 0
    before = held.to_pylist()
    after = [None if value is None else _storable(value) for value in before]
    changed = sum(one != other for one, other in zip(before, after, strict=True))
    return pa.array(after, pa.large_binary()).view(pa.large_string()), changed


def _storable(value: bytes) -> bytes:
    try:
        text = value.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = value.decode("utf-8", "replace")
    return _NO_CHARACTER.sub("\ufffd", text.replace("\0", "")).encode()


_NO_CHARACTER = re.compile("[\ud800-\udfff]")


def null_if_invalid(parses: Callable[[str], object]) -> Coercion:
    """Turns what is no calendar date (zero, partial, 31 February) into NULL."""

    def coerce(values: pa.Array) -> tuple[pa.Array, int]:
        distinct = values.unique().drop_null().to_pylist()
        refused = pa.array([v for v in distinct if not _does(parses, v)], pa.large_string())
        mask = pc.is_in(values, refused)
        nothing = pa.scalar(None, pa.large_string())
        return pc.if_else(mask, nothing, values), pc.sum(mask).as_py()

    return coerce


def are_dates(data: ByteArray, column: ColumnOffsets) -> bool:
    """Whether all values of a column begin with a date that PostgreSQL knows.

    Only those are parsed that a look at their digits does not settle.
    """
    offsets, lengths = column.non_null
    if not len(offsets):
        return True
    if lengths.min() < len("2000-01-01"):
        return False
    year = data[offsets] | data[offsets + 1] | data[offsets + 2] | data[offsets + 3]
    month = data[offsets + 5] * 10 + data[offsets + 6] - _TWO_ZEROS
    day = data[offsets + 8] * 10 + data[offsets + 9] - _TWO_ZEROS
    doubtful = (year == ord("0")) | (day == 0) | (day > _SHORTEST[month])
    doubts = {data[at : at + 10].tobytes().decode() for at in offsets[doubtful]}
    return all(_does(date.fromisoformat, doubt) for doubt in doubts)


_TWO_ZEROS = np.uint8(11 * ord("0") % 256)
_SHORTEST = np.zeros(256, np.uint8)
_SHORTEST[1:13] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def _does(parses: Callable[[str], object], text: str) -> bool:
    try:
        parses(text)
    except ValueError:
        return False
    return True


def invalid_enum_count(column: Column, values: pa.Array) -> int:
    """How many values are the empty text that an ENUM shows for a value that it does not list.

    MySQL keeps such a value where a mode without strictness once took a wrong one.
    """
    if column.data_type != "enum" or not column.lists_all or "" in column.members:
        return 0
    return pc.sum(pc.equal(values, "")).as_py() or 0


def _varchar(column: Column) -> str:
    return f"character varying({column.length})" if column.length else "text"


def _seconds(name: str) -> Callable[[Column], str]:
    return lambda column: name.format(column.fraction)


def _always(text: str) -> Callable[[Column], str]:
    return lambda _: text


def _bits(column: Column) -> str:
    width = column.precision or 1
    return "boolean" if width == 1 else "bigint" if width < 64 else "numeric(20,0)"


_AS_TEXT = "CAST({} AS CHAR)"
# the file holds UTF-8 and is read as bytes
_IN_CHARSET = _always("CONVERT({} USING utf8mb4)")
# FLOAT shows six digits and DOUBLE(12,3) three decimals of what they hold; and newer MariaDBs have
# no negative zero, so that a copy there could not be as others are
_ALL_BITS = "{} + 0e0"
# what a DOUBLE itself shows is never cut; of a sum within a function MySQL 8 shows 22 characters
_DOUBLE = "IF({0} = 0, '0', {0})"

_TEXT = TypeRule(TransferType.TEXT, _always("text"), write=_IN_CHARSET, coerce=storable)
_VARCHAR = TypeRule(TransferType.TEXT, _varchar, write=_IN_CHARSET, coerce=storable)
_BYTES = TypeRule(TransferType.BINARY, _always("bytea"))
# SRID and well-known binary, as the server stores them
_SHAPE = TypeRule(TransferType.BINARY, _always("bytea"), read="CAST({} AS BINARY)")
_DATE = null_if_invalid(date.fromisoformat)
_TIMESTAMP = TypeRule(
    TransferType.TEXT,
    _seconds("timestamp({}) without time zone"),
    coerce=null_if_invalid(datetime.fromisoformat),
    is_loadable=are_dates,
)


def _integer(postgres: str) -> TypeRule:
    return TypeRule(TransferType.INTEGER, _always(postgres))


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
    "bigint unsigned": TypeRule(TransferType.TEXT, _always("numeric(20,0)")),
    # written as a number: the text 0 would be the year 2000
    "year": TypeRule(
        TransferType.INTEGER,
        _always("smallint"),
        read="{} + 0",
        write=_always("CAST({} AS UNSIGNED)"),
    ),
    "bit": TypeRule(TransferType.TEXT, _bits, read="{} + 0", write=_always("CAST({} AS UNSIGNED)")),
    "decimal": TypeRule(TransferType.TEXT, lambda c: f"numeric({c.precision},{c.scale})"),
    "float": TypeRule(TransferType.DOUBLE, _always("real"), read=_ALL_BITS),
    "double": TypeRule(TransferType.DOUBLE, _always("double precision"), read=_DOUBLE),
    "double(m,d)": TypeRule(TransferType.DOUBLE, _always("double precision"), read=_ALL_BITS),
    "date": TypeRule(TransferType.TEXT, _always("date"), coerce=_DATE, is_loadable=are_dates),
    "datetime": _TIMESTAMP,
    "timestamp": _TIMESTAMP,
    "time": TypeRule(TransferType.TEXT, _seconds("interval({})")),
    "char": _VARCHAR,
    "varchar": _VARCHAR,
    "enum": _VARCHAR,
    "set": _VARCHAR,
    "tinytext": _TEXT,
    "text": _TEXT,
    "mediumtext": _TEXT,
    "longtext": _TEXT,
    "json": _TEXT,
    "binary": _BYTES,
    "varbinary": _BYTES,
    "tinyblob": _BYTES,
    "blob": _BYTES,
    "mediumblob": _BYTES,
    "longblob": _BYTES,
    "vector": _SHAPE,
    "geometry": _SHAPE,
    "point": _SHAPE,
    "linestring": _SHAPE,
    "polygon": _SHAPE,
    "multipoint": _SHAPE,
    "multilinestring": _SHAPE,
    "multipolygon": _SHAPE,
    "geometrycollection": _SHAPE,
}

_OTHER = TypeRule(
    TransferType.TEXT, _always("text"), read=_AS_TEXT, write=_IN_CHARSET, coerce=storable
)
"""Any type that is not listed, such as inet6 and uuid: the text that the server shows."""

HASHED = TypeRule(TransferType.TEXT, _always("character varying(64)"), read="NULL")
"""A column whose keyed hash is copied in place of its values, which are never read themselves."""


@cache
def type_rule(column: Column) -> TypeRule:
    """The rule of a column as it is read: of its type, or of the hash in its place."""
    return HASHED if column.hashed else clear_type_rule(column)


def clear_type_rule(column: Column) -> TypeRule:
    """The rule of a column's type."""
    unsigned = " unsigned" if column.unsigned else ""
    name = column.original_type
    if name == "double" and "(" in column.column_type:
        name = "double(m,d)"
    return RULES.get(name + unsigned) or RULES.get(name) or _OTHER
