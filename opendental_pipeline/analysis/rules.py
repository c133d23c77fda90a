"""How one table is best copied: every rule of choice, and the reason it gives."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opendental_pipeline.analysis.sampling import Quality, Sample
from opendental_pipeline.analysis.snapshot import Comments, TableSnapshot
from opendental_pipeline.analysis.structure import structure_of
from opendental_pipeline.databases.table import Table
from opendental_pipeline.settings.choices import Category, Priority
from opendental_pipeline.settings.data_type import DataType
from opendental_pipeline.settings.observations import Observations
from opendental_pipeline.settings.table_config import (
    ColumnHint,
    ExtractionStrategy,
    Frequency,
    Monitoring,
    Reconcile,
    TableConfig,
)
from sources.opendental.domain import (
    emptied,
    holds_money,
    looks_like_a_cursor,
    looks_temporary,
    semantic_types,
)

if TYPE_CHECKING:
    from opendental_pipeline.analysis.dbt import DbtUse

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Size:
    """What follows from how many rows a table has.

    Attributes:
        rows: from how many on.
        batch_size: rows of one statement.
        slow: rows per second below which its copy is slow; None where so few say nothing.
    """

    rows: int
    category: Category
    batch_size: int
    slow: float | None = None


SIZES = (
    Size(1_000_000, Category.LARGE, 100_000, slow=5_000.0),
    Size(100_000, Category.MEDIUM, 50_000, slow=2_000.0),
    Size(10_000, Category.SMALL, 50_000),
    Size(0, Category.TINY, 50_000),
)

_BATCH_BYTES = 64 * MEGABYTE
"""What one statement brings at most, by the average row: some tables hold whole documents."""

_SMALLEST_BATCH = 100

_ALERT_MEGABYTES = 500.0
"""Memory above which the copy of a large table deserves attention."""

_ROWS_PER_MINUTE = 1_500_000
"""Both hops together on two cores, as measured; for the estimates only."""

_MOST_UNSET = 0.5
"""The share of rows without a usable time above which a column is no cursor."""


_NO_CURSOR = "no column moves with every edit"

DEFAULTS = TableSnapshot(
    chosen={
        "extraction_strategy": ExtractionStrategy.FULL_TABLE.value,
        "batch_size": SIZES[-1].batch_size,
        "performance_category": SIZES[-1].category.value,
        "processing_priority": Priority.MEDIUM.value,
        "reconcile": {"rows": Frequency.NIGHTLY.value},
    },
    comments=Comments(fields={"extraction_strategy": _NO_CURSOR}),
)
"""What most tables of any clinic have in common, so that an entry says what is special."""

_TYPE_REASONS = {
    DataType.TIME: "a time of day",
    DataType.INTERVAL: "a span, which may be negative or longer than a day",
}


@dataclass(frozen=True)
class Recommendation:
    """An entry for tables.yml, and why."""

    config: TableConfig
    reasons: Comments


@dataclass(frozen=True)
class _Cursor:
    """The column to follow, if there is one, and why it or none."""

    strategy: ExtractionStrategy
    column: str | None
    reason: str
    quality: str = ""


def recommend(
    table: Table, sample: Sample, *, analyzed: str, dbt: "DbtUse | None" = None
) -> Recommendation:
    """Recommends how to copy a table.

    Args:
        table: its structure and size.
        sample: what some of its rows say.
        analyzed: the moment, as ISO text.
        dbt: what a dbt project makes of it; None where none is known.
    """
    size = next(size for size in SIZES if table.rows >= size.rows)
    cursor = _cursor(table, sample, size.category)
    batch_size = _batch_size(table, size)
    hints, hint_reasons = _hints(table, sample)
    temporary = looks_temporary(table.name)
    config = TableConfig(
        **dict(_observations(table, batch_size, analyzed, dbt)),
        table_name=table.name,
        extraction_strategy=cursor.strategy,
        incremental_columns=(cursor.column,) if cursor.column else (),
        batch_size=batch_size,
        performance_category=size.category,
        processing_priority=_priority(table, size, dbt, temporary=temporary),
        monitoring=Monitoring(
            performance_threshold_records_per_second=size.slow,
            memory_alert_threshold_mb=_ALERT_MEGABYTES if size.category is Category.LARGE else None,
        ),
        columns=hints,
        reconcile=Reconcile(
            rows=Frequency.WEEKLY
            if cursor.column and not holds_money(table.name)
            else Frequency.NIGHTLY,
            brake=not emptied(table.name),
        ),
        enabled=not temporary,
    )
    reasons = {
        "extraction_strategy": cursor.reason,
        "incremental_columns": cursor.quality,
        "reconcile": emptied(table.name),
    }
    if temporary:
        reasons["enabled"] = "its name is that of a temporary table or a backup"
    given = {name: reason for name, reason in reasons.items() if reason}
    return Recommendation(config, Comments(fields=given, columns=hint_reasons))


def _observations(
    table: Table, batch_size: int, analyzed: str, dbt: "DbtUse | None"
) -> Observations:
    megabytes, row_bytes = table.size / MEGABYTE, table.size / max(table.rows, 1)
    return Observations(
        primary_key=table.primary_key,
        estimated_rows=table.rows,
        estimated_size_mb=round(megabytes, 2),
        estimated_processing_time_minutes=round(table.rows / _ROWS_PER_MINUTE, 2),
        memory_requirements_mb=round(3 * min(table.rows, batch_size) * row_bytes / MEGABYTE, 1),
        schema_hash=structure_of(table).fingerprint,
        last_analyzed=analyzed,
        is_modeled=bool(dbt and dbt.is_modeled),
        dbt_model_types=dbt.model_types if dbt else (),
    )


def _cursor(table: Table, sample: Sample, category: Category) -> _Cursor:
    """Only a column that the server itself moves with every edit tells of every edit.

    An insert-time date or a primary key would miss them: no table of OpenDental is known to be
    never edited.
    """
    moving = [column.name for column in table.columns if column.auto_updated]
    # the server finds changed rows at once where the column has an index
    moving.sort(key=lambda name: name not in table.indexed)
    full = ExtractionStrategy.FULL_TABLE
    if not table.primary_key:
        return _Cursor(full, None, "no primary key, so no row can be replaced")
    if not moving:
        once = looks_like_a_cursor(table)
        others = f", not even {', '.join(once)}" if once else ""
        return _Cursor(full, None, f"{_NO_CURSOR}{others}")
    column = moving[0]
    quality = sample.cursors.get(column, Quality())
    if bad := _unfit(quality, sample.rows):
        return _Cursor(full, None, f"{column} is no cursor: {bad}")
    chunked = category is Category.LARGE
    strategy = ExtractionStrategy.INCREMENTAL_CHUNKED if chunked else ExtractionStrategy.INCREMENTAL
    slices = "; large, so in slices of its key" if chunked else ""
    said = f"{column} moves with every edit{slices}"
    return _Cursor(strategy, column, said, _quality(table, column, quality, sample.rows))


def _unfit(quality: Quality, rows: int) -> str:
    for count, problem in ((quality.unset, "unset"), (quality.future, "in the future")):
        if count > _MOST_UNSET * rows:
            return f"{problem} in {count:,} of {rows:,} rows looked at"
    return ""


def _quality(table: Table, column: str, quality: Quality, rows: int) -> str:
    found = []
    if column not in table.indexed:
        found.append("no index")
    if quality.unset:
        found.append(f"unset in {quality.unset:,} of {rows:,} rows")
    if quality.future:
        found.append(f"in the future in {quality.future:,} of {rows:,} rows")
    if rows > 1 and quality.distinct == 1:
        found.append("all rows have one value, as after an upgrade")
    return ", ".join(found)


def _batch_size(table: Table, size: Size) -> int:
    if not table.rows or not table.size:
        return size.batch_size
    fitting = str(_BATCH_BYTES * table.rows // table.size)
    rounded = int(fitting[0].ljust(len(fitting), "0"))  # one digit, so that it seldom changes
    return max(min(size.batch_size, rounded), _SMALLEST_BATCH)


def _priority(table: Table, size: Size, dbt: "DbtUse | None", *, temporary: bool) -> Priority:
    if temporary or not table.rows:
        return Priority.LOW
    modeled = dbt is not None and dbt.is_modeled
    return Priority.HIGH if modeled or size.category is Category.LARGE else Priority.MEDIUM


def _hints(table: Table, sample: Sample) -> tuple[dict[str, ColumnHint], dict[str, str]]:
    hints, reasons = {}, {}
    for name, data_type in semantic_types(table).items():
        if not sample.misfits.get(name):
            hints[name] = ColumnHint(data_type=data_type)
            if data_type in _TYPE_REASONS:
                reasons[name] = _TYPE_REASONS[data_type]
    return hints, reasons
