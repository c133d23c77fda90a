"""Writes tables.yml: every entry merged into the text as it stands, in its order."""

import io
from collections.abc import Mapping
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.representer import RoundTripRepresenter

from opendental_pipeline.analysis.merging import Fields, as_yaml, merge_entry
from opendental_pipeline.analysis.snapshot import Comments, TableSnapshot
from opendental_pipeline.analysis.yaml_comments import insert
from opendental_pipeline.settings.errors import ValidationError


def write(
    metadata: Mapping[str, Any],
    drafts: Mapping[str, TableSnapshot],
    earlier: str = "",
    last: Mapping[str, TableSnapshot] | None = None,
) -> tuple[str, dict[str, TableSnapshot]]:
    """The text of tables.yml.

    Entries stay where they are; those of new tables follow them, by name. What a person wrote
    stays: see `analysis.merging`. A table that is gone is switched off, and on again when it is
    back.

    Args:
        metadata: about the file.
        drafts: the entries of the source's tables as the rules have them, with the reasons.
        earlier: the text of the file as it stands; empty if there is none.
        last: what the analysis saw and wrote that the file is from.

    Returns:
        the text, and the drafts of all its tables with the comments as they were written.

    Raises:
        ValidationError: the file as it stands is not YAML.
    """
    document, last = _read(earlier), last or {}
    _mapping(document, "metadata").update(as_yaml(metadata))
    entries = _mapping(document, "tables")
    gone = {
        name: _switched_off(entry, last.get(name))
        for name, entry in entries.items()
        if name not in drafts and isinstance(entry, CommentedMap)
    }
    seen = {}
    for name, draft in sorted({**gone, **drafts}.items()):
        before = last.get(name, TableSnapshot())
        entry = entries.get(name)
        is_new = not isinstance(entry, CommentedMap)
        if is_new:
            entries.pop(name, None)
            entry = CommentedMap()
        comments = merge_entry(
            entry,
            before.chosen if name in last else None,
            draft.chosen,
            before.comments,
            draft.comments,
        )
        if is_new:
            insert(entries, len(entries), as_yaml(name), entry)
        seen[name] = draft.model_copy(update={"comments": comments})
    text = io.StringIO()
    _yaml().dump(document, text)
    return text.getvalue(), seen


def _switched_off(entry: Fields, before: TableSnapshot | None) -> TableSnapshot:
    """The draft of a table that the source does not have."""
    chosen = before.chosen if before else entry
    comments = before.comments if before else Comments()
    remarks = {**comments.fields, "enabled": "the source has no such table"}
    return TableSnapshot(
        chosen={**chosen, "enabled": False},
        comments=Comments(fields=remarks, columns=comments.columns),
    )


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
