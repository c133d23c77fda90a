"""This pipeline, run as cron runs it: as a program, told everything by environment variables."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ruamel.yaml import YAML

from bench.data import TABLE
from bench.programs import Workplace
from bench.servers import Route
from bench.watch import Took
from opendental_pipeline.settings.home import CHECKOUT

DAY = 24 * 3600.0
"""Seconds that a run may take."""


@dataclass(frozen=True)
class Ours:
    """Both hops of the pipeline."""

    place: Workplace
    name: str = "ours"
    loaded: str = f'raw."{TABLE}"'

    def version(self) -> str:
        """The project's version, the commit if it is a clone, and dlt's version."""
        command = ["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty"]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
            commit = done.stdout.strip()
        except FileNotFoundError:
            commit = ""
        return f"{version('opendental-pipeline')} {commit} on dlt {version('dlt')}"

    def prepare(self) -> None:
        """Nothing to do: it is this project."""

    def first_load(self, route: Route) -> Took:
        """Load one table, with the entry that the analyzer writes for it."""
        return self.first_load_of(TABLE, route)

    def first_load_of(self, table: str, route: Route) -> Took:
        """The same of another table."""
        self._analyze(route)
        return self._nightly(route, "--table", table)

    def night_of(self, table: str, route: Route) -> Took:
        """A night of one table."""
        return self._nightly(route, "--table", table)

    def ask(self, route: Route, table: str, reconcile: Mapping[str, object]) -> None:
        """Change how often a table is compared, as a person would in tables.yml."""
        path, yaml = self._home(route) / "tables.yml", YAML()
        document = yaml.load(path)
        document["tables"][table]["reconcile"] = dict(reconcile)
        yaml.dump(document, path)

    def first_night(self, route: Route) -> None:
        """Analyze and load all tables."""
        self._analyze(route)
        self._nightly(route)

    def prepare_night(self, route: Route) -> None:
        """Analyze all tables."""
        self._analyze(route)

    def night(self, route: Route, timeout: float = DAY) -> Took:
        """A night of all tables.

        Raises:
            TimedOutError: it took longer than so many seconds, and was killed.
        """
        return self._run(route, "nightly.py", timeout=timeout)

    def verify(self, route: Route) -> Took:
        """A comparison of every row of all tables, in all tiers."""
        return self._run(route, "verify.py")

    def _analyze(self, route: Route) -> None:
        """Make a tables.yml, on a machine that has never run the pipeline before.

        It is not measured: it is done once, and a person reads what it wrote.
        """
        shutil.rmtree(self._home(route), ignore_errors=True)
        self._home(route).mkdir()
        self._run(route, "analyze.py", "--output", str(self._home(route) / "tables.yml"))

    def _nightly(self, route: Route, *arguments: str) -> Took:
        return self._run(route, "nightly.py", *arguments)

    def _run(self, route: Route, job: str, *arguments: str, timeout: float = DAY) -> Took:
        environ = route.environ() | {
            "DLT_DATA_DIR": str(self._home(route)),
            # this project, also where another copy of it is installed
            "PYTHONPATH": str(CHECKOUT),
            "SOURCES__OPENDENTAL__TABLES_FILE": str(self._home(route) / "tables.yml"),
        }
        command = [sys.executable, str(CHECKOUT / "pipelines" / job), *arguments]
        return Took(self.place.run(self.name, command, environ, timeout=timeout), {})

    def _home(self, route: Route) -> Path:
        return self.place.scratch / f"{self.name}-{route.target_database}"
