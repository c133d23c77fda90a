"""What was done with one table: one type from the reading of a slice to the report."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from opendental_pipeline.planning.slice import NO_DIFFERENCES, Differences, Slice
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_state import Checkpoint, TableState, Value
from opendental_pipeline.settings.errors import PipelineError


@dataclass
class TableProgress:
    """What a hop did with one table: with one slice of it at first, with all of a run in the end.

    Attributes:
        plan: the pass.
        checkpoint: where the pass stands behind the slice.
        complete: whether the pass ended with it.
        rows: rows read.
        size: bytes of their lines.
        deleted: tombstones read.
        seconds: spent reading and writing it.
        began_at: when it was begun to be read.
        ended_at: when it was read, or written.
        slices: load packages that carried it.
        coercions: how many values of which column were changed for PostgreSQL.
        refused: how many values of which column the target cannot take.
        invalid_enum_count: ENUM values that are none of the type's.
        key_bounds: the lowest and the highest key, where the key is one whole number.
        differences: rows in which the target differed and that were mended, if it was compared.
        compared: whether all its keys at least were compared with the source's.
        stopped: why the pass goes on another night; empty if it need not.
        path: the file of its lines, until somebody has seen it.
        order: how the destination has to write them.
        schema_columns: what dlt's schema knows of its columns: the key's, or the first, each with
            its dlt type.
        state: the table's state after the slice.
        error: what went wrong; nothing of the slice is loaded then, and earlier ones stay.
    """

    plan: TablePlan
    checkpoint: Checkpoint
    complete: bool = False
    rows: int = 0
    size: int = 0
    deleted: int = 0
    seconds: float = 0.0
    began_at: datetime | None = None
    ended_at: datetime | None = None
    slices: int = 0
    coercions: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    invalid_enum_count: int = 0
    key_bounds: tuple[int, int] | None = None
    differences: Differences = NO_DIFFERENCES
    compared: bool = False
    stopped: str = ""
    path: Path | None = None
    order: Slice | None = None
    schema_columns: tuple[tuple[str, str], ...] = ()
    state: TableState = field(default_factory=TableState)
    error: PipelineError | None = None

    @property
    def table(self) -> str:
        """The table's name."""
        return self.plan.table.name

    def ended(self) -> None:
        """It ends now, or goes on."""
        self.ended_at = datetime.now(UTC)

    @property
    def target_key(self) -> tuple[str, ...]:
        """What the target calls the key's columns, once the slice was read."""
        return self.order.key if self.order else ()

    @property
    def idle(self) -> bool:
        """Whether nothing of a slice has to be kept, not even that it was read.

        Keys that are compared after every pass are compared after the next one, too; a load package
        to remember that they were equal would cost more than comparing them.
        """
        found = self.rows or self.differences or self.error
        return self.plan.skip_if_equal and not self.plan.resumed and self.complete and not found

    @property
    def outdated(self) -> bool:
        """Whether the pass found every row older than the watermark, which then marks nothing."""
        return self.error is None and bool(self.plan.watermarks) and not self.state.watermarks

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do for the table in this run."""
        return bool(self.error) or not (self.next or self.outdated)

    @property
    def next(self) -> TablePlan | None:
        """How the hop goes on with the table in this run: with the pass, or what follows it."""
        if self.error or self.stopped or self.outdated:
            return None
        begun = self.plan.open_checkpoint(self.state)
        return replace(self.plan, checkpoint=begun) if begun else self.plan.followup

    def after(self, state: TableState) -> TableState:
        """The table's state after a slice.

        Args:
            state: before it.
        """
        later = state.after_slice(self.checkpoint, complete=self.complete)
        return later if self._reaches_watermarks() else later.without_watermarks()

    def _reaches_watermarks(self) -> bool:
        """Whether any row is as new as the watermark, as far as it is known.

        If not, the newest rows were deleted, or the table was restored from a backup, and a cursor
        does not tell which others are different.
        """
        marks, high = self.plan.watermarks, self.checkpoint.max_cursor_values
        return not (self.complete and marks) or any(_reaches(high, *m) for m in marks.items())

    def merge(self, later: "TableProgress") -> "TableProgress":
        """Both slices together."""
        return replace(
            later,
            plan=replace(self.plan, followup=later.plan.followup),
            rows=self.rows + later.rows,
            size=self.size + later.size,
            deleted=self.deleted + later.deleted,
            seconds=self.seconds + later.seconds,
            began_at=self.began_at or later.began_at,
            ended_at=later.ended_at or self.ended_at,
            slices=self.slices + later.slices,
            coercions=self.coercions + later.coercions,
            differences=self.differences + later.differences,
            compared=self.compared or later.compared,
            path=later.path or self.path,
            key_bounds=later.key_bounds or self.key_bounds,
        )


def _reaches(high: Mapping[str, Value], cursor: str, watermark: Value) -> bool:
    value = high.get(cursor)
    # a cursor whose type changed compares with nothing
    return value is not None and (type(value) is not type(watermark) or value >= watermark)  # type: ignore[operator]
