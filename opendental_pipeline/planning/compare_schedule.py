"""When a table is compared with its copy, and what a night then does with it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zlib import crc32

from opendental_pipeline.databases.table import Table
from opendental_pipeline.planning.plan_context import PlanContext, is_unchanged
from opendental_pipeline.planning.table_plan import (
    TablePlan,
    plan_comparison,
    plan_copy,
    plan_full_copy,
)
from opendental_pipeline.planning.table_state import CompareMode, TableState
from opendental_pipeline.settings.table_config import ExtractionStrategy, Frequency, TableConfig

_WEEK = timedelta(days=7)
_SLACK = timedelta(hours=12)
"""A night is sometimes an hour earlier or later than the one before."""


def plan_source_table(
    config: TableConfig,
    table: Table,
    state: TableState,
    at: PlanContext,
    now: datetime,
    *,
    prove: bool,
) -> TablePlan | None:
    """Plans what a table needs in one night at the source; None for nothing.

    A comparison of all rows finds what a cursor finds, and takes its place. A table whose key is
    not of whole numbers cannot be compared in parts, and is copied in full instead.

    Args:
        config: its entry in tables.yml.
        table: what is read of it at the source.
        state: what the first hop remembers of it.
        at: what else matters.
        now: the moment, in UTC.
        prove: whether somebody wants all rows compared.
    """
    plan = plan_copy(config, table, state, at)
    if plan and plan.resumed:
        reason = "rows may have changed while it was interrupted"
        return replace(
            plan, then=plan_comparison(CompareMode.ROWS, config, table, state, at, reason)
        )
    if plan and plan.anew:
        return plan
    changed = not is_unchanged(config, table, state, at)
    proof = CompareMode.ROWS if prove else compare_due(config, state, now, changed=changed)
    full = plan is not None and plan.strategy is ExtractionStrategy.FULL_TABLE
    if full and plan and table.has_integer_key and table.rows >= at.compare_rows:
        return plan_comparison(CompareMode.ROWS, config, table, state, at, plan.reason)
    if proof is None or full:
        return plan
    reason = _reason(proof, state)
    if not table.has_integer_key:
        return plan_full_copy(config, table, state, at, reason)
    comparison = plan_comparison(proof, config, table, state, at, reason)
    if plan is None or proof is CompareMode.ROWS:
        return comparison
    nightly = config.reconcile.deletes is Frequency.NIGHTLY
    return replace(plan, then=replace(comparison, skip_if_equal=nightly))


def compare_due(
    config: TableConfig, state: TableState, now: datetime, *, changed: bool
) -> CompareMode | None:
    """The comparison that a table is due for; None if none is.

    Args:
        config: its entry in tables.yml.
        state: what a hop remembers of it.
        now: the moment, in UTC.
        changed: whether it may have changed since it was read last.
    """
    asked, its_day = config.reconcile, _is_its_day(config, now)
    begun = state.proving.strategy if state.proving else ""
    if begun == CompareMode.ROWS or _is_due(
        asked.rows, state.rows_proved_at, now, its_day, changed
    ):
        return CompareMode.ROWS
    if begun == CompareMode.KEYS or _is_due(
        asked.deletes, state.keys_proved_at, now, its_day, changed
    ):
        return CompareMode.KEYS
    return None


def is_to_be_checked(config: TableConfig, now: datetime) -> bool:
    """Whether raw is compared with replication by keys and stamps, though nothing was loaded.

    Args:
        config: the table's entry in tables.yml.
        now: the moment, in UTC.
    """
    every = config.reconcile.deletes
    return every is Frequency.NIGHTLY or (every is Frequency.WEEKLY and _is_its_day(config, now))


def _is_due(
    every: Frequency, last: str | None, now: datetime, its_day: bool, changed: bool
) -> bool:
    if every is Frequency.OFF:
        return False
    if last is None or (every is Frequency.NIGHTLY and changed):
        return True
    age = now - datetime.fromisoformat(last).replace(tzinfo=UTC)
    return age >= _WEEK + _SLACK or (its_day and age >= _SLACK)


def _is_its_day(config: TableConfig, now: datetime) -> bool:
    """Whether it is the table's day of the week; not all of them have the same."""
    return now.toordinal() % 7 == crc32(config.table_name.encode()) % 7


def _reason(proof: CompareMode, state: TableState) -> str:
    if state.proving:
        return "its last comparison was interrupted"
    return f"its {'rows' if proof is CompareMode.ROWS else 'keys'} are due to be compared"
