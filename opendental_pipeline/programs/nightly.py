"""Moves what changed at the clinic through replication into PostgreSQL: the job of every night."""

import argparse
from pathlib import Path

from dlt.common.runtime.run_context import switch_context
from rich.console import Console
from rich.table import Table

from opendental_pipeline.runs.console import print_report
from opendental_pipeline.runs.new_tables import OnNewTables
from opendental_pipeline.runs.nightly import (
    NightlyRun,
    Options,
    raise_if_unmoved,
    run_to_end,
)
from opendental_pipeline.runs.process import exit_code_of
from opendental_pipeline.runs.report_file import ReportFile
from opendental_pipeline.runs.run_header import RunHeader
from opendental_pipeline.runs.run_record import RunRecord
from opendental_pipeline.runs.signals import run_interruptibly
from opendental_pipeline.settings.environment import PROJECT_ROOT
from opendental_pipeline.settings.table_config import Category

SUCCESS, SOME_FAILED = 0, 1


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="nightly.py",
        description="Copy what changed at the clinic into replication and load it into PostgreSQL.",
        epilog="exit codes: 0 all well, 1 some tables failed, 2 nothing ran because configuration"
        " or a connection is bad, 3 another run is at work, or OpenDental is being upgraded",
    )
    made.add_argument("--table", action="append", default=[], help="move this table (repeatable)")
    made.add_argument(
        "--category",
        action="append",
        default=[],
        metavar="CATEGORY",
        help=f"move the tables of this category: {', '.join(Category)} (repeatable)",
    )
    made.add_argument("--force-full", action="store_true", help="move every row, not the changes")
    made.add_argument(
        "--yes-i-mean-it",
        action="store_true",
        help="delete or change as much of the tables as the source says, even nearly all",
    )
    made.add_argument("--max-workers", type=_positive, help="tables read or written at once")
    made.add_argument(
        "--on-new-tables",
        choices=list(OnNewTables),
        type=OnNewTables,
        default=OnNewTables.ADD,
        help="what a run of all tables does with those that tables.yml does not know: move them by"
        " the analyzer's rules (add, the default), or only name them",
    )
    made.add_argument("--dry-run", action="store_true", help="print what would be copied, and stop")
    made.add_argument("--report", type=Path, metavar="FILE", help="write the report as JSON")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Runs the job and returns its exit code."""
    args = parser().parse_args(arguments)
    options = Options(
        tables=args.table,
        categories=args.category,
        force_full=args.force_full,
        max_workers=args.max_workers,
        confirmed=args.yes_i_mean_it,
        on_new_tables=args.on_new_tables,
    )
    errors = Console(stderr=True)
    switch_context(str(PROJECT_ROOT))
    record = RunRecord(RunHeader.begin("nightly", options.asked))
    file = ReportFile(None if args.dry_run else args.report, errors)

    def work() -> int:
        if args.dry_run:
            return print_plan(Console(), options)
        file.check()
        report, cause = run_to_end(options, record, console=errors)
        file.write(report)
        if cause is None or report.moved:
            print_report(Console(), report)
        raise_if_unmoved(report, cause)
        return report.exit_code

    interrupted = "interrupted; what was committed stays, and the next run goes on from there"
    return exit_code_of(work, errors, interrupted, lambda e: file.write(record.report(e)))


def print_plan(console: Console, options: Options) -> int:
    """Prints table, strategy, cursor, starting value and expected rows of what would be copied."""
    night = NightlyRun.prepare(options)
    ending = night.tuning.runs.ending_seconds
    plans, failed = run_interruptibly(night.look, night.connections.sessions.interrupt, ending)
    table = Table(title=f"{len(plans)} of {len(night.selection)} tables would be copied")
    for name in ("table", "strategy", "cursor", "from", "rows", "reason"):
        table.add_column(name, justify="right" if name == "rows" else "left")
    for plan, rows in plans:
        cursors = ", ".join(plan.cursors) if plan.where else "-"
        values = ", ".join(str(plan.watermarks.get(name, "-")) for name in plan.cursors)
        start = values if plan.where else "-"
        expected = "many" if rows is None else f"{rows:,}"
        table.add_row(plan.table.name, plan.strategy, cursors, start, expected, plan.reason)
    console.print(table)
    for error in failed:
        console.print(f"failed: {error}", markup=False, highlight=False, soft_wrap=True)
    return SOME_FAILED if failed else SUCCESS


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
