"""Tells people how everything stands, or tries whether they can be told."""

from argparse import Namespace
from collections.abc import Sequence

from rich.console import Console

from opendental_pipeline.notifying.notifier import Notifier
from opendental_pipeline.programs.all_clinics import notifier_of_all
from opendental_pipeline.programs.clinic_night import look_at_all, problems_of
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.process import exit_code_of
from opendental_pipeline.settings.clinic_group import ClinicGroup
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.errors import DatabaseError, ValidationError
from opendental_pipeline.status.pipeline_status import pipeline_status

WELL, NEEDS_SOMEBODY = 0, 1


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""
    errors = Console(stderr=True)

    def work() -> int:
        if args.all_clinics:
            return _of_all(args, errors)
        notifier = Notifier.of(Settings.load())
        notifier.check_anybody()
        return _test(notifier, errors) if args.test else _check(notifier, errors)

    return exit_code_of(work, errors, "interrupted")


def _of_all(args: Namespace, errors: Console) -> int:
    """Tells what is wrong in any clinic.

    Raises:
        ValidationError: a test is wanted, which is the same for all.
    """
    if args.test or args.clinic:
        option = "--test" if args.test else "--clinic"
        raise ValidationError(f"--all-clinics and {option} exclude each other")
    notifier = notifier_of_all()
    notifier.check_anybody()
    standings = look_at_all(ClinicGroup.read().names, args.jobs)
    failed = notifier.check_problems(problems_of(standings))
    print_unsent(errors, failed)
    ill = sum(not one.well for one in standings)
    print(f"{ill} of {len(standings)} clinics need somebody")
    return NEEDS_SOMEBODY if ill or failed else WELL


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
        say(errors, f"not told: {text}")
