"""Slices are read into files while the ones before them are written."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import RLock
from typing import NamedTuple

from opendental_pipeline.planning.slice import FORMAT
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.runs.write_pace import WritePace
from opendental_pipeline.settings.errors import UnreachableError
from sources.opendental.slice_reader import Reader

_AHEAD = 2
"""Slices of a table that may wait on the disk or be read while one is written."""


class _Reading(NamedTuple):
    """A slice that is read, or waits for that."""

    plan: TablePlan
    future: Future[TableProgress]

    def is_of(self, plan: TablePlan) -> bool:
        """Whether it is the next slice of a plan, and without a fault as far as is known."""
        failed = self.future.done() and self.future.result().error is not None
        return self.plan.checkpoint == plan.checkpoint and not failed


class ReadAhead:
    """Reads slices in threads; as a context manager it ends with those that were begun.

    Args:
        read: makes the reader of a plan.
        scratch: an empty directory for the files, on the disk of dlt's own.
        workers: slices read at once.
        pace: limits the slices.
    """

    def __init__(
        self, read: Callable[[TablePlan], Reader], scratch: Path, workers: int, pace: WritePace
    ) -> None:
        self._reader = read
        self._scratch = scratch
        self.pace = pace
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="reading")
        self._begun: dict[str, deque[_Reading]] = {}
        self._lock = RLock()
        self._open = True
        self._numbers = count()
        self._gone: UnreachableError | None = None

    def __enter__(self) -> "ReadAhead":
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._open = False
        self._pool.shutdown(cancel_futures=True)

    def ready(
        self, plans: Sequence[TablePlan], most: int, seconds: float
    ) -> tuple[list[TablePlan], list[TablePlan]]:
        """Begins to read the slices of some tables, and waits for them for a time.

        Args:
            plans: of the tables.
            most: how many of them, from the first on.
            seconds: to wait for them; for the first that is read, as long as it takes.

        Returns:
            those whose slices are read, at least one, and all others.
        """
        futures = {plan.table.name: self._next(plan) for plan in plans[:most]}
        if not wait(futures.values(), seconds).done:
            wait(futures.values(), return_when=FIRST_COMPLETED)
        read = {name for name, future in futures.items() if future.done()}
        return (
            [plan for plan in plans if plan.table.name in read],
            [plan for plan in plans if plan.table.name not in read],
        )

    def read(self, plans: Sequence[TablePlan]) -> list[TableProgress]:
        """Reads the slices of some tables to their ends, or waits for them.

        What was read stays until it is said to be done with, so that one table's fault does not
        make the source answer twice for all others. Where the server is found to be gone, nothing
        more waits for it.
        """
        self._gone = None
        return [future.result() for future in [self._next(plan) for plan in plans]]

    def done(self, read: TableProgress) -> None:
        """Forgets a slice that dlt has."""
        with self._lock:
            waiting = self._begun[read.table]
            waiting.popleft()
            self._go_on(waiting[-1].future if waiting else read)

    def _next(self, plan: TablePlan) -> Future[TableProgress]:
        """The next slice of a table, which is begun if it is not yet."""
        with self._lock:
            waiting = self._begun.get(plan.table.name)
            if not waiting or not waiting[0].is_of(plan):
                waiting = self._begun[plan.table.name] = deque()
                self._begin(plan)
            return waiting[0].future

    def _begin(self, plan: TablePlan) -> None:
        path = self._scratch / f"{next(self._numbers)}.{FORMAT}"
        reading = self._pool.submit(self._read_to, self.pace.limited(plan), path)
        self._begun[plan.table.name].append(_Reading(plan, reading))
        reading.add_done_callback(self._go_on)

    def _read_to(self, plan: TablePlan, path: Path) -> TableProgress:
        if gone := self._gone:
            error = UnreachableError(gone.message, table=plan.table.name, hop=gone.hop)
            return TableProgress(plan, plan.checkpoint, error=error)
        began_at = datetime.now(UTC)
        read = self._reader(plan).read_to(path)
        read.began_at = began_at
        read.ended()
        if isinstance(read.error, UnreachableError):
            self._gone = read.error
        return read

    def _go_on(self, last: TableProgress | Future[TableProgress]) -> None:
        """Begins to read behind the last slice of its table, if it is read and few are waiting."""
        if isinstance(last, Future):
            if last.cancelled() or not last.done():
                return
            last = last.result()
        with self._lock:
            waiting = self._begun[last.table]
            newest = waiting[-1].future if waiting else None
            is_last = newest is None or (newest.done() and newest.result() is last)
            more = not (last.complete or last.error or last.stopped)
            if self._open and is_last and more and len(waiting) < _AHEAD:
                self._begin(replace(last.plan, checkpoint=last.checkpoint))
