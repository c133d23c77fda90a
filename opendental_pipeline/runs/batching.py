"""Which tables travel in one load package."""

from collections.abc import Iterator, Sequence

from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.settings.tuning import RunTuning


def batch_tables(
    plans: Sequence[TablePlan], tuning: RunTuning, workers: int
) -> Iterator[list[TablePlan]]:
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
    group: list[TablePlan] = []
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
