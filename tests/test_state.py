"""Rows and watermarks live and die together: killed runs, new machines, tables that vanished."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from opendental_pipeline.runs.report import RunReport
from tests.conftest import Clinic
from tests.interruption import kill_between_data_and_state

VISIT = """
    CREATE TABLE visit (
        VisitNum bigint NOT NULL PRIMARY KEY, Note varchar(50) NOT NULL,
        Edited timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
    ) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3"""
VISITS = "INSERT INTO visit VALUES (1, 'a', '2020-01-01'), (2, 'b', '2020-01-01'), (3, '', NOW())"

FEE = "CREATE TABLE fee (FeeNum int NOT NULL PRIMARY KEY, Amount double) ENGINE=InnoDB"
FEES = "INSERT INTO fee VALUES (1, 0.1), (2, NULL), (3, -3)"

LOG = "CREATE TABLE log (Word varchar(10)) ENGINE=MyISAM"
LOGS = "INSERT INTO log VALUES ('a'), ('a'), (NULL)"

EDITS = (
    "UPDATE visit SET Note = 'B' WHERE VisitNum = 2",
    "INSERT INTO visit (VisitNum, Note) VALUES (4, 'd')",
    "DELETE FROM fee WHERE FeeNum = 2",
    "INSERT INTO fee VALUES (4, 4)",
    "DELETE FROM log WHERE Word IS NULL",
    "INSERT INTO log VALUES ('a')",
)


def execute(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def first_night(clinic: Clinic) -> None:
    """Three tables, one for each way of reading, arrive."""
    clinic.sql(VISIT, VISITS, FEE, FEES, LOG, LOGS)
    assert clinic.run().failed == []


def reasons(report: RunReport, table: str) -> tuple[str, str]:
    """Why each hop did what it did."""
    result = report.tables[table]
    assert result.copy_result and result.load_result
    return result.copy_result.reason, result.load_result.reason


@pytest.mark.parametrize(
    ("hop", "machine"), [("replication", "the same machine"), ("raw", "a new machine")]
)
def test_a_run_killed_between_data_and_state_is_made_good(
    clinic: Clinic, tmp_path: Path, hop: str, machine: str
) -> None:
    first_night(clinic)
    clinic.sql(*EDITS)
    kill_between_data_and_state(clinic, clinic.write_tables(), hop)
    next_night = clinic
    if machine == "a new machine":
        next_night = clinic.on_a_new_machine(tmp_path / "elsewhere")
    clinic.sql("DELETE FROM fee WHERE FeeNum = 4", "INSERT INTO log VALUES ('b')")
    report = next_night.run()
    assert report.failed == []
    assert clinic.differences() == []


def test_a_new_machine_goes_on_from_the_watermarks(clinic: Clinic, tmp_path: Path) -> None:
    first_night(clinic)
    clinic.sql(*EDITS)
    report = clinic.on_a_new_machine(tmp_path / "elsewhere").run()
    visit, fee = report.tables["visit"], report.tables["fee"]
    assert visit.copy_result and visit.load_result and fee.load_result
    assert (visit.copy_result.strategy_used, visit.copy_result.rows) == ("incremental", 3)
    assert (visit.load_result.strategy_used, visit.load_result.rows) == ("incremental", 2)
    assert (fee.load_result.strategy_used, fee.load_result.rows) == ("incremental", 1)
    assert clinic.differences() == []


def test_what_vanished_from_raw_is_loaded_again(clinic: Clinic) -> None:
    first_night(clinic)
    execute(clinic.analytics, "TRUNCATE raw.visit", "DROP TABLE raw.fee", "TRUNCATE raw.log")
    clinic.sql("DELETE FROM fee WHERE FeeNum = 3")
    report = clinic.run()
    assert report.failed == []
    assert reasons(report, "visit")[1] == "raw has no rows of it"
    assert reasons(report, "fee")[1] == "raw has no rows of it"
    assert clinic.differences() == []


@pytest.mark.parametrize("how", ["DROP TABLE", "TRUNCATE"])
def test_what_vanished_from_replication_is_copied_again(clinic: Clinic, how: str) -> None:
    first_night(clinic)
    execute(clinic.replication, *(f"{how} {table}" for table in ("visit", "fee", "log")))
    # nobody has seen these leave: replication has no row of them to miss
    clinic.sql("DELETE FROM visit WHERE VisitNum = 1", "DELETE FROM fee WHERE FeeNum = 3")
    report = clinic.run()
    assert report.failed == []
    assert clinic.differences() == []


def test_a_replication_database_made_anew_is_filled_and_raw_stays_exact(clinic: Clinic) -> None:
    first_night(clinic)
    execute(clinic.replication, f"DROP DATABASE {clinic.name}", f"CREATE DATABASE {clinic.name}")
    clinic.sql("DELETE FROM visit WHERE VisitNum = 1", *EDITS)
    report = clinic.run()
    assert reasons(report, "visit") == (
        "it was never copied",
        "its copy in replication was made anew",
    )
    assert clinic.differences() == []


NEW_COLUMNS = (
    "ALTER TABLE visit ADD Fee int NOT NULL DEFAULT 7 AFTER VisitNum",
    # filled as an upgrade does it, without moving the cursor
    "UPDATE visit SET Fee = VisitNum, Edited = Edited",
    "ALTER TABLE fee ADD Memo varchar(20) NULL DEFAULT 'x'",
    "ALTER TABLE log ADD Number int NULL",
)


def test_a_new_column_appears_filled_and_a_removed_one_stays(clinic: Clinic) -> None:
    first_night(clinic)
    clinic.sql(*NEW_COLUMNS)
    report = clinic.run()
    assert reasons(report, "visit") == ("its columns Fee are new", "its columns Fee are new")
    assert clinic.differences() == []
    clinic.sql(
        "ALTER TABLE visit DROP Note",
        "ALTER TABLE fee DROP Amount",
        "INSERT INTO visit (VisitNum, Fee) VALUES (5, 5)",
        "INSERT INTO fee VALUES (5, 'e')",
    )
    report = clinic.run()
    assert report.failed == []
    assert clinic.differences() == []
    kept = 'SELECT "FeeNum", "Amount" FROM raw.fee ORDER BY 1'
    assert clinic.rows(clinic.analytics, kept) == [(1, 0.1), (2, None), (3, -3.0), (5, None)]
    notes = 'SELECT "Note" FROM raw.visit WHERE "VisitNum" IN (1, 5) ORDER BY "VisitNum"'
    assert clinic.rows(clinic.analytics, notes) == [("a",), (None,)]


@pytest.mark.parametrize("hop", ["replication", "raw"])
def test_a_new_column_is_filled_though_the_run_that_added_it_failed(
    clinic: Clinic, hop: str
) -> None:
    first_night(clinic)
    clinic.sql(*NEW_COLUMNS)
    if hop == "replication":
        refuse = "CREATE TRIGGER refuse BEFORE INSERT ON visit FOR EACH ROW SIGNAL SQLSTATE '45000'"
        execute(clinic.replication, refuse)
    else:
        odd = "ALTER TABLE raw.visit ADD CONSTRAINT odd CHECK (\"Note\" <> 'a') NOT VALID"
        execute(clinic.analytics, odd)
    assert clinic.run().failed == ["visit"]
    if hop == "replication":
        execute(clinic.replication, "DROP TRIGGER refuse")
    else:
        execute(clinic.analytics, "ALTER TABLE raw.visit DROP CONSTRAINT odd")
    assert clinic.run().failed == []
    assert clinic.differences() == []
