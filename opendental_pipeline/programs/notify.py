"""Tells people how everything stands, or tries whether they can be told."""

from argparse import Namespace
from collections.abc import Sequence

from rich.console import Console

from opendental_pipeline.notifying.notifier import Notifier
from opendental_pipeline.runs.process import exit_code_of
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.errors import DatabaseError
from opendental_pipeline.status.pipeline_status import pipeline_status

WELL, NEEDS_SOMEBODY = 0, 1


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""
    errors = Console(stderr=True)

    def work() -> int:
        notifier = Notifier.of(Settings.load())
        notifier.check_anybody()
        return _test(notifier, errors) if args.test else _check(notifier, errors)

    return exit_code_of(work, errors, "interrupted")


def _test(notifier: Notifier, errors: Console) -> int:
    failed = notifier.test()
    print_unsent(errors, failed)
    if failed:
        return NEEDS_SOMEBODY
    print("\n".join(f"told: {name}" for name in notifier.names))
    return WELL


def _check(notifier: Notifier, errors: Console) -> int:
    """Tells what is wrong; and raises, once it is told, why nobody can say.

    Raises:
        DatabaseError: PostgreSQL cannot be asked.
    """
    try:
        status = pipeline_status(tuning=notifier.tuning)
    except DatabaseError as error:
        print_unsent(errors, notifier.check(error))
        raise
    failed = notifier.check(status)
    print_unsent(errors, failed)
    print(status.verdict)
    return WELL if status.well and not failed else NEEDS_SOMEBODY


def print_unsent(errors: Console, failed: Sequence[str]) -> None:
    """Says who could not be told, a line each."""
    for text in failed:
        errors.print(f"not told: {text}", markup=False, highlight=False, soft_wrap=True)
