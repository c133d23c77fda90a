"""Says how everything stands."""

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from rich.console import Console

from opendental_pipeline.programs.clinic_night import ClinicStanding, look_at_all
from opendental_pipeline.runs.naming import some
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.process import exit_code_of
from opendental_pipeline.settings.clinic import own_file
from opendental_pipeline.settings.clinic_group import ClinicGroup
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.frozen import Frozen
from opendental_pipeline.settings.tables_faults import similar
from opendental_pipeline.settings.text_file import unwritable_reason
from opendental_pipeline.settings.tuning import Tuning
from opendental_pipeline.status.model import PipelineStatus
from opendental_pipeline.status.pipeline_status import pipeline_status
from opendental_pipeline.status.prometheus import write_metrics
from opendental_pipeline.status.shown import show

WELL, NEEDS_SOMEBODY = 0, 1


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""

    def work() -> int:
        if args.all_clinics:
            return _all_clinics(args)
        _check_writable("--html", args.html)
        _check_writable("--prometheus", args.prometheus)
        if args.prune:
            _prune()
        status = pipeline_status(max_age_hours=args.max_age, runs=max(args.runs or 1, 60))
        if args.html:
            # its templates take a while
            from opendental_pipeline.page.page import write_page  # noqa: PLC0415

            _write("--html", args.html, partial(write_page, status=status))
        if args.prometheus:
            _write("--prometheus", args.prometheus, lambda path: write_metrics(path, status))
        if args.table:
            status = _of_some(status, args.table)
        if args.json:
            print(status.model_dump_json(indent=2))
        else:
            show(Console(), status, tables=not args.problems, runs=args.runs or 0)
        return WELL if status.well else NEEDS_SOMEBODY

    return exit_code_of(work, Console(stderr=True), "interrupted")


def _all_clinics(args: Namespace) -> int:
    """How every clinic stands; those that need somebody first.

    Raises:
        ValidationError: something is asked that is one clinic's.
    """
    of_one = {"--table": args.table, "--runs": args.runs, "--max-age": args.max_age}
    of_one |= {"--prune": args.prune, "--clinic": args.clinic}
    if asked := [option for option, value in of_one.items() if value]:
        raise ValidationError(f"--all-clinics and {', '.join(asked)} exclude each other")
    _check_writable("--html", args.html)
    _check_writable("--prometheus", args.prometheus)
    standings = look_at_all(ClinicGroup.read().names, args.jobs)
    clinics = {one.name: one.status for one in standings}
    known = [status for status in clinics.values() if status]
    if args.html:
        # its templates take a while
        from opendental_pipeline.page.grid import write_grid  # noqa: PLC0415
        from opendental_pipeline.page.page import write_page  # noqa: PLC0415

        _write("--html", args.html, partial(write_grid, clinics=clinics))
        for name, status in clinics.items():
            if status:
                _write("--html", own_file(args.html, name), partial(write_page, status=status))
    if args.prometheus:
        _write("--prometheus", args.prometheus, lambda path: write_metrics(path, *known))
    if args.json:
        print(AllClinics(clinics=clinics).model_dump_json(indent=2))
    else:
        _show_all(standings, problems=args.problems)
    return WELL if all(one.well for one in standings) else NEEDS_SOMEBODY


class AllClinics(Frozen):
    """What `--all-clinics --json` prints.

    Attributes:
        clinics: by name; None where nobody can say how it stands.
    """

    schema_version: Literal[1] = 1
    clinics: Mapping[str, PipelineStatus | None]


def _show_all(standings: Sequence[ClinicStanding], *, problems: bool) -> None:
    ill = [one for one in standings if not one.well]
    console = Console()

    need = f"{len(ill)} of {len(standings)} clinics need somebody"
    say(console, need if ill else f"all {len(standings)} clinics are well")
    for one in ill if problems else [*ill, *(one for one in standings if one.well)]:
        say(console, f"{one.name}: {one.verdict}")
        for problem in one.problems if problems else ():
            say(console, f"  {problem.state}: {some(problem.tables)}: {problem.text}")
            if problem.command:
                say(console, f"    {problem.command}")


def _prune() -> None:
    """Forgets runs that are too old.

    Raises:
        DatabaseError: PostgreSQL cannot be asked, or the account may not.
    """
    # what writes to raw takes a while to load
    from opendental_pipeline.runs.run_history import RunHistory  # noqa: PLC0415

    with RunHistory.opened(Settings.load(), Tuning.load()) as history:
        runs, moves = history.prune(datetime.now(UTC))
        told = f"forgot {runs:,} runs and {moves:,} moves of tables, older than {history.days} days"
    print(told, file=sys.stderr)


def _check_writable(option: str, path: Path | None) -> None:
    """Sees that the file of an option can be written, before anything is asked.

    Raises:
        ValidationError: it cannot.
    """
    if path and (reason := unwritable_reason(path)):
        raise ValidationError(f"{option} {path} cannot be written: {reason}")


def _write(option: str, path: Path, write: Callable[[Path], None]) -> None:
    try:
        write(path)
    except OSError as error:
        raise ValidationError(f"{option} {path} cannot be written: {error.strerror}") from None


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
