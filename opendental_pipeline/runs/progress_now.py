"""How far a run is at a moment: as a document, and in words."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import Field

from opendental_pipeline.settings.frozen import Frozen

HOPS = ("replication", "raw")

ARROWS = {"replication": "source → replication", "raw": "replication → raw"}


class HopNow(Frozen):
    """How far a hop is.

    Attributes:
        tables: that it looks at.
        done: of them.
        rows: moved.
        expected_rows: of tables that are moved as a whole, by their servers' estimates.
        rows_per_second: since its first row.
        seconds_left: until the expected rows are moved; None where nobody can say.
        at_work: rows so far of the tables that are under way, the largest ones.
    """

    tables: int = 0
    done: int = 0
    rows: int = 0
    expected_rows: int = 0
    rows_per_second: float = 0.0
    seconds_left: float | None = None
    at_work: Mapping[str, int] = Field(default_factory=dict)


class ProgressNow(Frozen):
    """How far a run is at a moment."""

    at: datetime
    hops: Mapping[str, HopNow]


def in_words(now: HopNow) -> str:
    """How far a hop is, as one line."""
    rows = f"{now.rows:,} rows"
    if now.expected_rows:
        rows = f"{now.rows:,} of {now.expected_rows:,} rows"
    parts = [f"{now.done:,} of {now.tables:,} tables", rows]
    if now.rows_per_second >= 1:
        parts.append(f"{now.rows_per_second:,.0f} rows/s")
    if now.seconds_left is not None:
        parts.append(f"{timedelta(seconds=round(now.seconds_left))} left")
    if now.at_work:
        names = ", ".join(
            f"{name} {rows:,}" if rows else name for name, rows in now.at_work.items()
        )
        parts.append(f"at work: {names}")
    return ", ".join(parts)
