"""The command line of what checks the configuration."""

from argparse import ArgumentParser

from opendental_pipeline.commands.command import Command, add_all_clinics


def _add_arguments(parser: ArgumentParser) -> None:
    add_all_clinics(parser, "of every clinic of clinics/")


VALIDATE = Command(
    name="validate",
    script="validate.py",
    description="Check the whole configuration, and say all faults at once. Connects to nothing.",
    codes="0 valid, 2 something is wrong",
    program="opendental_pipeline.programs.validate",
    add_arguments=_add_arguments,
)
