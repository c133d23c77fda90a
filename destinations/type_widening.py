"""Whether a column that replication has can stay as it is for the source's column of today."""

from collections.abc import Callable

from destinations.copied_column import holds_text
from opendental_pipeline.databases.table import Column

_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_TEXTS = ("text", "mediumtext", "longtext")
_BLOBS = ("varbinary", "tinyblob", "blob", "mediumblob", "longblob")
_LONGEST_CHARACTER = 4  # bytes


def can_hold(have: Column, want: Column) -> bool:
    """Whether every value of one column fits in another and is shown alike there.

    A type only widens: what the source narrows stays as wide as it was.

    Args:
        have: replication's column.
        want: the source's.
    """
    if not holds_text(have, want):
        return False
    if have.plain_type == want.plain_type:
        return True
    if "zerofill" in have.column_type + want.column_type:
        return False
    return any(
        fits(have, want)
        for wide, narrow, fits in _FAMILIES
        if have.data_type in wide and want.data_type in narrow
    )


def _longer(have: Column, want: Column) -> bool:
    return (have.length or 0) >= (want.length or 0)


def _longer_in_bytes(have: Column, want: Column) -> bool:
    return (have.length or 0) >= _LONGEST_CHARACTER * (want.length or 0)


def _larger(have: Column, want: Column) -> bool:
    if have.unsigned == want.unsigned:
        return _BITS[have.data_type] >= _BITS[want.data_type]
    return want.unsigned and _BITS[have.data_type] > _BITS[want.data_type]


def _lists(have: Column, want: Column) -> bool:
    return {*want.members} <= {*have.members}


def _begins_with(have: Column, want: Column) -> bool:
    # members of a set are shown in the order of its type
    return have.members[: len(want.members)] == want.members


_FAMILIES: tuple[tuple[tuple[str, ...], tuple[str, ...], Callable[[Column, Column], bool]], ...] = (
    (tuple(_BITS), tuple(_BITS), _larger),
    (("varchar",), ("char", "varchar"), _longer),
    (_TEXTS, ("char", "varchar"), _longer_in_bytes),
    (_TEXTS, ("tinytext", *_TEXTS), _longer),
    (_BLOBS, _BLOBS, _longer),
    (("enum",), ("enum",), _lists),
    (("set",), ("set",), _begins_with),
)
