"""A job that a person or a timer starts: how it begins, and how it ends when it cannot work."""

import logging
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.signals import INTERRUPTED, PoliteEnd
from opendental_pipeline.runs.standard_streams import outlive_full_logs, tell_what_was_lost
from opendental_pipeline.settings.clinic import chosen
from opendental_pipeline.settings.errors import (
    ConfigurationError,
    DatabaseError,
    PipelineError,
    RefusedError,
)
from opendental_pipeline.settings.faults import fault_of, install_last_resort
from opendental_pipeline.settings.home import home
from opendental_pipeline.settings.libraries import check_libraries

if TYPE_CHECKING:
    from rich.console import Console

SOME_FAILED, NOTHING_DONE, REFUSED = 1, 2, 3

_POLITENESS = 5


def run_process(main: Callable[[], int]) -> NoReturn:
    """Runs a job as this process and ends with its exit code.

    Args:
        main: the job; what it needs is imported when signals are handled already.
    """
    PoliteEnd.install()
    # rows on their way and passwords are this account's alone, whoever else is on this machine
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    install_last_resort()
    outlive_full_logs()
    # what it logs of a lost connection is a traceback, and can quote a row
    logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
    # the databases on this machine come first
    os.nice(_POLITENESS)
    code = main()
    # Python gives handlers back to the system before it ends, which would end it with another code
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    tell_what_was_lost()
    if any(not thread.daemon for thread in threading.enumerate()[1:]):
        # what hangs at a server that does not answer would keep this process from its end
        os._exit(code)
    sys.exit(code)


def exit_code_of(
    work: Callable[[], int],
    errors: "Console",
    interrupted: str,
    ended_by: Callable[[BaseException], None] = lambda _: None,
    *,
    at_home: bool = True,
) -> int:
    """Does a job's work and returns its exit code, or tells in one message why it cannot.

    Args:
        work: returns an exit code.
        errors: where the message goes.
        interrupted: what is said when somebody ends the job.
        ended_by: is told what ended it.
        at_home: whether the job needs the configuration of this machine.
    """
    cause: PipelineError | KeyboardInterrupt
    try:
        check_libraries()
        if at_home:
            enter_home()
        return work()
    except (PipelineError, KeyboardInterrupt) as error:
        cause = error
    except Exception as error:  # noqa: BLE001  the last resort
        cause = fault_of(error, "the job")
    ended_by(cause)
    text = interrupted if isinstance(cause, KeyboardInterrupt) else str(cause)
    say(errors, text)
    return code_of(cause)


def enter_home() -> None:
    """Lets dlt find its files where all others of this machine are, whatever the working directory.

    Raises:
        ConfigurationError: there is no configuration, or dlt cannot read it.
    """
    place = home()
    # dlt takes a second
    from dlt.common.configuration.exceptions import ConfigProviderException  # noqa: PLC0415
    from dlt.common.known_env import DLT_DATA_DIR  # noqa: PLC0415
    from dlt.common.runtime.run_context import active as current_run_context  # noqa: PLC0415
    from dlt.common.runtime.run_context import switch_context  # noqa: PLC0415

    from opendental_pipeline.settings.variables import unreadable_files  # noqa: PLC0415

    try:
        switch_context(str(place))
        if clinic := chosen():
            # dlt's pipelines have one name each, whatever they read
            folder = Path(current_run_context().data_dir)
            if folder.parts[-2:] != ("clinics", clinic):
                os.environ[DLT_DATA_DIR] = str(folder / "clinics" / clinic)
    except (ConfigProviderException, OSError, UnicodeError) as error:
        raise unreadable_files(error) from None


def code_of(error: BaseException) -> int:
    """The exit code of a job that ended before it had done anything.

    Args:
        error: what ended it.
    """
    match error:
        case KeyboardInterrupt():
            return INTERRUPTED
        case RefusedError():
            return REFUSED
        case ConfigurationError() | DatabaseError():
            return NOTHING_DONE
        case _:
            return SOME_FAILED
