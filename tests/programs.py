"""Runs the jobs as programs, the way cron does: another working directory, a bare environment."""

import json
import subprocess
import sys
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


def nightly(clinic: Clinic, *arguments: str, **variables: str) -> Done:
    """Runs the nightly job with a report; variables replace those of the clinic."""
    place = clinic.home.parent
    file = place / "report.json"
    file.unlink(missing_ok=True)
    environ = {**environment(clinic), **variables}
    done = start("nightly.py", "--report", str(file), *arguments, environ=environ, cwd=place)
    report = json.loads(file.read_text()) if file.exists() else {}
    return Done(done.code, done.out, done.err, report)


def tables_made(clinic: Clinic) -> list[str]:
    """Every table that a run has made so far, in replication and in PostgreSQL."""
    mysql = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
    postgres = (
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    found = clinic.rows(clinic.replication, mysql) + clinic.rows(clinic.analytics, postgres)
    return sorted(row[0] for row in found)
