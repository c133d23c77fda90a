"""tables.yml as a whole: choosing tables from it, reading it with line numbers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pydantic
from pydantic import BaseModel, Field, field_validator
from pydantic_core import ErrorDetails

from opendental_pipeline.settings.config_model import ConfigModel, Name
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.table_config import (
    Category,
    ColumnHint,
    Lookback,
    Monitoring,
    Priority,
    Reconcile,
    TableConfig,
)
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
            raise ValidationError(f"tables.yml has no table {name}{_similar(name, self.tables)}")
        return self.tables[name]

    def names(self) -> tuple[str, ...]:
        """The names of all tables, disabled ones too, in the order of the file."""
        return tuple(self.tables)

    def select(
        self, names: Sequence[str] = (), categories: Sequence[str] = ()
    ) -> tuple[TableConfig, ...]:
        """The tables of a run: by priority, then the largest first, then by name.

        Args:
            names: tables to take, even disabled ones.
            categories: categories whose enabled tables to take as well. With neither names nor
                categories every enabled table is taken.

        Raises:
            ValidationError: every unknown table and category, with similar names.
        """
        unknown = [
            *(f"table {n}{_similar(n, self.tables)}" for n in names if n not in self.tables),
            *(f"category {c}{_similar(c, Category)}" for c in categories if c not in set(Category)),
        ]
        if unknown:
            raise ValidationError(f"tables.yml has no {', no '.join(unknown)}")
        wanted = set(categories) if names or categories else set(Category)
        chosen = (
            table
            for table in self.tables.values()
            if table.table_name in names or (table.enabled and table.performance_category in wanted)
        )
        ranks = {priority: rank for rank, priority in enumerate(Priority)}
        return tuple(
            sorted(
                chosen,
                key=lambda t: (ranks[t.processing_priority], -t.estimated_rows, t.table_name),
            )
        )

    @field_validator("tables")
    @classmethod
    def _keys_are_names(cls, tables: dict[str, TableConfig]) -> dict[str, TableConfig]:
        for key, table in tables.items():
            if table.table_name != key:
                raise ValueError(f"must have table {table.table_name} under its name, not {key}")
        return tables


def load_tables(path: Path) -> TablesFile:
    """Read tables.yml.

    Args:
        path: the file; in it an entry need not repeat the table's name.

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
    return parse_tables(text, path)


def parse_tables(text: str, path: Path) -> TablesFile:
    """The same from a text.

    Args:
        text: of tables.yml.
        path: where it is from, for the messages.
    """
    try:
        document = parse(text)
    except UnreadableYamlError as error:
        raise ValidationError(f"{path.name}:{error.line or 1}: {error}") from None
    if document.data is None:
        raise ValidationError(
            f"{path} is empty; make one: python pipelines/analyze.py --output {path}"
        )
    return _judge(document, path.name)


_ALWAYS_SHOWN = frozenset(
    {
        "primary_key",
        "extraction_strategy",
        "batch_size",
        "performance_category",
        "processing_priority",
        "estimated_rows",
    }
)


def shown(table: TableConfig) -> dict[str, Any]:
    """An entry as people see it: fields in order, without those at their defaults."""
    values = table.model_dump(mode="json", exclude={"table_name"})
    changed = table.model_dump(mode="json", exclude={"table_name"}, exclude_defaults=True)
    fields = {
        field: changed.get(field, values[field])
        for field in values
        if field in changed or field in _ALWAYS_SHOWN
    }
    if table.incremental_columns[:1] == (table.primary_incremental_column,):
        del fields["primary_incremental_column"]
    match fields["primary_key"]:
        case []:
            fields["primary_key"] = None
        case [column]:
            fields["primary_key"] = column
    return fields


def _judge(document: Document, file_name: str) -> TablesFile:
    """The file a document describes, or all its faults in the order of the lines."""
    faults = [
        (repeated.line, repeated.place, f"is given twice, first in line {repeated.first_line}")
        for repeated in document.repetitions
    ]
    data, misnamed = _named(document.data)
    faults += [(document.line(place), place, problem) for place, problem in misnamed]
    try:
        file = TablesFile.model_validate(data)
    except pydantic.ValidationError as error:
        for detail in error.errors(include_url=False):
            faults.append((document.line(detail["loc"]), detail["loc"], _problem(detail)))
    if faults:
        faults.sort(key=lambda fault: fault[0])
        raise ValidationError(
            "\n".join(
                f"{file_name}:{line}: {_in_words(place)}{problem}"
                for line, place, problem in faults
            )
        )
    return file


def _named(data: object) -> tuple[object, list[tuple[YamlPath, str]]]:
    """The data with every entry carrying the name it stands under, and the places that disagree."""
    if not isinstance(data, dict) or not isinstance(data.get("tables"), dict):
        return data, []
    disagreeing: list[tuple[YamlPath, str]] = [
        (("tables", key, "table_name"), f"must be {key}, the name the entry stands under")
        for key, entry in data["tables"].items()
        if isinstance(entry, dict) and entry.get("table_name", key) != key
    ]
    tables = {
        key: {**entry, "table_name": str(key)} if isinstance(entry, dict) else entry
        for key, entry in data["tables"].items()
    }
    return {**data, "tables": tables}, disagreeing


def _problem(error: ErrorDetails) -> str:
    """What is wrong at a place, in words that say what to write instead."""
    place = error["loc"]
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            similar = _similar(str(place[-1]), _fields_beside(place))
            return f"is not known{similar}"
        case "value_error":
            return str(error["ctx"]["error"])
        case "model_type" | "dict_type":
            return "must be a mapping of names to values"
        case "tuple_type":
            return "must be a list"
        case "too_short" | "string_too_short":
            return "must not be empty"
        case _ if place[-1] == "[key]":
            return "must be text: put the name in quotes"
        case _:
            return re.sub(r"^\w+ should", "must", error["msg"])


def _fields_beside(place: YamlPath) -> Iterable[str]:
    """The fields that are allowed where an unknown one was found."""
    model: type[BaseModel]
    match place:
        case ("tables", _, _):
            model = TableConfig
        case ("tables", _, part, _) if part in _PARTS:
            model = _PARTS[part]
        case ("tables", _, "columns", _, _):
            model = ColumnHint
        case _:
            model = TablesFile
    return model.model_fields


_PARTS: Mapping[object, type[ConfigModel]] = {
    "monitoring": Monitoring,
    "lookback": Lookback,
    "reconcile": Reconcile,
}


def _in_words(place: YamlPath) -> str:
    """`table patient, columns.Priority.data_type: `, as a person would look for it."""
    match [str(part) for part in place if part != "[key]"]:
        case []:
            return ""
        case ["tables", table]:
            return f"table {table}: "
        case ["tables", table, *inner]:
            return f"table {table}, {'.'.join(inner)}: "
        case parts:
            return f"{'.'.join(parts)}: "


def _similar(name: str, known: Iterable[str]) -> str:
    matches = get_close_matches(name.lower(), known)
    return f" (did you mean {' or '.join(matches)}?)" if matches else ""
