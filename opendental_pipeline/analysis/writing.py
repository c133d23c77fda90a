"""Writes tables.yml: every entry merged into the text as it stands, in its order."""

import io
from collections.abc import Mapping
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.representer import RoundTripRepresenter

from opendental_pipeline.analysis.decisions import BLOCKS, PLAIN, Fields
from opendental_pipeline.analysis.merging import Defaults, merge_entry
from opendental_pipeline.analysis.snapshot import Comments, Snapshot, TableSnapshot
from opendental_pipeline.analysis.yaml_comments import (
    insert,
    put_behind,
    put_below,
    put_empty,
    remove,
    take_below,
)
from opendental_pipeline.analysis.yaml_values import as_yaml
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.tables_file import overlay

_RETIRED = ("total_tables", "schema_hash")
"""What the head of tables.yml said in a version before."""


_SWITCHED_OFF = "the source has no such table"
"""Why an earlier version switched an entry off."""

_MEANING = "hold for every table that does not say otherwise"


def write(
    metadata: Mapping[str, Any], draft: Snapshot, earlier: str = "", last: Snapshot | None = None
) -> tuple[str, Snapshot]:
    """Writes the text of tables.yml.

    Entries stay where they are; those of new tables follow them, by name. What a person wrote
    stays: see `analysis.merging`. The entry of a table that is gone stays, for when it is back.

    Args:
        metadata: about the file.
        draft: what the analysis has to say, with the reasons.
        earlier: the text of the file as it stands; empty if there is none.
        last: what the analysis saw and wrote that the file is from.

    Returns:
        the text, and of the draft what was written.

    Raises:
        ValidationError: the file as it stands is not YAML.
    """
    document, last = _read(earlier), last or Snapshot()
    head, entries = _mapping(document, "metadata"), _mapping(document, "tables")
    for name in _RETIRED:
        if name in head:
            remove(head, name)
    head.update(as_yaml(metadata))
    defaults, written = _write_defaults(document, draft.defaults, last.defaults)
    gone = {
        name: _of_gone(entry, last.tables.get(name))
        for name, entry in entries.items()
        if name not in draft.tables and isinstance(entry, CommentedMap)
    }
    seen = {}
    for name, table in sorted({**gone, **draft.tables}.items()):
        before = last.tables.get(name, TableSnapshot())
        seen[name] = _write_entry(entries, name, before, table, defaults)
    text = io.StringIO()
    _yaml().dump(document, text)
    return text.getvalue(), draft.model_copy(update={"defaults": written, "tables": seen})


def _write_defaults(
    document: CommentedMap, draft: TableSnapshot, last: TableSnapshot
) -> tuple[Defaults, TableSnapshot]:
    """Merges the block of defaults, which stands before the tables."""
    found = document.get("defaults")
    block = found if isinstance(found, CommentedMap) else CommentedMap()
    before = _over_plain(block)
    written, _ = merge_entry(block, last, draft, Defaults(), indent=2)
    if block and block is not found:
        document.pop("defaults", None)
        insert(document, list(document).index("tables"), "defaults", block)
        put_behind(document, "defaults", _MEANING, len("defaults:  "))
    elif not block and "defaults" in document:
        remove(document, "defaults")
    own, reasons = _over_plain(draft.chosen), draft.comments.fields
    return Defaults(before, _over_plain(block), own, reasons), written


def _over_plain(defaults: Fields) -> Fields:
    """What holds where an entry says nothing; the reader refuses what has another shape."""
    shaped = {n: v for n, v in defaults.items() if n not in BLOCKS or isinstance(v, Mapping)}
    return overlay(PLAIN, shaped)


def _write_entry(
    entries: CommentedMap, name: str, last: TableSnapshot, draft: TableSnapshot, defaults: Defaults
) -> TableSnapshot:
    """Merges one entry; the lines below it, which are about the next one, stay below it."""
    if not isinstance(entries.get(name), CommentedMap):
        entries.pop(name, None)
        insert(entries, len(entries), as_yaml(name), CommentedMap())
    entry, below = entries[name], take_below(entries, name)
    if not entry:
        entry.fa.set_block_style()
    written, lines = merge_entry(entry, last, draft, defaults)
    if not entry:
        lines = put_empty(entries, name) + lines
    put_below(entries, name, lines + below)
    return written


def _of_gone(entry: Fields, before: TableSnapshot | None) -> TableSnapshot:
    """The draft of a table that the source does not have: what it was."""
    draft = before or TableSnapshot(chosen=entry)
    remarks, chosen = dict(draft.comments.fields), dict(draft.chosen)
    if remarks.get("enabled") == _SWITCHED_OFF:
        del remarks["enabled"]
        chosen.pop("enabled", None)
    comments = Comments(fields=remarks, columns=draft.comments.columns)
    observed = draft.observed.model_copy(update={"schema_hash": None})
    now = {"structure": None, "observed": observed, "chosen": chosen, "comments": comments}
    return draft.model_copy(update=now)


def _mapping(document: CommentedMap, name: str) -> CommentedMap:
    if not isinstance(document.get(name), CommentedMap):
        document[name] = CommentedMap()
    inner: CommentedMap = document[name]
    return inner


def _read(text: str) -> CommentedMap:
    try:
        document = _yaml().load(text)
    except YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise ValidationError(f"tables.yml:{line}: cannot be read as YAML; correct it") from None
    return document if isinstance(document, CommentedMap) else CommentedMap()


class _Representer(RoundTripRepresenter):
    """Writes null as a word, and a number so that a reader of YAML 1.1 knows it."""


_Representer.add_representer(
    type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", "null")
)
_Representer.add_representer(
    float,
    lambda dumper, number: dumper.represent_scalar(
        "tag:yaml.org,2002:float", yaml.safe_dump(number).splitlines()[0]
    ),
)


def _yaml() -> YAML:
    made = YAML()
    made.Representer = _Representer
    made.preserve_quotes = True
    made.width = 10_000
    made.indent(mapping=2, sequence=4, offset=2)
    return made
