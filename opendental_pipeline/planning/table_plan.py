"""What one table needs in one run of one hop: its pass, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from opendental_pipeline.databases.server import same_place
from opendental_pipeline.databases.table import Table
from opendental_pipeline.planning.delete_guard import DeleteGuard
from opendental_pipeline.planning.plan_context import PlanContext, created
from opendental_pipeline.planning.slice import NO_ALTER, PendingAlter, WriteMode
from opendental_pipeline.planning.table_state import Checkpoint, CompareMode, TableState, Value
from opendental_pipeline.settings.table_config import (
    ExtractionStrategy,
    TableConfig,
)
from opendental_pipeline.settings.tuning import SliceLimits


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
        checkpoint: where the pass stands before its next slice.
        expected_rows: rows to move, as far as it can be known without reading.
        slice_limits: where a slice ends; None for a pass in one slice.
        pending_alter: how the target table has to change together with the rows, if at all.
        changes: what was done to the target table already, as sentences.
        brake: stops before too much is deleted or changed; None for never.
        followup: the comparison that follows, if one does.
        skip_if_equal: whether it is one that follows a pass every night, and leaves no trace where
            nothing differs.
    """

    config: TableConfig
    table: Table
    strategy: ExtractionStrategy | CompareMode
    reason: str
    write: WriteMode
    where: str | None
    cursors: tuple[str, ...]
    checkpoint: Checkpoint
    expected_rows: int
    slice_limits: SliceLimits | None = None
    force_full_applied: bool = False
    watermarks: Mapping[str, Value] = field(default_factory=dict)
    pending_alter: PendingAlter = NO_ALTER
    changes: tuple[str, ...] = ()
    brake: DeleteGuard | None = None
    followup: "TablePlan | None" = None
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
        return self.checkpoint.last_key is not None

    def open_checkpoint(self, state: TableState) -> Checkpoint | None:
        """Where a pass of this kind stands that was begun and not ended."""
        return state.compare_in_progress if self.is_comparison else state.in_progress

    @property
    def changes_are_indexed(self) -> bool:
        """Whether the server finds the changed rows without looking at all."""
        looked_at = self.config.lookback.columns if self.config.lookback else ()
        columns = {*self.cursors, *looked_at} if self.watermarks else set()
        return bool(columns) and columns <= self.table.indexed


def slice_limits(table: Table, at: PlanContext) -> SliceLimits | None:
    """Where a slice ends; None for a table whose pass cannot go on behind a key."""
    return at.slice_limits if table.has_integer_key else None


def resume_or_begin(
    strategy: str, table: Table, unfinished: Checkpoint | None, at: PlanContext
) -> Checkpoint:
    """Goes on with a pass that was begun, if it is still the same; else begins one."""
    fresh = Checkpoint(
        strategy,
        at.clock.local,
        at.clock.utc,
        columns=table.identity,
        created_at=created(table),
        updated_at=str(table.updated_at) if table.updated_at else None,
        server=table.server,
    )
    if unfinished is None or at.force or at.pending_alter:
        return fresh
    same = (unfinished.strategy, unfinished.columns, unfinished.created_at)
    there = not unfinished.server or same_place(unfinished.server, table.server)
    return unfinished if there and same == (strategy, fresh.columns, fresh.created_at) else fresh
