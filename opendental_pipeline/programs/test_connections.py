"""Tries the three servers as a night uses them."""

from argparse import Namespace
from collections.abc import Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table

from opendental_pipeline.runs.connection_checks import Check, Outcome, check_connections
from opendental_pipeline.runs.process import NOTHING_DONE, exit_code_of
from opendental_pipeline.runs.signals import interruptible
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.frozen import Frozen
from opendental_pipeline.settings.tuning import Tuning

USABLE = 0


class ConnectionReport(Frozen):
    """What came of all checks."""

    schema_version: Literal[1] = 1
    usable: bool
    checks: tuple[Check, ...]


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""

    def work() -> int:
        with interruptible():
            checks = tuple(check_connections(Settings.load(), Tuning.load()))
        usable = all(check.outcome is not Outcome.FAILED for check in checks)
        if args.json:
            print(ConnectionReport(usable=usable, checks=checks).model_dump_json(indent=2))
        else:
            show(Console(), checks)
        return USABLE if usable else NOTHING_DONE

    interrupted = "interrupted; a table that was left behind is dropped by the next test"
    return exit_code_of(work, Console(stderr=True), interrupted)


def show(console: Console, checks: Sequence[Check]) -> None:
    """Prints a row for each check.

    Args:
        console: where.
        checks: what came of them.
    """
    shown = Table()
    for name in ("server", "checked", "", "found", "ms"):
        shown.add_column(name, justify="right" if name == "ms" else "left")
    for check in checks:
        milliseconds = f"{check.milliseconds:,.0f}"
        shown.add_row(check.server, check.what, check.outcome, check.text, milliseconds)
    console.print(shown)
