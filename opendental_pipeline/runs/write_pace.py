"""How large a slice may be: what its destination writes in the seconds that it should take."""

from collections.abc import Sequence
from dataclasses import replace

from opendental_pipeline.databases.table import Table
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.settings.tuning import SliceLimits

_LEAST = 64
"""The part of the largest slice that is always worth a load package."""


class WritePace:
    """Limits the slices of tables that are moved at once.

    Args:
        limits: of any slice.
        tables: that are moved, of which the large ones share the destination.
        workers: that write at once.
    """

    def __init__(self, limits: SliceLimits, tables: Sequence[Table], workers: int) -> None:
        self._limits = limits
        large = sum(table.size > limits.size for table in tables)
        self._first = limits.size // max(1, min(large, workers))
        self._sizes: dict[str, int] = {}

    def limited(self, plan: TablePlan) -> TablePlan:
        """A plan whose next slice is as large as it may be.

        Until something is written, a slice is read in half the time, so that a run that is ended
        early leaves something.
        """
        if plan.slice_limits is None:
            return plan
        size, seconds = self._sizes.get(plan.table.name), self._limits.seconds
        if size is None:
            size, seconds = self._first, seconds / 2
        return replace(plan, slice_limits=replace(plan.slice_limits, size=size, seconds=seconds))

    def took(self, slice_: TableProgress, seconds: float) -> None:
        """Learns from a slice that was written.

        Args:
            slice_: as it was read.
            seconds: that writing it took.
        """
        fitting = int(slice_.size * self._limits.seconds / max(seconds, 0.001))
        most = self._limits.size
        self._sizes[slice_.table] = max(most // _LEAST, min(most, fitting))
