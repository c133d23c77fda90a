"""Compares source, replication and raw row by row, and on demand mends what differs."""

import argparse
from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime

from dlt.common.runtime.run_context import switch_context
from rich.console import Console
from rich.table import Table

from opendental_pipeline.reconcile.verify import VerifyResult
from opendental_pipeline.runs.console import print_report
from opendental_pipeline.runs.nightly import Options, run
from opendental_pipeline.runs.process import exit_code_of
from opendental_pipeline.runs.verify import verify
from opendental_pipeline.settings.environment import PROJECT_ROOT

EQUAL, DIFFERENT = 0, 1

_KEYS_SHOWN = 10


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="verify.py",
        description="Compare all rows of replication with the source, and of raw with replication."
        " Only keys are printed, never values.",
        epilog="exit codes: 0 all equal, 1 there are differences, or tables that cannot be"
        " compared, 2 configuration or a connection is bad, 3 a run is at work",
    )
    made.add_argument(
        "--table", action="append", default=[], help="compare this table (repeatable)"
    )
    made.add_argument(
        "--since",
        type=_moment,
        metavar="TIME",
        help="compare only rows whose cursor is as late as this, such as 2026-03-01, where a table"
        " has a cursor",
    )
    made.add_argument(
        "--repair", action="store_true", help="mend what differs, and compare those tables again"
    )
    made.add_argument(
        "--yes-i-mean-it",
        action="store_true",
        help="repair even where much of a table is deleted or changed",
    )
    return made


def main(arguments: list[str] | None = None) -> int:
    """Runs the job and returns its exit code."""
    args = parser().parse_args(arguments)
    errors = Console(stderr=True)
    switch_context(str(PROJECT_ROOT))

    def work() -> int:
        results = verify(Options(tables=args.table), since=args.since, console=errors)
        print_results(Console(), results)
        if args.repair and (differing := _differing(results)):
            options = Options(tables=differing, prove=True, confirmed=args.yes_i_mean_it)
            print_report(Console(), run(options, console=errors))
            results = verify(Options(tables=differing), console=errors)
            print_results(Console(), results)
        return DIFFERENT if _differing(results) else EQUAL

    return exit_code_of(work, errors, "interrupted; what was committed stays")


def _differing(results: Sequence[VerifyResult]) -> list[str]:
    return list(dict.fromkeys(result.table for result in results if not result.equal))


def print_results(console: Console, results: Sequence[VerifyResult]) -> None:
    """A row for each tier of a table that differs, the keys of some rows, and what failed."""
    tables = len({result.table for result in results})
    differing = [result for result in results if not result.equal]
    if not differing:
        console.print(f"{tables} tables are equal in all three tiers")
        return
    shown = Table(title=f"{len(_differing(results))} of {tables} tables differ")
    for name in ("table", "tier", "missing", "changed", "extra", "keys"):
        shown.add_column(
            name, justify="right" if name in ("missing", "changed", "extra") else "left"
        )
    for result in differing:
        count = result.found.count
        numbers = (f"{n:,}" for n in (count.missing, count.changed, count.extra))
        shown.add_row(result.table, result.tier, *numbers, result.error or _keys(result))
    console.print(shown)


def _keys(result: VerifyResult) -> str:
    found = result.found
    keys = [key for key in (*found.missing, *found.changed, *found.extra) if key]
    texts = ["-".join(map(str, key)) for key in keys[:_KEYS_SHOWN]]
    others = sum(astuple(found.count)) - len(texts) if keys else 0
    return ", ".join([*texts, f"and {others:,} more"] if others else texts)


def _moment(text: str) -> str:
    try:
        return str(datetime.fromisoformat(text))
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date or time, such as 2026-03-01") from None
