"""The hours in which a run may begin: every scheduler catches up late, and noon is the clinic's."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from opendental_pipeline.settings.errors import RunRefusedError

_HOUR = r"([01]\d|2[0-3]):([0-5]\d)"
_FORM = re.compile(f"{_HOUR}-{_HOUR}", re.ASCII)


def local_time() -> time:
    """The time that a clock on the wall beside this machine shows."""
    return datetime.now().time()


@dataclass(frozen=True)
class Window:
    """A part of every day, which may pass midnight.

    Attributes:
        begin: its first moment.
        end: the first moment after it.
    """

    begin: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "Window":
        """Reads a window as it is written.

        Args:
            text: as in 21:00-06:00.

        Raises:
            ValueError: it is none.
        """
        found = _FORM.fullmatch(text)
        if not found:
            raise ValueError(f"must be of the form HH:MM-HH:MM, as 21:00-06:00, not {text!r}")
        hour, minute, last_hour, last_minute = map(int, found.groups())
        window = cls(time(hour, minute), time(last_hour, last_minute))
        if window.begin == window.end:
            raise ValueError(f"must end at another time than it begins, not {text!r}")
        return window

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"

    def __contains__(self, moment: time) -> bool:
        if self.begin < self.end:
            return self.begin <= moment < self.end
        return moment >= self.begin or moment < self.end

    def refuse_outside(self, clock: Callable[[], time] = local_time) -> None:
        """Sees that it is the time for a run.

        Args:
            clock: says what time it is.

        Raises:
            RunRefusedError: it is not.
        """
        now = clock()
        if now not in self:
            raise RunRefusedError(
                f"it is {now:%H:%M}, and a run may begin within {self} only (--window); nothing was"
                " connected to"
            )
