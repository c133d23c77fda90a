"""What is started when a load was good: dbt, mostly."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

from rich.console import Console

from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.report import AfterResult, RunReport
from opendental_pipeline.runs.run_header import RunOutcome
from opendental_pipeline.runs.run_history import RunHistory
from opendental_pipeline.runs.signals import interruptible
from opendental_pipeline.settings.around_tuning import AfterTuning
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.errors import PipelineError
from opendental_pipeline.settings.home import home
from opendental_pipeline.settings.tuning import Tuning

_LAST_WORDS_SECONDS = 2.0
_NOT_STARTED = 127
"""What a shell says of a command that there is not."""


def is_due(report: RunReport, tuning: AfterTuning) -> bool:
    """Whether a load was good enough."""
    good = {RunOutcome.SUCCESS, *([RunOutcome.PARTIAL] if tuning.after_partial else [])}
    return bool(tuning.command) and report.outcome in good and not report.stopped


def follow(report: RunReport, console: Console) -> RunReport | None:
    """Runs the command of the configuration if it is due.

    Args:
        report: of the run.
        console: where is said what is done.

    Returns:
        the report with how it ended, which is in the history too; None if it is not due.

    Raises:
        ConfigurationError: the configuration is wrong.
    """
    settings, tuning = Settings.load(), Tuning.load()
    if not is_due(report, tuning.after):
        return None

    result = run_told(tuning, console)
    code = result.code_behind(report.exit_code)
    followed = report.model_copy(update={"after": result, "exit_code": code})
    # a report that is not in the history yet is kept on this machine without it
    with suppress(PipelineError), RunHistory.opened(settings, tuning) as history:
        history.note_after(followed)
    return followed


def run_told(tuning: Tuning, console: Console) -> AfterResult:
    """Runs the command of the configuration, and says so.

    Args:
        tuning: the tunables.
        console: where.
    """
    say(console, f"started: {tuning.after.command}")
    result = run_after(tuning.after, tuning.runs.ending_seconds)
    if result.fault:
        say(console, f"{tuning.after.command}: {result.fault}")
    return result


def run_after(tuning: AfterTuning, ending_seconds: float) -> AfterResult:
    """Runs a command in this machine's home; what it says goes to standard error.

    Args:
        tuning: the command, and how long it may take.
        ending_seconds: that it has for its end, when it takes longer or somebody interrupts it.
    """
    command, began = tuning.arguments, time.monotonic()
    try:
        # a group of its own, so that whatever it starts ends with it
        child = subprocess.Popen(
            command,
            cwd=home(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            errors="replace",
        )
    except OSError as error:
        reason = f"{command[0]} cannot be started: {error.strerror}"
        return AfterResult(exit_code=_NOT_STARTED, error=reason)
    fault, interrupted = "", False
    said = threading.Thread(target=_pass_on, args=(child,), daemon=True)
    said.start()
    try:
        with interruptible():
            child.wait(60 * tuning.timeout_minutes)
    except subprocess.TimeoutExpired:
        fault = (
            f"it was ended after {tuning.timeout_minutes:g} minutes (timeout_minutes of [after])"
        )
    except KeyboardInterrupt:
        fault, interrupted = "somebody interrupted it", True
    _end(child, ending_seconds)
    # something that outlives it may still have the line
    said.join(_LAST_WORDS_SECONDS)
    return AfterResult(
        exit_code=child.returncode,
        interrupted=interrupted,
        seconds=round(time.monotonic() - began, 3),
        error=fault,
    )


def _pass_on(child: subprocess.Popen[str]) -> None:
    """Says what a command says, wherever this process does."""
    assert child.stdout is not None
    for line in child.stdout:
        sys.stderr.write(line)


def _end(child: subprocess.Popen[str], seconds: float) -> None:
    """Ends a command that has not ended, and all that it started."""
    if child.poll() is not None:
        return
    for number, wait in ((signal.SIGTERM, seconds), (signal.SIGKILL, seconds)):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(wait)
            return
