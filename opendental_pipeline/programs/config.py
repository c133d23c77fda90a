"""Reads and changes tables.yml, one value at a time."""

import difflib
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rich.console import Console

from opendental_pipeline.editing.effective import EffectiveValue, effective_value
from opendental_pipeline.editing.kept_file import KeptFile, read_exactly
from opendental_pipeline.editing.keys import DEFAULTS, parts_of, place_of
from opendental_pipeline.editing.tables_edit import apply_edits, read_value, value_at
from opendental_pipeline.editing.yaml_text import in_one_line, lines_of
from opendental_pipeline.runs.naming import some
from opendental_pipeline.runs.process import exit_code_of
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.frozen import Frozen
from opendental_pipeline.settings.observations import read_observations
from opendental_pipeline.settings.table_config import FIELDS, TableDefaults
from opendental_pipeline.settings.tables_file import TablesFile, load_tables, parse_tables
from opendental_pipeline.settings.tuning import Tuning
from opendental_pipeline.settings.yaml_positions import UnreadableYamlError, YamlPath, parse


class ValueList(Frozen):
    """What `get --json` prints."""

    schema_version: Literal[1] = 1
    values: tuple[EffectiveValue, ...]


class KeptText(Frozen):
    """An earlier text of tables.yml.

    Attributes:
        name: by which diff and restore know it.
        made_at: when another one took its place.
        size: bytes.
        different: entries that are others now, the defaults counted as one; None where it cannot
            be read.
    """

    name: str
    made_at: datetime
    size: int
    different: int | None


class BackupList(Frozen):
    """What `backups --json` prints."""

    schema_version: Literal[1] = 1
    backups: tuple[KeptText, ...]


class TextDifference(Frozen):
    """What `diff --json` prints."""

    schema_version: Literal[1] = 1
    backup: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class _Tables:
    """tables.yml as it stands, and valid."""

    text: str
    file: TablesFile

    @classmethod
    def read(cls, kept: KeptFile) -> "_Tables":
        if not kept.path.exists():
            load_tables(kept.path)
        return cls.parse(kept.read(), kept)

    @classmethod
    def parse(cls, text: str, kept: KeptFile) -> "_Tables":
        observed = read_observations(kept.path)
        return cls(text, parse_tables(text.removeprefix("\ufeff"), kept.path, observed))

    @property
    def yaml(self) -> str:
        return self.text.removeprefix("\ufeff")

    def effective(self, places: Sequence[YamlPath]) -> list[EffectiveValue]:
        data = parse(self.yaml).data
        return [effective_value(place, self.file, data) for place in places]


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""

    def work() -> int:
        _ACTIONS[args.action](KeptFile(Tuning.load().reading.tables_path), args)
        return 0

    return exit_code_of(work, Console(stderr=True), "interrupted")


def _get(kept: KeptFile, args: Namespace) -> None:
    tables = _Tables.read(kept)
    places = _places(args, tables.file)
    is_entry = not _is_field(places[0])
    if is_entry and not args.json:
        print(lines_of(tables.yaml, places[0]) or f"{DEFAULTS}: {{}}")
        return
    if is_entry:
        fields = FIELDS if places[0][0] == "tables" else TableDefaults.model_fields
        places = [(*places[0], field) for field in fields]
    values = tables.effective(places)
    if args.json:
        print(ValueList(values=tuple(values)).model_dump_json(indent=2))
    elif _names_group(args):
        for place, one in zip(places, values, strict=True):
            print(f"{in_one_line(place[1])}: {in_one_line(one.value)}")
    else:
        print(in_one_line(values[0].value))


def _change(kept: KeptFile, args: Namespace) -> None:
    value = read_value(args.value) if args.action == "set" else None
    before = _Tables.read(kept)
    places = _places(args, before.file)
    if not _is_field(places[0]):
        raise ValidationError(f"{args.key} is a table: say which of its fields, {args.key}.FIELD")
    after = _Tables.parse(apply_edits(before.text, dict.fromkeys(places, value)), kept)
    if after.text == before.text:
        already = "does not say it" if value is None else "says so already"
        print(f"{args.key}: tables.yml {already}; nothing was written")
        return
    backup = kept.replace(before.text, after.text)
    pairs = zip(before.effective(places), after.effective(places), strict=True)
    changed = [(old, new) for old, new in pairs if old != new]
    if _names_group(args):
        names = [new.key.removesuffix(f".{args.key}") for _, new in changed]
        print(f"{args.key}: changed for {len(names)} of {len(places)} tables: {some(names)}")
    for old, new in changed if not _names_group(args) else ():
        print(f"{new.key}: {in_one_line(new.value)}, before {in_one_line(old.value)}")
    print(f"the file before: {backup}")


def _names_group(args: Namespace) -> bool:
    return bool(args.category or args.priority or args.all)


def _is_field(place: YamlPath) -> bool:
    return len(place) > (1 if place[0] == DEFAULTS else 2)


def _places(args: Namespace, tables: TablesFile) -> list[YamlPath]:
    """What a key means: one place, or one for each table of a group."""
    if not _names_group(args):
        return [place_of(args.key, tables)]
    if args.all and (args.category or args.priority):
        raise ValidationError("--all is every table: leave out --category and --priority")
    field = parts_of(args.key)
    names = tables.group(args.category, args.priority)
    if not names:
        raise ValidationError("tables.yml has no table of that category and priority")
    return [("tables", name, *field) for name in names]


def _diff(kept: KeptFile, args: Namespace) -> None:
    backup = kept.backup(args.backup)
    texts = (read_exactly(backup.path).splitlines(), kept.read().splitlines())
    names = (backup.path.name, kept.path.name)
    lines = tuple(difflib.unified_diff(*texts, *names, lineterm=""))
    if args.json:
        print(TextDifference(backup=backup.path.name, lines=lines).model_dump_json(indent=2))
    else:
        print("\n".join(lines) or f"no difference to {backup.path.name}")


def _backups(kept: KeptFile, args: Namespace) -> None:
    present = _entries(kept.read())
    texts = tuple(
        KeptText(
            name=one.path.name,
            made_at=one.made_at,
            size=one.path.stat().st_size,
            different=_different(present, _entries(read_exactly(one.path))),
        )
        for one in kept.backups()
    )
    if args.json:
        print(BackupList(backups=texts).model_dump_json(indent=2))
        return
    for text in texts:
        different = "no YAML" if text.different is None else f"{text.different} entries differ"
        print(f"{text.name}  {text.made_at:%Y-%m-%d %H:%M} UTC  {text.size:,} bytes  {different}")
    if not texts:
        print(f"no earlier text of {kept.path} is kept")


def _backup(kept: KeptFile, _: Namespace) -> None:
    print(f"kept: {kept.keep()}")


def _entries(text: str) -> Mapping[object, object] | None:
    """The entries that a text has, and its defaults; None if it is not read."""
    try:
        data = parse(text.removeprefix("\ufeff")).data
    except UnreadableYamlError:
        return None
    tables = value_at(data, ("tables",))
    if not isinstance(tables, dict):
        return None
    return {None: value_at(data, (DEFAULTS,)), **tables}


def _different(
    one: Mapping[object, object] | None, other: Mapping[object, object] | None
) -> int | None:
    if one is None or other is None:
        return None
    nothing = object()
    names = one.keys() | other.keys()
    return sum(one.get(name, nothing) != other.get(name, nothing) for name in names)


def _restore(kept: KeptFile, args: Namespace) -> None:
    backup = kept.backup(args.backup)
    text, before = read_exactly(backup.path), kept.read()
    parse_tables(text.removeprefix("\ufeff"), backup.path, read_observations(kept.path))
    if text == before:
        print(f"{kept.path} is the same as {backup.path.name}; nothing was written")
        return
    replaced = kept.replace(before, text)
    print(f"{kept.path} is what {backup.path.name} was")
    print(f"the file before: {replaced}")


def _check(kept: KeptFile, _: Namespace) -> None:
    tables = load_tables(kept.path)
    print(
        f"{kept.path}: valid; {len(tables.select()):,} of {len(tables.names()):,} tables are moved"
    )


_ACTIONS: Mapping[str, Callable[[KeptFile, Namespace], None]] = {
    "get": _get,
    "set": _change,
    "unset": _change,
    "diff": _diff,
    "backup": _backup,
    "backups": _backups,
    "restore": _restore,
    "check": _check,
}
