"""The column of replication that holds a column of the source, made for the server it stands on."""

from collections.abc import Collection
from dataclasses import replace
from itertools import product

from destinations.row_width import narrowed
from opendental_pipeline.databases.hashing import HASH_TYPE
from opendental_pipeline.databases.server import Server
from opendental_pipeline.databases.spelling import plain_collation
from opendental_pipeline.databases.table import Column, Table, shown_as_text

HASH_COMMENT = "keyed hash"
"""The comment of a column in replication that holds hashes."""

_TEXTS = {
    "json": ("longtext", "utf8mb4"),
    "xmltype": ("longtext", "utf8mb4"),
    "uuid": ("varchar(36)", "ascii"),
    "inet4": ("varchar(15)", "ascii"),
    "inet6": ("varchar(39)", "ascii"),
}
"""What holds the texts of a type that a server lacks, and in which charset."""

_BINARY = ("nopad_bin", "0900_bin", "bin")
"""How the names of collations end that tell any two texts apart, the last but for blanks."""

_WIDER = {"tinytext": "text", "text": "mediumtext", "mediumtext": "longtext"}
"""What holds a text whose characters take up to four times the bytes."""


def copied_columns(table: Table, server: Server) -> tuple[Column, ...]:
    """The columns of replication that hold a table of the source, in rows that InnoDB takes.

    Args:
        table: as it is read at the source.
        server: replication's.
    """
    key = table.primary_key
    return narrowed(
        [copied(column, server, in_key=column.name in key) for column in table.columns], key
    )


def copied(column: Column, server: Server, *, in_key: bool = False) -> Column:
    """The column of replication that holds a column of the source.

    A type that the server lacks becomes the text or the bytes that the source shows; so does an
    ENUM or SET whose catalogue entry does not show its members as they are. A collation that the
    server does not know becomes a binary one of the same charset, or else of utf8mb4.

    Args:
        column: the source's.
        server: replication's.
        in_key: whether its values must be told apart, blanks at their ends included.
    """
    if column.hashed:
        return replace(
            column,
            data_type="varchar",
            column_type=HASH_TYPE,
            nullable=True,
            charset="ascii",
            collation="ascii_bin",
            comment=HASH_COMMENT,
        )
    column = replace(column, comment="")
    if not server.holds(column.data_type):
        return _stand_in(column)
    column = _with_known_collation(column, server.collations, in_key=in_key)
    if not column.lists_all:
        return replace(column, data_type="varchar", column_type=f"varchar({column.length})")
    return column


def _stand_in(column: Column) -> Column:
    """The text of a column's values, or else their bytes, in a type that every server has."""
    if column.data_type not in _TEXTS:
        return replace(column, data_type="longblob", column_type="longblob")
    column_type, charset = _TEXTS[column.data_type]
    return replace(
        column,
        data_type=column_type.partition("(")[0],
        column_type=column_type,
        charset=charset,
        collation=f"{charset}_bin",
        comment=shown_as_text(column.data_type),
    )


def _with_known_collation(column: Column, known: Collection[str], *, in_key: bool) -> Column:
    if column.charset is None or column.collation is None or column.collation in known:
        return column
    names = _names(column.charset)
    for charset in names:
        renamed = column.collation.replace(f"{column.charset}_", f"{charset}_", 1)
        if renamed in known:
            return replace(column, charset=charset, collation=renamed)
    # without NO PAD, two keys that differ in blanks at their ends would be one
    endings = _BINARY[:-1] if in_key else _BINARY
    for charset, ending in (*product(names, endings), *product(["utf8mb4"], _BINARY)):
        if (binary := f"{charset}_{ending}") in known:
            column = column if charset in names else _in_unicode(column)
            return replace(column, charset=charset, collation=binary)
    return column


def _names(charset: str) -> tuple[str, ...]:
    """What servers call a charset: three-byte UTF-8 by its new name or its old one."""
    return ("utf8mb3", "utf8") if charset in ("utf8", "utf8mb3") else (charset,)


def _in_unicode(column: Column) -> Column:
    """The column in utf8mb4, wide enough for all its texts."""
    is_unicode = column.charset in ("utf8", "utf8mb3", "utf8mb4")
    if is_unicode or column.data_type not in _WIDER:
        return replace(column, charset="utf8mb4")
    wider = _WIDER[column.data_type]
    return replace(column, data_type=wider, column_type=wider, charset="utf8mb4")


def holds_text(have: Column, want: Column) -> bool:
    """Whether a column of replication holds text in the charset wanted.

    Its collation matters in a key only: everywhere else texts are compared by their bytes.
    """
    return _text(have)[0] == _text(want)[0]


def key_mismatch(table: Table, replica: Table) -> str:
    """How replication compares a key otherwise than the source; empty if it does not.

    What is one key at the source may be two in replication then, so that a row under a key in other
    letters comes beside the one that it replaces.

    Args:
        table: as it is read at the source.
        replica: its copy.
    """
    for name in table.primary_key:
        want = table.column(name)
        have = replica.column(name) if replica.has(name) else want
        if want.collation and _text(have) != _text(want):
            return f"replication compares its key {name} in {have.collation}, not {want.collation}"
    return ""


def _text(column: Column) -> tuple[str, str]:
    return plain_collation(column.charset or ""), plain_collation(column.collation or "")
