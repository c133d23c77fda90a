"""What changed in the source's schema between two analyses, and the changelog of it."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated

import pydantic
from pydantic import AfterValidator

from opendental_pipeline.analysis.structure import ColumnShape, Structure, same_columns, same_tables
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.frozen import Frozen, first_fault


class Kind(StrEnum):
    """What can happen to a schema: to what, and then what."""

    TABLE_ADDED = "table added"
    TABLE_REMOVED = "table removed"
    TABLE_RENAMED = "table renamed"
    COLUMN_ADDED = "column added"
    COLUMN_REMOVED = "column removed"
    COLUMN_RENAMED = "column renamed"
    COLUMN_RETYPED = "column retyped"
    DEFAULT_CHANGED = "default changed"
    KEY_CHANGED = "key changed"


class _Record(Frozen, extra="forbid"):
    pass


class Change(_Record):
    """One thing that changed.

    Attributes:
        table: by its name before the change, if it had one.
        column: likewise; None where the change is the table's.
        before: the former name, definition, default or key; of a removed table its columns.
        after: likewise, as it is now.
        breaking: whether something that reads the table may fail or read other values.
        breaks: the dbt models that a breaking change concerns.
    """

    table: str
    kind: Kind
    column: str | None = None
    before: str | None = None
    after: str | None = None
    breaking: bool = False
    breaks: tuple[str, ...] = ()


Breaks = Callable[[str, str], Collection[str]]
"""The dbt models that name a column of a table; for the column "", those that read the table."""


def no_models(_table: str, _column: str) -> tuple[str, ...]:
    """What breaks where no dbt project is known."""
    return ()


def compare(
    before: Mapping[str, Structure], after: Mapping[str, Structure], breaks: Breaks = no_models
) -> tuple[Change, ...]:
    """What became of every table and column: by table, then in the order of its columns.

    `same_tables` and `same_columns` judge what was renamed; all else is removed and added.

    Args:
        before: the tables of the former analysis by name.
        after: those of the later one.
        breaks: finds the dbt models that a breaking change concerns.
    """
    partners = same_tables(before, after)
    changes = [
        Change(table=name, kind=Kind.TABLE_ADDED, after=_listed(after[name].columns))
        for name in after.keys() - partners.values()
    ]
    for name, old in before.items():
        if name in partners:
            changes += _changes_of_table(name, partners[name], old, after[partners[name]])
        else:
            was = _listed(old.columns)
            changes.append(Change(table=name, kind=Kind.TABLE_REMOVED, before=was, breaking=True))
    return tuple(
        _with_models(change, breaks) if change.breaking else change
        for change in sorted(changes, key=lambda change: change.table)
    )


def _with_models(change: Change, breaks: Breaks) -> Change:
    models = set(breaks(change.table, change.column or ""))
    return change.model_copy(update={"breaks": tuple(sorted(models))})


def _changes_of_table(
    name: str, new_name: str, before: Structure, after: Structure
) -> Iterator[Change]:
    change = partial(Change, table=name)
    partners = same_columns(before, after)
    if name != new_name:
        yield change(kind=Kind.TABLE_RENAMED, before=name, after=new_name, breaking=True)
    if tuple(partners.get(key, key) for key in before.primary_key) != after.primary_key:
        keys = {"before": _listed(before.primary_key), "after": _listed(after.primary_key)}
        yield change(kind=Kind.KEY_CHANGED, breaking=True, **keys)
    for column, shape in before.columns.items():
        if column in partners:
            new_column = partners[column]
            if column != new_column:
                names = {"column": column, "before": column, "after": new_column}
                yield change(kind=Kind.COLUMN_RENAMED, breaking=True, **names)
            yield from _changes_of_shape(
                partial(change, column=column), shape, after.columns[new_column]
            )
        else:
            was = str(shape)
            yield change(kind=Kind.COLUMN_REMOVED, column=column, before=was, breaking=True)
    stayed = set(partners.values())
    for column, shape in after.columns.items():
        if column not in stayed:
            yield change(kind=Kind.COLUMN_ADDED, column=column, after=str(shape))


def _changes_of_shape(
    change: Callable[..., Change], before: ColumnShape, after: ColumnShape
) -> Iterator[Change]:
    old, new = before.normal, after.normal
    if old.model_copy(update={"default": new.default}) != new:
        breaking = not after.widens(before)
        yield change(
            kind=Kind.COLUMN_RETYPED, before=str(before), after=str(after), breaking=breaking
        )
    elif old != new:
        yield change(kind=Kind.DEFAULT_CHANGED, before=before.default, after=after.default)


def _listed(names: Iterable[str]) -> str | None:
    return ", ".join(names) or None


def _iso(moment: str) -> str:
    datetime.fromisoformat(moment)
    return moment


class ChangelogEntry(_Record):
    """What one analysis found changed.

    Attributes:
        moment: when, in ISO format.
        before_version: of OpenDental at the analysis before; None if unknown.
        after_version: at this one.
    """

    moment: Annotated[str, AfterValidator(_iso)]
    before_version: str | None
    after_version: str | None
    changes: tuple[Change, ...]

    @property
    def summary(self) -> str:
        """How many changes of each kind there are, as a line."""
        count = Counter(change.kind for change in self.changes)
        parts: dict[str, list[str]] = {}
        for kind in sorted(count, key=list(Kind).index):
            noun, verb = kind.split()
            plural = "" if count[kind] == 1 else "s"
            parts.setdefault(verb, []).append(f"{count[kind]} {noun}{plural}")
        breaking = sum(change.breaking for change in self.changes)
        counts = ", ".join(f"{' and '.join(nouns)} {verb}" for verb, nouns in parts.items())
        return f"{counts or 'nothing changed'}; {breaking or 'none'} breaking"

    def to_markdown(self) -> str:
        """A section for people: what breaks something first, then the others by table."""
        moment = datetime.fromisoformat(self.moment).isoformat(" ", "minutes")
        lines = [f"## {moment}, OpenDental {self._versions}", "", self.summary]
        breaking = [change for change in self.changes if change.breaking]
        if breaking:
            lines += ["", "### Breaking", "", *map(_warned, breaking)]
        others = [change for change in self.changes if not change.breaking]
        if others:
            lines += ["", "### Not breaking", ""]
        for table, changes in groupby(others, key=lambda change: change.table):
            lines += [f"- {_code(table)}", *(f"  - {_told(change)}" for change in changes)]
        return "\n".join(lines) + "\n"

    @property
    def _versions(self) -> str:
        before, after = (
            "unknown" if version is None else _code(version)
            for version in (self.before_version, self.after_version)
        )
        return after if before == after else f"{before} → {after}"


def changelog_entry(
    changes: Iterable[Change],
    *,
    moment: str,
    before_version: str | None,
    after_version: str | None,
) -> ChangelogEntry:
    """The entry of one analysis, made at a moment in ISO format."""
    return ChangelogEntry(
        moment=moment,
        before_version=before_version,
        after_version=after_version,
        changes=tuple(changes),
    )


def changelog_path(tables: Path) -> Path:
    """The changelog that lies beside a tables.yml.

    Args:
        tables: the path of that.
    """
    return tables.with_suffix(".changes.json")


class Changelog(_Record):
    """What every analysis found changed, newest first."""

    entries: tuple[ChangelogEntry, ...] = ()

    @classmethod
    def read(cls, path: Path) -> "Changelog":
        """The changelog in a JSON file; empty if there is no file.

        Raises:
            ValidationError: it cannot be read, or is something else.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return cls()
        except OSError as error:
            raise ValidationError(f"{path} cannot be read ({type(error).__name__})") from None
        except pydantic.ValidationError as error:
            raise ValidationError(
                f"{path} is not a changelog: {first_fault(error)}; restore it, or move it away to"
                " begin a new one"
            ) from None

    def with_entry(self, entry: ChangelogEntry) -> "Changelog":
        """The changelog with one more entry, the newest."""
        return Changelog(entries=(entry, *self.entries))

    def to_json(self) -> str:
        """The text of its file; reading it gives an equal changelog."""
        return self.model_dump_json(indent=2) + "\n"

    def to_markdown(self) -> str:
        """The changelog for people."""
        parts = [entry.to_markdown() for entry in self.entries] or ["Nothing changed yet.\n"]
        return "\n".join(["# Changes of the source's schema\n", *parts])


def _warned(change: Change) -> str:
    name = change.table if change.column is None else f"{change.table}.{change.column}"
    models = ", ".join(map(_code, change.breaks))
    return f"- **{_code(name)}** {_fate(change)}" + (models and f" — breaks dbt models {models}")


def _told(change: Change) -> str:
    name = "table" if change.column is None else _code(change.column)
    return f"{name} {_fate(change)}"


def _fate(change: Change) -> str:
    before, after = _code(change.before), _code(change.after)
    noun, verb = change.kind.split()
    match verb:
        case "added":
            return f"added ({after})"
        case "removed":
            return f"removed (was {before})"
        case "renamed":
            return f"renamed to {after}"
        case "retyped":
            return f"retyped from {before} to {after}"
        case _:
            return f"{noun} {verb} from {before} to {after}"


def _code(text: str | None) -> str:
    """Any text as code in one line of Markdown, whatever it holds."""
    if text is None:
        return "nothing"
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text) or "''"
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    pad = " " if {line[0], line[-1]} & {"`", " "} else ""
    return f"{fence}{pad}{line}{pad}{fence}"
