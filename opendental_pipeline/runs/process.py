"""A job that a person or a timer starts: how it begins, and how it ends when it cannot work."""

import os
import signal
import sys
from collections.abc import Callable

from rich.console import Console

from opendental_pipeline.settings.errors import (
    ConfigurationError,
    DatabaseError,
    PipelineError,
    RunRefusedError,
    install_redacting_excepthook,
)
from opendental_pipeline.settings.libraries import check_libraries

SOME_FAILED, NOTHING_DONE, REFUSED, INTERRUPTED = 1, 2, 3, 130

_POLITENESS = 5


def run_process(main: Callable[[], int]) -> None:
    """Runs a job as this process and ends with its exit code."""
    install_redacting_excepthook()
    # the databases on this machine come first
    os.nice(_POLITENESS)
    # whoever ends a job politely ends it as Ctrl-C does; a shell lets what it starts in the
    # background ignore that
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    sys.exit(main())


def exit_code_of(
    work: Callable[[], int],
    errors: Console,
    interrupted: str,
    ended_by: Callable[[BaseException], None] = lambda _: None,
) -> int:
    """Does a job's work and returns its exit code, or tells in one message why it cannot.

    Args:
        work: returns an exit code.
        errors: where the message goes.
        interrupted: what is said when somebody ends the job.
        ended_by: is told what ended it.
    """
    try:
        check_libraries()
        return work()
    except (PipelineError, KeyboardInterrupt) as error:
        ended_by(error)
        text = interrupted if isinstance(error, KeyboardInterrupt) else str(error)
        errors.print(text, markup=False, highlight=False, soft_wrap=True)
        return code_of(error)


def code_of(error: BaseException) -> int:
    """The exit code of a job that ended before it had done anything.

    Args:
        error: what ended it.
    """
    match error:
        case KeyboardInterrupt():
            return INTERRUPTED
        case RunRefusedError():
            return REFUSED
        case ConfigurationError() | DatabaseError():
            return NOTHING_DONE
        case _:
            return SOME_FAILED
