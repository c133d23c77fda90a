"""Which tables travel in one load package."""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from opendental_pipeline.settings.tuning import RunTuning


class Sized(Protocol):
    """A table's part in a package."""

    @property
    def expected_rows(self) -> int:
        """How many rows may be moved."""


Plan = TypeVar("Plan", bound=Sized)


def batch_tables(plans: Sequence[Plan], tuning: RunTuning, workers: int) -> Iterator[list[Plan]]:
    """Packs tables: large ones side by side, many small ones together.

    Args:
        plans: their passes, in order.
        tuning: how many tables and rows a package takes, and from when a table is large.
        workers: tables read or written at once.
    """
    large = [plan for plan in plans if plan.expected_rows >= tuning.group_rows]
    small = [plan for plan in plans if plan.expected_rows < tuning.group_rows]
    for start in range(0, len(large), workers):
        yield large[start : start + workers]
    group: list[Plan] = []
    rows = 0
    for plan in small:
        if group and (
            len(group) >= tuning.group_tables or rows + plan.expected_rows > tuning.group_rows
        ):
            yield group
            group, rows = [], 0
        group.append(plan)
        rows += plan.expected_rows
    if group:
        yield group
