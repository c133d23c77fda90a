"""What tables.yml may say about one table: the models of an entry and the rules between fields."""

from enum import StrEnum
from typing import Annotated

from pydantic import (
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from opendental_pipeline.settings.choices import Category, Priority
from opendental_pipeline.settings.config_model import (
    Amount,
    Columns,
    ConfigModel,
    Flag,
    Name,
    PositiveCount,
)
from opendental_pipeline.settings.data_type import DataType
from opendental_pipeline.settings.observations import Observations


class ExtractionStrategy(StrEnum):
    """How the source is read: all rows, changed rows, or changed rows in slices of the key."""

    FULL_TABLE = "full_table"
    INCREMENTAL = "incremental"
    INCREMENTAL_CHUNKED = "incremental_chunked"


class IncrementalStrategy(StrEnum):
    """When a row counts as changed: by its primary column, by any of them, or by all of them."""

    SINGLE_COLUMN = "single_column"
    OR_LOGIC = "or_logic"
    AND_LOGIC = "and_logic"


class Backend(StrEnum):
    """What reads the source: the packets of MySQL's own protocol, or connectorx."""

    WIRE = "wire"
    CONNECTORX = "connectorx"


class Monitoring(ConfigModel):
    """When a table deserves somebody's attention.

    Args:
        alert_on_failure: report a failed table.
        alert_on_slow_extraction: report a table below its threshold.
        performance_threshold_records_per_second: rows per second below which it is slow.
        memory_alert_threshold_mb: MB of memory above which the run is reported.
    """

    alert_on_failure: Flag = True
    alert_on_slow_extraction: Flag = True
    performance_threshold_records_per_second: Amount | None = None
    memory_alert_threshold_mb: Amount | None = None


class ColumnHint(ConfigModel):
    """What a person says about a column.

    Args:
        exclude: never read it.
        hash: read its keyed hash instead, which the source computes.
        data_type: its type in raw, instead of the one that follows from MySQL's.
    """

    exclude: Flag = False
    hash: Flag = False
    data_type: DataType | None = None

    @property
    def hides(self) -> bool:
        """Whether the clear values stay at the source."""
        return self.exclude or self.hash

    @model_validator(mode="after")
    def _says_one_thing(self) -> "ColumnHint":
        if self.exclude + self.hash + (self.data_type is not None) > 1:
            raise ValueError("must be one of exclude, hash and data_type")
        return self


class Frequency(StrEnum):
    """How often something is compared."""

    NIGHTLY = "nightly"
    WEEKLY = "weekly"
    OFF = "off"


def _as_word(value: object) -> object:
    """YAML 1.1 reads an unquoted off as false."""
    return Frequency.OFF if value is False else value


FrequencyField = Annotated[Frequency, BeforeValidator(_as_word)]


class Reconcile(ConfigModel):
    """How often a table is compared with its copy, and whether a person is asked before much goes.

    Args:
        deletes: which rows there are. A table that did not change is not looked at before a week.
        rows: what is in them; proves which there are, too.
        brake: stop before a run deletes or changes too much of the table. Not for a table that
            OpenDental itself empties.
    """

    deletes: FrequencyField = Frequency.NIGHTLY
    rows: FrequencyField = Frequency.WEEKLY
    brake: Flag = True


class Deletes(StrEnum):
    """What becomes of a row in raw that the source has no more."""

    REMOVE = "remove"
    MARK = "mark"


class Lookback(ConfigModel):
    """Rows read again in every run, because they change without moving their cursor.

    Args:
        days: how far back, in days.
        columns: date columns; a row counts when any of them is recent.
    """

    days: PositiveCount
    columns: Annotated[Columns, Field(min_length=1)]


class TableDefaults(ConfigModel):
    """What a person decides of any table, and so for all that do not say otherwise.

    Args:
        extraction_strategy: how the source is read.
        backend: what reads the source.
        batch_size: rows per statement.
        performance_category: its size, see `Category`.
        processing_priority: when it comes in a run.
        time_gap_threshold_days: days without a copy after which it is copied in full.
        monitoring: when to alert.
        reconcile: how often it is compared with its copy.
        deletes: what becomes of deleted rows in raw: they go, or stay with a `_deleted_at`.
        enabled: whether a run takes it without being asked by name.
    """

    extraction_strategy: ExtractionStrategy
    backend: Backend = Backend.WIRE
    batch_size: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 50_000
    performance_category: Category = Category.TINY
    processing_priority: Priority = Priority.MEDIUM
    time_gap_threshold_days: PositiveCount = 30
    monitoring: Monitoring = Monitoring()
    reconcile: Reconcile = Reconcile()
    deletes: Deletes = Deletes.REMOVE
    enabled: Flag = True


class TableConfig(TableDefaults, Observations):
    """How one table is copied: what a person decides of it, and what an analysis saw.

    Args:
        table_name: its name at the source.
        incremental_columns: columns that move when a row changes.
        primary_incremental_column: the one of them that a single watermark follows; the first
            unless said otherwise.
        incremental_strategy: how several of them are combined.
        columns: hints by column name.
        lookback: rows to read again in every run.
    """

    table_name: Name
    incremental_columns: Annotated[Columns, Field(validate_default=True)] = ()
    primary_incremental_column: Annotated[Name | None, Field(validate_default=True)] = None
    incremental_strategy: IncrementalStrategy = IncrementalStrategy.SINGLE_COLUMN
    columns: dict[Name, ColumnHint] = Field(default_factory=dict)
    lookback: Lookback | None = None

    @property
    def cursor_columns(self) -> tuple[str, ...]:
        """The columns whose watermarks the strategy follows; none for a full table."""
        if self.extraction_strategy is ExtractionStrategy.FULL_TABLE:
            return ()
        if self.incremental_strategy is not IncrementalStrategy.SINGLE_COLUMN:
            return self.incremental_columns
        return (self.primary_incremental_column,) if self.primary_incremental_column else ()

    @property
    def excluded_columns(self) -> tuple[str, ...]:
        """The columns that are never read."""
        return tuple(name for name, hint in self.columns.items() if hint.exclude)

    @property
    def hashed_columns(self) -> tuple[str, ...]:
        """The columns of which only a keyed hash is copied."""
        return tuple(name for name, hint in self.columns.items() if hint.hash)

    # Validators see the fields above them that were right, so each fault is told where it is.

    @field_validator("extraction_strategy")
    @classmethod
    def _changed_rows_need_a_key(
        cls, value: ExtractionStrategy, info: ValidationInfo
    ) -> ExtractionStrategy:
        if value is not ExtractionStrategy.FULL_TABLE and info.data.get("primary_key") == ():
            raise ValueError("must be full_table: without a primary_key no row can be replaced")
        return value

    @field_validator("incremental_columns")
    @classmethod
    def _changed_rows_need_a_column(
        cls, value: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        strategy = info.data.get("extraction_strategy", ExtractionStrategy.FULL_TABLE)
        if not value and strategy is not ExtractionStrategy.FULL_TABLE:
            raise ValueError(f"must name a column that moves with each change: {strategy} reads it")
        return value

    @field_validator("primary_incremental_column")
    @classmethod
    def _first_unless_said(cls, value: str | None, info: ValidationInfo) -> str | None:
        columns: tuple[str, ...] | None = info.data.get("incremental_columns")
        if columns is None:
            return value
        if value is None:
            return columns[0] if columns else None
        if value not in columns:
            raise ValueError("must be one of incremental_columns")
        return value

    @field_validator("incremental_strategy")
    @classmethod
    def _logic_needs_two_columns(
        cls, value: IncrementalStrategy, info: ValidationInfo
    ) -> IncrementalStrategy:
        columns: tuple[str, ...] | None = info.data.get("incremental_columns")
        if value is IncrementalStrategy.SINGLE_COLUMN or columns is None or len(columns) > 1:
            return value
        raise ValueError("must be single_column: there are not two incremental_columns to combine")

    @field_validator("deletes")
    @classmethod
    def _marks_need_a_key(cls, value: Deletes, info: ValidationInfo) -> Deletes:
        if value is Deletes.MARK and info.data.get("primary_key") == ():
            raise ValueError("must be remove: without a primary_key no row can be told from others")
        return value

    @field_validator("columns")
    @classmethod
    def _key_and_cursors_are_needed(
        cls, value: dict[str, ColumnHint], info: ValidationInfo
    ) -> dict[str, ColumnHint]:
        needed = {
            *(info.data.get("primary_key") or ()),
            *info.data.get("incremental_columns", ()),
        }
        hidden = sorted(name for name, hint in value.items() if hint.hides and name in needed)
        if hidden:
            raise ValueError(
                f"must not exclude or hash {', '.join(hidden)}: rows are found by their key"
                " and cursor"
            )
        return value


DECIDED = tuple(
    name
    for name in TableConfig.model_fields
    if name != "table_name" and name not in Observations.model_fields
)
"""The fields that a person decides."""

CURSOR = (
    "extraction_strategy",
    "incremental_columns",
    "primary_incremental_column",
    "incremental_strategy",
)
"""The fields that make sense together."""

FIELDS = tuple(dict.fromkeys((*CURSOR, *DECIDED, *Observations.model_fields)))
"""All fields of an entry, in the order in which they are written."""
