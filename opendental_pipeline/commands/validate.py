"""The command line of what checks the configuration."""

from argparse import ArgumentParser

from opendental_pipeline.commands.command import Command


def _add_arguments(_: ArgumentParser) -> None:
    """It takes none."""


VALIDATE = Command(
    name="validate",
    script="validate.py",
    description="Check the whole configuration, and say all faults at once. Connects to nothing.",
    codes="0 valid, 2 something is wrong",
    program="opendental_pipeline.programs.validate",
    add_arguments=_add_arguments,
)
