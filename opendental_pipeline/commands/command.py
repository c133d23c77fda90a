"""A program as whoever calls it sees it: its names, its arguments, its exit codes."""

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import NoReturn

from opendental_pipeline.runs.process import run_process
from opendental_pipeline.settings.clinic import VARIABLE as CLINIC


@dataclass(frozen=True)
class Command:
    """One program.

    Attributes:
        name: as a subcommand of `opendental`.
        script: its file in `pipelines/`.
        description: what it does.
        codes: what its exit codes mean.
        program: the module with its `main`, which gets the arguments and returns the exit code.
        add_arguments: gives a parser its arguments.
        of_clinic: whether it has to do with one of several clinics.
    """

    name: str
    script: str
    description: str
    codes: str
    program: str
    add_arguments: Callable[[ArgumentParser], None]
    of_clinic: bool = True

    def parse(self, arguments: Sequence[str] | None = None) -> Namespace:
        """Reads a command line; on a wrong one the process ends with 2, as argparse does.

        Args:
            arguments: of it; those of the process if not given.
        """
        parser = ArgumentParser(prog=self.script)
        self.describe(parser)
        return parser.parse_args(arguments)

    def describe(self, parser: ArgumentParser) -> None:
        """Gives a parser description, exit codes and arguments."""
        parser.description, parser.epilog = self.description, f"exit codes: {self.codes}"
        parser.add_argument("--version", action="version", version=version("opendental-pipeline"))
        if self.of_clinic:
            parser.add_argument(
                "--clinic",
                metavar="NAME",
                help="of several clinics this one (ETL_CLINIC)",
            )
        self.add_arguments(parser)

    def main(self, args: Namespace) -> int:
        """Does what was asked and returns the exit code."""
        if self.of_clinic and args.clinic:
            # where all settings are looked for, those of programs that this one starts too
            os.environ[CLINIC] = args.clinic
        work: Callable[[Namespace], int] = import_module(self.program).main
        return work(args)

    def start(self) -> NoReturn:
        """Is the program of this process."""
        run_process(lambda: self.main(self.parse()))


def add_all_clinics(parser: ArgumentParser, told: str) -> None:
    """Gives a parser the options of a job for all clinics.

    Args:
        parser: of the job.
        told: what it does then.
    """
    parser.add_argument("--all-clinics", action="store_true", help=told)
    told = "clinics at work at once; 2 if not given"
    parser.add_argument("--jobs", type=positive, default=2, metavar="N", help=told)


def positive(text: str) -> int:
    """A number of an argument, of which less than one makes no sense."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return number
