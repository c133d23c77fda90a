"""How wide a row may be in replication, and what makes room in one that would be wider.

A table of MyISAM takes 65,535 bytes in a row. InnoDB keeps a row within half a page of 16 KB, but
for long texts, which it keeps elsewhere; and the copy has a column more than its source.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from opendental_pipeline.databases.table import Column

_ROW, _PAGE = 65_535 - 8, 8_126 - 64
"""Bytes of a row as it is declared, and of what is kept within its page; without our own column."""

_ELSEWHERE = 40
"""Bytes at most within the page of a value that may be kept elsewhere."""

_LONG = 255
"""Bytes from which on a VARCHAR may be kept elsewhere, like a TEXT."""

_HASH = 64
"""Bytes of a keyed hash, whatever the length of the column that it stands for."""

_CHARACTER_BYTES = {
    **dict.fromkeys(("utf8", "utf8mb3", "ujis", "eucjpms"), 3),
    **dict.fromkeys(("utf8mb4", "utf16", "utf16le", "utf32", "gb18030"), 4),
    **dict.fromkeys(("ucs2", "gbk", "gb2312", "big5", "sjis", "cp932", "euckr"), 2),
}

_NUMBERS = {"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "float": 4, "decimal": 30}
_OTHERS = 8
_MOST_BYTES = {"text": 65_535, "mediumtext": 16_777_215, "blob": 65_535}
_VARIABLE = ("char", "varchar", "varbinary")


def narrowed(columns: Sequence[Column], key: Collection[str]) -> tuple[Column, ...]:
    """Columns whose rows are narrow enough for InnoDB, the widest ones made TEXT or BLOB for it.

    Args:
        columns: of a table of replication.
        key: its primary key, whose columns stay as they are.
    """
    found = list(columns)
    widest = sorted(
        (n for n, one in enumerate(found) if _is_movable(one) and one.name not in key),
        key=lambda n: -_bytes(found[n]),
    )
    for number in widest:
        if sum(map(_declared, found)) <= _ROW and sum(map(_in_page, found)) <= _PAGE:
            break
        found[number] = _kept_elsewhere(found[number])
    return tuple(found)


def _is_movable(column: Column) -> bool:
    return column.data_type in _VARIABLE and not column.hashed


def _kept_elsewhere(column: Column) -> Column:
    if column.data_type == "varbinary":
        kind = "blob"
    else:
        # can_hold counts four bytes for a character of any charset
        kind = "text" if 4 * (column.length or 0) <= _MOST_BYTES["text"] else "mediumtext"
    return replace(column, data_type=kind, column_type=kind, length=_MOST_BYTES[kind])


def _bytes(column: Column) -> int:
    if column.hashed:
        return _HASH
    return (column.length or 0) * _CHARACTER_BYTES.get(column.charset or "", 1)


def _declared(column: Column) -> int:
    """The bytes that count towards the longest row."""
    if column.data_type in (*_VARIABLE, "binary"):
        return _bytes(column) + 2
    return _fixed(column)


def _in_page(column: Column) -> int:
    """The bytes that a value takes within its page at most."""
    if column.data_type in ("char", "binary") or (
        column.data_type in _VARIABLE and _bytes(column) <= _LONG
    ):
        return _bytes(column)
    return _ELSEWHERE if column.data_type in _VARIABLE else _fixed(column)


def _fixed(column: Column) -> int:
    if column.data_type.endswith(("text", "blob")) or column.data_type in ("json", "geometry"):
        return _ELSEWHERE
    return _NUMBERS.get(column.data_type, _OTHERS)
