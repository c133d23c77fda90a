"""A run has one beginning and one ending, and says truly which it was, whatever happens."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from opendental_pipeline.settings.home import CHECKOUT
from tests import programs
from tests.conftest import Clinic
from tests.interruption import kill_between_data_and_state

VISIT = "CREATE TABLE visit (VisitNum int NOT NULL PRIMARY KEY, Note text) ENGINE=MyISAM"


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    clinic.sql(VISIT, "INSERT INTO visit VALUES (1, 'a')")
    return clinic


def history(clinic: Clinic) -> list[tuple[Any, ...]]:
    """Status, exit code and error of each run, oldest first."""
    query = "SELECT status, exit_code, error FROM raw.etl_runs ORDER BY started_at"
    return clinic.rows(clinic.analytics, query)


def endings(clinic: Clinic) -> list[tuple[str, int]]:
    return [(status, code) for status, code, _ in history(clinic)]


def test_a_good_night_has_a_row_that_says_what_it_was(practice: Clinic) -> None:
    done = programs.nightly(practice, "--table", "visit", AIRFLOW_CTX_DAG_RUN_ID="manual__1")
    assert done.code == 0, done.err
    (row,) = practice.rows(
        practice.analytics,
        "SELECT status, kind, exit_code, environment, orchestrator_run_id, options, host = ''"
        ", seconds > 0, peak_memory_mb > 0, tables_succeeded, rows_loaded FROM raw.etl_runs",
    )
    options = {"tables": ["visit"]}
    expected = ("success", "nightly", 0, "production", "manual__1", options, False, True, True)
    assert row == (*expected, 1, 1)
    report = {name: done.report[name] for name in ("outcome", "exit_code", "options", "kind")}
    assert report == {"outcome": "success", "exit_code": 0, "options": options, "kind": "nightly"}


def test_a_failed_table_makes_a_night_partial_and_a_failed_night_says_why(
    practice: Clinic,
) -> None:
    practice.sql("CREATE TABLE fee (FeeNum int PRIMARY KEY)", "INSERT INTO fee VALUES (1)")
    # a column that nobody knows cannot be hidden, so its table waits for a person
    hidden = {"columns": {"Nowhere": {"exclude": True}}}
    file = practice.write_tables(fee=hidden).rename(practice.home / "partial.yml")
    partial = programs.nightly(practice, SOURCES__OPENDENTAL__TABLES_FILE=str(file))
    assert (partial.code, partial.report["outcome"]) == (1, "partial")
    file = practice.write_tables(fee=hidden, visit=hidden).rename(practice.home / "failed.yml")
    failed = programs.nightly(practice, SOURCES__OPENDENTAL__TABLES_FILE=str(file))
    assert (failed.code, failed.report["outcome"]) == (1, "failed")
    assert endings(practice) == [("partial", 1), ("failed", 1)]


@pytest.mark.parametrize("tier", ["OPENDENTAL_SOURCE", "MYSQL_REPLICATION", "POSTGRES_ANALYTICS"])
def test_a_server_that_is_not_there_is_recorded_by_the_next_night(
    practice: Clinic, tier: str
) -> None:
    done = programs.nightly(practice, **{f"{tier}_PORT": "1"})
    assert done.code == 2
    assert (done.report["outcome"], done.report["exit_code"]) == ("failed", 2)
    assert "cannot connect to" in done.report["stopped"]
    assert done.report["tables"] == {}
    if tier == "POSTGRES_ANALYTICS":
        # what was kept is for the database that was meant
        assert programs.nightly(practice).code == 0
        assert endings(practice) == [("success", 0)]
        return
    assert programs.nightly(practice).code == 0
    assert endings(practice) == [("failed", 2), ("success", 0)]
    assert programs.nightly(practice).code == 0
    assert endings(practice) == [("failed", 2), ("success", 0), ("success", 0)]


def test_a_refused_night_leaves_a_report_of_its_own(practice: Clinic) -> None:
    assert programs.nightly(practice).report["outcome"] == "success"
    with practice.replication.connect() as other:
        other.exec_driver_sql(f"SELECT GET_LOCK('opendental:{practice.name}', 0)")
        refused = programs.nightly(practice)
    assert refused.code == 3
    assert (refused.report["outcome"], refused.report["exit_code"]) == ("refused", 3)
    assert "another run holds the lock" in refused.report["stopped"]
    assert programs.nightly(practice).code == 0
    assert endings(practice) == [("success", 0), ("refused", 3), ("success", 0)]


def test_a_night_with_a_bad_setting_leaves_a_report_of_its_own(practice: Clinic) -> None:
    report = practice.home.parent / "report.json"
    report.write_text('{"outcome": "success"}')
    environ = programs.environment(practice)
    del environ["MYSQL_REPLICATION_PASSWORD"]
    arguments = ("--report", str(report))
    done = programs.start("nightly.py", *arguments, environ=environ, cwd=practice.home)
    assert done.code == 2 and "MYSQL_REPLICATION_PASSWORD is missing" in done.err
    written = json.loads(report.read_text())
    assert (written["outcome"], written["exit_code"]) == ("failed", 2)
    assert "MYSQL_REPLICATION_PASSWORD is missing" in written["stopped"]


@pytest.mark.parametrize("place", ["gone/report.json", "."])
def test_a_report_that_cannot_be_written_is_refused_before_the_night(
    practice: Clinic, place: str
) -> None:
    arguments = ("--report", str(practice.home.parent / place))
    environ = programs.environment(practice)
    done = programs.start("nightly.py", *arguments, environ=environ, cwd=practice.home)
    assert done.code == 2
    assert "cannot be written" in done.err and "--report" in done.err
    assert "Traceback" not in done.err
    assert programs.tables_made(practice) == []


def test_a_killed_night_is_crashed_once_another_begins(practice: Clinic) -> None:
    assert programs.nightly(practice).code == 0
    practice.sql("INSERT INTO visit VALUES (2, 'b')")
    kill_between_data_and_state(practice, practice.write_tables(), "replication")
    assert [status for status, *_ in history(practice)] == ["success", "running"]
    assert programs.nightly(practice).code == 0
    assert endings(practice) == [("success", 0), ("crashed", None), ("success", 0)]


def test_what_is_kept_is_readable_by_its_user_alone_and_damage_to_it_does_no_harm(
    practice: Clinic,
) -> None:
    with practice.replication.connect() as other:
        other.exec_driver_sql(f"SELECT GET_LOCK('opendental:{practice.name}', 0)")
        assert programs.nightly(practice).code == 3
        assert programs.nightly(practice).code == 3
    files = sorted(practice.home.rglob("opendental_runs/*/*.json"))
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    files[0].write_text(files[0].read_text()[:100])
    assert programs.nightly(practice).code == 0
    assert endings(practice) == [("refused", 3), ("success", 0)]
    assert not any(file.exists() for file in files)


def test_a_night_is_recorded_where_this_machine_keeps_nothing(practice: Clinic) -> None:
    practice.home.mkdir(parents=True, exist_ok=True)
    (practice.home / "opendental_runs").write_text("a file where the folder would be")
    assert programs.nightly(practice).code == 0
    assert endings(practice) == [("success", 0)]


def test_a_history_of_an_earlier_version_gets_the_columns_of_today(practice: Clinic) -> None:
    practice.execute(
        practice.analytics,
        "CREATE SCHEMA raw",
        "CREATE TABLE raw.etl_runs (run_id varchar(64) PRIMARY KEY, environment varchar(16) NOT"
        " NULL, started_at timestamptz NOT NULL, finished_at timestamptz NOT NULL,"
        " tables_succeeded int NOT NULL, tables_failed int NOT NULL, rows_copied bigint NOT NULL,"
        " rows_loaded bigint NOT NULL)",
        "INSERT INTO raw.etl_runs VALUES ('good', 'test', now() - interval '2 days',"
        " now() - interval '2 days', 3, 0, 1, 1), ('bad', 'test', now() - interval '1 day',"
        " now() - interval '1 day', 3, 1, 1, 1)",
    )
    assert programs.nightly(practice).code == 0
    assert [status for status, *_ in history(practice)] == ["success", "partial", "success"]
    query = "SELECT indexname FROM pg_indexes WHERE indexname = 'etl_table_runs_by_table'"
    assert len(practice.rows(practice.analytics, query)) == 1


def test_an_interrupted_night_says_so_everywhere(practice: Clinic) -> None:
    report = practice.home.parent / "report.json"
    with practice.source.connect() as clerk:
        clerk.exec_driver_sql("LOCK TABLES visit WRITE")
        job = subprocess.Popen(
            [sys.executable, "-m", "pipelines.nightly", "--report", str(report)],
            cwd=CHECKOUT,
            env=programs.environment(practice),
            stderr=subprocess.PIPE,
            text=True,
        )
        query = (
            "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'"
            f" AND db = '{practice.name}'"
        )
        while not practice.rows(practice.source, query):
            assert job.poll() is None, "the run ended before it could be interrupted"
        job.terminate()
        clerk.exec_driver_sql("UNLOCK TABLES")
    _, said = job.communicate(timeout=60)
    assert job.returncode == 130, said
    written = json.loads(report.read_text())
    assert (written["outcome"], written["exit_code"]) == ("interrupted", 130)
    assert endings(practice) == [("interrupted", 130)]


FAULTS = {
    "while it plans": "opendental_pipeline.runs.copy_hop.CopyHop.plan",
    "while it connects": "opendental_pipeline.databases.engines.Connections.check",
    "in the second hop": "opendental_pipeline.runs.load_hop.LoadHop.load",
    "while it reads tables.yml": "opendental_pipeline.settings.tables_file.TablesFile.select",
    "in its report": "opendental_pipeline.runs.sampling.Sampling.sample",
}


@pytest.mark.parametrize("place", FAULTS.values(), ids=FAULTS)
def test_a_fault_that_nobody_foresaw_ends_a_night_in_one_line_and_is_recorded(
    practice: Clinic, place: str, tmp_path: Path
) -> None:
    module, kind, method = place.rsplit(".", 2)
    (tmp_path / "sitecustomize.py").write_text(
        f"import {module} as module\n"
        "def fail(*_, **__): raise TypeError('cannot cast Zanzibar to a number')\n"
        f"module.{kind}.{method} = fail\n"
    )
    path = os.pathsep.join(map(str, (tmp_path, CHECKOUT)))
    done = programs.nightly(practice, PYTHONPATH=path)
    assert done.code == 1, done.err
    lines = [
        line
        for line in (done.out + done.err).splitlines()
        if "failed: a fault of this program" in line
    ]
    assert lines and all(re.search(r"\(TypeError at \w+\.py:\d+\)", line) for line in lines)
    kept = Path(lines[-1].rpartition(" is in ")[2])
    assert "TypeError at" in kept.read_text()
    assert "Traceback" not in done.err
    for text in (done.out, done.err, kept.read_text(), json.dumps(done.report)):
        assert "Zanzibar" not in text
    assert done.report["exit_code"] == 1
    assert done.report["outcome"] in ("failed", "partial")
    assert practice.run().failed == []
    assert practice.differences() == []
    # recorded at once or by the next run, as what it was
    assert endings(practice)[0] == (done.report["outcome"], 1)
