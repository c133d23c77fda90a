"""What all tools have in common: who can do a first load, and who can do a night."""

import subprocess
import sys
from pathlib import Path
from typing import Protocol

from bench.data import TABLE
from bench.programs import BenchError, Workplace
from bench.servers import Route, connect_to, number
from bench.watch import Took


class Tool(Protocol):
    """Something that can load a table for the first time.

    Attributes:
        name: as the report names it.
        loaded: the table in PostgreSQL where its rows are then, quoted for SQL.
    """

    @property
    def name(self) -> str: ...

    @property
    def loaded(self) -> str: ...

    def version(self) -> str:
        """Its version, once it is prepared."""

    def prepare(self) -> None:
        """Install what is missing.

        Raises:
            BenchError: it cannot be installed.
        """

    def first_load(self, route: Route) -> Took:
        """Load `procedurelog` from the source into empty databases.

        Raises:
            BenchError: it failed.
        """


class Nightly(Protocol):
    """Something that keeps copies of all tables of a clinic."""

    @property
    def name(self) -> str: ...

    def first_night(self, route: Route) -> None:
        """Fill empty databases.

        Raises:
            BenchError: it failed.
        """

    def night(self, route: Route) -> Took:
        """Bring what changed since.

        Raises:
            BenchError: it failed.
        """


def check_count(tool: Tool, route: Route, rows: int) -> None:
    """Refuse a load that is not complete.

    Raises:
        BenchError: another number of rows arrived.
    """
    arrived = int(number(connect_to(route.analytics), f"SELECT COUNT(*) FROM {tool.loaded}"))
    if arrived != rows:
        raise BenchError(
            f"{tool.name} brought {arrived:,} of {rows:,} rows of {TABLE} to PostgreSQL."
        )


def installed(place: Workplace, requirement: str) -> Path:
    """A virtual environment with one package from PyPI, which is made the first time.

    Args:
        place: where tools are kept.
        requirement: with its exact version.

    Raises:
        BenchError: it cannot be made.
    """
    folder = place.tools / requirement.replace("==", "-")
    complete, log = folder / "complete", place.logs / "install.log"
    if not complete.exists():
        printed(log, sys.executable, "-m", "venv", "--clear", str(folder))
        printed(log, str(folder / "bin/python"), "-m", "pip", "install", "--quiet", requirement)
        complete.touch()
    return folder


def printed(log: Path, *command: str) -> str:
    """What a program prints, which is also appended to a log with its errors.

    Raises:
        BenchError: it failed.
    """
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    with log.open("a") as file:
        file.write(done.stdout + done.stderr)
    if done.returncode:
        raise BenchError(f"{Path(command[0]).name} failed: {(done.stdout + done.stderr)[-2_000:]}")
    return done.stdout.strip()
