"""However a run ends, no value of a row and no secret is in anything it wrote but the tables."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from opendental_pipeline.settings.home import CHECKOUT
from tests import programs
from tests.conftest import Clinic
from tests.interruption import end_session

CANARIES = ("Zanzibar", "zz9plural", "7331373", "6a7a6a7a6a")
"""In texts, as a key's clear value, as a number and in bytes; nowhere else."""

SECRETS = ("a hash key that nobody sees",)

PATIENT = """
    CREATE TABLE patient (
        PatNum int NOT NULL PRIMARY KEY, LName varchar(100) NOT NULL, Code int NOT NULL,
        SSN varchar(20), Scan blob, Born date,
        Edited timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
    ) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4"""
ROWS = """
    INSERT INTO patient (PatNum, LName, Code, SSN, Scan, Born) VALUES
        ({}, 'Zanzibar', 7331373, 'zz9plural', 0x6a7a6a7a6a, '1969-07-20'),
        ({}, 'Zanzibar\\0é😀', 7331373, 'zz9plural', 0x6a7a6a7a6a, '0000-00-00')"""

LOUD = {"RUNTIME__LOG_LEVEL": "DEBUG", "RUST_LOG": "debug", "RUST_BACKTRACE": "full"}
"""Whatever makes the tools below talk."""


@contextmanager
def source_held(clinic: Clinic) -> Iterator[Callable[[], list[int]]]:
    with clinic.source.connect() as connection:
        connection.exec_driver_sql("LOCK TABLES patient WRITE")
        yield lambda: waiting_in_mysql(clinic, "source")


@contextmanager
def replication_held(clinic: Clinic) -> Iterator[Callable[[], list[int]]]:
    with clinic.replication.connect() as connection:
        connection.exec_driver_sql("LOCK TABLES patient READ")
        yield lambda: waiting_in_mysql(clinic, "replication")


@contextmanager
def raw_held(clinic: Clinic) -> Iterator[Callable[[], list[int]]]:
    query = (
        f"SELECT pid FROM pg_stat_activity WHERE datname = '{clinic.name}'"
        " AND wait_event_type = 'Lock'"
    )
    with clinic.analytics.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE raw.patient IN SHARE MODE")
        yield lambda: [pid for (pid,) in clinic.rows(clinic.analytics, query)]


HOLDS = {"source": source_held, "replication": replication_held, "raw": raw_held}


def waiting_in_mysql(clinic: Clinic, tier: str) -> list[int]:
    query = (
        f"SELECT id FROM information_schema.processlist WHERE db = '{clinic.name}'"
        " AND state LIKE 'Waiting for table%' AND id <> CONNECTION_ID()"
    )
    return [session for (session,) in clinic.rows(getattr(clinic, tier), query)]


def run_into(clinic: Clinic, tier: str, action: str, variables: dict[str, str]) -> programs.Done:
    """Runs the job until it waits in a tier, and does something to it there."""
    report = clinic.home.parent / "report.json"
    with HOLDS[tier](clinic) as waiting:
        job = subprocess.Popen(
            [sys.executable, "-m", "pipelines.nightly", "--report", str(report)],
            cwd=CHECKOUT,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        acted = False
        while job.poll() is None and not (acted and action != "sever"):
            assert time.monotonic() < deadline, "the run neither waited nor ended"
            for session in waiting():
                acted = True
                if action == "sever":
                    end_session(clinic, tier, session)
                else:
                    job.send_signal(signal.Signals[action])
                    break
            time.sleep(0.1)
        for session in waiting():  # a server notices late that its client is gone
            end_session(clinic, tier, session)
    out, err = job.communicate(timeout=60)
    assert acted, f"the run ended before: {err}"
    written = json.loads(report.read_text()) if report.exists() else {}
    return programs.Done(job.returncode, out, err, written)


def assert_discreet(clinic: Clinic, done: programs.Done, secrets: tuple[str, ...]) -> None:
    said = [done.out, done.err, json.dumps(done.report)]
    tables = [name for (name,) in clinic.rows(clinic.replication, "SHOW TABLES")]
    mysql = [name for name in tables if name.startswith(("etl_", "_dlt_"))]
    said += [str(clinic.rows(clinic.replication, f"SELECT * FROM {name}")) for name in mysql]
    query = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'raw'"
        " AND (tablename LIKE 'etl_%' OR tablename LIKE '_dlt_%')"
    )
    own = [name for (name,) in clinic.rows(clinic.analytics, query)]
    said += [str(clinic.rows(clinic.analytics, f"SELECT * FROM raw.{name}")) for name in own]
    said += [unpacked for text in said for unpacked in states_in(text)]
    for file in clinic.home.rglob("*"):
        # rows may wait in a load package for the next run to throw them away
        if file.is_file() and file.suffix != ".csv":
            said.append(file.read_bytes().decode(errors="replace"))
    for word in (*CANARIES, *secrets):
        assert [text for text in said if word in text] == []


def states_in(text: str) -> list[str]:
    """dlt keeps its states as compressed text."""
    found = []
    for batch_tables in re.findall(r"[A-Za-z0-9+/=]{80,}", text):
        try:
            found.append(zlib.decompress(base64.b64decode(batch_tables)).decode())
        except (ValueError, zlib.error):
            continue
    return found


@pytest.mark.parametrize(
    ("tier", "action"),
    # each place and each ending; the whole product shows nothing more and takes minutes
    [
        *((tier, "sever") for tier in HOLDS),
        ("source", "SIGINT"),
        ("replication", "SIGKILL"),
        ("raw", "SIGTERM"),
    ],
)
def test_a_run_that_is_stopped_anywhere_tells_nothing(
    clinic: Clinic, tier: str, action: str
) -> None:
    clinic.environ["ETL_HASH_KEY"] = SECRETS[0]
    clinic.sql(PATIENT, ROWS.format(1, 2))
    hints: dict[str, Any] = {"patient": {"columns": {"SSN": {"hash": True}}}}
    assert clinic.run(tables=clinic.tables(**hints)).failed == []
    clinic.sql(ROWS.format(3, 4), "UPDATE patient SET LName = 'Zanzibar again' WHERE PatNum = 1")
    variables = {**programs.environment(clinic, clinic.write_tables(**hints)), **LOUD}
    passwords = tuple(value for name, value in variables.items() if name.endswith("_PASSWORD"))
    assert len(passwords) == 3

    done = run_into(clinic, tier, action, variables)

    expected = {"sever": 1, "SIGINT": 130, "SIGTERM": 130, "SIGKILL": -9}
    assert done.code == expected[action], done.err
    assert_discreet(clinic, done, (*SECRETS, *passwords))
    if action == "sever":
        hop = "raw" if tier == "raw" else "replication"
        assert f"table patient, hop {hop}: " in done.err
    assert clinic.run(tables=clinic.tables(**hints)).failed == []
    query = 'SELECT "PatNum", "LName" FROM raw.patient ORDER BY 1'
    names = ["Zanzibar again", "Zanzibaré😀", "Zanzibar", "Zanzibaré😀"]
    assert clinic.rows(clinic.analytics, query) == list(enumerate(names, 1))


@pytest.mark.parametrize("broken", ["source", "replication", "raw"])
def test_a_fault_of_our_own_tells_where_it_is_and_nothing_else(
    clinic: Clinic, broken: str, tmp_path: Any
) -> None:
    """Whatever a library says of a value, for example while it casts a column."""
    clinic.sql(PATIENT, ROWS.format(1, 2))
    place = {
        "source": "sources.opendental.projection.Projection.lines",
        "replication": "destinations.load_data.LoadDataWriter.run",
        "raw": "destinations.copy_rows.CopyWriter.run",
    }[broken]
    module, kind, method = place.rsplit(".", 2)
    (tmp_path / "sitecustomize.py").write_text(
        f"import {module} as module\n"
        "def fail(*_): raise TypeError('cannot cast Zanzibar to a number')\n"
        f"module.{kind}.{method} = fail\n"
    )
    path = os.pathsep.join(map(str, (tmp_path, CHECKOUT)))
    variables = {**programs.environment(clinic), **LOUD, "PYTHONPATH": path}
    job = subprocess.run(
        [sys.executable, "-m", "pipelines.nightly"],
        cwd=CHECKOUT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert job.returncode == 1, job.stderr
    assert "table patient, hop" in job.stderr
    assert "TypeError" in job.stderr
    assert_discreet(clinic, programs.Done(job.returncode, job.stdout, job.stderr, {}), SECRETS)
