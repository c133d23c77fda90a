"""Brings a new analysis into the entry of tables.yml that a person may have edited.

Three texts meet: the entry as it stands, what the last analysis wrote, and what this one says.
What differs between the first two is the person's, and stays; the rest follows the analysis.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString

from opendental_pipeline.analysis.snapshot import Comments
from opendental_pipeline.analysis.yaml_comments import (
    behind,
    insert,
    put_behind,
    put_below,
    remove,
    take_below,
)
from opendental_pipeline.settings.table_config import TableConfig

_FACTS = frozenset(
    {
        *("primary_key", "schema_hash", "last_analyzed", "is_modeled", "dbt_model_types"),
        *("estimated_rows", "estimated_size_mb", "estimated_processing_time_minutes"),
        "memory_requirements_mb",
    }
)
"""Fields that nobody decides: they say what was found."""

_CURSOR = (
    "extraction_strategy",
    "incremental_columns",
    "primary_incremental_column",
    "incremental_strategy",
)
"""Fields that make sense together, and are a person's as soon as one of them is."""

_ORDER = tuple(TableConfig.model_fields)

_ABSENT: Any = object()

Fields = Mapping[str, Any]


def merge_entry(
    entry: CommentedMap, last: Fields | None, chosen: Fields, written: Comments, reasons: Comments
) -> Comments:
    """Changes an entry of tables.yml in place.

    Args:
        entry: as it stands; empty for a new table.
        last: what the last analysis chose; None if there was none.
        chosen: what this one chose.
        written: the comments that the last analysis wrote.
        reasons: those of this one.

    Returns:
        the comments that are the analysis's own now.
    """
    edited = {name for name in _ORDER if _is_edited(entry, last, name)} - _FACTS
    if edited & set(_CURSOR):
        edited |= set(_CURSOR)
    if not chosen.get("primary_key"):
        edited -= set(_CURSOR)  # nothing but a full copy is possible
    remarks = dict(reasons.fields)
    if "extraction_strategy" in edited and "extraction_strategy" in remarks:
        says = f"the analyzer says {chosen['extraction_strategy']}"
        remarks["extraction_strategy"] = f"set by hand; {says}: {remarks['extraction_strategy']}"
    blocks = {"columns", "monitoring"}
    follow = {name: chosen.get(name, _ABSENT) for name in _ORDER if name not in edited | blocks}
    _update(entry, follow, _ORDER)
    for name in sorted(blocks & (chosen.keys() | entry.keys())):
        _merge_block(entry, name, (last or {}).get(name), chosen.get(name, {}))
    columns = entry.get("columns") or CommentedMap()
    return Comments(
        fields=_comment(entry, written.fields, remarks, indent=4),
        columns=_comment(columns, written.columns, reasons.columns, indent=6),
    )


def _is_edited(entry: Fields, last: Fields | None, name: str) -> bool:
    """Whether a person changed, added or removed a value; all are a person's without a last one."""
    if last is None:
        return name in entry
    return (name in entry) != (name in last) or entry.get(name) != last.get(name)


def _merge_block(entry: CommentedMap, name: str, last: Fields | None, chosen: Fields) -> None:
    """The same for a field that is a mapping, key by key."""
    block = entry.get(name)
    if not isinstance(block, dict):
        block = CommentedMap()
    names = list(dict.fromkeys([*chosen, *(last or ())]))
    follow = {
        key: chosen.get(key, _ABSENT) for key in names if not _is_edited(block, last or {}, key)
    }
    below = take_below(entry, name) if name in entry else ""
    _update(block, follow, names)
    if name in entry:
        put_below(entry, name, below)
    if block and name not in entry:
        if name == "monitoring":
            block.fa.set_flow_style()
        _place(entry, name, block, _ORDER)
    elif not block and name in entry:
        remove(entry, name)


def _update(mapping: CommentedMap, values: Fields, order: Sequence[str]) -> None:
    """Sets, inserts and removes values where they differ."""
    for name, value in values.items():
        if value is _ABSENT:
            if name in mapping:
                remove(mapping, name)
        elif name not in mapping:
            _place(mapping, name, as_yaml(value), order)
        elif mapping[name] != value:
            mapping[name] = as_yaml(value)


def _place(mapping: CommentedMap, name: str, value: Any, order: Sequence[str]) -> None:
    before = set(order[: list(order).index(name)])
    positions = [number for number, key in enumerate(mapping, start=1) if key in before]
    insert(mapping, max(positions, default=0), as_yaml(name), value)


def _comment(
    mapping: CommentedMap, written: Mapping[str, str], reasons: Mapping[str, str], *, indent: int
) -> dict[str, str]:
    """Replaces the comments that the last analysis wrote, and no other."""
    for name in {*written, *reasons} & mapping.keys():
        reason = reasons.get(name, "")
        if behind(mapping, name) == written.get(name, "") != reason:
            line = f"{name}: {_plain(mapping[name])}"
            put_behind(mapping, name, reason, indent + len(line) + 2)
    return {name: text for name, text in reasons.items() if name in mapping}


def as_yaml(value: Any) -> Any:
    """A value as people write it: lists and hints in one line, texts that stay texts."""
    match value:
        case Mapping():
            made = CommentedMap({as_yaml(key): as_yaml(inner) for key, inner in value.items()})
            made.fa.set_flow_style()
            return made
        case list() | tuple():
            items = CommentedSeq(map(as_yaml, value))
            items.fa.set_flow_style()
            return items
        case str():
            # PyYAML reads YAML 1.1, where `on` and `1_0` are no texts; ruamel.yaml writes 1.2,
            # and in a list `:0` and `?0` as they are
            quote = yaml.safe_dump([value], default_flow_style=True)[1]
            kinds = {"'": SingleQuotedScalarString, '"': DoubleQuotedScalarString}
            return kinds[quote](value) if quote in kinds else value
        case _:
            return value


def _plain(value: Any) -> str:
    """About how a value looks in its line, for the place of the comment behind it."""
    match value:
        case dict():
            return f"{{{', '.join(f'{key}: {_plain(inner)}' for key, inner in value.items())}}}"
        case list():
            return f"[{', '.join(map(_plain, value))}]"
        case bool():
            return str(value).lower()
        case _:
            return str(value)
