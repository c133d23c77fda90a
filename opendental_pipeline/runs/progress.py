"""How far a run is: tables and rows of each hop, told to whoever wants to know."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.runs.progress_now import HOPS, HopNow, ProgressNow

_AT_WORK = 5
"""Tables that are named of those at work, the largest first."""


@dataclass
class _Hop:
    """What is counted of a hop."""

    tables: int = 0
    done: int = 0
    rows: int = 0
    expected_rows: int = 0
    began: float | None = None
    at_work: dict[str, int] = field(default_factory=dict)

    def now(self) -> HopNow:
        seconds = time.monotonic() - self.began if self.began is not None else 0.0
        pace = self.rows / seconds if seconds > 0 else 0.0
        left = max(0, self.expected_rows - self.rows)
        largest = sorted(self.at_work.items(), key=lambda one: -one[1])[:_AT_WORK]
        return HopNow(
            tables=self.tables,
            done=self.done,
            rows=self.rows,
            expected_rows=max(self.rows, self.expected_rows) if self.expected_rows else 0,
            rows_per_second=round(pace, 1),
            seconds_left=round(left / pace) if left and pace else None,
            at_work=dict(largest),
        )


class Progress:
    """Counts, in any thread, what both hops of a run do."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hops = {hop: _Hop() for hop in HOPS}

    def expect(self, hop: str, tables: int, rows: int = 0) -> None:
        """Says what a hop will look at.

        Args:
            hop: which.
            tables: how many more.
            rows: of those that are moved as a whole.
        """
        with self._lock:
            self._hops[hop].tables += tables
            self._hops[hop].expected_rows += rows

    def begin(self, hop: str, tables: Collection[str]) -> None:
        """Says which tables a hop begins with."""
        with self._lock:
            one = self._hops[hop]
            one.began = one.began or time.monotonic()
            one.at_work |= dict.fromkeys(tables, 0)

    def unchanged(self, hop: str, tables: int) -> None:
        """Tables that a hop had nothing to do for."""
        with self._lock:
            self._hops[hop].done += tables

    def moved(self, hop: str, moved: Sequence[TableProgress], ahead: Collection[str] = ()) -> None:
        """Slices of tables that a hop moved, or tried to.

        Args:
            hop: which.
            moved: the slices.
            ahead: tables that come again, since the hop before is not done with them.
        """
        with self._lock:
            one = self._hops[hop]
            one.began = one.began or time.monotonic()
            for slice_ in moved:
                one.rows += slice_.rows
                one.at_work[slice_.table] = one.at_work.get(slice_.table, 0) + slice_.rows
                if slice_.finished and slice_.table not in ahead:
                    one.done += 1
                    one.at_work.pop(slice_.table)

    def now(self) -> ProgressNow:
        """How far the run is now."""
        with self._lock:
            hops = {name: hop.now() for name, hop in self._hops.items()}
        return ProgressNow(at=datetime.now(UTC), hops=hops)


@contextmanager
def told_every(
    seconds: float, progress: Progress, tell: Callable[[ProgressNow], None]
) -> Iterator[None]:
    """Tells how far a run is, again and again, in a thread that nobody waits for long.

    Args:
        seconds: between two times.
        progress: of the run.
        tell: is told; it may fail, and raises nothing then.
    """
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(seconds):
            tell(progress.now())

    thread = threading.Thread(target=work, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        # whoever is told may be a server that does not answer
        thread.join(timeout=1)
