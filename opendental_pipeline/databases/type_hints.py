"""What a column can be made in raw by its `data_type` in tables.yml, whatever MySQL makes of it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from opendental_pipeline.databases.mysql_result import ByteArray, ColumnOffsets, IntArray
from opendental_pipeline.databases.table import Column
from opendental_pipeline.databases.type_mapping import (
    Coercion,
    IsLoadable,
    TransferType,
    storable,
    type_rule,
)
from opendental_pipeline.settings.data_type import DataType


@dataclass(frozen=True)
class RawType:
    """A type in raw that tables.yml asks for.

    Attributes:
        postgres: its name.
        coerce: makes of a value's text the text that PostgreSQL reads as the same value; ValueError
            if the type cannot hold it.
        transfer_type: what carries it from then on.
        is_loadable: whether all values of a column are what `coerce` would make of them.
    """

    postgres: str
    coerce: Callable[[str], str]
    transfer_type: TransferType = TransferType.TEXT
    is_loadable: IsLoadable | None = None

    def convert(self, values: pa.Array) -> tuple[pa.Array, int]:
        """Converts a carried column, each different value once.

        Returns:
            the column, NULL where a value does not fit; how many do not.
        """
        if values.type == self.transfer_type.arrow == TransferType.BINARY.arrow:
            return values, 0
        encoded = values.dictionary_encode()
        coerced = [self._coerced(value) for value in encoded.dictionary.to_pylist()]
        refused = [number for number, text in enumerate(coerced) if text is None]
        count = pc.sum(pc.is_in(encoded.indices, pa.array(refused, pa.int32()))).as_py() or 0
        texts = pa.array(coerced, pa.large_string())
        return texts.cast(self.transfer_type.arrow).take(encoded.indices), count

    def _coerced(self, value: Any) -> str | None:
        try:
            return self.coerce(value.decode() if isinstance(value, bytes) else str(value))
        except (ValueError, ArithmeticError, RecursionError):
            return None


def _bool(text: str) -> str:
    words = {"true": "1", "t": "1", "yes": "1", "y": "1", "on": "1"}
    words |= {"false": "0", "f": "0", "no": "0", "n": "0", "off": "0"}
    if (found := words.get(text.strip().lower())) is not None:
        return found
    return _one_of(Decimal(text), (0, 1))


def _one_of(number: Decimal, allowed: tuple[int, ...] | range) -> str:
    if number != number.to_integral_value() or int(number) not in allowed:
        raise ValueError
    return str(int(number))


def _integer(bits: int) -> Callable[[str], str]:
    limit = 2 ** (bits - 1)
    # the comparison keeps 1E+999999 from becoming a million digits
    return lambda text: (
        _one_of(n, range(-limit, limit)) if abs(n := Decimal(text)) <= limit else _refuse()
    )


def _numeric(text: str) -> str:
    number = Decimal(text)
    # PostgreSQL's limits: digits before and after the point
    if not number.is_finite() or not -16383 <= number.adjusted() < 131072:
        raise ValueError
    return text


def _double(text: str) -> str:
    if Decimal(repr(float(text))) != Decimal(text):
        raise ValueError
    return text


def _text(text: str) -> str:
    return _refuse() if "\0" in text else text


def _moment(text: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?", text):
        raise ValueError
    return datetime.fromisoformat(text)


def _date(text: str) -> str:
    moment = _moment(text)
    return _refuse() if moment.time() != time.min else moment.date().isoformat()


def _time(text: str) -> str:
    if not re.fullmatch(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?", text):
        raise ValueError
    return time.fromisoformat(text).isoformat()


def _interval(text: str) -> str:
    return text if re.fullmatch(r"-?\d+:[0-5]\d:[0-5]\d(\.\d{1,6})?", text) else _refuse()


def _json(text: str) -> str:
    # numbers are looked at as text: PostgreSQL's are numeric
    parsed = json.loads(text, parse_constant=_refuse, parse_float=_numeric, parse_int=_numeric)
    shown = json.dumps(parsed, ensure_ascii=False)
    shown.encode()  # half a surrogate pair is refused here
    return _refuse() if _ESCAPED_NUL.search(shown) else text


_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def storable_json(values: pa.Array) -> tuple[pa.Array, int]:
    """Makes MySQL's JSON such that PostgreSQL can store it: without NUL in its texts."""
    if not pc.any(pc.match_substring(values, r"\u0000")).as_py():
        return values, 0
    before = values.to_pylist()
    after = [None if text is None else _ESCAPED_NUL.sub(r"\1", text) for text in before]
    changed = sum(one != other for one, other in zip(before, after, strict=True))
    return pa.array(after, pa.large_string()), changed


def _refuse(*_: object) -> Any:
    raise ValueError


def _are_flags(data: ByteArray, column: ColumnOffsets) -> bool:
    offsets, lengths = column.non_null
    return bool((lengths == 1).all() and ((data[offsets] | 1) == ord("1")).all())


def _are_times(data: ByteArray, column: ColumnOffsets) -> bool:
    offsets, lengths = column.non_null
    if not len(offsets) or (lengths != len("00:00:00")).any():
        return not len(offsets)
    hours, minutes, seconds = (_digits(data, offsets + at) for at in (0, 3, 6))
    colons = (data[offsets + 2] == ord(":")) & (data[offsets + 5] == ord(":"))
    return bool((colons & (hours < 24) & (minutes < 60) & (seconds < 60)).all())


def _digits(data: ByteArray, offsets: IntArray) -> ByteArray:
    """Numbers of two digits; 255 for what is none."""
    tens, ones = data[offsets] - np.uint8(ord("0")), data[offsets + 1] - np.uint8(ord("0"))
    return np.where((tens < 10) & (ones < 10), tens * 10 + ones, 255).astype(np.uint8)


TARGETS: dict[DataType, RawType] = {
    DataType.BOOL: RawType("boolean", _bool, is_loadable=_are_flags),
    DataType.SMALLINT: RawType("smallint", _integer(16)),
    DataType.INTEGER: RawType("integer", _integer(32)),
    DataType.BIGINT: RawType("bigint", _integer(64)),
    DataType.NUMERIC: RawType("numeric", _numeric),
    DataType.DOUBLE: RawType("double precision", _double),
    DataType.TEXT: RawType("text", _text),
    DataType.DATE: RawType("date", _date),
    DataType.TIMESTAMP: RawType("timestamp without time zone", lambda text: str(_moment(text))),
    DataType.TIME: RawType("time without time zone", _time, is_loadable=_are_times),
    DataType.INTERVAL: RawType("interval", _interval),
    DataType.JSON: RawType("jsonb", _json),
    DataType.BINARY: RawType("bytea", str, TransferType.BINARY),
}


def raw_type_override(column: Column) -> RawType | None:
    """What a column's values must become in raw, where tables.yml or a MySQL with JSON says so."""
    is_json = column.original_type == "json"
    override = column.type_override or (DataType.JSON if is_json else None)
    return TARGETS[override] if override else None


def raw_coercion(column: Column) -> Coercion | None:
    """What becomes of values that PostgreSQL cannot hold; text that was asked for holds all."""
    match column.type_override:
        case DataType.TEXT:
            return storable
        case DataType.BINARY:
            return None
        case None | DataType.JSON if column.original_type == "json":
            return storable_json
        case _:
            return type_rule(column).coerce


def raw_type(column: Column) -> str:
    """A column's type in raw, as PostgreSQL spells it."""
    target = raw_type_override(column)
    return target.postgres if target else type_rule(column).postgres(column)
