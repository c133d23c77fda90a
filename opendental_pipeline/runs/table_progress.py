"""What a hop did with one table, slice by slice."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from opendental_pipeline.planning.slice import NO_DIFFERENCES, Differences
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_state import TableState
from opendental_pipeline.settings.errors import PipelineError


@dataclass(frozen=True)
class TableProgress:
    """What a hop did with one table in one run.

    Attributes:
        rows: rows moved.
        deleted: keys that travelled as deleted.
        seconds: spent reading and writing it.
        slices: load packages that carried it.
        coercions: values changed for PostgreSQL, by column.
        differences: rows in which the target differed and that were mended, if it was compared.
        compared: whether all its keys at least were compared with the source's.
        stopped: why the pass goes on another night; empty if it need not.
        file: its lines, until it was told.
        key_bounds: the lowest and the highest key in them, where the key is one whole number.
        state: the table's state after the run.
        error: why it failed, if it did; committed slices stay.
    """

    plan: TablePlan
    rows: int = 0
    deleted: int = 0
    seconds: float = 0.0
    slices: int = 0
    coercions: tuple[tuple[str, int], ...] = ()
    differences: Differences = NO_DIFFERENCES
    compared: bool = False
    stopped: str = ""
    file: Path | None = None
    key_bounds: tuple[int, int] | None = None
    state: TableState = field(default_factory=TableState)
    error: PipelineError | None = None

    @property
    def table(self) -> str:
        """The table's name."""
        return self.plan.table.name

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
        return replace(self.plan, begin=begun) if begun else self.plan.then

    def merge(self, later: "TableProgress") -> "TableProgress":
        """Both slices together."""
        counts = dict(self.coercions)
        for column, count in later.coercions:
            counts[column] = counts.get(column, 0) + count
        return replace(
            later,
            plan=replace(self.plan, then=later.plan.then),
            rows=self.rows + later.rows,
            deleted=self.deleted + later.deleted,
            seconds=self.seconds + later.seconds,
            slices=self.slices + later.slices,
            coercions=tuple(counts.items()),
            differences=self.differences + later.differences,
            compared=self.compared or later.compared,
            file=later.file or self.file,
            key_bounds=later.key_bounds or self.key_bounds,
        )


def add(moved: dict[str, TableProgress], later: TableProgress) -> None:
    """Adds a slice to what was moved of its table before, if anything was.

    Args:
        moved: by table.
        later: the slice.
    """
    before = moved.get(later.table)
    moved[later.table] = before.merge(later) if before else later
