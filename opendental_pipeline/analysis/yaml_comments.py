"""Comments in a YAML mapping that is read, changed and written again: none is lost or misplaced.

ruamel.yaml keeps a comment with the value before it: what stands behind the value in its line, and
the lines below, which a person wrote about the next key. These functions keep the two apart.
"""

from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.tokens import CommentToken

_BEFORE, _BEHIND, _INSIDE = 1, 2, 3
"""Where ruamel keeps comments: before a key, behind its value, before the value's first part."""


def behind(mapping: CommentedMap, key: str) -> str:
    """The comment in the line of a value, without its mark; empty if there is none."""
    return _split(mapping, key)[0].removeprefix("#").strip()


def put_behind(mapping: CommentedMap, key: str, text: str, column: int) -> None:
    """Replaces the comment in the line of a value.

    Args:
        mapping: where the value is.
        key: its key.
        text: the comment without its mark; empty for none.
        column: where it begins at the earliest, counted from 0.
    """
    below = _split(mapping, key)[1]
    _put(mapping, key, f"# {text}" if text else "", below, column)


def insert(mapping: CommentedMap, position: int, key: str, value: Any) -> None:
    """Inserts a key; the lines below the one before it stay in front of the one behind it."""
    before = list(mapping)[:position]
    below = take_below(mapping, before[-1]) if before else ""
    mapping.insert(position, key, value)
    put_below(mapping, key, below)


def remove(mapping: CommentedMap, key: str) -> str:
    """Removes a key, but none of the lines that stand before or below it.

    Returns:
        these lines, if no key is left beside which they can stand.
    """
    lines = _above(mapping, key, _BEFORE) + take_front(mapping, key)
    position = list(mapping).index(key)
    mapping.ca.items.pop(key, None)
    del mapping[key]
    if position:
        previous = list(mapping)[position - 1]
        put_below(mapping, previous, take_below(mapping, previous) + lines)
    elif mapping and lines:
        first = next(iter(mapping))
        lines += _above(mapping, first, _BEFORE)
        tokens = mapping.ca.items.setdefault(first, [None, None, None, None])
        tokens[_BEFORE] = [CommentToken(lines, CommentMark(0), None)]
    return "" if mapping else lines


def take_front(mapping: CommentedMap, key: str) -> str:
    """Takes away the lines below a value, and those before the first part of one; returns them."""
    front = _above(mapping, key, _INSIDE)
    if front:
        mapping.ca.items[key][_INSIDE] = None
    return front + take_below(mapping, key)


def put_empty(mapping: CommentedMap, key: str) -> str:
    """Writes a value as an empty mapping in its line.

    Returns:
        the lines that stood before its first key.
    """
    front = take_front(mapping, key)
    mapping[key] = CommentedMap()
    mapping[key].fa.set_flow_style()
    return front


def take_below(mapping: CommentedMap, key: str) -> str:
    """Takes away the lines below a value, deep in it if it is a block; returns them."""
    owner, key = _last(mapping, key)
    first, below = _split(owner, key)
    if below:
        _put(owner, key, first, "")
    return below


def put_below(mapping: CommentedMap, key: str, lines: str) -> None:
    """Puts lines below a value, deep in it if it is a block."""
    if lines:
        owner, key = _last(mapping, key)
        _put(owner, key, _split(owner, key)[0], lines)


def _last(owner: Any, key: Any) -> tuple[Any, Any]:
    """The place after which whatever follows a value stands: its last part, if it is a block."""
    value = owner[key]
    while isinstance(value, CommentedMap | CommentedSeq) and value and not value.fa.flow_style():
        owner, key = value, list(value)[-1] if isinstance(value, CommentedMap) else len(value) - 1
        value = owner[key]
    return owner, key


def _above(mapping: CommentedMap, key: str, position: int) -> str:
    tokens = mapping.ca.items.get(key) or [None] * 4
    return "".join(" " * t.start_mark.column + t.value for t in tokens[position] or ())


def _split(owner: Any, key: Any) -> tuple[str, str]:
    tokens = owner.ca.items.get(key)
    position = _BEHIND if isinstance(owner, dict) else 0
    if not tokens or tokens[position] is None:
        return "", ""
    first, _, below = tokens[position].value.partition("\n")
    return first, below


def _put(owner: Any, key: Any, first: str, below: str, column: int = 0) -> None:
    position = _BEHIND if isinstance(owner, dict) else 0
    tokens = owner.ca.items.setdefault(key, [None, None, None, None])
    column = tokens[position].start_mark.column if tokens[position] and not column else column
    token = CommentToken(f"{first}\n{below}", CommentMark(column), None)
    tokens[position] = token if first or below else None
