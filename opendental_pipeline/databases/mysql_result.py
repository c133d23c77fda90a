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

from opendental_pipeline.databases.mysql_session import Connection

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
"""Offsets into the packets; half as wide where the packets are less than 2 GB."""

ByteArray = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class ColumnOffsets:
    """Where one column stands in all rows.

    Attributes:
        length_offsets: of the lengths before its values, or of what stands for NULL.
        offsets: of the values.
        lengths: of the values, in bytes.
        nulls: which are NULL.
    """

    length_offsets: IntArray
    offsets: IntArray
    lengths: IntArray
    nulls: npt.NDArray[np.bool_]

    @property
    def non_null(self) -> tuple[IntArray, IntArray]:
        """The offsets and lengths of the values that are not NULL."""
        return self.offsets[~self.nulls], self.lengths[~self.nulls]


@dataclass(frozen=True)
class Rows:
    """Some rows of the answer to a SELECT.

    Attributes:
        data: their packets, and at least a byte of the next one.
        row_offsets: where the payload of each row begins.
        column_count: how many columns there are.
    """

    data: ByteArray
    row_offsets: IntArray
    column_count: int

    def __len__(self) -> int:
        return len(self.row_offsets)

    @cached_property
    def column_offsets(self) -> list[ColumnOffsets]:
        """Where each column stands."""
        found, at = [], self.row_offsets
        for _ in range(self.column_count):
            found.append(_column_offsets(self.data, at))
            at = found[-1].offsets + found[-1].lengths
        return found

    @cached_property
    def end(self) -> int:
        """Where the last row ends."""
        last = self.column_offsets[-1]
        return int(last.offsets[-1] + last.lengths[-1]) if len(self) else 0

    def offsets_of(self, number: int) -> ColumnOffsets:
        """Where one column stands, counted from 0."""
        return self.column_offsets[number]

    def column(self, number: int) -> pa.LargeBinaryArray:
        """The values of one column, counted from 0, as the bytes that the server sent."""
        return values_at(self.data, self.offsets_of(number))


def values_at(data: ByteArray, column: ColumnOffsets) -> pa.LargeBinaryArray:
    """The values of a column, copied together."""
    ends = np.zeros(len(column.lengths) + 1, np.int64)
    np.cumsum(column.lengths, out=ends[1:])
    shifts = column.offsets - ends[:-1].astype(column.offsets.dtype)
    each = np.repeat(shifts, column.lengths)
    each += np.arange(len(each), dtype=each.dtype)
    valid = np.packbits(~column.nulls, bitorder="little") if column.nulls.any() else None
    buffers = [valid if valid is None else pa.py_buffer(valid), pa.py_buffer(ends)]
    buffers.append(pa.py_buffer(data[each]))
    return pa.Array.from_buffers(pa.large_binary(), len(column.lengths), buffers)


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
        data, row_offsets = _receive(connection)
    finally:
        result.unbuffered_active, result.connection = False, None
    content = np.frombuffer(data, np.uint8)
    kind = np.int32 if len(data) < 2**31 else np.int64
    found = []
    for first in range(0, max(len(row_offsets), 1), _ROWS_AT_ONCE):
        part = row_offsets[first : first + _ROWS_AT_ONCE]
        start = part[0] - HEADER if part else 0
        behind = row_offsets[first + _ROWS_AT_ONCE : first + _ROWS_AT_ONCE + 1] or [len(data)]
        offsets: IntArray = np.array(part, kind)
        found.append(Rows(content[start : behind[0]], offsets - start, result.field_count))
    return found


def _receive(connection: Connection) -> tuple[bytearray, list[int]]:
    """All packets up to the end of the result, and where the rows in them begin."""
    stream: Any = connection._rfile  # type: ignore[attr-defined]
    data, row_offsets, at = bytearray(), [], 0

    def read_up_to(end: int) -> None:
        while len(data) < end:
            data.extend(_chunk(connection, stream))

    while True:
        if len(data) < at + _EOF_PACKET:  # no result ends with anything shorter
            read_up_to(at + _EOF_PACKET)
        word, first = _START(data, at)
        size = word & _FULL
        if first >= _EIGHT and (first == _ERROR or HEADER + size <= _EOF_PACKET):
            break
        row_offsets.append(at + HEADER)
        at += HEADER + size
        while size == _FULL:
            read_up_to(at + HEADER)
            size = int.from_bytes(data[at : at + 3], "little")
            del data[at : at + HEADER]
            at += size
    if first == _ERROR:
        read_up_to(at + HEADER + size)
        err.raise_mysql_exception(bytes(data[at + HEADER : at + HEADER + size]))
    return data, row_offsets


def _chunk(connection: Connection, stream: Any) -> bytes:
    """Some more bytes."""
    chunk = b""
    try:
        chunk = stream.read1(_CHUNK)
    except TimeoutError:
        raise connection.silent() from None
    except OSError:
        pass  # as if the server had closed the connection
    if not chunk:
        raise err.OperationalError(_CONNECTION_LOST, "the connection was lost")
    return chunk


def _column_offsets(data: ByteArray, length_offsets: IntArray) -> ColumnOffsets:
    """The offsets of a column whose lengths stand at some offsets."""
    kinds = data[length_offsets]
    offsets, nulls = length_offsets + 1, kinds == _NULL
    lengths = kinds.astype(length_offsets.dtype)
    if len(kinds) and kinds.max() >= _NULL:
        lengths[nulls] = 0
        for kind, width in ((_TWO, 2), (_THREE, 3), (_EIGHT, 8)):
            if len(long := np.flatnonzero(kinds == kind)):
                lengths[long] = 0
                for digit in range(width):
                    byte = data[length_offsets[long] + 1 + digit]
                    lengths[long] += byte.astype(length_offsets.dtype) << 8 * digit
                offsets[long] += width
    return ColumnOffsets(length_offsets, offsets, lengths, nulls)
