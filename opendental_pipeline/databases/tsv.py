"""A slice's rows as the tab-separated lines that both databases read.

LOAD DATA and COPY know the same ones: `\\N` is NULL, and a backslash stands before what would end a
value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from opendental_pipeline.databases.mysql_result import (
    HEADER,
    ByteArray,
    ColumnOffsets,
    IntArray,
    Rows,
    is_utf8,
    values_at,
)

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_TAB, _NEWLINE, _RETURN, _BACKSLASH, _N = b"\t\n\r\\N"
_CODES = np.zeros(256, np.uint8)
_CODES[[ord(character) for character in _ESCAPES]] = [ord(e[1]) for e in _ESCAPES.values()]

# Bytes that no text in UTF-8 has, and what they stand for until it is said at its full length.
_NOTHING, _NULL, _FIRST_NULL, *_ESCAPED = range(0xF8, 0xFF)
_STANDS_FOR = {_NOTHING: b"", _NULL: b"\t\\N", _FIRST_NULL: b"\\N"}
_STANDS_FOR |= dict(zip(_ESCAPED, map(str.encode, _ESCAPES.values()), strict=True))
_STANDINS = np.zeros(256, np.uint8)
_STANDINS[[ord(character) for character in _ESCAPES]] = _ESCAPED


def rows_to_tsv(rows: Rows) -> memoryview:
    """The lines of an answer of MySQL's: its packets, with a tab where a length stood.

    Only packets are copied and no value is, so a hundred columns cost little more than one.
    """
    if not len(rows):
        return memoryview(b"")
    # the line of the last row ends where the packet behind it begins
    data = rows.data[: rows.end + 1].copy()
    first, *others = rows.column_offsets
    removed = _removed(rows)
    tabs = np.concatenate([column.length_offsets for column in others] or [removed[:0]])
    newlines = np.append(rows.row_offsets[1:] - HEADER, rows.end)
    data[removed] = data[newlines] = data[tabs] = 0
    special = (data - _TAB < 2) | (data == _RETURN) | (data == _BACKSLASH)
    special = np.flatnonzero(special)
    if data.max() >= _NOTHING:
        data[special] = _CODES[data[special]]
        data[tabs], data[newlines] = _TAB, _NEWLINE
        keep = np.ones(len(data), bool)
        keep[removed] = False
        nulls = np.concatenate([column.offsets[column.nulls] for column in rows.column_offsets])
        return _marked(data[keep], _moved(special, removed), _moved(nulls, removed)).data
    data[special] = _STANDINS[data[special]]
    data[tabs], data[newlines], data[removed] = _TAB, _NEWLINE, _NOTHING
    for column in others:
        data[column.length_offsets[column.nulls]] = _NULL
    data[first.length_offsets[first.nulls]] = _FIRST_NULL
    text = data.tobytes()
    for standin, said in _STANDS_FOR.items():
        text = text.replace(bytes([standin]), said)
    return memoryview(text)


@dataclass(frozen=True)
class TsvLines:
    """Lines that were written, and are looked at again.

    Attributes:
        data: whole lines.
        column_count: how many columns they have.
    """

    data: ByteArray
    column_count: int

    @cached_property
    def _ends(self) -> IntArray:
        """Where each value ends, by row and column: nothing in a value looks like its end."""
        ends = np.flatnonzero((self.data == _TAB) | (self.data == _NEWLINE))
        return ends.reshape(-1, self.column_count)

    def __len__(self) -> int:
        return len(self._ends)

    def offsets_of(self, number: int) -> ColumnOffsets:
        """Where one column stands, counted from 0."""
        ends = self._ends[:, number]
        before = self._ends[:, number - 1] if number else np.append(-1, self._ends[:-1, -1])
        offsets = before + 1
        lengths = ends - offsets
        nulls = lengths == 2
        short = offsets[nulls]
        nulls[nulls] = (self.data[short] == _BACKSLASH) & (self.data[short + 1] == _N)
        lengths[nulls] = 0
        return ColumnOffsets(before, offsets, lengths, nulls)

    def column(self, number: int) -> pa.LargeBinaryArray:
        """The values of one column, counted from 0, escaped as they are in the lines."""
        return values_at(self.data, self.offsets_of(number))


RowBatch = Rows | TsvLines
"""Rows of a SELECT: as MySQL's packets, or as lines already."""


def to_tsv(rows: RowBatch) -> memoryview:
    """The lines of some rows."""
    return rows.data.data if isinstance(rows, TsvLines) else rows_to_tsv(rows)


def are_plain(lines: memoryview | bytes) -> bool:
    """Whether there is nothing in some lines that PostgreSQL cannot store in a text.

    Columns of bytes may have anything in them.
    """
    buffers = [None, pa.py_buffer(np.array([0, len(lines)], np.int64)), pa.py_buffer(lines)]
    text = pa.Array.from_buffers(pa.large_binary(), 1, buffers)
    return 0 not in np.frombuffer(lines, np.uint8) and is_utf8(text)


def columns_to_tsv(columns: Sequence[pa.Array], *, escaped: bool = False) -> memoryview:
    """The lines of arrow columns of text or bytes, which are written as they are.

    Args:
        columns: all of them, in order.
        escaped: whether their values are as they are in lines already.
    """
    binary = [column.view(pa.large_binary()) for column in columns]
    return _lined(binary if escaped else [_escaped(column) for column in binary])


def _lined(escaped: Sequence[pa.LargeBinaryArray]) -> memoryview:
    ended = _joined([escaped[-1], pa.scalar(b"\n", pa.large_binary())], b"")
    joined = _joined([*escaped[:-1], ended], b"\t")
    ends = np.frombuffer(joined.buffers()[1], np.int64)
    return memoryview(joined.buffers()[2] or b"")[: ends[len(joined)]]


def _removed(rows: Rows) -> IntArray:
    """Every byte of the packets that no line has, in order."""
    first = rows.column_offsets[0]
    found = [rows.row_offsets - n for n in range(1, HEADER)]
    found += [rows.row_offsets[:1] - HEADER, first.length_offsets]
    for column in rows.column_offsets:
        widths = column.offsets - column.length_offsets
        for n in range(1, int(widths.max())):
            found.append(column.length_offsets[widths > n] + n)
    return np.sort(np.concatenate(found))


def _moved(offsets: IntArray, removed: IntArray) -> IntArray:
    """Where offsets are once others are removed."""
    return offsets - np.searchsorted(removed, offsets)


def _marked(text: ByteArray, escaped: IntArray, nulls: IntArray) -> npt.NDArray[np.uint8]:
    """The text with a backslash before what is escaped, and `\\N` where a value is NULL."""
    if not len(escaped) and not len(nulls):
        return text
    offsets = np.concatenate([escaped, np.repeat(nulls, 2)])
    inserted = np.full(len(offsets), _BACKSLASH, np.uint8)
    inserted[len(escaped) + 1 :: 2] = _N
    return np.insert(text, offsets, inserted)


def _escaped(column: pa.LargeBinaryArray) -> pa.LargeBinaryArray:
    for character, escaped in _ESCAPES.items():
        column = pc.replace_substring(column, character, escaped)
    return column


def _joined(columns: list[pa.Array | pa.Scalar], separator: bytes) -> pa.LargeBinaryArray:
    return pc.binary_join_element_wise(
        *columns,
        pa.scalar(separator, pa.large_binary()),
        null_handling="replace",
        null_replacement="\\N",
    )
