"""A night of all clinics: one summary, one message, one exit code."""

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from dlt.common.pipeline import get_dlt_pipelines_dir
from rich.console import Console
from rich.table import Table

from opendental_pipeline.notifying.notifier import Notifier
from opendental_pipeline.notifying.told import ToldFile
from opendental_pipeline.programs.clinic_night import ClinicNight, look_at_all, problems_of
from opendental_pipeline.programs.clinic_processes import ClinicProcesses, code_of_all, say_of
from opendental_pipeline.programs.union_views import make_views
from opendental_pipeline.runs.after_command import run_told
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.process import SOME_FAILED, exit_code_of
from opendental_pipeline.runs.run_header import RunHeader
from opendental_pipeline.settings.clinic_group import ClinicGroup
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.orchestrator import fitting
from opendental_pipeline.settings.text_file import replace_text, unwritable_reason
from opendental_pipeline.settings.tuning import Tuning
from opendental_pipeline.status.model import Problem, State

_SILENT = {
    f"{prefix}{name}": ""
    for prefix in ("", "TEST_")
    for name in ("ETL_NOTIFY_URLS", "ETL_HEARTBEAT_URL")
} | {"AFTER__COMMAND": ""}
"""What the process of one clinic leaves to that of all."""

_NAMED = 100
"""Clinics that are named in a line that would be too long."""


def main(args: Namespace, fault: str) -> int:
    """Runs the job of every night for all clinics and returns its exit code.

    Args:
        args: of the command line.
        fault: what is wrong with it already; empty if nothing is.
    """
    errors = Console(stderr=True)

    def work() -> int:
        if fault:
            raise ValidationError(fault)
        _check(args)
        group = ClinicGroup.read()
        notifier = notifier_of_all()
        run_id = RunHeader.begin("nightly").run_id
        beginning = notifier.begin(run_id)
        nights = _run_all(args, group, errors)
        faults = make_views(group)
        code = _code(nights, faults)
        code = _after(code, nights, errors)
        _show(Console(stderr=args.summary), nights, faults)
        document = _document(run_id, code, nights, faults)
        if args.report:
            replace_text(args.report, json.dumps(document, indent=2) + "\n", 0o640)
        if args.summary:
            print(_line(document))
        if page := Tuning.load().status.page_path:
            _write_grid(page, nights, errors)
        problems = problems_of([night.standing for night in nights])
        problems += [Problem(state=State.FAILED, text=fault) for fault in faults]
        unsent = beginning.end(Tuning.load().notifications.send_seconds)
        unsent |= notifier.tell_all(problems, run_id, code)
        for name, reason in unsent.items():
            say(errors, f"not told: {name}: {reason}")
        return code

    return exit_code_of(work, errors, "interrupted; what was committed stays in every clinic")


def _check(args: Namespace) -> None:
    """Sees that what is asked makes sense for all clinics, and is asked in time.

    Raises:
        ValidationError: it does not.
        RunRefusedError: it is not.
    """
    if args.clinic or args.dry_run:
        option = "--clinic" if args.clinic else "--dry-run"
        raise ValidationError(f"--all-clinics and {option} exclude each other")
    if args.report and (reason := unwritable_reason(args.report)):
        raise ValidationError(f"--report {args.report} cannot be written: {reason}")
    if args.window:
        args.window.refuse_outside()


def _run_all(args: Namespace, group: ClinicGroup, errors: Console) -> list[ClinicNight]:
    """Moves all clinics, and asks then how each stands."""
    ending = 2 * Tuning.load().runs.ending_seconds
    asked = _options(args)
    processes = ClinicProcesses(args.jobs, partial(say_of, errors), _SILENT)
    ended = processes.run({name: ["run", "--summary", *asked] for name in group.names}, ending)
    standings = look_at_all(group.names, args.jobs)
    return [ClinicNight(ended[standing.name], standing) for standing in standings]


def _options(args: Namespace) -> list[str]:
    """What each clinic's run is asked, as it was asked of all."""
    asked = [f"--on-new-tables={args.on_new_tables}"]
    for option in ("table", "category", "priority"):
        asked += [f"--{option}={value}" for value in getattr(args, option)]
    for option in ("force_full", "yes_i_mean_it", "coercions"):
        asked += [f"--{option.replace('_', '-')}"] if getattr(args, option) else []
    # a clinic whose turn comes too late is refused, too
    for option in ("max_workers", "window"):
        value = getattr(args, option)
        asked += [f"--{option.replace('_', '-')}={value}"] if value else []
    return asked


def _code(nights: Sequence[ClinicNight], faults: Sequence[str]) -> int:
    """The one that all ended with, else that some need a person."""
    code = code_of_all(night.ended for night in nights)
    return SOME_FAILED if faults and not code else code


def _after(code: int, nights: Sequence[ClinicNight], errors: Console) -> int:
    """Runs the command that follows a good load of all, and says how everything ended."""
    tuning = Tuning.load()
    good = code == 0 or (tuning.after.after_partial and any(not n.ended.code for n in nights))
    if not (tuning.after.arguments and good):
        return code
    return run_told(tuning, errors).code_behind(code)


def _show(console: Console, nights: Sequence[ClinicNight], faults: Sequence[str]) -> None:
    """What becomes of each clinic, those that need somebody first."""
    shown = Table(title=f"{len(nights)} clinics", title_justify="left")
    for name in ("clinic", "exit code", "rows copied", "rows loaded", "how it stands"):
        shown.add_column(name, justify="right" if name.startswith("rows") else "left")
    for night in sorted(nights, key=lambda one: one.ended.code == 0):
        told = night.told
        rows = (f"{told['rows_copied']:,}", f"{told['rows_loaded']:,}")
        shown.add_row(night.name, str(night.ended.code), *rows, str(told["stands"]))
    console.print(shown)
    for fault in faults:
        say(console, f"failed: {fault}")


def _document(
    run_id: str, code: int, nights: Sequence[ClinicNight], faults: Sequence[str]
) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "run_id": run_id,
        "exit_code": code,
        "total_clinics": len(nights),
        "failed_clinics": sum(night.ended.code != 0 for night in nights),
        "clinics": {night.name: night.told for night in nights},
        "views_failed": list(faults),
    }


def _line(document: dict[str, Any]) -> str:
    """The document as a line that any orchestrator takes: where it is long, what failed alone."""
    failed = {n: told for n, told in document["clinics"].items() if told["exit_code"]}
    some = dict(list(failed.items())[:_NAMED])
    short = {**document, "clinics": some, "views_failed": document["views_failed"][:_NAMED]}
    return fitting(json.dumps(one, separators=(",", ":")) for one in (document, short))


def notifier_of_all() -> Notifier:
    """Who is told of all clinics together.

    Raises:
        ConfigurationError: an address or a tunable is wrong.
    """
    folder = Path(get_dlt_pipelines_dir()).parent / "opendental_runs"
    told = ToldFile(folder / "all_clinics.told")
    return replace(Notifier.of(None), told=told, name="OpenDental, all clinics")


def _write_grid(page: Path, nights: Sequence[ClinicNight], errors: Console) -> None:
    """Writes the page of all clinics; that it fails changes nothing."""
    # its templates take a while
    from opendental_pipeline.page.grid import write_grid  # noqa: PLC0415

    try:
        write_grid(page, {night.name: night.standing.status for night in nights})
    except OSError as error:
        say(errors, f"{page} could not be written: {error.strerror}")
