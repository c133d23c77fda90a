"""The command line of what lays down a configuration to fill in."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from opendental_pipeline.commands.command import Command
from opendental_pipeline.settings.choices import Scheduler


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "directory", type=Path, metavar="DIR", help="where; made if it is not there"
    )
    parser.add_argument(
        "--with",
        dest="schedulers",
        type=_schedulers,
        default=(),
        metavar="SCHEDULER,…",
        help="add the files, filled in, that let one start a run every night:"
        f" {', '.join(Scheduler)}",
    )


def _schedulers(text: str) -> tuple[Scheduler, ...]:
    try:
        return tuple(Scheduler(name.strip()) for name in text.split(","))
    except ValueError:
        known = ", ".join(Scheduler)
        raise ArgumentTypeError(f"must be some of {known}, not {text!r}") from None


INIT = Command(
    name="init",
    script="init.py",
    description="Make a folder with the configuration to fill in. What is there already stays.",
    codes="0 made, 2 it cannot be written",
    program="opendental_pipeline.programs.init",
    add_arguments=_add_arguments,
    of_clinic=False,
)
