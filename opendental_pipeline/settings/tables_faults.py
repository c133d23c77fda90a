"""What is wrong in tables.yml, in words that say where, and what to write instead."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

import pydantic
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from opendental_pipeline.settings.table_config import (
    ColumnHint,
    Lookback,
    Monitoring,
    Reconcile,
    TableConfig,
    TableDefaults,
)
from opendental_pipeline.settings.yaml_positions import YamlPath

Fault = tuple[YamlPath, str]
"""A place in the file, and what is wrong there."""

PARTS: Mapping[object, type[BaseModel]] = {
    "monitoring": Monitoring,
    "lookback": Lookback,
    "reconcile": Reconcile,
}
"""The fields that have parts, and what these are."""

_TOP = ("metadata", "defaults", "tables")


def faults_of(error: pydantic.ValidationError, *above: str) -> list[Fault]:
    """Puts into words what a model refused.

    Args:
        error: the refusal.
        above: the way from the top of the file to the model.
    """
    return [
        ((*above, *detail["loc"]), _problem((*above, *detail["loc"]), detail))
        for detail in error.errors(include_url=False)
    ]


def in_words(place: YamlPath) -> str:
    """Says `table patient, columns.Priority.data_type: `, as a person would look for it."""
    match [str(part) for part in place if part != "[key]"]:
        case []:
            return ""
        case ["tables", table]:
            return f"table {table}: "
        case ["tables", table, *inner]:
            return f"table {table}, {'.'.join(inner)}: "
        case parts:
            return f"{'.'.join(parts)}: "


def similar(name: str, known: Iterable[str]) -> str:
    """Asks whether a known name was meant; empty if none is like it."""
    matches = get_close_matches(name.lower(), known)
    return f" (did you mean {' or '.join(matches)}?)" if matches else ""


def _problem(place: YamlPath, error: ErrorDetails) -> str:
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden" if place[0] == "defaults" and place[-1] in TableConfig.model_fields:
            return "is different in every table: say it in their entries"
        case "extra_forbidden":
            return f"is not known{similar(str(place[-1]), _fields_beside(place))}"
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
    match place:
        case ("tables", _, _):
            return TableConfig.model_fields
        case ("defaults", _):
            return TableDefaults.model_fields
        case ("tables", _, part, _) | ("defaults", part, _) if part in PARTS:
            return PARTS[part].model_fields
        case ("tables", _, "columns", _, _):
            return ColumnHint.model_fields
        case _:
            return _TOP
