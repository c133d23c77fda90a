"""The first load of one large table: every tool in turn, and in turn again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bench.data import HARMLESS, TEXT_MB, TEXTS_TABLE
from bench.figures import FIRST, Series
from bench.ours import Ours
from bench.servers import Route
from bench.tools import Tool, check_count
from bench.watch import Run, watched, writing


@dataclass(frozen=True)
class Entrant:
    """A tool, where it loads from and to, and how many rows.

    Attributes:
        name: of the series, after the words `first load`.
        tool: what loads.
        route: with a target of its own.
        rows: what is at the source, and must arrive.
    """

    name: str
    tool: Tool
    route: Route
    rows: int

    def load(self) -> Run:
        """One load into empty databases, checked and measured.

        Raises:
            BenchError: it failed, or not all rows arrived.
        """
        self.route.empty()
        run = watched(self.route.cluster, self.rows, partial(self.tool.first_load, self.route))
        check_count(self.tool, self.route, self.rows)
        return run


def race(entrants: Sequence[Entrant], runs: int, say: Callable[[str], None]) -> list[Series]:
    """Let every tool load so many times.

    They take turns, so that a machine that gets slower or faster does so for all alike.

    Args:
        entrants: the tools.
        runs: of each.
        say: told each result.

    Raises:
        BenchError: a load failed.
    """
    found: dict[str, list[Run]] = {entrant.name: [] for entrant in entrants}
    for turn in range(1, runs + 1):
        for entrant in entrants:
            run = entrant.load()
            found[entrant.name].append(run)
            say(
                f"first load {turn}/{runs}: {entrant.name} {run.usage.seconds:.2f} s,"
                f" {run.rows_per_second:,.0f} rows/s, {run.usage.peak_mb:,.0f} MB"
            )
    return [Series(FIRST + name, of_it) for name, of_it in found.items()]


def blocked_writer(ours: Ours, route: Route) -> dict[str, float]:
    """How long a workstation waits while the table is loaded; a load of its own, not a timed one.

    Raises:
        BenchError: the load failed.
    """
    route.empty()
    with writing(route.owner(), HARMLESS) as waits:
        ours.first_load(route)
    return {"longest wait of a writer at the source, seconds": max(waits, default=0.0)}


def long_texts(ours: Ours, route: Route, rows: int) -> dict[str, float]:
    """The memory that our pipeline needs for a table of very long texts.

    Raises:
        BenchError: the load failed.
    """
    route.empty()
    took = ours.first_load_of(TEXTS_TABLE, route)
    return {f"peak memory with {rows} texts of {TEXT_MB} MB, MB": took.usage.peak_mb}
