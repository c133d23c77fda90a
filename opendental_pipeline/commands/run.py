"""The command line of the job of every night."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from opendental_pipeline.commands.command import Command, add_all_clinics, positive
from opendental_pipeline.settings.choices import Category, OnNewTables, Priority
from opendental_pipeline.settings.window import Window


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--table", action="append", default=[], help="move this table (repeatable)")
    parser.add_argument(
        "--category",
        action="append",
        default=[],
        metavar="CATEGORY",
        help=f"move the tables of this category: {', '.join(Category)} (repeatable)",
    )
    parser.add_argument(
        "--priority",
        action="append",
        default=[],
        metavar="PRIORITY",
        help=f"move the tables of this priority: {', '.join(Priority)} (repeatable); with"
        " --category, of both",
    )
    parser.add_argument("--force-full", action="store_true", help="move every row, not the changes")
    parser.add_argument(
        "--yes-i-mean-it",
        action="store_true",
        help="delete or change as much of the tables as the source says, even nearly all",
    )
    parser.add_argument("--max-workers", type=positive, help="tables read or written at once")
    parser.add_argument(
        "--on-new-tables",
        choices=list(OnNewTables),
        type=OnNewTables,
        default=OnNewTables.ADD,
        help="what a run of all tables does with those that tables.yml does not know: move them by"
        " the analyzer's rules (add, the default), or only name them",
    )
    parser.add_argument(
        "--window",
        type=_window,
        metavar="HH:MM-HH:MM",
        help="refuse to begin at another time of the day, as a scheduler that catches up would:"
        " local time, may pass midnight",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print what would be copied, and stop"
    )
    parser.add_argument(
        "--coercions", action="store_true", help="list values that became others, by column"
    )
    add_all_clinics(parser, "move every clinic of clinics/, each by itself")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report as JSON")
    parser.add_argument(
        "--summary",
        action="store_true",
        help="print the report as one line of JSON, for an orchestrator, and all else on standard"
        " error",
    )
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="append all that is said to a file, with times"
    )


def _window(text: str) -> Window:
    try:
        return Window.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


RUN = Command(
    name="run",
    script="nightly.py",
    description="Copy what changed at the clinic into replication and load it into PostgreSQL.",
    codes="0 all well, 1 some tables failed, 2 nothing ran because configuration or a connection is"
    " bad, 3 refused: another run is at work, OpenDental is being upgraded, or it is outside of"
    " --window",
    program="opendental_pipeline.programs.nightly",
    add_arguments=_add_arguments,
)
