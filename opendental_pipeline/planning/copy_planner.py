"""Plans the first hop: what a table needs tonight, from the source to replication."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.databases.table import Table
from opendental_pipeline.databases.type_mapping import TransferType, type_rule
from opendental_pipeline.planning.compare_schedule import compare_due
from opendental_pipeline.planning.plan_context import (
    PlanContext,
    rebuilt_reason,
    reload_reason,
)
from opendental_pipeline.planning.slice import WriteMode
from opendental_pipeline.planning.table_plan import TablePlan, resume_or_begin, slice_limits
from opendental_pipeline.planning.table_state import FULL, CompareMode, TableState, Value
from opendental_pipeline.settings.table_config import (
    ExtractionStrategy,
    Frequency,
    IncrementalStrategy,
    TableConfig,
)


def plan_source_table(
    config: TableConfig,
    table: Table,
    state: TableState,
    at: PlanContext,
    now: datetime,
    *,
    prove: bool,
) -> TablePlan | None:
    """Plans what a table needs in one night at the source; None for nothing.

    A comparison of all rows finds what a cursor finds, and takes its place. A table whose key is
    not of whole numbers cannot be compared in parts, and is copied in full instead.

    Args:
        config: its entry in tables.yml.
        table: what is read of it at the source.
        state: what the first hop remembers of it.
        at: what else matters.
        now: the moment, in UTC.
        prove: whether somebody wants all rows compared.
    """
    plan = plan_copy(config, table, state, at)
    if plan and plan.resumed:
        reason = "rows may have changed while it was interrupted"
        return replace(
            plan, followup=plan_comparison(CompareMode.ROWS, config, table, state, at, reason)
        )
    if full_refresh_reason(config, table, state, at):
        return plan
    changed = not is_unchanged(config, table, state, at)
    proof = CompareMode.ROWS if prove else compare_due(config, state, now, changed=changed)
    full = plan is not None and plan.strategy is ExtractionStrategy.FULL_TABLE
    if full and plan and is_comparable(config, table, state, at):
        return plan_comparison(CompareMode.ROWS, config, table, state, at, plan.reason)
    if proof is None or full:
        return plan
    reason = _reason(proof, state)
    if not table.has_integer_key:
        return plan_full_copy(config, table, state, at, reason)
    comparison = plan_comparison(proof, config, table, state, at, reason)
    if plan is None or proof is CompareMode.ROWS:
        return comparison
    nightly = config.reconcile.deletes is Frequency.NIGHTLY
    return replace(plan, followup=replace(comparison, skip_if_equal=nightly))


def plan_copy(
    config: TableConfig, table: Table, state: TableState, at: PlanContext
) -> TablePlan | None:
    """Plans a table's pass from the source to replication; None where nothing changed.

    Args:
        config: its entry in tables.yml.
        table: what is read of it at the source.
        state: what the hop remembers of it.
        at: what else matters.
    """
    refresh = full_refresh_reason(config, table, state, at) or rebuilt_reason(table, state)
    if not refresh and is_unchanged(config, table, state, at):
        return None
    cursors = usable_cursors(config, table)
    where = _changed_since(config, table, state.watermarks, at.overlap) if cursors else None
    if full := refresh or cursor_unusable_reason(config, table, state, at, where):
        return plan_full_copy(config, table, state, at, full)
    return TablePlan(
        config=config,
        table=table,
        strategy=config.extraction_strategy,
        reason=f"tables.yml says {config.extraction_strategy}",
        write=WriteMode.UPSERT,
        where=where,
        cursors=config.cursor_columns,
        checkpoint=resume_or_begin(config.extraction_strategy, table, state.in_progress, at),
        expected_rows=0,
        slice_limits=slice_limits(table, at),
        watermarks=state.watermarks,
    )


def plan_full_copy(
    config: TableConfig, table: Table, state: TableState, at: PlanContext, reason: str
) -> TablePlan:
    """Plans a pass over all rows from the source to replication; see `plan_copy`."""
    return TablePlan(
        config=config,
        table=table,
        strategy=ExtractionStrategy.FULL_TABLE,
        reason=reason,
        write=WriteMode.REPLACE_RANGE if table.primary_key else WriteMode.REPLACE_TABLE,
        where=None,
        cursors=usable_cursors(config, table),
        checkpoint=resume_or_begin(FULL, table, state.in_progress, at),
        expected_rows=table.rows,
        slice_limits=slice_limits(table, at),
        force_full_applied=at.force,
        brake=at.brake,
    )


def plan_comparison(
    proof: CompareMode,
    config: TableConfig,
    table: Table,
    state: TableState,
    at: PlanContext,
    reason: str,
) -> TablePlan:
    """Plans a pass that compares a table with its copy and moves what differs; see `plan_copy`."""
    return TablePlan(
        config=config,
        table=table,
        strategy=proof,
        reason=reason,
        write=WriteMode.UPSERT,
        where=None,
        cursors=(),
        checkpoint=resume_or_begin(proof, table, state.compare_in_progress, at),
        expected_rows=0,
        slice_limits=slice_limits(table, at),
        brake=at.brake,
    )


def is_comparable(config: TableConfig, table: Table, state: TableState, at: PlanContext) -> bool:
    """Whether all rows of a table are compared with its copy, and not copied again.

    A comparison lowers no watermark that is a number, though in a table that was put back new rows
    may get numbers below it.
    """
    numbered = any(isinstance(value, int) for value in state.watermarks.values())
    by_number = numbered and config.extraction_strategy is not ExtractionStrategy.FULL_TABLE
    if by_number and rebuilt_reason(table, state):
        return False
    # a server estimates a table that was just restored as empty
    return table.has_integer_key and max(table.rows, at.copy_rows) >= at.compare_rows


def is_unchanged(config: TableConfig, source: Table, state: TableState, at: PlanContext) -> bool:
    """Whether a MyISAM table's last change is older than its last reading, and its copy complete.

    Only MyISAM keeps that time exactly, to the second, and both times are read in UTC. It is the
    same on every MySQL and MariaDB, as long as the session does not take it from a cache. InnoDB
    keeps it in memory, and other engines not at all.
    """
    if state.read_at is None or state.in_progress or not source.has_exact_count:
        return False
    # another time than then may be an earlier one: a file that was put back
    if source.updated_at is None or str(source.updated_at) != state.updated_at:
        return False
    kept = config.reconcile.deletes is not Frequency.NIGHTLY  # rows that the source has no more
    held = at.target_rows or 0
    if held < source.rows or (held > source.rows and not kept):
        return False
    return source.updated_at < datetime.fromisoformat(state.read_at) - timedelta(seconds=2)


def full_refresh_reason(
    config: TableConfig, table: Table, state: TableState, at: PlanContext
) -> str:
    """Why every row must be read, even where the source seems unchanged."""
    if at.force:
        return "a full load was asked for"
    if state.completed_at is None:
        begun = state.in_progress is not None
        return "its first copy was interrupted" if begun else "it was never copied"
    if state.watermarks and not at.target_has_rows:
        return "replication has no rows of it"
    age = state.age(datetime.now(UTC))
    if age and age > timedelta(days=config.time_gap_threshold_days):
        return f"it was not copied for {age.days} days"
    return reload_reason(table, state)


def cursor_unusable_reason(
    config: TableConfig, table: Table, state: TableState, at: PlanContext, where: str | None
) -> str:
    """Why every row is read in an ordinary night."""
    if config.extraction_strategy is ExtractionStrategy.FULL_TABLE:
        return "tables.yml says full_table"
    if not table.primary_key:
        return "it has no primary key"
    if at.key_mismatch:
        return at.key_mismatch
    looked_at = config.lookback.columns if config.lookback else ()
    if gone := [n for n in (*config.cursor_columns, *looked_at) if not table.has(n)]:
        return f"its cursor {', '.join(gone)} is not among the source's columns"
    if not usable_cursors(config, table):
        return "it has no usable cursor"
    # in UTC, where no hour comes twice
    if state.read_at is not None and state.read_at > at.clock.utc:
        return "the source's clock was ahead when it was read last, and its watermark marks nothing"
    return "" if where else "there is no watermark to start from"


def usable_cursors(config: TableConfig, table: Table) -> tuple[str, ...]:
    columns = [table.column(name) for name in config.cursor_columns if table.has(name)]
    usable = [
        c for c in columns if c.temporal or type_rule(c).transfer_type is TransferType.INTEGER
    ]
    return tuple(c.name for c in usable) if len(usable) == len(config.cursor_columns) else ()


def _changed_since(
    config: TableConfig, table: Table, watermarks: Mapping[str, Value], overlap: int
) -> str | None:
    """The source's WHERE for rows that changed, or None if a watermark is missing."""
    if not config.cursor_columns:
        return None
    conditions = []
    for name in config.cursor_columns:
        start = _start(watermarks.get(name), overlap)
        if start is None:
            return None
        unset = f" OR {ident(name)} IS NULL" if table.column(name).nullable else ""
        conditions.append(f"({ident(name)} >= {literal(start)}{unset})")
    every = config.incremental_strategy is IncrementalStrategy.AND_LOGIC
    changed = (" AND " if every else " OR ").join(conditions)
    if config.lookback is None:
        return changed
    since = f"CURDATE() - INTERVAL {config.lookback.days} DAY"
    looked_at = [f"{ident(name)} >= {since}" for name in config.lookback.columns]
    return " OR ".join([f"({changed})", *looked_at])


def _start(watermark: Value | None, overlap: int) -> Value | None:
    if watermark is None or isinstance(watermark, int):
        return watermark
    try:
        return str(datetime.fromisoformat(watermark) - timedelta(seconds=overlap))
    except (ValueError, OverflowError):  # a zero or partial date marks nothing
        return None


def _reason(proof: CompareMode, state: TableState) -> str:
    if state.compare_in_progress:
        return "its last comparison was interrupted"
    return f"its {'rows' if proof is CompareMode.ROWS else 'keys'} are due to be compared"
