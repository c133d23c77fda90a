"""What one table needs in one run, and why: the plan of its pass in either hop."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.databases.table import Table
from opendental_pipeline.planning.delete_guard import DeleteGuard
from opendental_pipeline.planning.plan_context import (
    PlanContext,
    created,
    cursor_unusable_reason,
    full_load_reason,
    full_refresh_reason,
    is_unchanged,
    usable_cursors,
)
from opendental_pipeline.planning.slice import NO_ALTER, PendingAlter, WriteMode
from opendental_pipeline.planning.source_contract import REPLICATED_AT
from opendental_pipeline.planning.table_state import FULL, CompareMode, Pass, TableState, Value
from opendental_pipeline.settings.table_config import (
    ExtractionStrategy,
    IncrementalStrategy,
    TableConfig,
)


@dataclass(frozen=True)
class TablePlan:
    """One table's pass in one run of one hop.

    Attributes:
        config: its entry in tables.yml.
        table: its structure where it is read, without excluded columns.
        strategy: what is done: full_table, incremental, incremental_chunked, or a comparison.
        reason: why, as a sentence.
        write: what the rows mean for the target.
        where: the condition on changed rows; None for all rows.
        cursors: the columns whose highest values become the watermarks.
        begin: where the pass stands before this run's first slice.
        expected_rows: rows to move, as far as it can be known without reading.
        slice_rows: rows after which a slice ends; None for a pass in one slice.
        pending_alter: how the target table has to change together with the rows, if at all.
        changes: what was done to the target table already, as sentences.
        brake: stops before too much is deleted or changed; None for never.
        anew: whether what the target has says nothing of the source.
        then: the comparison that follows, if one does.
        skip_if_equal: whether it follows a pass of the run, as it does every night.
    """

    config: TableConfig
    table: Table
    strategy: ExtractionStrategy | CompareMode
    reason: str
    write: WriteMode
    where: str | None
    cursors: tuple[str, ...]
    begin: Pass
    expected_rows: int
    slice_rows: int | None = None
    force_full_applied: bool = False
    watermarks: Mapping[str, Value] = field(default_factory=dict)
    pending_alter: PendingAlter = NO_ALTER
    changes: tuple[str, ...] = ()
    brake: DeleteGuard | None = None
    anew: bool = False
    then: "TablePlan | None" = None
    skip_if_equal: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """The primary key's columns; empty for a table without one."""
        return self.table.primary_key

    @property
    def is_comparison(self) -> bool:
        """Whether it is a comparison."""
        return isinstance(self.strategy, CompareMode)

    @property
    def resumed(self) -> bool:
        """Whether an earlier run began the pass, so that rows it has behind it may have changed."""
        return self.begin.after is not None

    def open_checkpoint(self, state: TableState) -> Pass | None:
        """Where a pass of this kind stands that was begun and not ended."""
        return state.proving if self.is_comparison else state.unfinished

    @property
    def changes_are_indexed(self) -> bool:
        """Whether the server finds the changed rows without looking at all."""
        looked_at = self.config.lookback.columns if self.config.lookback else ()
        columns = {*self.cursors, *looked_at} if self.watermarks else set()
        return bool(columns) and columns <= self.table.indexed


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
    anew = full_refresh_reason(config, table, state, at)
    if not anew and is_unchanged(config, table, state, at):
        return None
    cursors = usable_cursors(config, table)
    where = _changed_since(config, table, state.watermarks, at.overlap) if cursors else None
    if full := anew or cursor_unusable_reason(config, table, state, at, where):
        return replace(plan_full_copy(config, table, state, at, full), anew=bool(anew))
    return TablePlan(
        config=config,
        table=table,
        strategy=config.extraction_strategy,
        reason=f"tables.yml says {config.extraction_strategy}",
        write=WriteMode.UPSERT,
        where=where,
        cursors=config.cursor_columns,
        begin=_begin(config.extraction_strategy, table, state.unfinished, at),
        expected_rows=0,
        slice_rows=_slice_rows(table, at),
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
        begin=_begin(FULL, table, state.unfinished, at),
        expected_rows=table.rows,
        slice_rows=_slice_rows(table, at),
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
        begin=_begin(proof, table, state.proving, at),
        expected_rows=0,
        slice_rows=_slice_rows(table, at),
        brake=at.brake,
    )


def plan_load(
    config: TableConfig, table: Table, state: TableState, at: PlanContext
) -> TablePlan | None:
    """Plans a table's pass from replication to raw; None where nothing changed.

    The one cursor is `_replicated_at`. `at.clock` is its highest value, deletions included, so the
    pass covers exactly what lies between the watermark and that moment.

    Args:
        config: its entry in tables.yml.
        table: what is read of it in replication.
        state: what the hop remembers of it.
        at: what else matters.
    """
    full = full_load_reason(table, state, at)
    if not full and not at.changed:
        return None
    if not full and (not table.primary_key or REPLICATED_AT not in state.watermarks):
        full = "it has no primary key" if not table.primary_key else "raw was empty until now"
    if full:
        return plan_full_load(config, table, state, at, full)
    since = literal(state.watermarks[REPLICATED_AT])
    return TablePlan(
        config=config,
        table=table,
        strategy=ExtractionStrategy.INCREMENTAL,
        reason="replication changed since the last load",
        write=WriteMode.UPSERT,
        where=f"{ident(REPLICATED_AT)} > {since} AND {_upto(at)}",
        cursors=(REPLICATED_AT,),
        begin=_begin(ExtractionStrategy.INCREMENTAL, table, state.unfinished, at),
        expected_rows=0,
        slice_rows=_slice_rows(table, at),
        watermarks=state.watermarks,
        brake=at.brake,
    )


def plan_full_load(
    config: TableConfig,
    table: Table,
    state: TableState,
    at: PlanContext,
    reason: str,
    *,
    compared: bool = False,
) -> TablePlan:
    """Plans a pass over all rows from replication to raw; see `plan_load`.

    Args:
        reason: why, as a sentence.
        compared: whether only slices in which raw differs are loaded.
    """
    strategy = CompareMode.ROWS if compared else ExtractionStrategy.FULL_TABLE
    # a table that gets another shape gets it with all its rows, in one transaction
    whole = at.pending_alter or not table.primary_key
    return TablePlan(
        config=config,
        table=table,
        strategy=strategy,
        reason=reason,
        write=WriteMode.REPLACE_TABLE if whole else WriteMode.REPLACE_RANGE,
        where=_upto(at),
        cursors=(REPLICATED_AT,),
        begin=_begin(strategy, table, state.proving if compared else state.unfinished, at),
        expected_rows=table.rows,
        slice_rows=None if whole else _slice_rows(table, at),
        force_full_applied=at.force,
        pending_alter=at.pending_alter,
        brake=at.brake,
    )


def _upto(at: PlanContext) -> str:
    return f"{ident(REPLICATED_AT)} <= {literal(at.clock.local)}"


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


def _slice_rows(table: Table, at: PlanContext) -> int | None:
    return at.slice_rows if table.has_integer_key else None


def _begin(strategy: str, table: Table, unfinished: Pass | None, at: PlanContext) -> Pass:
    fresh = Pass(
        strategy,
        at.clock.local,
        at.clock.utc,
        columns=table.identity,
        created_at=created(table),
        updated_at=str(table.updated_at) if table.updated_at else None,
    )
    if unfinished is None or at.force or at.pending_alter:
        return fresh
    same = (unfinished.strategy, unfinished.columns, unfinished.created_at)
    return unfinished if same == (strategy, fresh.columns, fresh.created_at) else fresh
