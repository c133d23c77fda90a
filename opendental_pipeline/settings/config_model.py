"""What the fields of tables.yml are made of, and what all of its parts have in common."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from opendental_pipeline.settings.frozen import Frozen


def as_sequence(value: object) -> object:
    """One name stands for a list of one, nothing for an empty list."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("must name each column once")
    return names


def as_iso(value: object) -> object:
    """YAML reads an unquoted date as a date; here it stays the text it was."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("must be an ISO date or time") from None
    return value


# YAML knows numbers, booleans and text apart, so none is taken for another.
Name = Annotated[str, Field(min_length=1, max_length=64)]  # MySQL's limit for a name
Columns = Annotated[tuple[Name, ...], AfterValidator(_each_once)]
Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=0)]
Amount = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
PositiveCount = Annotated[int, Field(strict=True, gt=0)]


class ConfigModel(Frozen, extra="forbid"):
    """A part of the configuration: never changes, and has no field that nothing reads."""
