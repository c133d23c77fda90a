"""Whether a value of MySQL and one of PostgreSQL are the same, as docs/values.md says it.

Nothing here is shared with what moves or compares rows: a mistake there cannot be a mistake here.
Each server shows a value as bytes; Python parses both into a value of its own and compares them.
"""

import json
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

LONGEST = 32_768
"""Characters or bytes of a value that are read: of longer ones the beginnings are compared."""

_BROKEN_END = 4
"""Characters at the end of a beginning that may be half a character."""

TEMPORAL = ("date", "datetime", "timestamp")
WHOLE = ("tinyint", "smallint", "mediumint", "int", "bigint")
_REAL = ("float", "double")
_SHAPES = (
    *("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring"),
    *("multipolygon", "geometrycollection", "geomcollection", "vector"),
)
_LONG = (
    *("varchar", "text", "mediumtext", "longtext", "json"),
    *("varbinary", "blob", "mediumblob", "longblob"),
)
_BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")
_TEXTS = (
    *("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"),
    *_BYTES,
)


@dataclass(frozen=True)
class ColumnPair:
    """A column at the source and what it is in raw.

    Attributes:
        name: at the source.
        raw_name: in raw.
        mysql_type: the bare type, such as `bigint`.
        postgres_type: the bare type in raw; empty if raw has no such column.
        charset: of its text at the source; empty if it has none.
        collation: likewise.
        hint: its `data_type` in tables.yml; empty if there is none.
    """

    name: str
    raw_name: str
    mysql_type: str
    postgres_type: str
    charset: str = ""
    collation: str = ""
    hint: str = ""

    @property
    def source_expression(self) -> str:
        """What reads it at the source, `{}` being the column."""
        if self.mysql_type in _REAL:
            # FLOAT shows six digits, and DOUBLE(12,3) three decimals
            return "{} / 1e0"
        if self.mysql_type in _SHAPES:
            return f"LEFT(CAST({{}} AS BINARY), {LONGEST})"
        return f"LEFT({{}}, {LONGEST})" if self.mysql_type in _LONG else "{}"

    def raw_expression(self, encoding: str) -> str:
        """What reads it in raw as bytes, `{}` being the column.

        Args:
            encoding: the one that text shall have, in PostgreSQL's words.
        """
        if self.postgres_type == "bytea":
            return f"substring({{}} from 1 for {LONGEST})"
        return f"convert_to(left({{}}::text, {LONGEST}), '{encoding}')"

    def source_value(self, data: bytes | None) -> object:
        """What raw should have where the source shows `data`; ValueError if it cannot be read."""
        if data is None:
            return None
        if self.mysql_type == "bit":
            data = str(int.from_bytes(data, "big")).encode()
        elif self.mysql_type == "year":
            data = str(int(data)).encode()
        elif self.mysql_type in TEMPORAL and self.hint not in ("text", "binary"):
            try:
                _moment(data)
            except ValueError:
                return None  # a date that is in no calendar
        value = self._parse(data)
        # a negative zero, which newer MariaDBs do not have, arrives as a zero
        return value + 0.0 if self.mysql_type in _REAL and isinstance(value, float) else value

    def raw_value(self, data: bytes | None) -> object:
        """What raw shows as `data`; ValueError if it cannot be read."""
        if data is None:
            return None
        if self.postgres_type == "real":
            return struct.unpack("f", struct.pack("f", float(data)))[0]
        return self._parse(data)

    def same(self, source: bytes | None, raw: bytes | None) -> bool:
        """Whether raw has what it should have.

        Args:
            source: what the source shows.
            raw: what raw shows.
        """
        try:
            wanted, found = self.source_value(source), self.raw_value(raw)
        except (ValueError, ArithmeticError, RecursionError):
            return False
        if self._is_cut(source, at_source=True) or self._is_cut(raw, at_source=False):
            return self._same_beginning(wanted, found)
        if isinstance(wanted, float) and isinstance(found, float):
            return struct.pack("d", wanted) == struct.pack("d", found)
        return type(wanted) is type(found) and wanted == found

    def _same_beginning(self, wanted: object, found: object) -> bool:
        if isinstance(wanted, str) and isinstance(found, str):
            length = max(0, min(len(wanted), len(found)) - _BROKEN_END)
            return wanted[:length] == found[:length]
        if isinstance(wanted, bytes) and isinstance(found, bytes):
            length = min(len(wanted), len(found))
            return wanted[:length] == found[:length]
        return type(wanted) is type(found)

    def _parse(self, data: bytes) -> object:
        if self.mysql_type in _REAL and self.postgres_type in _TEXT_TYPES:
            return float(data)
        if self.postgres_type == "jsonb" and len(data) >= LONGEST:
            return []  # the beginning of a document says nothing
        return _PARSERS.get(self.postgres_type, code_points)(data)

    def _is_cut(self, data: bytes | None, *, at_source: bool) -> bool:
        """Whether only the beginning of a value may have been read."""
        if data is None or len(data) < LONGEST:
            return False
        in_bytes = (
            self.mysql_type in (*_BYTES, *_SHAPES) if at_source else self.postgres_type == "bytea"
        )
        return in_bytes or len(data.decode("utf-8", "replace")) >= LONGEST


def code_points(data: bytes) -> str:
    """The characters of UTF-8 as PostgreSQL can hold them: no NUL, no half of a surrogate pair.

    Bytes that are no UTF-8 become U+FFFD, too, so that nothing that a server shows is an error.
    """
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    return re.sub("[\ud800-\udfff]", "\ufffd", text.replace("\0", ""))


def _number(data: bytes) -> Decimal:
    return Decimal(data.decode("ascii"))


_WORDS = dict.fromkeys(("true", "t", "yes", "y", "on"), True)
_WORDS |= dict.fromkeys(("false", "f", "no", "n", "off"), False)


def _truth(data: bytes) -> bool:
    word = data.decode().strip().lower()
    if word in _WORDS:
        return _WORDS[word]
    number = Decimal(word)
    if number not in (0, 1):
        raise ValueError
    return bool(number)


def _moment(data: bytes) -> datetime:
    shown = re.fullmatch(
        rb"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?", data
    )
    if shown is None:
        raise ValueError
    year, month, day, hour, minute, second, fraction = shown.groups(default=b"0")
    moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second))
    return moment.replace(microsecond=int(fraction.ljust(6, b"0")))


def _span(data: bytes) -> timedelta:
    shown = re.fullmatch(rb"(-?)(\d+):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?", data)
    if shown is None:
        raise ValueError
    sign, hours, minutes, seconds, fraction = shown.groups(default=b"0")
    span = timedelta(
        hours=int(hours),
        minutes=int(minutes),
        seconds=int(seconds),
        microseconds=int(fraction.ljust(6, b"0")),
    )
    return -span if sign == b"-" else span


def _document(data: bytes) -> object:
    # numbers are told from true and false, which Python takes for 1 and 0
    def number(text: str) -> tuple[str, Decimal]:
        return "number", Decimal(text)

    # in a list, so that two documents are compared whatever kinds they are
    return [_without_nul(json.loads(data, parse_float=number, parse_int=number))]


def _without_nul(value: object) -> object:
    """A document as PostgreSQL can hold it: no text in it has the character NUL."""
    match value:
        case str():
            return value.replace("\0", "")
        case list():
            return [_without_nul(one) for one in value]
        case dict():
            return {name.replace("\0", ""): _without_nul(one) for name, one in value.items()}
        case _:
            return value


_TEXT_TYPES = ("text", "character varying")
_PARSERS: dict[str, Callable[[bytes], object]] = {
    "smallint": _number,
    "integer": _number,
    "bigint": _number,
    "numeric": _number,
    "boolean": _truth,
    "real": float,
    "double precision": float,
    "date": _moment,
    "timestamp without time zone": _moment,
    "time without time zone": _span,
    "interval": _span,
    "jsonb": _document,
    "bytea": bytes,
}
