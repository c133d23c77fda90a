"""The command line of what makes and drops test databases."""

from argparse import ArgumentParser

from opendental_pipeline.commands.command import Command, positive

_ROWS = 10_000


def _add_arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="make what is missing, with a clinic as the source")
    create.add_argument(
        "--rows",
        type=positive,
        default=_ROWS,
        metavar="N",
        help=f"about how many rows the clinic has; {_ROWS:,} if not given",
    )
    actions.add_parser("drop", help="drop what create made")
    status = actions.add_parser("status", help="say what is there")
    status.add_argument("--json", action="store_true", help="print one document instead")


TEST_DATABASES = Command(
    name="test-databases",
    script="test_databases.py",
    description="Make a synthetic clinic and its two targets on your own servers, and drop them."
    " Only with ETL_ENVIRONMENT=test, and only databases with test in their names that are empty"
    " or carry the marker of this program.",
    codes="0 done, 2 configuration or a connection is bad, or an account lacks a privilege, 3"
    " refused: it may be somebody else's, and nothing was changed",
    program="opendental_pipeline.programs.test_databases",
    add_arguments=_add_arguments,
)
