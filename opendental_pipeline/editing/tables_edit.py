"""Edits of tables.yml: what they make of its text, checked against what they make of its data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opendental_pipeline.editing.yaml_text import Style, in_one_line, with_values
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.table_config import FIELDS
from opendental_pipeline.settings.yaml_positions import UnreadableYamlError, YamlPath, parse

ABSENT: Any = object()
"""The value of what is not there."""

_BYTE_ORDER_MARK = "\ufeff"
_STYLE = Style(("metadata", "defaults", "tables", *FIELDS), ("defaults", "columns"))
"""As an analysis writes the file."""


@dataclass(frozen=True)
class Value:
    """A value that somebody wants to set.

    Attributes:
        data: what it is.
        text: how it is written, in one line.
    """

    data: object
    text: str


def read_value(text: str) -> Value:
    """Reads a value as YAML would; it is written as it was typed, where that means the same.

    Args:
        text: as typed.

    Raises:
        ValidationError: it is empty, or no YAML.
    """
    try:
        data = parse(text).data if text.strip() else ABSENT
    except UnreadableYamlError as error:
        raise ValidationError(f"the value is no YAML: {error}") from None
    if data is ABSENT:
        raise ValidationError("the value is empty; unset removes a field, and null is a value, too")
    typed = text.strip()
    return Value(data, typed if _is_the_same_anywhere(typed, data) else in_one_line(data))


def _is_the_same_anywhere(text: str, data: object) -> bool:
    try:
        read = [parse(around).data for around in (f"a: {text}\n", f"{{a: {text}}}\n")]
    except UnreadableYamlError:
        return False
    return len(text.splitlines()) == 1 and all(_same(one, {"a": data}) for one in read)


def value_at(data: object, place: YamlPath) -> Any:
    """What stands at a place; ABSENT if nothing does."""
    for part in place:
        if not isinstance(data, dict) or part not in data:
            return ABSENT
        data = data[part]
    return data


def apply_edits(text: str, edits: Mapping[YamlPath, Value | None]) -> str:
    """Sets and removes values in the text of tables.yml.

    What is empty below an entry goes with its last value.

    Args:
        text: valid.
        edits: by place; None removes a value. One that changes nothing is left out.

    Returns:
        the new text, the same where nothing changes.

    Raises:
        ValidationError: a value is written in a way that only a person edits.
    """
    mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
    text = text.removeprefix(mark)
    data = parse(text).data
    texts: dict[YamlPath, str | None] = {}
    expected = data
    for place, value in edits.items():
        found = value_at(data, place)
        if value is None and found is not ABSENT:
            place = _emptied(data, place)
            texts[place], expected = None, _with(expected, place, ABSENT)
        elif value is not None and not _same(found, value.data):
            texts[place], expected = value.text, _with(expected, place, value.data)
    edited = with_values(text, texts, _STYLE) if texts else text
    try:
        is_right = _same(parse(edited).data, expected)
    except UnreadableYamlError:
        is_right = False
    if not is_right:
        places = ", ".join(".".join(map(str, place)) for place in list(texts)[:3])
        raise ValidationError(f"{places}: written in a way that is only edited by hand")
    return mark + edited


def _emptied(data: object, place: YamlPath) -> YamlPath:
    """The largest thing that is empty without a value; an entry itself stays."""
    least = 3 if place[0] == "tables" else 1
    while len(place) > least and len(value_at(data, place[:-1])) == 1:
        place = place[:-1]
    return place


def _with(data: object, place: YamlPath, value: object) -> object:
    """The same data with another value at a place, or none."""
    if not place:
        return value
    first, *rest = place
    before = data if isinstance(data, dict) else {}
    if not rest and value is ABSENT:
        return {name: inner for name, inner in before.items() if name != first}
    return {**before, first: _with(before.get(first), tuple(rest), value)}


def _same(one: object, other: object) -> bool:
    """Whether two values are equal, and of one type: 1, 1.0 and true are three."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other) or repr(one) == repr(other)
