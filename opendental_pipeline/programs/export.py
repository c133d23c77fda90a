"""Brings what changed in replication to another place, and says what came of it."""

from argparse import Namespace
from collections import Counter

from rich.console import Console

from opendental_pipeline.exporting.destination import TESTED
from opendental_pipeline.exporting.export import export
from opendental_pipeline.exporting.report import ExportReport
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.process import SOME_FAILED, exit_code_of
from opendental_pipeline.settings.environment import PostgresSchema, Settings

WELL = 0


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""
    errors = Console(stderr=True)

    def work() -> int:
        if args.to not in TESTED:
            say(errors, f"exports to {args.to} are untested; compare what came of it")
        settings = Settings.load()
        dataset = args.dataset or settings.schema_name(PostgresSchema.RAW)
        report = export(args.to, dataset, args.table, settings=settings)
        for one in report.failed:
            say(errors, f"table {one.table}: {one.error}")
        if args.json:
            print(report.model_dump_json(indent=2))
        else:
            say(Console(), summary(report))
        return SOME_FAILED if report.failed else WELL

    return exit_code_of(work, errors, "interrupted; the next export goes on")


def summary(report: ExportReport) -> str:
    """Says in one line what came of an export."""
    counts = Counter(one.outcome for one in report.tables)
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(counts.items()))
    rows = sum(one.rows for one in report.tables)
    deleted = sum(one.deleted for one in report.tables)
    return (
        f"{report.to}, {report.dataset}: {len(report.tables):,} tables ({outcomes}),"
        f" {rows:,} rows written, {deleted:,} deleted, in {report.seconds:,.1f} s"
    )
