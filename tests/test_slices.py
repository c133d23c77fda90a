"""Large tables move in slices of their keys; an interrupted pass goes on where it stood."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.runs.table_result import HopResult
from opendental_pipeline.settings.tables_file import TablesFile
from opendental_pipeline.settings.tuning import RunTuning, Tuning
from tests.conftest import Clinic

SMALL = Tuning(runs=RunTuning(slice_rows=49))

CHUNKED: Mapping[str, Any] = {
    "extraction_strategy": "incremental_chunked",
    "incremental_columns": ["Edited"],
    "batch_size": 7,
    "reconcile": {"rows": "off"},
}

EDITED = "Edited datetime NOT NULL DEFAULT '2024-01-01'"

LEDGER = f"""
    CREATE TABLE ledger (
        LedgerNum bigint NOT NULL PRIMARY KEY, Amount double NOT NULL, {EDITED}
    ) ENGINE=MyISAM"""

# negative, sparse and irregular, the edges of the type included
SPARSE = """
    INSERT INTO ledger (LedgerNum, Amount)
    SELECT (n - 40) * n * 1000003 + n, n / 10
    FROM (SELECT CAST(seq AS SIGNED) AS n FROM seq_1_to_98) numbers
    UNION SELECT -9223372036854775808, 1 UNION SELECT 9223372036854775807, 2"""

LINE = f"""
    CREATE TABLE line (
        ClaimNum int NOT NULL, LineNum smallint NOT NULL, Fee decimal(9,2), {EDITED},
        PRIMARY KEY (ClaimNum, LineNum)
    ) ENGINE=InnoDB"""

LINES = """
    INSERT INTO line (ClaimNum, LineNum, Fee)
    SELECT CAST(c.seq AS SIGNED) - 5, CAST(l.seq AS SIGNED) - 3, c.seq * l.seq / 100
    FROM seq_1_to_10 c JOIN seq_1_to_10 l"""

LEDGER_COPY = f"""
    CREATE TABLE ledger (
        LedgerNum bigint NOT NULL PRIMARY KEY, Amount double NOT NULL, {EDITED},
        _replicated_at timestamp(6) NOT NULL DEFAULT current_timestamp(6)
        ON UPDATE current_timestamp(6), KEY (_replicated_at)
    )"""

FULL_DISK = (
    "CREATE TRIGGER full_disk BEFORE INSERT ON ledger FOR EACH ROW"
    " IF NEW.LedgerNum > 60 THEN SIGNAL SQLSTATE '45000'; END IF"
)

NUMBERED = "INSERT INTO ledger (LedgerNum, Amount) SELECT seq, seq / 10 FROM seq_1_to_100"


def chunked(clinic: Clinic) -> TablesFile:
    """All tables of the source in slices of 49 rows."""
    return clinic.tables(**dict.fromkeys(clinic.tables().tables, CHUNKED))


def both(report: RunReport, table: str) -> tuple[HopResult, HopResult]:
    """What both hops did with a table."""
    result = report.tables[table]
    assert result.copy_result and result.load_result
    return result.copy_result, result.load_result


def test_slices_carry_every_key_once_and_find_what_was_deleted(clinic: Clinic) -> None:
    clinic.sql(LEDGER, SPARSE, LINE, LINES)
    report = clinic.run(tables=chunked(clinic), tuning=SMALL)
    for table in ("ledger", "line"):
        copied, loaded = both(report, table)
        assert (copied.rows, copied.slices, copied.error) == (100, 3, None)
        # it follows the first hop, so its slices may be shorter
        assert (loaded.rows, loaded.slices >= 2, loaded.error) == (100, True, None)
    assert clinic.differences() == []

    clinic.sql(
        "UPDATE ledger SET Amount = -1, Edited = '2024-01-02' WHERE LedgerNum % 3 = 0",
        "INSERT INTO ledger VALUES (0, 0, '2024-01-03')",
        "UPDATE line SET Fee = NULL, Edited = '2024-01-02' WHERE LineNum = 0",
    )
    report = clinic.run(tables=chunked(clinic), tuning=SMALL)
    assert {hop.strategy_used for hop in both(report, "ledger")} == {
        "incremental_chunked",
        "incremental",
    }
    assert clinic.differences() == []

    clinic.sql(
        "DELETE FROM ledger WHERE LedgerNum < -9000000000000000000 OR LedgerNum % 4 = 1",
        "INSERT INTO ledger VALUES (-7, 0, '2020-01-01')",
        "DELETE FROM line WHERE ClaimNum = 0 OR LineNum = 7 OR (ClaimNum = 5 AND LineNum > 2)",
    )
    # replication is emptied of nothing, so every slice of the snapshot has to look for deletions
    report = clinic.run(tables=chunked(clinic), tuning=SMALL, force_full=True)
    assert {hop.strategy_used for hop in both(report, "line")} == {"full_table"}
    assert clinic.differences() == []


def test_an_interrupted_first_copy_goes_on_where_it_stood(clinic: Clinic, tmp_path: Path) -> None:
    clinic.sql(LEDGER, NUMBERED)
    clinic.execute(clinic.replication, LEDGER_COPY, FULL_DISK)
    report = clinic.run(tables=chunked(clinic), tuning=SMALL)
    copied = report.tables["ledger"].copy_result
    assert report.failed == ["ledger"] and copied and copied.rows == 49
    assert clinic.rows(clinic.replication, "SELECT COUNT(*) FROM ledger") == [(49,)]
    clinic.sql("UPDATE ledger SET Amount = -1, Edited = NOW() WHERE LedgerNum IN (2, 90)")
    clinic.execute(clinic.replication, "DROP TRIGGER full_disk")

    elsewhere = clinic.on_a_new_machine(tmp_path / "elsewhere")
    copied, _ = both(elsewhere.run(tables=chunked(clinic), tuning=SMALL), "ledger")
    assert copied.reason == "its first copy was interrupted"
    # what changed behind the pass is found by comparing
    assert (copied.rows, copied.missing, copied.changed, copied.extra) == (51 + 1, 0, 1, 0)
    assert clinic.differences() == []


def test_an_interrupted_first_load_goes_on_where_it_stood(clinic: Clinic, tmp_path: Path) -> None:
    clinic.sql(LEDGER, NUMBERED)
    with clinic.analytics.begin() as raw:
        raw.exec_driver_sql("CREATE SCHEMA raw")
        raw.exec_driver_sql(
            """CREATE TABLE raw.ledger ("LedgerNum" bigint PRIMARY KEY CONSTRAINT small
            CHECK ("LedgerNum" < 0), "Amount" double precision, "Edited" timestamp(0),
            _loaded_at timestamptz)"""
        )
    report = clinic.run(tables=chunked(clinic), tuning=SMALL)
    copied, loaded = both(report, "ledger")
    assert (report.failed, copied.rows, loaded.rows) == (["ledger"], 100, 0)
    with clinic.analytics.begin() as raw:
        raw.exec_driver_sql(
            "ALTER TABLE raw.ledger DROP CONSTRAINT small, ADD CONSTRAINT small"
            ' CHECK ("LedgerNum" <= 98)'
        )
    report = clinic.run(tables=chunked(clinic), tuning=SMALL)
    _, loaded = both(report, "ledger")
    assert (report.failed, loaded.rows) == (["ledger"], 98)
    assert clinic.rows(clinic.analytics, "SELECT COUNT(*) FROM raw.ledger") == [(98,)]
    # an edit of a row that was loaded already, and a new one
    clinic.sql(
        "UPDATE ledger SET Amount = -1, Edited = '2024-06-01' WHERE LedgerNum = 2",
        "INSERT INTO ledger VALUES (1000, 1, '2024-06-01')",
    )
    with clinic.analytics.begin() as raw:
        raw.exec_driver_sql("ALTER TABLE raw.ledger DROP CONSTRAINT small")

    elsewhere = clinic.on_a_new_machine(tmp_path / "elsewhere")
    _, loaded = both(elsewhere.run(tables=chunked(clinic), tuning=SMALL), "ledger")
    assert loaded.reason == "its first load was interrupted"
    # the two that were left, and where the edited and the new row are
    assert 4 <= loaded.rows < 102
    assert clinic.differences() == []


def test_a_large_first_copy_is_loaded_while_it_is_copied(clinic: Clinic) -> None:
    clinic.sql(LEDGER, NUMBERED)
    clinic.execute(clinic.replication, LEDGER_COPY, FULL_DISK)
    report = clinic.run(tables=chunked(clinic), tuning=SMALL)
    assert report.failed == ["ledger"]
    assert clinic.rows(clinic.analytics, "SELECT COUNT(*) FROM raw.ledger") == [(49,)]


def test_raw_keeps_its_rows_while_a_table_is_copied_anew(clinic: Clinic) -> None:
    clinic.sql(LEDGER, NUMBERED)
    assert clinic.run(tables=chunked(clinic), tuning=SMALL).failed == []
    clinic.execute(clinic.replication, "DELETE FROM ledger", FULL_DISK)
    assert clinic.run(tables=chunked(clinic), tuning=SMALL).failed == ["ledger"]
    assert clinic.rows(clinic.replication, "SELECT COUNT(*) FROM ledger") == [(49,)]
    assert clinic.rows(clinic.analytics, "SELECT COUNT(*) FROM raw.ledger") == [(100,)]
    clinic.execute(clinic.replication, "DROP TRIGGER full_disk")
    assert clinic.run(tables=chunked(clinic), tuning=SMALL).failed == []
    assert clinic.differences() == []
