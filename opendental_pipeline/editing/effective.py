"""Values of tables.yml as they take effect, and who says them."""

from enum import StrEnum
from typing import Any

from opendental_pipeline.editing.tables_edit import ABSENT, value_at
from opendental_pipeline.settings.frozen import Frozen
from opendental_pipeline.settings.observations import Observations
from opendental_pipeline.settings.table_config import (
    ColumnHint,
    ExtractionStrategy,
    TableDefaults,
)
from opendental_pipeline.settings.tables_file import TablesFile
from opendental_pipeline.settings.yaml_positions import YamlPath


class Origin(StrEnum):
    """Who says a value: the entry, the file's defaults, the last analysis, or nobody."""

    ENTRY = "entry"
    DEFAULTS = "defaults"
    ANALYSIS = "analysis"
    PROGRAM = "program"


class EffectiveValue(Frozen):
    """A value as it takes effect.

    Attributes:
        key: as a person types it.
        value: in the types of JSON; None where there is none.
        origin: who says it.
    """

    key: str
    value: Any
    origin: Origin


def effective_value(place: YamlPath, tables: TablesFile, data: object) -> EffectiveValue:
    """What takes effect at a place.

    Args:
        place: of a field, in an entry or in the defaults.
        tables: the file.
        data: the same as it is written.
    """
    is_default = place[0] == "defaults"
    field = place[1:] if is_default else place[2:]
    if value_at(data, place) is not ABSENT:
        origin = Origin.DEFAULTS if is_default else Origin.ENTRY
    elif value_at(data, ("defaults", *field)) is not ABSENT:
        origin = Origin.DEFAULTS
    else:
        is_seen = not is_default and field[0] in Observations.model_fields
        origin = Origin.ANALYSIS if is_seen else Origin.PROGRAM
    if is_default:
        fields = _defaults(value_at(data, ("defaults",)))
    else:
        fields = tables.table(str(place[1])).model_dump(mode="json")
    value = value_at(fields, field)
    if value is ABSENT:
        hint = ColumnHint().model_dump(mode="json")
        value = value_at(hint, field[2:]) if field[0] == "columns" else None
    key = ".".join(map(str, place if is_default else place[1:]))
    return EffectiveValue(key=key, value=value, origin=origin)


def _defaults(block: Any) -> dict[str, Any]:
    """What holds where an entry says nothing; how the source is read has to be said somewhere."""
    given = block if isinstance(block, dict) else {}
    neutral = {"extraction_strategy": ExtractionStrategy.FULL_TABLE}
    fields = TableDefaults.model_validate({**neutral, **given}).model_dump(mode="json")
    return {n: v for n, v in fields.items() if n in given or n not in neutral}
