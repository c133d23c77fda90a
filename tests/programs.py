"""Runs the jobs as programs, the way cron does: another working directory, a bare environment."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opendental_pipeline.settings.home import CHECKOUT
from tests.conftest import Clinic

# a lost connection is tried again without waiting, so that a refusal is quick
IMPATIENT = {
    f"{section}__CONNECTION__FIRST_WAIT_SECONDS": "0"
    for section in ("SOURCES__OPENDENTAL", "DESTINATION__REPLICATION", "DESTINATION__RAW")
}


@dataclass(frozen=True)
class Done:
    """A program that ended.

    Attributes:
        report: what it wrote with `--report`; empty if it did not.
    """

    code: int
    out: str
    err: str
    report: dict[str, Any]


def environment(clinic: Clinic, tables: Path | None = None) -> dict[str, str]:
    """The process environment of a job; by default with the analyzer's tables.yml."""
    file = tables or clinic.write_tables()
    return {**clinic.variables(), **IMPATIENT, "SOURCES__OPENDENTAL__TABLES_FILE": str(file)}


def start(job: str, *arguments: str, environ: dict[str, str], cwd: Path) -> Done:
    """Runs `python pipelines/<job>` somewhere and waits for it."""
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "pipelines" / job), *arguments],
        cwd=cwd,
        env={"COLUMNS": "200", "PYTHONPATH": str(CHECKOUT), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Done(done.returncode, done.stdout, done.stderr, {})


def write_settings(home: Path, settings: Mapping[str, str]) -> None:
    """Writes the `.env_production` of a home, or of a clinic of several."""
    home.mkdir(parents=True, exist_ok=True)
    file = home / ".env_production"
    file.write_text("".join(f"{name}='{value}'\n" for name, value in settings.items()))
    file.chmod(0o600)


def nightly(clinic: Clinic, *arguments: str, **variables: str) -> Done:
    """Runs the nightly job with a report; variables replace those of the clinic."""
    place = clinic.home.parent
    file = place / "report.json"
    file.unlink(missing_ok=True)
    environ = {**environment(clinic), **variables}
    done = start("nightly.py", "--report", str(file), *arguments, environ=environ, cwd=place)
    report = json.loads(file.read_text()) if file.exists() else {}
    return Done(done.code, done.out, done.err, report)


def two_tables(clinic: Clinic) -> Clinic:
    """Gives a clinic two small tables, whose texts nobody may tell."""
    for name in ("visit", "fee"):
        clinic.sql(
            f"CREATE TABLE {name} (n int NOT NULL PRIMARY KEY, Note text) ENGINE=MyISAM",
            f"INSERT INTO {name} SELECT seq, 'secret' FROM seq_1_to_300",
        )
    return clinic


def tables_made(clinic: Clinic) -> list[str]:
    """Every table that a run has made so far, in replication and in PostgreSQL."""
    mysql = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
    postgres = (
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    found = clinic.rows(clinic.replication, mysql) + clinic.rows(clinic.analytics, postgres)
    return sorted(row[0] for row in found)


@dataclass
class Job:
    """A nightly run as a program of its own.

    Attributes:
        process: it.
        report: where it writes how it ended.
    """

    process: subprocess.Popen[str]
    report: Path

    def send(self, number: int) -> tuple[float, str]:
        """Sends a signal; the seconds until the end, and what was said."""
        began = time.monotonic()
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=60)
        return time.monotonic() - began, said

    def ending(self) -> tuple[str, int]:
        """Outcome and exit code, as the report says."""
        written = json.loads(self.report.read_text())
        return written["outcome"], written["exit_code"]


@contextmanager
def program(
    clinic: Clinic, name: str, variables: Mapping[str, str], *arguments: str
) -> Iterator[subprocess.Popen[str]]:
    """A program that was started; it is killed if it is still there in the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"pipelines.{name}", *arguments],
        cwd=CHECKOUT,
        env={**environment(clinic), **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def at_work(clinic: Clinic, **variables: str) -> Iterator[Job]:
    """A run that was started."""
    report = clinic.home.parent / "report.json"
    report.unlink(missing_ok=True)
    with program(clinic, "nightly", variables, "--report", str(report)) as process:
        yield Job(process, report)


def until_it_listens(pid: int) -> None:
    """Waits until a process handles SIGTERM: the first thing that a program does."""
    end = time.monotonic() + 30
    while True:
        status = Path(f"/proc/{pid}/status").read_text()
        caught = int(status.partition("SigCgt:")[2].split()[0], 16)
        if caught >> (signal.SIGTERM - 1) & 1:
            return
        assert time.monotonic() < end
        time.sleep(0.005)
