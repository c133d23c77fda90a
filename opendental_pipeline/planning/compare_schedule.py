"""When a table is compared with its copy."""

from datetime import UTC, datetime, timedelta
from zlib import crc32

from opendental_pipeline.planning.table_state import CompareMode, TableState
from opendental_pipeline.settings.table_config import (
    Frequency,
    TableConfig,
)

_WEEK = timedelta(days=7)
_SLACK = timedelta(hours=12)
"""A night is sometimes an hour earlier or later than the one before."""


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
    begun = state.compare_in_progress.strategy if state.compare_in_progress else ""
    if begun == CompareMode.ROWS or _is_due(
        asked.rows, state.rows_verified_at, now, its_day, changed
    ):
        return CompareMode.ROWS
    if begun == CompareMode.KEYS or _is_due(
        asked.deletes, state.keys_verified_at, now, its_day, changed
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
