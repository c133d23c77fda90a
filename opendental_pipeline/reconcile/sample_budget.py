"""The source's time that the second opinion may take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from opendental_pipeline.settings.errors import QueryFailedError


class BudgetSpentError(QueryFailedError):
    """The source's time for the second opinion is spent."""


@dataclass
class Budget:
    """The time that statements at the source may take together.

    Attributes:
        seconds: the whole of it.
        spent: seconds that are gone.
        reserve: seconds that are kept for asking again.
    """

    seconds: float
    spent: float = 0.0
    reserve: float = field(init=False)

    def __post_init__(self) -> None:
        self.reserve = self.seconds / 4

    @property
    def statement_seconds(self) -> float:
        """After how many seconds a statement is stopped."""
        return self.seconds / 8

    def release_reserve(self) -> None:
        """Lets statements spend what was kept for asking again."""
        self.reserve = 0.0

    @contextmanager
    def statement(self) -> Iterator[None]:
        """Spends what a statement takes.

        Raises:
            BudgetSpentError: too little is left for one more.
        """
        if self.spent + self.statement_seconds > self.seconds - self.reserve:
            raise BudgetSpentError("second_opinion_seconds of source time are spent")
        before = time.monotonic()
        try:
            yield
        finally:
            self.spent += time.monotonic() - before
