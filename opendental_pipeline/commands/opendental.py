"""The installed script `opendental`: every program as a subcommand."""

from argparse import ArgumentParser
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

from opendental_pipeline.commands.analyze import ANALYZE
from opendental_pipeline.commands.config import CONFIG
from opendental_pipeline.commands.export import EXPORT
from opendental_pipeline.commands.init import INIT
from opendental_pipeline.commands.notify import NOTIFY
from opendental_pipeline.commands.run import RUN
from opendental_pipeline.commands.status import STATUS
from opendental_pipeline.commands.test_connections import TEST_CONNECTIONS
from opendental_pipeline.commands.test_databases import TEST_DATABASES
from opendental_pipeline.commands.union_views import UNION_VIEWS
from opendental_pipeline.commands.validate import VALIDATE
from opendental_pipeline.commands.verify import VERIFY
from opendental_pipeline.runs.process import run_process

COMMANDS = (
    RUN,
    STATUS,
    VALIDATE,
    TEST_CONNECTIONS,
    VERIFY,
    ANALYZE,
    EXPORT,
    UNION_VIEWS,
    CONFIG,
    NOTIFY,
    TEST_DATABASES,
    INIT,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program that is named first, and returns its exit code.

    Args:
        arguments: of the command line; those of the process if not given.
    """
    parser = ArgumentParser(
        prog="opendental",
        description="From OpenDental's MySQL to PostgreSQL, every night.",
        epilog="opendental COMMAND --help says more of each",
    )
    parser.add_argument("--version", action="version", version=version("opendental-pipeline"))
    programs = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        summary = command.description.split(". ")[0].removesuffix(".")
        command.describe(programs.add_parser(command.name, help=summary))
    args = parser.parse_args(arguments)
    chosen = next(command for command in COMMANDS if command.name == args.command)
    return chosen.main(args)


def start() -> NoReturn:
    """Is the program of this process."""
    run_process(main)
