"""Whether the source has time for a comparison, which can wait as a copy cannot."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_TRIES = 6
_WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class Courtesy:
    """When comparisons stop, to go on another night.

    Args:
        ends: when the run's window ends, by `time.monotonic()`; None for never.
        busy: statements at work at the source from which it is busy; 0 for never.
    """

    ends: float | None = None
    busy: int = 0

    def refusal(self, query: Callable[[str], Sequence[Any]]) -> str:
        """Why nothing more should be asked; empty if something may be. Waits for a busy server.

        Args:
            query: runs a query at the source.
        """
        for _ in range(_TRIES):
            if self.ends is not None and time.monotonic() >= self.ends:
                return "the run's window ended"
            if not self.busy or self._at_work(query) < self.busy:
                return ""
            time.sleep(_WAIT_SECONDS)
        return "the source was busy"

    def _at_work(self, query: Callable[[str], Sequence[Any]]) -> int:
        return int(query("SHOW GLOBAL STATUS LIKE 'Threads_running'")[0][1])
