"""Brings a new analysis into the entry of tables.yml that a person may have edited.

Three texts meet: the entry as it stands, what the last analysis wrote, and what this one says.
What differs between the first two is the person's, and stays; the rest follows the analysis, which
says only what the defaults do not.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.comments import CommentedMap

from opendental_pipeline.analysis.decisions import ABSENT, BLOCKS, Fields, deviations
from opendental_pipeline.analysis.snapshot import Comments, TableSnapshot
from opendental_pipeline.analysis.yaml_comments import (
    behind,
    insert,
    put_behind,
    put_below,
    remove,
    take_below,
)
from opendental_pipeline.analysis.yaml_values import as_yaml, plain
from opendental_pipeline.settings.table_config import CURSOR, DECIDED, FIELDS


@dataclass(frozen=True)
class Defaults:
    """What holds for every entry that does not say otherwise.

    Attributes:
        before: by the file as it stands.
        after: by the file as it is written now.
        own: if nobody edited it; where a table differs from this, its entry says so.
        reasons: of what it would have.
    """

    before: Fields = field(default_factory=dict)
    after: Fields = field(default_factory=dict)
    own: Fields = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def exceptions(self, draft: TableSnapshot) -> dict[str, Any]:
        """What an entry has to say: what differs, or has a reason of its own."""
        base = {name: value for name, value in self.own.items() if name in self.after}
        # whatever a person has by default, these are not possible in every table
        if not draft.chosen.get("incremental_columns"):
            base["extraction_strategy"] = self.after.get("extraction_strategy")
        if _is_keyless(draft):
            base["deletes"] = self.after.get("deletes")
        explained = {
            name: draft.chosen[name]
            for name, reason in draft.comments.fields.items()
            if name in draft.chosen and name not in BLOCKS and reason != self.reasons.get(name)
        }
        return {**deviations(draft.chosen, base), **explained}


def merge_entry(
    entry: CommentedMap,
    last: TableSnapshot,
    draft: TableSnapshot,
    defaults: Defaults,
    *,
    indent: int = 4,
) -> tuple[TableSnapshot, str]:
    """Changes an entry of tables.yml in place.

    Args:
        entry: as it stands; empty for a new table.
        last: what the last analysis wrote; nothing if there was none.
        draft: what this one found.
        defaults: what the entry need not say.
        indent: spaces before its keys.

    Returns:
        what of the entry is the analysis's own now, and the lines for which no place is left in it.
    """
    own = defaults.exceptions(draft)
    edited = {name for name in DECIDED if _is_edited(entry, last.chosen, name)}
    if edited & set(CURSOR):
        edited |= set(CURSOR)  # a person's as soon as one of them is
    if _is_keyless(draft):
        edited -= set(CURSOR)  # nothing but a full copy is possible
    written = last.comments
    observed = draft.observed.model_dump(mode="json", exclude_none=True)
    own |= {
        name: value
        for name, value in {**observed, **defaults.after}.items()
        if name not in {*edited, *own, *BLOCKS} and _has_remark(entry, name, written.fields)
    }
    fields = [name for name in FIELDS if name not in BLOCKS]
    lines = _update(entry, own, edited, defaults.before, defaults.after, fields)
    for name in BLOCKS:
        lines += _merge_block(entry, name, last, own, defaults)
    columns = entry.get("columns") or CommentedMap()
    comments = Comments(
        fields=_comment(entry, written.fields, _reasons(draft, edited), indent=indent),
        columns=_comment(columns, written.columns, draft.comments.columns, indent=indent + 2),
    )
    return draft.model_copy(update={"chosen": own, "comments": comments}), lines


def _reasons(draft: TableSnapshot, edited: Collection[str]) -> dict[str, str]:
    """The comments of an entry, which say so where a person chose otherwise."""
    reasons, name = dict(draft.comments.fields), "extraction_strategy"
    if name in edited and name in reasons:
        analyzer = draft.chosen.get(name, "nothing")
        reasons[name] = f"set by hand; the analyzer says {analyzer}: {reasons[name]}"
    return reasons


def _is_keyless(draft: TableSnapshot) -> bool:
    return draft.observed.primary_key == ()


def _is_edited(mapping: Fields, last: Fields, name: str) -> bool:
    """Whether a person changed, added or removed a value."""
    return (name in mapping) != (name in last) or mapping.get(name) != last.get(name)


def _has_remark(mapping: CommentedMap, name: str, written: Mapping[str, str]) -> bool:
    """Whether a person said something behind a value, which keeps it in its place."""
    return name in mapping and behind(mapping, name) not in ("", written.get(name, ""))


def _merge_block(
    entry: CommentedMap, name: str, last: TableSnapshot, own: dict[str, Any], defaults: Defaults
) -> str:
    """The same for a field that is a mapping, key by key."""
    block = entry.get(name, CommentedMap())
    if not isinstance(block, CommentedMap):
        return ""  # refused when the text is read again
    before, after = (fields.get(name) or {} for fields in (defaults.before, defaults.after))
    earlier, chosen = last.chosen.get(name, {}), dict(own.get(name, {}))
    names = list(dict.fromkeys([*before, *chosen, *earlier]))
    edited = {key for key in names if _is_edited(block, earlier, key)}
    kept = _has_remark(entry, name, last.comments.fields)
    chosen |= {
        key: value
        for key, value in after.items()
        if key in block and key not in {*edited, *chosen} and (kept or _has_remark(block, key, {}))
    }
    if chosen:
        own[name] = chosen
    below = take_below(entry, name) if name in entry else ""
    lines = _update(block, chosen, edited, before, after, names)
    if name in entry:
        put_below(entry, name, below)
    elif block:
        if name != "columns":
            block.fa.set_flow_style()
        _place(entry, name, block, FIELDS)
    if not block and name in entry and not kept:
        lines += remove(entry, name)
    return lines


def _update(
    mapping: CommentedMap,
    own: Fields,
    edited: Collection[str],
    before: Fields,
    after: Fields,
    order: Sequence[str],
) -> str:
    """Sets, inserts and removes what is the analysis's own.

    What a person left to the defaults stays as it was where these are others now.

    Returns:
        the lines for which no place is left.
    """
    lines = ""
    for name in order:
        if name in edited:
            if name not in mapping and name in before and before[name] != after.get(name, ABSENT):
                _place(mapping, name, as_yaml(before[name]), order)
        elif name not in own:
            lines += remove(mapping, name) if name in mapping else ""
        elif name not in mapping:
            _place(mapping, name, as_yaml(own[name]), order)
        elif mapping[name] != own[name]:
            mapping[name] = as_yaml(own[name])
    return lines


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
        if behind(mapping, name) == written.get(name, ""):
            line = f"{name}: {plain(mapping[name])}"
            put_behind(mapping, name, reason, indent + len(line) + 2)
    return {name: text for name, text in reasons.items() if name in mapping}
