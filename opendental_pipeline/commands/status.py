"""The command line of what says how everything stands."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from opendental_pipeline.commands.command import Command, add_all_clinics, positive


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0 < hours < float("inf"):
        raise ArgumentTypeError(f"must be a number of hours above 0, not {text!r}")
    return hours


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--table", action="append", default=[], help="only this table (repeatable)")
    parser.add_argument(
        "--problems", action="store_true", help="list no tables, but say what is wrong"
    )
    parser.add_argument(
        "--runs", type=positive, default=None, metavar="N", help="list the last N runs, too"
    )
    parser.add_argument(
        "--max-age",
        type=_hours,
        metavar="HOURS",
        help="after which a table is stale, and a run overdue; [status] max_age_hours if not given",
    )
    parser.add_argument(
        "--prune",
        action="store_true",
        help="first forget runs that are older than [runs] history_days, which each run does too",
    )
    add_all_clinics(parser, "of every clinic of clinics/")
    parser.add_argument("--json", action="store_true", help="print one document instead")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write it as a page for a browser, too"
    )
    parser.add_argument(
        "--prometheus",
        type=Path,
        metavar="FILE",
        help="write a file for Prometheus' textfile collector, too",
    )


STATUS = Command(
    name="status",
    script="status.py",
    description="Say how everything stands: the last runs, and every table. Takes no lock, asks"
    " PostgreSQL alone, and works while a run goes on.",
    codes="0 all well, 1 something needs a person, 2 configuration or the connection is bad",
    program="opendental_pipeline.programs.status",
    add_arguments=_add_arguments,
)
