"""The command line of what tells people how everything stands."""

from argparse import ArgumentParser

from opendental_pipeline.commands.command import Command, add_all_clinics


def _add_arguments(parser: ArgumentParser) -> None:
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument(
        "--check",
        action="store_true",
        help="tell what is wrong now, as when a night never began: for a timer of its own",
    )
    chosen.add_argument(
        "--test",
        action="store_true",
        help="send a test to everybody, and name who does not take it",
    )
    add_all_clinics(parser, "with --check, of every clinic of clinics/")


NOTIFY = Command(
    name="notify",
    script="notify.py",
    description="Tell whom ETL_NOTIFY_URLS and ETL_HEARTBEAT_URL name. A run tells of itself; this"
    " tells of the run that never began.",
    codes="0 all well, 1 something is wrong, or could not be told, 2 configuration or the"
    " connection is bad",
    program="opendental_pipeline.programs.notify",
    add_arguments=_add_arguments,
)
