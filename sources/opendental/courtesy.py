"""Whether the source has time for a comparison, which can wait as a copy cannot."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

_SECONDS_BETWEEN_LOOKS = 1.0
_TRIES = 6
_WAIT_SECONDS = 5.0


@dataclass
class Courtesy:
    """When comparisons stop, to go on another night.

    Args:
        ends: when the run's window ends, by `time.monotonic()`; None for never.
        busy: statements at work at the source from which it is busy; 0 for never.
    """

    ends: float | None = None
    busy: int = 0
    _looked_at: float = field(default=-math.inf, init=False)

    def refusal(self, query: Callable[[str], Sequence[Any]]) -> str:
        """Why nothing more should be asked; empty if something may be. Waits for a busy server.

        Args:
            query: runs a query at the source.
        """
        for _ in range(_TRIES):
            if self.ends is not None and time.monotonic() >= self.ends:
                return "the run's window ended"
            if not self.busy or self._looked_at > time.monotonic() - _SECONDS_BETWEEN_LOOKS:
                return ""
            if self._at_work(query) < self.busy:
                self._looked_at = time.monotonic()
                return ""
            time.sleep(_WAIT_SECONDS)
        return "the source was busy"

    def _at_work(self, query: Callable[[str], Sequence[Any]]) -> int:
        return int(query("SHOW GLOBAL STATUS LIKE 'Threads_running'")[0][1])
