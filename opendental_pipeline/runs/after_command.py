"""What is started when a load was good: dbt, mostly."""

import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress

from opendental_pipeline.runs.report import AfterResult, RunReport
from opendental_pipeline.runs.run_header import RunOutcome
from opendental_pipeline.runs.signals import interruptible
from opendental_pipeline.settings.errors import EnvironmentSettingError
from opendental_pipeline.settings.home import home
from opendental_pipeline.settings.tuning import AfterTuning

_NOT_STARTED = 127
"""What a shell says of a command that there is not."""


def command_of(tuning: AfterTuning) -> list[str]:
    """The command and its arguments; empty if none is wanted.

    Args:
        tuning: that names it.

    Raises:
        EnvironmentSettingError: it is no command.
    """
    try:
        return shlex.split(tuning.command)
    except ValueError as error:
        raise EnvironmentSettingError(f"command of [after] in .dlt/config.toml: {error}") from None


def is_due(report: RunReport, tuning: AfterTuning) -> bool:
    """Whether a load was good enough."""
    good = {RunOutcome.SUCCESS, *([RunOutcome.PARTIAL] if tuning.after_partial else [])}
    return bool(tuning.command) and report.outcome in good and not report.stopped


def run_after(tuning: AfterTuning, ending_seconds: float) -> AfterResult:
    """Runs the command in this machine's home; what it says goes to standard error.

    Args:
        tuning: the command, and how long it may take.
        ending_seconds: that it has for its end, when it takes longer or somebody interrupts it.

    Raises:
        KeyboardInterrupt: somebody did.
    """
    command, began = command_of(tuning), time.monotonic()
    limit = 60 * tuning.timeout_minutes
    try:
        # a group of its own, so that whatever it starts ends with it
        child = subprocess.Popen(
            command,
            cwd=home(),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            start_new_session=True,
        )
    except OSError as error:
        reason = f"{command[0]} cannot be started: {error.strerror}"
        return AfterResult(exit_code=_NOT_STARTED, error=reason)
    error = ""
    try:
        with interruptible():
            child.wait(limit)
    except subprocess.TimeoutExpired:
        error = (
            f"it was ended after {tuning.timeout_minutes:g} minutes (timeout_minutes of [after])"
        )
    finally:
        _end(child, ending_seconds)
    seconds = round(time.monotonic() - began, 3)
    return AfterResult(exit_code=child.returncode, seconds=seconds, error=error)


def _end(child: subprocess.Popen[bytes], seconds: float) -> None:
    """Ends a command that has not ended, and all that it started."""
    if child.poll() is not None:
        return
    for number, wait in ((signal.SIGTERM, seconds), (signal.SIGKILL, seconds)):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(wait)
            return
