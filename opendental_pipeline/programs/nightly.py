"""Moves what changed at the clinic through replication into PostgreSQL: the job of every night."""

from argparse import Namespace

from rich.console import Console
from rich.table import Table

from opendental_pipeline.programs.all_clinics import main as all_clinics
from opendental_pipeline.programs.around_run import AroundRun
from opendental_pipeline.runs.after_command import follow
from opendental_pipeline.runs.console import print_report
from opendental_pipeline.runs.log_file import log_to
from opendental_pipeline.runs.nightly import (
    NightlyRun,
    Options,
    raise_if_unmoved,
    run_to_end,
)
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.process import exit_code_of
from opendental_pipeline.runs.report_file import ReportFile
from opendental_pipeline.runs.run_header import RunHeader
from opendental_pipeline.runs.run_record import RunRecord
from opendental_pipeline.runs.signals import run_interruptibly
from opendental_pipeline.settings.errors import ValidationError

SUCCESS, SOME_FAILED = 0, 1


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""
    fault = log_to(args.log) if args.log else ""
    if args.all_clinics:
        return all_clinics(args, fault)
    options = Options(
        tables=args.table,
        categories=args.category,
        priorities=args.priority,
        force_full=args.force_full,
        max_workers=args.max_workers,
        confirmed=args.yes_i_mean_it,
        on_new_tables=args.on_new_tables,
        window=args.window,
    )
    errors = Console(stderr=True)
    around = AroundRun(errors)
    record = RunRecord(RunHeader.begin("nightly", options.asked))
    file = ReportFile(None if args.dry_run else args.report, errors)

    def work() -> int:
        if fault:
            raise ValidationError(fault)
        if args.dry_run:
            return print_plan(Console(), options)
        file.check()
        around.begin(record.header.run_id)
        report, cause = run_to_end(options, record, console=errors)
        file.write(report)
        if cause is None or report.moved:
            print_report(Console(stderr=args.summary), report, coercions=args.coercions)
        raise_if_unmoved(report, cause)
        if followed := follow(report, errors):
            file.write(followed)
        return (followed or report).exit_code

    interrupted = "interrupted; what was committed stays, and the next run goes on from there"
    code = exit_code_of(work, errors, interrupted, lambda e: file.write_first(record.report(e)))
    if file.report and not args.dry_run:
        around.end(file.report)
        if args.summary:
            print(file.report.one_line())
    return code


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
        say(console, f"failed: {error}")
    return SOME_FAILED if failed else SUCCESS
