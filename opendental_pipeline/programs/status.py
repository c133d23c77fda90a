"""Says how everything stands."""

from argparse import Namespace
from pathlib import Path

from rich.console import Console

from opendental_pipeline.runs.process import exit_code_of
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.tables_faults import similar
from opendental_pipeline.settings.text_file import unwritable_reason
from opendental_pipeline.status.model import PipelineStatus
from opendental_pipeline.status.pipeline_status import pipeline_status
from opendental_pipeline.status.prometheus import write_metrics
from opendental_pipeline.status.shown import show

WELL, NEEDS_SOMEBODY = 0, 1


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""

    def work() -> int:
        _check_writable("--html", args.html)
        _check_writable("--prometheus", args.prometheus)
        status = pipeline_status(max_age_hours=args.max_age, runs=max(args.runs or 1, 60))
        if args.html:
            # its templates take a while
            from opendental_pipeline.page.page import write_page  # noqa: PLC0415

            write_page(args.html, status)
        if args.prometheus:
            write_metrics(args.prometheus, status)
        if args.table:
            status = _of_some(status, args.table)
        if args.json:
            print(status.model_dump_json(indent=2))
        else:
            show(Console(), status, tables=not args.problems, runs=args.runs or 0)
        return WELL if status.well else NEEDS_SOMEBODY

    return exit_code_of(work, Console(stderr=True), "interrupted")


def _check_writable(option: str, path: Path | None) -> None:
    """Sees that the file of an option can be written, before anything is asked.

    Raises:
        ValidationError: it cannot.
    """
    if path and (reason := unwritable_reason(path)):
        raise ValidationError(f"{option} {path} cannot be written: {reason}")


def _of_some(status: PipelineStatus, names: list[str]) -> PipelineStatus:
    """The status of some tables.

    Raises:
        ValidationError: there is none of such a name.
    """
    known = {table.table_name: table for table in status.tables}
    unknown = [f"{name}{similar(name, known)}" for name in names if name not in known]
    if unknown:
        raise ValidationError(f"there is no table {', no '.join(unknown)}")
    problems = [p for p in status.problems if not p.tables or {*p.tables} & {*names}]
    tables = tuple(known[name] for name in names)
    return status.model_copy(update={"tables": tables, "problems": tuple(problems)})
