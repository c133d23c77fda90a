"""The command line of what lays down a configuration to fill in."""

from argparse import ArgumentParser
from pathlib import Path

from opendental_pipeline.commands.command import Command


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "directory", type=Path, metavar="DIR", help="where; made if it is not there"
    )


INIT = Command(
    name="init",
    script="init.py",
    description="Make a folder with the configuration to fill in. What is there already stays.",
    codes="0 made, 2 it cannot be written",
    program="opendental_pipeline.programs.init",
    add_arguments=_add_arguments,
    of_clinic=False,
)
