"""tables.yml as a whole: choosing tables from it, reading it with line numbers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pydantic
from pydantic import Field, field_validator

from opendental_pipeline.settings.choices import Category, Priority
from opendental_pipeline.settings.config_model import ConfigModel, Name
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.observations import Observations, read_observations
from opendental_pipeline.settings.table_config import (
    ExtractionStrategy,
    TableConfig,
    TableDefaults,
)
from opendental_pipeline.settings.tables_faults import Fault, faults_of, in_words, similar
from opendental_pipeline.settings.yaml_positions import (
    Document,
    UnreadableYamlError,
    YamlPath,
    parse,
)


class TablesFile(ConfigModel):
    """The contract: which tables are copied, and how.

    Args:
        metadata: about the file, for people: when it was made, from what.
        tables: the entries by table name.
    """

    metadata: dict[str, Any] = Field(default_factory=dict)
    tables: dict[Name, TableConfig]

    def table(self, name: str) -> TableConfig:
        """The entry of one table.

        Raises:
            ValidationError: there is none; similar names are suggested.
        """
        if name not in self.tables:
            raise ValidationError(f"tables.yml has no table {name}{similar(name, self.tables)}")
        return self.tables[name]

    def names(self) -> tuple[str, ...]:
        """The names of all tables, disabled ones too, in the order of the file."""
        return tuple(self.tables)

    def select(
        self,
        names: Sequence[str] = (),
        categories: Sequence[str] = (),
        priorities: Sequence[str] = (),
    ) -> tuple[TableConfig, ...]:
        """The tables of a run: by priority, then the largest first, then by name.

        Args:
            names: tables to take, even disabled ones.
            categories: categories whose enabled tables to take as well.
            priorities: likewise; with categories, tables of both. Without any of the three every
                enabled table is taken.

        Raises:
            ValidationError: every unknown table, category and priority, with similar names.
        """
        self._check_known(names, categories, priorities)
        by_name_only = names and not (categories or priorities)
        of_both = () if by_name_only else self.group(categories, priorities)
        chosen = (
            table
            for table in self.tables.values()
            if table.table_name in names or (table.enabled and table.table_name in of_both)
        )
        ranks = {priority: rank for rank, priority in enumerate(Priority)}
        return tuple(
            sorted(
                chosen,
                key=lambda t: (ranks[t.processing_priority], -t.estimated_rows, t.table_name),
            )
        )

    def group(self, categories: Sequence[str], priorities: Sequence[str]) -> tuple[str, ...]:
        """The names of the tables of some categories and priorities, disabled ones too.

        Args:
            categories: whose tables to take; all if there are none.
            priorities: likewise.

        Raises:
            ValidationError: every unknown category and priority, with similar names.
        """
        self._check_known((), categories, priorities)
        of_some = set(categories) or set(Category), set(priorities) or set(Priority)
        return tuple(
            name
            for name, table in self.tables.items()
            if table.performance_category in of_some[0] and table.processing_priority in of_some[1]
        )

    def _check_known(
        self, names: Sequence[str], categories: Sequence[str], priorities: Sequence[str]
    ) -> None:
        unknown = [
            f"{kind} {name}{similar(name, known)}"
            for kind, given, known in (
                ("table", names, list(self.tables)),
                ("category", categories, list(Category)),
                ("priority", priorities, list(Priority)),
            )
            for name in given
            if name not in known
        ]
        if unknown:
            raise ValidationError(f"tables.yml has no {', no '.join(unknown)}")

    @field_validator("tables")
    @classmethod
    def _keys_are_names(cls, tables: dict[str, TableConfig]) -> dict[str, TableConfig]:
        for key, table in tables.items():
            if table.table_name != key:
                raise ValueError(f"must have table {table.table_name} under its name, not {key}")
        return tables


def load_tables(path: Path) -> TablesFile:
    """Reads tables.yml, and what the analysis beside it saw of the tables.

    Args:
        path: the file; in it an entry need not repeat the table's name, nor what the defaults say.

    Raises:
        ValidationError: the file is missing, is not YAML, or breaks the contract; every fault
            has a line of its own, `tables.yml:LINE: table patient, batch_size: must be ...`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ValidationError(
            f"{path} does not exist; make one: python pipelines/analyze.py --output {path}"
        ) from None
    except (OSError, UnicodeError) as error:
        raise ValidationError(
            f"{path} cannot be read ({type(error).__name__}): it must be a text file in UTF-8"
        ) from None
    return parse_tables(text, path, read_observations(path))


def parse_tables(text: str, path: Path, observed: Mapping[str, Observations]) -> TablesFile:
    """Reads the same from a text.

    Args:
        text: of tables.yml.
        path: where it is from, for the messages.
        observed: what an analysis saw, by table; an entry that says it itself is believed.
    """
    try:
        document = parse(text)
    except UnreadableYamlError as error:
        raise ValidationError(f"{path.name}:{error.line or 1}: {error}") from None
    if document.data is None:
        raise ValidationError(
            f"{path} is empty; make one: python pipelines/analyze.py --output {path}"
        )
    return _judge(document, path.name, observed)


def overlay(fields: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lays fields over others: a mapping field by field, everything else as a whole."""
    return {**fields, **{name: _laid_over(fields.get(name), over[name]) for name in over}}


def _laid_over(value: object, over: object) -> object:
    return {**value, **over} if isinstance(value, dict) and isinstance(over, dict) else over


def _judge(document: Document, file_name: str, observed: Mapping[str, Observations]) -> TablesFile:
    """The file a document describes, or all its faults in the order of the lines."""
    found = [
        (repeated.line, repeated.place, f"is given twice, first in line {repeated.first_line}")
        for repeated in document.repetitions
    ]
    defaults, faults = _defaults(document.data)
    data, misnamed = _resolved(document.data, defaults, observed)
    faults += misnamed
    try:
        file = TablesFile.model_validate(data)
    except pydantic.ValidationError as error:
        faults += [
            (place, problem + _by_default(document, place, defaults))
            for place, problem in faults_of(error)
        ]
    found += [(document.line(place), place, problem) for place, problem in faults]
    if found:
        found.sort(key=lambda fault: fault[0])
        raise ValidationError(
            "\n".join(
                f"{file_name}:{line}: {in_words(place)}{problem}" for line, place, problem in found
            )
        )
    return file


def _defaults(data: object) -> tuple[dict[str, Any], list[Fault]]:
    """The defaults, and what is wrong with them, told once and not of every table."""
    block = data.get("defaults") if isinstance(data, dict) else None
    if block is None:
        return {}, []
    # the only field without which there is no model
    neutral = {"extraction_strategy": ExtractionStrategy.FULL_TABLE}
    given = block if isinstance(block, dict) else {}
    try:
        TableDefaults.model_validate({**neutral, **given} if given is block else block)
    except pydantic.ValidationError as error:
        faults = faults_of(error, "defaults")
        wrong = {place[1] for place, _ in faults if len(place) > 1}
        return {**neutral, **{n: v for n, v in given.items() if n not in wrong}}, faults
    return given, []


def _resolved(
    data: object, defaults: Mapping[str, Any], observed: Mapping[str, Observations]
) -> tuple[object, list[Fault]]:
    """The data with every entry complete and named, and the places that disagree with a name."""
    if not isinstance(data, dict):
        return data, []
    rest = {name: value for name, value in data.items() if name != "defaults"}
    entries = data.get("tables")
    if not isinstance(entries, dict):
        return rest, []
    misnamed: list[Fault] = [
        (("tables", key, "table_name"), f"must be {key}, the name the entry stands under")
        for key, entry in entries.items()
        if isinstance(entry, dict) and entry.get("table_name", key) != key
    ]
    seen = {name: one.model_dump(exclude_defaults=True) for name, one in observed.items()}
    tables = {
        key: {**seen.get(key, {}), **overlay(defaults, entry), "table_name": str(key)}
        if isinstance(entry, dict)
        else entry
        for key, entry in entries.items()
    }
    return {**rest, "tables": tables}, misnamed


def _by_default(document: Document, place: YamlPath, defaults: Mapping[str, Any]) -> str:
    """Where a value is from that an entry does not say itself."""
    match place, document.data:
        case ("tables", table, str(field), *_), {"tables": entries}:
            if field in defaults and field not in entries[table]:
                return f" (by default, line {document.line(('defaults', field))})"
    return ""
