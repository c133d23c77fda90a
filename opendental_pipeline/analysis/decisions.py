"""What somebody decides of a table and what was seen of it; what defaults do not say already."""

from collections.abc import Mapping
from typing import Any

from opendental_pipeline.settings.observations import Observations
from opendental_pipeline.settings.table_config import DECIDED, ExtractionStrategy, TableConfig
from opendental_pipeline.settings.tables_file import overlay

Fields = Mapping[str, Any]

ABSENT: Any = object()
"""The value of a field that is not there, which no other value equals."""

PLAIN: Fields = TableConfig(
    table_name="any", extraction_strategy=ExtractionStrategy.FULL_TABLE
).model_dump(mode="json", include={*DECIDED} - {"extraction_strategy"})
"""What holds where neither an entry nor the defaults of a file say anything."""

BLOCKS = tuple(name for name, value in PLAIN.items() if isinstance(value, dict))
"""Fields that are mappings, and are laid over others key by key."""


def decisions(config: TableConfig) -> dict[str, Any]:
    """Returns every decided field of an entry, in the form of tables.yml."""
    fields = config.model_dump(mode="json", include=set(DECIDED), exclude_defaults=True)
    if config.incremental_columns[:1] == (config.primary_incremental_column,):
        del fields["primary_incremental_column"]
    return overlay(PLAIN, fields)


def observations(config: TableConfig) -> Observations:
    """Returns the fields of an entry that nobody decides."""
    seen = config.model_dump(include={*Observations.model_fields}, exclude_defaults=True)
    return Observations.model_validate(seen)


def deviations(fields: Fields, base: Fields) -> dict[str, Any]:
    """Returns the decided fields that differ from those of a base, of mappings the keys that do."""
    found = {}
    for name, value in fields.items():
        if name in BLOCKS and isinstance(value, Mapping):
            other = base.get(name, {})
            value = {k: v for k, v in value.items() if v != other.get(k, ABSENT)} or ABSENT
        if name in DECIDED and value not in (ABSENT, base.get(name, ABSENT)):
            found[name] = value
    return found
