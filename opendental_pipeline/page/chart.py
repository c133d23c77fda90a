"""The drawings of the page, as numbers: a bar for each night, a line for a table's last runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from opendental_pipeline.runs.run_header import RunOutcome
from opendental_pipeline.status.facts import RunFacts
from opendental_pipeline.status.judge import is_crashed
from opendental_pipeline.status.model import PipelineStatus
from opendental_pipeline.status.words import moment

NIGHTS = 60
"""Runs that the page shows."""

STEP, BAR, HEIGHT = 10, 8, 100
"""Of the nights: from one bar to the next, a bar's width, and the longest one's length."""

SPARK_WIDTH, SPARK_HEIGHT = 56, 14

_LONGEST = 2.5
"""Of the usual length: what takes longer, as the first night does, is cut off there."""


@dataclass(frozen=True)
class Bar:
    """A run.

    Attributes:
        x: its left edge.
        height: of it.
        outcome: how it ended.
        text: the run in words.
        is_cut: whether it took longer than the chart is high.
    """

    x: int
    height: int
    outcome: str
    text: str
    is_cut: bool


@dataclass(frozen=True)
class Nights:
    """The runs as a chart, the latest one on the right.

    Attributes:
        bars: of the runs, the latest first.
        gaps: the left edges of places where no run began for too long.
        longest: what the height of the chart stands for.
    """

    bars: tuple[Bar, ...]
    gaps: tuple[int, ...]
    longest: timedelta

    @property
    def outcomes(self) -> list[str]:
        """How its runs ended, each outcome once."""
        found = {bar.outcome for bar in self.bars}
        return [outcome for outcome in RunOutcome if outcome in found]


def nights(status: PipelineStatus) -> Nights:
    """Draws the last runs.

    Args:
        status: whose.
    """
    runs = status.runs[:NIGHTS]
    lengths = [run.seconds for run in runs if run.seconds]
    longest = min(max(lengths), _LONGEST * median(lengths)) if lengths else 0.0
    places = list(_places(status, runs))[:NIGHTS]
    bars = [
        _bar(run, (NIGHTS - 1 - place) * STEP, longest, outcome_of(run, status))
        for place, run in enumerate(places)
        if run
    ]
    gaps = [(NIGHTS - 1 - place) * STEP for place, run in enumerate(places) if run is None]
    return Nights(tuple(bars), tuple(gaps), timedelta(seconds=round(longest)))


def outcome_of(run: RunFacts, status: PipelineStatus) -> str:
    """How a run ended; one that never said so and is not at work has crashed."""
    at_work = status.running is not None and status.running.run_id == run.run_id
    if is_crashed(run):
        return RunOutcome.RUNNING if at_work else RunOutcome.CRASHED
    return run.status or ""


def _places(status: PipelineStatus, runs: Sequence[RunFacts]) -> Iterator[RunFacts | None]:
    """The runs, and None where none began for too long."""
    later = status.at
    for run in runs:
        if later - run.started_at > timedelta(hours=status.max_age_hours):
            yield None
        yield run
        later = run.started_at


def _bar(run: RunFacts, x: int, longest: float, outcome: str) -> Bar:
    seconds = run.seconds or 0.0
    height = round(HEIGHT * min(seconds / longest, 1.0)) if longest else 0
    parts = [outcome]
    if run.seconds is not None:
        parts.append(str(timedelta(seconds=round(run.seconds))))
    if run.tables_failed:
        parts.append(f"{run.tables_failed:,} failed")
    text = f"{moment(run.started_at)}: {', '.join(parts)}"
    return Bar(x, max(height, 2), outcome, text, seconds > longest)


def spark(values: Sequence[float]) -> str:
    """The points of a line through some values, from left to right; empty if it says nothing.

    Args:
        values: none is negative.
    """
    highest = max(values, default=0.0)
    if len(values) < 2 or not highest:
        return ""
    step = SPARK_WIDTH / (len(values) - 1)
    heights = (SPARK_HEIGHT - round(value / highest * (SPARK_HEIGHT - 2)) - 1 for value in values)
    return " ".join(f"{round(number * step)},{height}" for number, height in enumerate(heights))
