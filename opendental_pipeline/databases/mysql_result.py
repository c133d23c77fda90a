"""Rows as MySQL's text protocol sends them: found, and never made into objects.

A driver makes an object of every value, which takes a minute for a million rows of 65 columns, or
12 seconds in a compiled one. Here a row is only found, and numpy looks at a column of all rows at
once. What the server shows travels on as it is, so nothing is lost in another type.

The protocol: a packet is three bytes of length, one of sequence, and a payload; a row is a payload,
in which every value follows its length. https://mariadb.com/kb/en/clientserver-protocol/
"""

from dataclasses import dataclass
from functools import cached_property
from struct import Struct
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pymysql import err
from pymysql.connections import Connection

HEADER = 4
"""Bytes before a payload."""

_CHUNK = 1 << 18
_ROWS_AT_ONCE = 8_192
_START = Struct("<IB").unpack_from  # a header, and the first byte of its payload
_FULL = 0xFFFFFF  # the payload goes on in the next packet
_NULL, _TWO, _THREE, _EIGHT, _ERROR = 0xFB, 0xFC, 0xFD, 0xFE, 0xFF
_EOF_PACKET = 9
_CONNECTION_LOST = 2013

IntArray = npt.NDArray[np.signedinteger[Any]]
"""Places in the packets; half as wide where the packets are less than 2 GB."""

ByteArray = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class ColumnOffsets:
    """Where one column stands in all rows.

    Attributes:
        marks: of the lengths before its values, or of what stands for NULL.
        starts: of the values.
        sizes: of the values, in bytes.
        nulls: which are NULL.
    """

    marks: IntArray
    starts: IntArray
    sizes: IntArray
    nulls: npt.NDArray[np.bool_]

    @property
    def present(self) -> tuple[IntArray, IntArray]:
        """The starts and sizes of the values that are not NULL."""
        return self.starts[~self.nulls], self.sizes[~self.nulls]


@dataclass(frozen=True)
class Rows:
    """Some rows of the answer to a SELECT.

    Attributes:
        data: their packets, and at least a byte of the next one.
        begins: where the payload of each row begins.
        width: how many columns there are.
    """

    data: ByteArray
    begins: IntArray
    width: int

    def __len__(self) -> int:
        return len(self.begins)

    @cached_property
    def places(self) -> list[ColumnOffsets]:
        """Where each column stands."""
        found, at = [], self.begins
        for _ in range(self.width):
            found.append(_places(self.data, at))
            at = found[-1].starts + found[-1].sizes
        return found

    @cached_property
    def end(self) -> int:
        """Where the last row ends."""
        last = self.places[-1]
        return int(last.starts[-1] + last.sizes[-1]) if len(self) else 0

    def place(self, number: int) -> ColumnOffsets:
        """Where one column stands, counted from 0."""
        return self.places[number]

    def column(self, number: int) -> pa.LargeBinaryArray:
        """The values of one column, counted from 0, as the bytes that the server sent."""
        return values_at(self.data, self.place(number))


def values_at(data: ByteArray, place: ColumnOffsets) -> pa.LargeBinaryArray:
    """The values that stand at some places, copied together."""
    ends = np.zeros(len(place.sizes) + 1, np.int64)
    np.cumsum(place.sizes, out=ends[1:])
    shifts = place.starts - ends[:-1].astype(place.starts.dtype)
    each = np.repeat(shifts, place.sizes)
    each += np.arange(len(each), dtype=each.dtype)
    valid = np.packbits(~place.nulls, bitorder="little") if place.nulls.any() else None
    buffers = [valid if valid is None else pa.py_buffer(valid), pa.py_buffer(ends)]
    buffers.append(pa.py_buffer(data[each]))
    return pa.Array.from_buffers(pa.large_binary(), len(place.sizes), buffers)


def is_utf8(values: pa.LargeBinaryArray) -> bool:
    """Whether all bytes are text in UTF-8 as PostgreSQL knows it, without halves of pairs."""
    try:
        values.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def fetch_rows(connection: Connection, query: str) -> list[Rows]:
    """Runs a SELECT; its rows come in parts, which are small enough for the processor's cache.

    Args:
        connection: PyMySQL's, idle. After an error it is of no use any more.
        query: the statement.

    Raises:
        pymysql.err.Error: the server refuses or stops it, or the connection is lost.
    """
    connection.query(query, unbuffered=True)
    result: Any = connection._result  # type: ignore[attr-defined]
    try:
        data, begins = _receive(connection)
    finally:
        result.unbuffered_active, result.connection = False, None
    content = np.frombuffer(data, np.uint8)
    kind = np.int32 if len(data) < 2**31 else np.int64
    found = []
    for first in range(0, max(len(begins), 1), _ROWS_AT_ONCE):
        part = begins[first : first + _ROWS_AT_ONCE]
        start = part[0] - HEADER if part else 0
        behind = begins[first + _ROWS_AT_ONCE : first + _ROWS_AT_ONCE + 1] or [len(data)]
        places: IntArray = np.array(part, kind)
        found.append(Rows(content[start : behind[0]], places - start, result.field_count))
    return found


def _receive(connection: Connection) -> tuple[bytearray, list[int]]:
    """All packets up to the end of the result, and where the rows in them begin."""
    stream: Any = connection._rfile  # type: ignore[attr-defined]
    data, begins, at = bytearray(), [], 0

    def read_up_to(place: int) -> None:
        while len(data) < place:
            try:
                chunk = stream.read1(_CHUNK)
            except OSError:
                chunk = b""
            if not chunk:
                raise err.OperationalError(_CONNECTION_LOST, "the connection was lost")
            data.extend(chunk)

    while True:
        if len(data) < at + _EOF_PACKET:  # no result ends with anything shorter
            read_up_to(at + _EOF_PACKET)
        word, first = _START(data, at)
        size = word & _FULL
        if first >= _EIGHT and (first == _ERROR or HEADER + size <= _EOF_PACKET):
            break
        begins.append(at + HEADER)
        at += HEADER + size
        while size == _FULL:
            read_up_to(at + HEADER)
            size = int.from_bytes(data[at : at + 3], "little")
            del data[at : at + HEADER]
            at += size
    if first == _ERROR:
        read_up_to(at + HEADER + size)
        err.raise_mysql_exception(bytes(data[at + HEADER : at + HEADER + size]))
    return data, begins


def _places(data: ByteArray, marks: IntArray) -> ColumnOffsets:
    """A column whose lengths stand at some places."""
    kinds = data[marks]
    starts, sizes, nulls = marks + 1, kinds.astype(marks.dtype), kinds == _NULL
    if len(kinds) and kinds.max() >= _NULL:
        sizes[nulls] = 0
        for kind, width in ((_TWO, 2), (_THREE, 3), (_EIGHT, 8)):
            if len(long := np.flatnonzero(kinds == kind)):
                sizes[long] = 0
                for digit in range(width):
                    sizes[long] += data[marks[long] + 1 + digit].astype(marks.dtype) << 8 * digit
                starts[long] += width
    return ColumnOffsets(marks, starts, sizes, nulls)
