"""Compares source, replication and raw row by row, and on demand mends what differs."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import astuple

from rich.console import Console
from rich.table import Table

from opendental_pipeline.reconcile.verify import VerifyResult
from opendental_pipeline.runs.console import print_report
from opendental_pipeline.runs.nightly import Options, run
from opendental_pipeline.runs.process import exit_code_of
from opendental_pipeline.runs.verify import verify

EQUAL, DIFFERENT = 0, 1

_KEYS_SHOWN = 10


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""
    errors = Console(stderr=True)

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
