"""A slice's rows as the tab-separated lines that both databases read.

LOAD DATA and COPY know the same ones: `\\N` is NULL, and a backslash stands before what would end a
value.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sources.opendental.wire import HEADER, Bytes, Numbers, Rows

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_TAB, _NEWLINE, _RETURN, _BACKSLASH, _N = b"\t\n\r\\N"
_CODES = np.zeros(256, np.uint8)
_CODES[[ord(character) for character in _ESCAPES]] = [ord(e[1]) for e in _ESCAPES.values()]


def lines_of_rows(rows: Rows) -> memoryview:
    """The lines of an answer of MySQL's: its packets, with a tab where a length stood.

    Only packets are copied and no value is, so a hundred columns cost little more than one.
    """
    if not len(rows):
        return memoryview(b"")
    # the packet behind the last row gives the place for its line's end
    data = rows.data[: rows.end + 1].copy()
    removed = _removed(rows)
    tabs = np.concatenate([place.marks for place in rows.places[1:]] or [removed[:0]])
    newlines = np.append(rows.begins[1:] - HEADER, rows.end)
    data[removed] = data[newlines] = 0
    data[tabs] = _TAB
    special = (data == _NEWLINE) | (data == _RETURN) | (data == _BACKSLASH)
    if np.count_nonzero(data == _TAB) > len(tabs):
        special |= data == _TAB
        special[tabs] = False
    special = np.flatnonzero(special)
    data[special] = _CODES[data[special]]
    data[newlines] = _NEWLINE
    keep = np.ones(len(data), bool)
    keep[removed] = False
    nulls = np.concatenate([place.starts[place.nulls] for place in rows.places])
    return _marked(data[keep], _moved(special, removed), _moved(nulls, removed)).data


def lines_of_columns(columns: Sequence[pa.Array]) -> memoryview:
    """The lines of arrow columns of text or bytes, which are written as they are."""
    escaped = [_escaped(column.view(pa.large_binary())) for column in columns]
    ended = _joined([escaped[-1], pa.scalar(b"\n", pa.large_binary())], b"")
    joined = _joined([*escaped[:-1], ended], b"\t")
    ends = np.frombuffer(joined.buffers()[1], np.int64)
    return memoryview(joined.buffers()[2] or b"")[: ends[len(joined)]]


def _removed(rows: Rows) -> Numbers:
    """Every byte of the packets that no line has, in order."""
    first = rows.places[0]
    found = [rows.begins - n for n in range(1, HEADER)]
    found += [rows.begins[:1] - HEADER, first.marks]
    for place in rows.places:
        widths = place.starts - place.marks
        for n in range(1, int(widths.max())):
            found.append(place.marks[widths > n] + n)
    return np.sort(np.concatenate(found))


def _moved(places: Numbers, removed: Numbers) -> Numbers:
    """Where places are once others are removed."""
    return places - np.searchsorted(removed, places)


def _marked(text: Bytes, escaped: Numbers, nulls: Numbers) -> npt.NDArray[np.uint8]:
    """The text with a backslash before what is escaped, and `\\N` where a value is NULL."""
    if not len(escaped) and not len(nulls):
        return text
    places = np.concatenate([escaped, np.repeat(nulls, 2)])
    marks = np.full(len(places), _BACKSLASH, np.uint8)
    marks[len(escaped) + 1 :: 2] = _N
    return np.insert(text, places, marks)


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
