"""The command line of what makes the views over all clinics."""

from argparse import ArgumentParser

from opendental_pipeline.commands.command import Command


def _add_arguments(_: ArgumentParser) -> None:
    pass


UNION_VIEWS = Command(
    name="union-views",
    script="union_views.py",
    description="Make the views over all clinics, anew where a clinic's tables are others now. A"
    " run of all clinics does so itself; this is for clinics that are run one by one.",
    codes="0 they are there, 1 some could not be made, 2 configuration is bad",
    program="opendental_pipeline.programs.union_views",
    add_arguments=_add_arguments,
    of_clinic=False,
)
