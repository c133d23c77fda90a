"""Loads tables that share a load package, and without those that break it, if any do."""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass

from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.settings.errors import LockHeldError, PipelineError, RunStoppedError

Slices = list[TableProgress]
"""Slices of some tables, committed together or failed."""

Faults = dict[str | None, PipelineError]
"""By table; one that names none of them stands under the empty name."""


@dataclass(frozen=True)
class FaultIsolation:
    """Keeps each fault to its table.

    Attributes:
        package: loads one slice of each of some tables in one package: all of them, or none and
            what the faults were.
        failed: the result of a table that an error kept from being moved.
        lost: why nothing more may be moved; None if it may.
    """

    package: Callable[[Sequence[TablePlan]], tuple[Slices, Faults]]
    failed: Callable[[TablePlan, PipelineError], TableProgress]
    lost: Callable[[], RunStoppedError | None]

    def load(self, plans: Sequence[TablePlan]) -> Iterator[TableProgress]:
        """Loads one slice of each table; what is committed is told before anything else is done.

        Args:
            plans: of the tables.

        Raises:
            ConnectionFailedError: a server is gone.
        """
        if not plans:
            return
        moved, faults = self.package(plans) if not self.lost() else ([], {})
        if lost := self.lost():
            yield from (self.failed(plan, lost) for plan in plans)
            return
        if not faults:
            yield from moved
            return
        if len(plans) == 1:
            yield self.failed(plans[0], next(iter(faults.values())))
            return
        broken = [plan for plan in plans if plan.table.name in faults]
        if not broken:
            yield from self._bisect(plans)
            return
        # which would only wait again
        held = [one for one in broken if isinstance(faults[one.table.name], LockHeldError)]
        for plan in held:
            yield self.failed(plan, LockHeldError(faults[plan.table.name].message))
        yield from self.load([plan for plan in plans if plan not in broken])
        for plan in broken:
            if plan not in held:
                yield from self.load([plan])

    def _bisect(self, plans: Sequence[TablePlan]) -> Iterator[TableProgress]:
        """Finds the table behind a fault that names none; gives up if any three have it."""
        probes = {0, len(plans) // 2, len(plans) - 1}
        tried: Slices = []
        for n in sorted(probes):
            for one in self.load([plans[n]]):
                tried.append(one)
                yield one
        rest = [plan for n, plan in enumerate(plans) if n not in probes]
        errors = [one.error for one in tried if one.error]
        if len(errors) == len(tried) == 3 and len({error.message for error in errors}) == 1:
            yield from (self.failed(plan, copy(errors[0])) for plan in rest)
            return
        middle = len(rest) // 2
        yield from self.load(rest[:middle])
        yield from self.load(rest[middle:])
