"""The command line of what tries the three servers."""

from argparse import ArgumentParser

from opendental_pipeline.commands.command import Command


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one document instead")


TEST_CONNECTIONS = Command(
    name="test-connections",
    script="test_connections.py",
    description="Try the three servers as a night uses them: names, network, login, encryption,"
    " privileges, options. What it makes, it takes away.",
    codes="0 a night can use them, perhaps with warnings; 2 something keeps it from that",
    program="opendental_pipeline.programs.test_connections",
    add_arguments=_add_arguments,
)
