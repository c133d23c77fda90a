"""One spelling of what MySQL and MariaDB print of a column, each in its own words."""

import re
from functools import cache

_COMMENT = re.compile(r"\s*/\*.*?\*/")
_DISPLAY_WIDTH = re.compile(r"^((?:tiny|small|medium|big)?int)\(\d+\)|^(year)\(4\)")
_OLD_UTF8 = re.compile(r"^utf8(?=_|$)")
_NOW = re.compile(r"current_timestamp(\(\d*\))?", re.IGNORECASE)
_BARE = ("int", "decimal", "float", "double", "bit", "year")
"""Parts of the names of types whose defaults nobody puts between quotes."""


@cache
def without_comments(column_type: str) -> str:
    """A column's type without what the server says beside it, such as in which format it stores it.

    The values of an enum or a set are the clinic's words: nothing in them is a comment.
    """
    if column_type.startswith(("enum(", "set(")):
        return column_type
    return _COMMENT.sub("", column_type)


@cache
def plain_type(column_type: str) -> str:
    """A column's type without what holds no values: comments, and widths that nothing shows."""
    plain = without_comments(column_type)
    if plain.startswith(("enum(", "set(")):
        return plain
    return plain if "zerofill" in plain else _DISPLAY_WIDTH.sub(r"\1\2", plain)


def plain_collation(name: str) -> str:
    """The name of a collation or a charset; older servers call three-byte UTF-8 by its old name."""
    return _OLD_UTF8.sub("utf8mb3", name)


def plain_extra(extra: str) -> str:
    """What a column does by itself, as MariaDB prints it.

    Args:
        extra: as MySQL prints it.
    """
    return _plain_now(extra.replace("DEFAULT_GENERATED", "").strip())


def plain_default(default: str | None, data_type: str, extra: str, *, nullable: bool) -> str | None:
    """A column's default as MariaDB prints it; None where there is none.

    Args:
        default: as MySQL prints it, which tells a text from an expression nowhere else.
        data_type: of the column.
        extra: of the column, as MySQL prints it.
        nullable: whether it may be NULL.
    """
    if default is None:
        return "NULL" if nullable else None
    is_moment = data_type in ("datetime", "timestamp") and _NOW.match(default)
    if is_moment or "DEFAULT_GENERATED" in extra:
        return _plain_now(default)
    if any(part in data_type for part in _BARE):
        return default
    return "'" + default.replace("\\", "\\\\").replace("'", "''") + "'"


def _plain_now(text: str) -> str:
    return _NOW.sub(lambda found: f"current_timestamp{found.group(1) or '()'}", text)
