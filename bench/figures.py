"""Figures and what is asked of them: runs of one kind, their median, ratios and limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.watch import Run


@dataclass(frozen=True)
class Series:
    """The runs of one contender at one thing.

    Attributes:
        name: such as `first load: sling`.
        runs: at least one, all of as many rows.
    """

    name: str
    runs: Sequence[Run]

    @property
    def seconds(self) -> float:
        """The median of the runs."""
        return median(run.usage.seconds for run in self.runs)

    @property
    def rows(self) -> int:
        """How many each run was about."""
        return self.runs[0].rows


@dataclass(frozen=True)
class Line:
    """What a contender that is too slow would take for more rows than it was given.

    The line through two series, so that what it takes for no row at all is not multiplied.

    Attributes:
        name: such as `first load: plain dlt`.
        few: the series of fewer rows.
        many: the one of more.
        rows: how many it would be.
    """

    name: str
    few: Series
    many: Series
    rows: int

    @property
    def runs(self) -> Sequence[Run]:
        """Those of both series."""
        return [*self.few.runs, *self.many.runs]

    @property
    def seconds(self) -> float:
        """Where the line is at so many rows; never less than what was measured."""
        slope = (self.many.seconds - self.few.seconds) / (self.many.rows - self.few.rows)
        return self.many.seconds + max(0.0, slope) * (self.rows - self.many.rows)


@dataclass(frozen=True)
class Limit:
    """What is asked: the first series takes at most so many times what the second one takes."""

    ours: str
    theirs: str
    at_most: float


@dataclass(frozen=True)
class Ratio:
    """A limit and what was measured.

    Attributes:
        limit: what is asked.
        ours: seconds of the one.
        theirs: seconds of the other.
    """

    limit: Limit
    ours: float
    theirs: float

    @property
    def value(self) -> float:
        """How many times the other's seconds it takes."""
        return self.ours / self.theirs

    @property
    def kept(self) -> bool:
        """Whether it is within the limit."""
        return self.value <= self.limit.at_most


FIRST = "first load: "
UNCHANGED = "night, nothing changed: "
CHANGED = "night, 0.5 % of 60 tables changed: "

COMPARED = "night, compared: "

LIMITS = (
    Limit(FIRST + "ours", FIRST + "pgloader", 1.0),
    Limit(FIRST + "ours", FIRST + "sling", 0.5),
    # Nothing is asked of this one; it is measured to know where it stands.
    Limit(FIRST + "ours", FIRST + "ingestr", float("inf")),
    Limit(FIRST + "ours", FIRST + "plain dlt, two hops", 0.05),
    Limit(FIRST + "ours", FIRST + "the clients alone", 0.8),
    Limit(UNCHANGED + "ours", UNCHANGED + "plain dlt, two hops", 0.2),
    Limit(CHANGED + "ours", CHANGED + "plain dlt, two hops", 0.5),
)


@dataclass(frozen=True)
class Results:
    """Everything that was measured.

    Attributes:
        series: in the order of the report.
        extras: single figures by name; the name ends with the unit.
    """

    series: Sequence[Series | Line]
    extras: Mapping[str, float]

    def ratios(self, limits: Sequence[Limit] = LIMITS) -> list[Ratio]:
        """The limits whose two series were measured."""
        seconds = {one.name: one.seconds for one in self.series}
        return [
            Ratio(limit, seconds[limit.ours], seconds[limit.theirs])
            for limit in limits
            if limit.ours in seconds and limit.theirs in seconds
        ]
