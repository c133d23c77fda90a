"""The course of a benchmark: which tools and data its parts need, and what is measured in turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from rich.console import Console
from rich.progress import track

from bench import data
from bench.comparisons import comparisons
from bench.figures import FIRST, Line, Results, Series
from bench.first_load import Entrant, blocked_writer, long_texts, race
from bench.floor import Floor
from bench.nights import Copier, nights
from bench.others import Ingestr, Pgloader, Sling
from bench.ours import Ours
from bench.plain import Plain
from bench.programs import Workplace
from bench.servers import Route
from bench.tools import Tool
from demo.servers import Cluster

TOOLS = ("ours", "pgloader", "sling", "ingestr", "plain", "floor")
PARTS = (*TOOLS, "writer", "comparisons", "nights")

TABLE, CLINIC, TEXTS = "bench_table", "bench_clinic", "bench_texts"


@dataclass(frozen=True)
class Options:
    """What is measured.

    Attributes:
        rows: of the large table.
        plain_rows: of the one that plain dlt loads. It loads a tenth of it, too; what it would
            take for `rows` lies on the line through both.
        clinic_rows: of the 410 tables altogether.
        runs: of each contender.
        texts: how many long texts the memory is measured with; 0 for none.
        only: some of PARTS.
    """

    rows: int
    plain_rows: int
    clinic_rows: int
    runs: int
    texts: int
    only: Sequence[str]


def prepare(options: Options, place: Workplace, console: Console) -> dict[str, Tool]:
    """The first load's tools, installed, by part.

    Raises:
        BenchError: one cannot be installed.
    """
    known: dict[str, Tool] = {
        "ours": Ours(place),
        "pgloader": Pgloader(place),
        "sling": Sling(place),
        "ingestr": Ingestr(place),
        "plain": Plain(place),
        "floor": Floor(place),
    }
    found = {name: tool for name, tool in known.items() if name in options.only}
    for tool in found.values():
        console.print(f"preparing {tool.name}")
        tool.prepare()
    return found


def measure(
    options: Options,
    place: Workplace,
    cluster: Cluster,
    tools: Mapping[str, Tool],
    console: Console,
) -> Results:
    """Make the data and measure all parts.

    Args:
        options: what is measured.
        place: where programs write.
        cluster: new servers.
        tools: those that `prepare` made.
        console: told what happens.

    Raises:
        BenchError: something failed, or did not bring all rows.
    """
    ours, series, extras = Ours(place), list[Series | Line](), dict[str, float]()
    if tools or {"writer", "comparisons"} & set(options.only):
        show = partial(track, description=f"making {options.rows:,} rows", console=console)
        data.fill_table(cluster, TABLE, options.rows, show)
    if tools:
        series += _first_loads(options, cluster, tools, console)
    if "writer" in options.only:
        extras |= blocked_writer(ours, Route(cluster, TABLE, "bench_writer"))
    if "comparisons" in options.only:
        route = Route(cluster, TABLE, "bench_compared")
        series += comparisons(ours, route, options.rows, options.runs, console.print)
    if options.texts:
        console.print(f"making {options.texts} texts of {data.TEXT_MB} MB")
        data.fill_texts(cluster, TEXTS, options.texts)
        extras |= long_texts(ours, Route(cluster, TEXTS, TEXTS), options.texts)
    if "nights" in options.only:
        console.print("making a clinic of 410 tables")
        rows = data.fill_clinic(cluster, CLINIC, options.clinic_rows)
        copiers = [
            Copier(ours, Route(cluster, CLINIC, "nights_ours"), exact=True),
            Copier(Plain(place), Route(cluster, CLINIC, "nights_plain"), exact=False),
        ]
        series += nights(copiers, rows, options.runs, console.print)
    return Results(series, extras)


def _first_loads(
    options: Options, cluster: Cluster, tools: Mapping[str, Tool], console: Console
) -> list[Series | Line]:
    """All tools but plain dlt with all rows; that one with two smaller numbers and their line."""
    entrants = [
        Entrant(tool.name, tool, Route(cluster, TABLE, f"bench_{part}"), options.rows)
        for part, tool in tools.items()
        if part != "plain"
    ]
    plain = tools.get("plain")
    if plain:
        entrants += _samples(options, cluster, plain)
    series = race(entrants, options.runs, console.print)
    if not plain:
        return [*series]
    few, many = series[-2:]
    return [*series, Line(FIRST + plain.name, few, many, options.rows)]


def _samples(options: Options, cluster: Cluster, tool: Tool) -> list[Entrant]:
    most = min(options.plain_rows, options.rows)
    found = []
    for rows in (max(1, most // 10), most):
        database = f"{TABLE}_{rows}"
        data.copy_table(cluster, TABLE, database, rows)
        name = f"{tool.name}, {rows:,} rows"
        found.append(Entrant(name, tool, Route(cluster, database, database), rows))
    return found
