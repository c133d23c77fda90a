"""The command line of the job that compares all tiers."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime

from opendental_pipeline.commands.command import Command


def _moment(text: str) -> str:
    try:
        return str(datetime.fromisoformat(text))
    except ValueError:
        raise ArgumentTypeError("must be a date or time, such as 2026-03-01") from None


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--table", action="append", default=[], help="compare this table (repeatable)"
    )
    parser.add_argument(
        "--since",
        type=_moment,
        metavar="TIME",
        help="compare only rows whose cursor is as late as this, such as 2026-03-01, where a table"
        " has a cursor",
    )
    parser.add_argument(
        "--repair", action="store_true", help="mend what differs, and compare those tables again"
    )
    parser.add_argument(
        "--yes-i-mean-it",
        action="store_true",
        help="repair even where much of a table is deleted or changed",
    )


VERIFY = Command(
    name="verify",
    script="verify.py",
    description="Compare all rows of replication with the source, and of raw with replication."
    " Only keys are printed, never values.",
    codes="0 all equal, 1 there are differences, or tables that cannot be compared, 2 configuration"
    " or a connection is bad, 3 a run is at work",
    program="opendental_pipeline.programs.verify",
    add_arguments=_add_arguments,
)
