"""What is done around a run: people are told, a command is started, a log is kept."""

import json
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.runs.table_result import HopResult, TableResult
from opendental_pipeline.settings.home import CHECKOUT
from tests import programs, sinks
from tests.conftest import Clinic


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    return programs.two_tables(clinic)


def spoil(clinic: Clinic) -> None:
    """Lets a table fail from now on."""
    clinic.execute(clinic.analytics, 'ALTER TABLE raw.fee ADD CONSTRAINT odd CHECK ("n" < 301)')
    clinic.sql("INSERT INTO fee VALUES (301, 'secret')")


def command(code: str) -> str:
    return f'{sys.executable} -c "{code}"'


def test_a_good_night_starts_the_command_and_is_told_to_the_monitor_alone(
    practice: Clinic, tmp_path: Path
) -> None:
    log = tmp_path / "night.log"
    log.write_text("yesterday\n")
    with sinks.mail() as mail, sinks.web() as monitor:
        done = programs.nightly(
            practice,
            "--summary",
            "--log",
            str(log),
            AFTER__COMMAND=command("import os; print('models of', os.getcwd())"),
            ETL_NOTIFY_URLS=mail.url(),
            ETL_HEARTBEAT_URL=f"http://127.0.0.1:{monitor.port}/uuid?a=b",
        )
    assert done.code == 0, done.err
    (line,) = done.out.splitlines()
    assert json.loads(line)["after"]["exit_code"] == 0
    assert done.report["after"] == json.loads(line)["after"]
    assert f"models of {CHECKOUT}" in done.err.splitlines()
    assert done.err.index("all well: 2 tables") < done.err.index("models of")
    lines = log.read_text().splitlines()
    assert lines[0] == "yesterday"
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4} ", one) for one in lines[1:])
    assert [one.split(" ", 2)[2] for one in lines[1:]] == [*done.err.splitlines(), line]
    assert mail.taken == []
    (begin, begun, nothing), (end, ended, text) = monitor.taken
    assert (begin, urlsplit(begun).path, nothing) == ("GET", "/uuid/start", "")
    assert (end, urlsplit(ended).path) == ("POST", "/uuid/0")
    assert urlsplit(begun).query == urlsplit(ended).query
    assert re.fullmatch(r"a=b&rid=[0-9a-f-]{36}", urlsplit(ended).query)
    assert text.startswith("all well\n")


def test_a_failed_table_is_told_once_and_that_it_is_well_again_once(practice: Clinic) -> None:
    assert practice.run().failed == []
    with sinks.mail() as mail, sinks.web() as monitor:
        told = {
            "ETL_NOTIFY_URLS": mail.url(),
            "ETL_HEARTBEAT_URL": f"http://127.0.0.1:{monitor.port}",
            "NOTIFICATIONS__HEARTBEAT_STYLE": "plain",
            "AFTER__COMMAND": command("raise SystemExit(3)"),
        }
        spoil(practice)
        for _ in range(2):
            done = programs.nightly(practice, **told)
            assert (done.code, done.report["after"]) == (1, None)
        (failed,) = mail.taken
        assert failed["Subject"] == "OpenDental: 1 table failed"
        text = failed.get_content()
        assert "failed: fee: table fee, hop raw: " in text
        assert "  run: nightly.py --table fee" in text
        assert "partial, exit code 1" in text
        assert "secret" not in text
        practice.execute(practice.analytics, "ALTER TABLE raw.fee DROP CONSTRAINT odd")
        done = programs.nightly(practice, **told)
        assert (done.code, done.report["outcome"]) == (1, "success")
        assert done.report["after"]["exit_code"] == 3
        assert mail.taken[1]["Subject"] == "OpenDental: the last run failed"
        assert "ended with exit code 3" in mail.taken[1].get_content()
        assert monitor.taken == []
        done = programs.nightly(practice, **{**told, "AFTER__COMMAND": ""})
        assert done.code == 0
        assert [one["Subject"] for one in mail.taken[2:]] == ["OpenDental: recovered: all well"]
        assert [one[:2] for one in monitor.taken] == [("GET", "/")]
        mail.refused = "554 no"
        practice.sql("ALTER TABLE visit ADD COLUMN Phone varchar(20)")
        done = programs.nightly(practice, **told)
        assert "it answered 554" in done.err
        mail.refused = ""
        practice.sql("ALTER TABLE visit DROP COLUMN Phone")
        assert programs.nightly(practice, **{**told, "AFTER__COMMAND": ""}).code == 0
        assert "  visit: " in mail.taken[-1].get_content()


def test_a_night_without_postgresql_is_told_from_its_report(practice: Clinic) -> None:
    with sinks.mail() as mail:
        done = programs.nightly(practice, POSTGRES_ANALYTICS_PORT="1", ETL_NOTIFY_URLS=mail.url())
        assert done.code == 2
        (told,) = mail.taken
        assert told["Subject"] == "OpenDental: the last run failed"
        assert "Connection refused" in told.get_content()
        done = programs.nightly(practice, OPENDENTAL_SOURCE_HOST="", ETL_NOTIFY_URLS=mail.url())
        assert done.code == 2
        assert "OPENDENTAL_SOURCE_HOST is empty" in mail.taken[1].get_content()


def test_what_cannot_be_told_or_logged_is_said_before_anything_is_done(
    practice: Clinic, tmp_path: Path
) -> None:
    done = programs.nightly(practice, ETL_NOTIFY_URLS="slak://hunter2")
    assert (done.code, done.out) == (2, "")
    assert "ETL_NOTIFY_URLS: number 1 of 1 (slak://…) is no address that apprise knows" in done.err
    assert "hunter2" not in done.err + json.dumps(done.report)
    done = programs.nightly(practice, "--log", str(tmp_path / "no" / "night.log"))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"--log {tmp_path}/no/night.log cannot be written: No such file")
    done = programs.nightly(practice, AFTER__COMMAND="dbt 'build")
    assert (done.code, done.out) == (2, "")
    assert "command of [after] in .dlt/config.toml: No closing quotation" in done.err
    assert programs.tables_made(practice) == []


def test_a_command_that_goes_on_for_too_long_is_ended_with_all_that_it_started(
    practice: Clinic,
) -> None:
    sleeping = "import subprocess; subprocess.run(['sleep', '4321'])"
    done = programs.nightly(
        practice, AFTER__COMMAND=command(sleeping), AFTER__TIMEOUT_MINUTES="0.01"
    )
    assert done.code == 1
    assert "it was ended after 0.01 minutes (timeout_minutes of [after])" in done.err
    query = "SELECT status, exit_code, after_exit_code FROM raw.etl_runs"
    assert practice.rows(practice.analytics, query) == [("success", 1, -15)]
    assert "sleep 4321" not in processes()
    done = programs.nightly(practice, AFTER__COMMAND="no-such-program")
    assert done.code == 1
    assert "no-such-program cannot be started: No such file or directory" in done.err


def test_who_interrupts_a_run_interrupts_its_command(practice: Clinic) -> None:
    with programs.at_work(practice, AFTER__COMMAND="sleep 1234") as job:
        end = time.monotonic() + 60
        while "sleep 1234" not in processes():
            assert time.monotonic() < end
            time.sleep(0.1)
        job.send(signal.SIGTERM)
        assert job.process.returncode == 130
        assert job.ending() == ("success", 130)
    assert "sleep 1234" not in processes()
    query = "SELECT status, exit_code, after_exit_code FROM raw.etl_runs"
    assert practice.rows(practice.analytics, query) == [("success", 130, -15)]


def processes() -> str:
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


def test_the_line_for_an_orchestrator_is_short_whatever_failed() -> None:
    now = datetime.now(UTC)
    tables = {
        name: TableResult(
            table_name=name,
            performance_category="small",
            processing_priority="low",
            batch_size_used=1,
            copy_result=HopResult(strategy_used="full_table", reason="", error="▲" * 300),
        )
        for name in (f"{'▲' * 60}{n}" for n in range(2_000))
    }
    report = RunReport(
        run_id="1",
        kind="nightly",
        started_at=now,
        host="host",
        version="1",
        finished_at=now,
        exit_code=1,
        tables=tables,
        memory_alerts=tuple(tables),
        stopped="▲" * 9_000,
    )
    line = report.one_line()
    assert len(line.encode()) <= 48_000
    assert json.loads(line)["processing_results"]["total_failed"] == 2_000
