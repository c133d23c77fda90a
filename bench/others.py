"""Other tools that bring MySQL's rows to PostgreSQL in one hop: pgloader, sling, ingestr."""

import os
import shutil
from dataclasses import dataclass

from bench.data import TABLE
from bench.programs import BenchError, Workplace
from bench.servers import Route
from bench.tools import installed, printed
from bench.watch import Took
from demo.binaries import APT
from demo.servers import Server


def address(scheme: str, server: Server) -> str:
    """A server's database as a URL with its password: for the environment and private files."""
    return server.url().set(drivername=scheme, query={}).render_as_string(hide_password=False)


@dataclass(frozen=True)
class Pgloader:
    """pgloader, Debian's package."""

    place: Workplace
    name: str = "pgloader"
    loaded: str = f"bench.{TABLE}"

    def version(self) -> str:
        """As it prints it."""
        return printed(self.place.logs / "versions.log", "pgloader", "--version").splitlines()[0]

    def prepare(self) -> None:
        """Install the package."""
        if shutil.which("pgloader"):
            return
        if not shutil.which("apt-get"):
            raise BenchError("pgloader is missing; install it, or leave it out with --only")
        sudo = () if os.geteuid() == 0 else ("sudo", "-n")
        printed(self.place.logs / "install.log", *sudo, "sh", "-c", APT, "install", "pgloader")

    def first_load(self, route: Route) -> Took:
        """Load with pgloader's defaults: workers, batches, and NULL for zero dates."""
        script = self.place.scratch / "pgloader.load"
        script.touch(mode=0o600)
        script.write_text(
            f"LOAD DATABASE FROM {address('mysql', route.reader)}\n"
            f"INTO {address('postgresql', route.analytics)}\n"
            f"INCLUDING ONLY TABLE NAMES MATCHING '{TABLE}'\n"
            # As the others do; with all of the source's indexes it would take much longer.
            "WITH include drop, create tables, create no indexes, no foreign keys\n"
            f"ALTER SCHEMA '{route.source_database}' RENAME TO 'bench';\n"
        )
        # pgloader ends well whatever happened to the rows: they are counted afterwards.
        return Took(self.place.run(self.name, ["pgloader", script], {}), {})


@dataclass(frozen=True)
class _Wheel:
    """A tool from the package index, in a virtual environment of its own."""

    place: Workplace
    requirement: str
    name: str
    loaded: str = f"bench.{TABLE}"

    def version(self) -> str:
        """The one that is asked for."""
        return self.requirement.partition("==")[2]

    def prepare(self) -> None:
        """Install it."""
        installed(self.place, self.requirement)


@dataclass(frozen=True)
class Sling(_Wheel):
    """sling, the program that its wheel brings along."""

    requirement: str = "sling-linux-amd64==1.4.11"
    name: str = "sling"

    def first_load(self, route: Route) -> Took:
        """Load with sling's defaults."""
        environ = {
            "SLING_HOME_DIR": str(self.place.scratch / "sling"),
            "SLING_DISABLE_TELEMETRY": "true",
            "CLINIC": address("mysql", route.reader),
            "ANALYTICS": address("postgresql", route.analytics) + "?sslmode=disable",
        }
        stream = f"{route.source_database}.{TABLE}"
        command = [self._program, "run", "--mode", "full-refresh", "--src-conn", "CLINIC"]
        command += ["--src-stream", stream, "--tgt-conn", "ANALYTICS", "--tgt-object", self.loaded]
        return Took(self.place.run(self.name, command, environ), {})

    @property
    def _program(self) -> str:
        folder = installed(self.place, self.requirement)
        return str(next(folder.glob("lib/python*/site-packages/sling_linux_amd64/bin/sling*")))


@dataclass(frozen=True)
class Ingestr(_Wheel):
    """ingestr."""

    requirement: str = "ingestr==0.14.155"
    name: str = "ingestr"

    def first_load(self, route: Route) -> Took:
        """Load with ingestr's defaults."""
        environ = {
            "DISABLE_TELEMETRY": "true",
            "INGESTR_DISABLE_TELEMETRY": "true",
            "SOURCE_URI": address("mysql", route.reader),
            "DESTINATION_URI": address("postgresql", route.analytics),
        }
        program = str(installed(self.place, self.requirement) / "bin/ingestr")
        command = [program, "ingest", "--source-table", f"{route.source_database}.{TABLE}"]
        command += ["--dest-table", self.loaded, "--incremental-strategy", "replace", "--yes"]
        return Took(self.place.run(self.name, command, environ), {})
