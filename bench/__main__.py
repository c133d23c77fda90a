"""`make bench`: how fast the pipeline is beside other tools, on servers and data of its own."""

import argparse
import signal
import sys
from pathlib import Path

from rich.console import Console

from bench import data, report
from bench.course import PARTS, Options, measure, prepare
from bench.programs import BenchError, Workplace
from bench.servers import private, versions
from demo.binaries import MissingServersError
from demo.processes import ServerFailedError
from opendental_pipeline.settings.home import CHECKOUT

KEPT, MISSED, BROKEN = 0, 1, 2


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog="exit codes: 0 every measured ratio is within its limit, 1 one is not,"
        " 2 the benchmark could not be finished",
    )
    made.add_argument("--rows", type=_positive, default=1_000_000, help="of the large table")
    made.add_argument(
        "--plain-rows",
        type=_positive,
        default=20_000,
        help="rows that plain dlt loads; what it would take for all is reckoned from it",
    )
    made.add_argument(
        "--clinic-rows", type=_positive, default=6_000, help="of the clinic's 410 tables"
    )
    made.add_argument("--runs", type=_positive, default=3, help="of each; the median counts")
    made.add_argument(
        "--texts",
        type=int,
        default=0,
        metavar="N",
        help=f"measure the memory with N texts of {data.TEXT_MB} MB, too",
    )
    made.add_argument(
        "--only", type=_parts, default=PARTS, metavar="PART,...", help=f"of {', '.join(PARTS)}"
    )
    made.add_argument(
        "--output", type=Path, default=CHECKOUT / ".bench", metavar="DIR", help="its folder"
    )
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark and return its exit code."""
    args = vars(parser().parse_args(arguments))
    place = Workplace(args.pop("output").resolve())
    console = Console(soft_wrap=True, highlight=False)
    try:
        return run(Options(**args), place, console)
    except (BenchError, MissingServersError, ServerFailedError) as error:
        console.print(f"the benchmark ended: {error}", style="red", markup=False)
        return BROKEN
    except KeyboardInterrupt:
        console.print("interrupted; the servers are stopped")
        return BROKEN


def run(options: Options, place: Workplace, console: Console) -> int:
    """Measure, print and write; the exit code.

    Args:
        options: what is measured.
        place: where everything is kept.
        console: told what happens.

    Raises:
        BenchError: a tool is missing, or failed.
        MissingServersError: there are no servers.
        ServerFailedError: a server does not start.
    """
    place.clean()
    tools = prepare(options, place, console)
    try:
        with private(place.directory / "servers", console.print) as cluster:
            results = measure(options, place, cluster, tools, console)
            known = versions(cluster) | {tool.name: tool.version() for tool in tools.values()}
    finally:
        place.remove_scratch()
    console.print(report.table(results))
    console.print(report.details(results))
    for path in report.write(place.directory, results, known, vars(options)):
        console.print(str(path), markup=False)
    return KEPT if all(ratio.kept for ratio in results.ratios()) else MISSED


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _parts(text: str) -> tuple[str, ...]:
    parts = text.split(",")
    if unknown := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return tuple(part for part in PARTS if part in parts)


if __name__ == "__main__":
    # whoever ends it politely ends it as Ctrl-C does, so that the servers stop
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
