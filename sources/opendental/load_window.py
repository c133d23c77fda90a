"""How a run spares the servers it reads: what may wait does, and few statements run at once."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_SECONDS_BETWEEN_LOOKS = 1.0
_TRIES = 6
_WAIT_SECONDS = 5.0


@dataclass
class LoadWindow:
    """When comparisons stop, to go on another night.

    Args:
        ends: when the run's window ends, by `time.monotonic()`; None for never.
        busy: statements at work at the source from which it is busy; 0 for never.
    """

    ends: float | None = None
    busy: int = 0

    @classmethod
    def begin(cls, minutes: float, busy: int) -> "LoadWindow":
        """The window of a run that begins now.

        Args:
            minutes: after which it ends; 0 for never.
            busy: as above.
        """
        return cls(time.monotonic() + 60 * minutes if minutes else None, busy)

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


class StatementThrottle:
    """Caps the statements that run at the source at once, with an optional pause between them.

    Args:
        at_once: statements that may run at the same time.
        pause: seconds to wait before each statement.
    """

    def __init__(self, at_once: int, pause: float = 0.0) -> None:
        self._slots = threading.BoundedSemaphore(at_once)
        self._pause = pause

    @contextmanager
    def statement(self) -> Iterator[None]:
        """Waits for a slot and holds it."""
        with self._slots:
            if self._pause:
                time.sleep(self._pause)
            yield
