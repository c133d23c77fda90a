"""The nightly job as a program: what it moves, what it says, and the report it leaves."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.runs.table_result import HopResult, TableResult
from opendental_pipeline.settings.tables_file import load_tables
from tests.conftest import Clinic
from tests.programs import environment, nightly, start, tables_made

PATIENT = """
    CREATE TABLE patient (
        PatNum bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, LName varchar(100) NOT NULL DEFAULT '',
        Birthdate date NOT NULL DEFAULT '0001-01-01',
        SecDateTEdit timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
    ) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3"""


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    """A clinic of three tables with seven rows."""
    clinic.sql(
        PATIENT,
        "INSERT INTO patient (LName, Birthdate, SecDateTEdit) VALUES"
        " ('Ng', '0000-00-00', '2020-01-01'), ('Li', '2000-00-00', '2020-01-01'),"
        " ('Lo', '2000-02-03', '2020-01-02')",
        "CREATE TABLE appointment (AptNum bigint PRIMARY KEY, Note text) ENGINE=MyISAM",
        "INSERT INTO appointment VALUES (1, 'a'), (2, '')",
        "CREATE TABLE recall (RecallNum bigint PRIMARY KEY) ENGINE=MyISAM",
        "INSERT INTO recall VALUES (1), (2)",
    )
    return clinic


def test_a_night_ends_with_a_table_and_leaves_a_report(practice: Clinic) -> None:
    before = datetime.now(UTC)
    done = nightly(practice, "--max-workers", "1")
    assert done.code == 0, done.err
    assert re.search(r"category.*tables.*success.*failed.*rows copied.*rows loaded", done.out)
    assert re.search(r"all\W+3\W+3\W+0\W+7\W+7\b", done.out)
    assert "Traceback" not in done.err
    assert done.out.startswith("all well: 3 tables, 7 rows copied, 7 loaded\n")

    report = done.report
    assert before <= datetime.fromisoformat(report["execution_date"]) <= datetime.now(UTC)
    assert datetime.fromisoformat(report["finished_at"]) >= before
    assert report["duration_seconds"] > 0
    assert report["environment"] == "production"
    assert report["configuration"]["total_tables_configured"] == 3
    results = report["processing_results"]
    assert (results["total_processed"], results["total_success"], results["success_rate"]) == (
        (3, 3, 1)
    )
    assert results["by_category"]["tiny"] == {
        "success": list(report["tables"]),
        "failed": [],
        "total": 3,
    }
    patient = report["tables"]["patient"]
    assert patient["success"] is True
    assert (patient["performance_category"], patient["batch_size_used"]) == ("tiny", 50_000)
    copied, loaded = patient["copy_result"], patient["load_result"]
    for hop in (copied, loaded):
        assert (hop["strategy_used"], hop["rows"], hop["error"]) == ("full_table", 3, None)
        assert hop["reason"]
        assert hop["seconds"] > 0
    assert copied["primary_column"] == "SecDateTEdit"
    assert copied["last_primary_value"] == "2020-01-02 00:00:00"
    assert (copied["coercions"], loaded["coercions"]) == ({}, {"Birthdate": 2})


def test_a_failed_table_is_told_and_the_others_arrive(practice: Clinic) -> None:
    variables = environment(practice)
    practice.sql("DROP TABLE recall", "INSERT INTO appointment VALUES (3, 'late')")
    file = practice.home / "gone.yml"
    (practice.home / "tables.yml").rename(file)
    assert "SOURCES__OPENDENTAL__TABLES_FILE" in variables
    done = nightly(practice, SOURCES__OPENDENTAL__TABLES_FILE=str(file))
    assert done.code == 1
    results = done.report["processing_results"]
    assert results["failed"] == ["recall"]
    assert (results["total_failed"], results["success_rate"]) == (1, 0.6667)
    assert results["by_category"]["tiny"]["failed"] == ["recall"]
    assert done.report["tables"]["recall"]["success"] is False
    error = done.report["tables"]["recall"]["copy_result"]["error"]
    assert "table recall, hop replication" in error
    assert error in done.out
    assert practice.differences() == []


def test_tables_are_chosen_by_argument_by_category_or_by_variable(practice: Clinic) -> None:
    wanted = {"patient", "appointment"}
    by_argument = nightly(practice, "--table", "patient", "--table", "appointment")
    assert (by_argument.code, set(by_argument.report["tables"])) == (0, wanted), by_argument.err
    assert not {"recall"} & set(tables_made(practice))

    practice.sql("UPDATE patient SET LName = 'Lu' WHERE PatNum = 1")
    names = "patient, appointment"
    by_variable = nightly(practice, SOURCES__OPENDENTAL__TABLES=names)
    assert (by_variable.code, set(by_variable.report["tables"])) == (0, wanted), by_variable.err
    assert by_variable.report["tables"]["patient"]["copy_result"]["strategy_used"] == "incremental"

    tables = practice.write_tables(recall={"performance_category": "small"})
    file = tables.rename(tables.with_name("sizes.yml"))
    by_category = nightly(
        practice, "--category", "small", SOURCES__OPENDENTAL__TABLES_FILE=str(file)
    )
    assert (by_category.code, set(by_category.report["tables"])) == (0, {"recall"})

    forced = nightly(practice, "--force-full", "--category", "tiny", "--category", "small")
    assert forced.code == 0
    hops = [
        hop
        for table in forced.report["tables"].values()
        for hop in (table["copy_result"], table["load_result"])
    ]
    assert [hop["force_full_applied"] for hop in hops] == [True] * 6
    assert forced.report["processing_results"]["rows_copied"] == 7
    assert practice.differences() == []


def test_a_dry_run_tells_what_would_be_copied_and_writes_nothing(practice: Clinic) -> None:
    first = nightly(practice, "--dry-run")
    assert first.code == 0, first.err
    assert "3 of 3 tables would be copied" in first.out
    assert re.search(r"patient\W+full_table\W+3\W+it was never copied", first.out)
    assert tables_made(practice) == []
    assert first.report == {}

    tuning = practice.tuning
    tuning.reading.overlap_seconds = 3600
    assert practice.run().failed == []
    made = tables_made(practice)
    practice.sql(
        "UPDATE patient SET LName = 'Lu' WHERE PatNum = 1",
        "INSERT INTO patient (LName) VALUES ('new')",
        "FLUSH TABLES",
    )
    rows = practice.rows(practice.analytics, "SELECT * FROM raw.patient ORDER BY 1")
    second = nightly(practice, "--dry-run", "--table", "patient")
    assert second.code == 0, second.err
    # the row of 2 January, the edited one and the new one
    assert re.search(
        r"patient\W+incremental\W+SecDateTEdit\W+2020-01-02 00:00:00\W+3\W", second.out
    )
    assert tables_made(practice) == made
    assert practice.rows(practice.analytics, "SELECT * FROM raw.patient ORDER BY 1") == rows


def test_the_test_environment_reads_its_own_variables_and_test_databases_only(
    practice: Clinic,
) -> None:
    plain = environment(practice)
    own = {f"TEST_{name}": plain.pop(name) for name in practice.environ}
    start_in = practice.home.parent
    variables = {**plain, **own, "ETL_ENVIRONMENT": "test"}
    other = {**variables, "TEST_MYSQL_REPLICATION_DB": "opendental_replication"}
    refused = start("nightly.py", environ=other, cwd=start_in)
    assert refused.code == 2
    assert "TEST_MYSQL_REPLICATION_DB must have `test` in its name" in refused.err
    assert tables_made(practice) == []
    file = start_in / "report.json"
    done = start("nightly.py", "--report", str(file), environ=variables, cwd=start_in)
    assert done.code == 0, done.err
    assert json.loads(file.read_text())["environment"] == "test"
    assert practice.differences() == []


def test_the_analyzer_writes_an_entry_for_every_table(practice: Clinic) -> None:
    output = practice.home / "new folder" / "tables.yml"
    variables = {**practice.variables(), "SOURCES__OPENDENTAL__TABLES_FILE": str(output)}
    done = start("analyze.py", "--output", str(output), environ=variables, cwd=Path("/"))
    assert done.code == 0, done.err
    assert "3 tables" in done.out
    tables = load_tables(output)
    assert set(tables.names()) == {"patient", "appointment", "recall"}
    assert tables.table("patient").cursor_columns == ("SecDateTEdit",)
    unset = {name: value for name, value in variables.items() if "PASSWORD" not in name}
    refused = start("analyze.py", "--output", str(output), environ=unset, cwd=Path("/"))
    assert refused.code == 2
    assert "OPENDENTAL_SOURCE_PASSWORD is missing" in refused.err
    assert load_tables(output) == tables


def test_a_report_is_plain_json_and_its_summary_fits_between_tasks() -> None:
    now = datetime.now(UTC)
    hop = HopResult(strategy_used="none", reason="r" * 200, coercions={"c": 1}, error="e" * 300)
    names = [f"{'t' * 55}{number:03}" for number in range(410)]
    report = RunReport(
        run_id="r",
        kind="nightly",
        host="here",
        version="1",
        environment="production",
        started_at=now,
        finished_at=now,
        config_age_days=1,
        total_tables_configured=410,
        tables={
            name: TableResult(
                table_name=name,
                performance_category="tiny",
                processing_priority="low",
                batch_size_used=1,
                copy_result=hop,
            )
            for name in names
        },
    )
    assert json.loads(json.dumps(report.to_json()))["tables"].keys() == set(names)
    assert len(json.dumps(report.summary())) < 48 * 1024
    assert report.summary()["processing_results"]["failed"] == names


def test_a_run_from_python_returns_the_same_report(practice: Clinic) -> None:
    report = practice.run("patient")
    assert json.loads(json.dumps(report.to_json())) == report.to_json()
    assert report.to_json()["tables"].keys() == {"patient"}
    assert report.summary()["processing_results"]["rows_loaded"] == 3
