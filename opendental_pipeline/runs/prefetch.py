"""Slices are read into files while the ones before them are written."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import RLock

from opendental_pipeline.planning.slice import FORMAT
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.settings.errors import UnreachableError
from sources.opendental.slice_reader import Reader

_AHEAD = 2
"""Slices of a table that may wait on the disk or be read while one is written."""


class ReadAhead:
    """Reads slices in threads; as a context manager it ends with those that were begun.

    Args:
        read: makes the reader of a plan.
        scratch: an empty directory for the files, on the disk of dlt's own.
        workers: slices read at once.
    """

    def __init__(self, read: Callable[[TablePlan], Reader], scratch: Path, workers: int) -> None:
        self._reader = read
        self._scratch = scratch
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="reading")
        self._begun: dict[str, deque[Future[TableProgress]]] = {}
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

    def read(self, plans: Sequence[TablePlan]) -> list[TableProgress]:
        """Reads the slices of some tables to their ends, or waits for them.

        What was read stays until it is said to be done with, so that one table's fault does not
        make the source answer twice for all others. Where the server is found to be gone, nothing
        more waits for it.
        """
        self._gone = None
        for plan in plans:
            if not self._is_begun(plan):
                with self._lock:
                    self._begun[plan.table.name] = deque()
                    self._begin(plan)
        return [self._begun[plan.table.name][0].result() for plan in plans]

    def done(self, read: TableProgress) -> None:
        """Forgets a slice that dlt has."""
        with self._lock:
            waiting = self._begun[read.table]
            waiting.popleft()
            self._go_on(waiting[-1] if waiting else read)

    def _is_begun(self, plan: TablePlan) -> bool:
        waiting = self._begun.get(plan.table.name)
        if not waiting:
            return False
        read = waiting[0].result()
        return read.error is None and read.plan.checkpoint == plan.checkpoint

    def _begin(self, plan: TablePlan) -> None:
        path = self._scratch / f"{next(self._numbers)}.{FORMAT}"
        reading = self._pool.submit(self._read_to, plan, path)
        self._begun[plan.table.name].append(reading)
        reading.add_done_callback(self._go_on)

    def _read_to(self, plan: TablePlan, path: Path) -> TableProgress:
        if gone := self._gone:
            error = UnreachableError(gone.message, table=plan.table.name, hop=gone.hop)
            return TableProgress(plan, plan.checkpoint, error=error)
        read = self._reader(plan).read_to(path)
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
            is_last = not waiting or (waiting[-1].done() and waiting[-1].result() is last)
            more = not (last.complete or last.error or last.stopped)
            if self._open and is_last and more and len(waiting) < _AHEAD:
                self._begin(replace(last.plan, checkpoint=last.checkpoint))
