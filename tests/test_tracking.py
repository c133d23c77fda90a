"""What people and dbt can look up: a status row for each table and tier, and the run history."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.choices import OnNewTables
from tests.conftest import Clinic
from tests.interruption import kill_between_data_and_state

VISIT = """
    CREATE TABLE visit (
        VisitNum bigint NOT NULL PRIMARY KEY, Note varchar(50) NOT NULL,
        Edited timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
    ) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3"""
VISITS = "INSERT INTO visit VALUES (1, 'a', '2020-01-01'), (2, 'b', '2024-02-03 04:05:06')"

FEE = "CREATE TABLE fee (FeeNum int NOT NULL PRIMARY KEY, Amount double) ENGINE=InnoDB"
FEES = "INSERT INTO fee VALUES (1, 0.1)"


def mapping(engine: sa.Engine, query: str) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.exec_driver_sql(query).mappings()]


def statuses(clinic: Clinic) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """The status rows of both tiers by table."""
    copies = mapping(clinic.replication, "SELECT * FROM etl_copy_status")
    loads = mapping(clinic.analytics, "SELECT * FROM raw.etl_load_status")
    return {r["table_name"]: r for r in copies}, {r["table_name"]: r for r in loads}


def run_broken(clinic: Clinic) -> RunReport:
    """A night on which visit cannot be copied and fee cannot be loaded."""
    # a column that nobody knows cannot be hidden, so its table waits for a person
    tables = clinic.tables(visit={"columns": {"Nowhere": {"exclude": True}}})
    clinic.sql("INSERT INTO fee VALUES (2, -1)")
    with clinic.analytics.begin() as raw:
        raw.exec_driver_sql('ALTER TABLE raw.fee ADD CONSTRAINT odd CHECK ("Amount" > 0)')
    return clinic.run(tables=tables, on_new_tables=OnNewTables.REPORT)


def test_status_tables_mirror_success_and_failure(clinic: Clinic) -> None:
    clinic.sql(VISIT, VISITS, FEE, FEES)
    clinic.run()
    copies, loads = statuses(clinic)
    common = ("duration_seconds", "error", "_created_at", "_updated_at")
    expected = {
        "table_name": "visit",
        "last_primary_value": "2024-02-03 04:05:06",
        "primary_column_name": "Edited",
        "rows_copied": 2,
        "copy_status": "success",
        "strategy_used": "full_table",
    }
    assert copies["visit"].items() >= expected.items()
    assert set(copies["visit"]) == {
        *expected,
        *("last_copied_at", "last_copied", "gone_since"),
        *common,
    }
    assert copies["visit"]["error"] is None and copies["visit"]["duration_seconds"] > 0
    newest = "SELECT CAST(MAX(_replicated_at) AS CHAR) FROM visit"
    with clinic.replication.connect() as connection:
        connection.exec_driver_sql("SET time_zone = '+00:00'")
        watermark = connection.exec_driver_sql(newest).scalar()
    expected = {
        "table_name": "visit",
        "last_primary_value": watermark,
        "primary_column_name": "_replicated_at",
        "rows_loaded": 2,
        "load_status": "success",
        "strategy_used": "full_table",
    }
    assert loads["visit"].items() >= expected.items()
    times = ("last_loaded_at", "last_loaded", "_loaded_at")
    assert set(loads["visit"]) == {*expected, *times, *common}
    assert len({loads["visit"][name] for name in times}) == 1
    assert loads["visit"]["last_loaded"].tzinfo

    run_broken(clinic)
    copies_after, loads_after = statuses(clinic)
    kept = ("last_primary_value", "primary_column_name", "_created_at")
    for before, after, time in (
        (copies["visit"], copies_after["visit"], "last_copied_at"),
        (loads["fee"], loads_after["fee"], "last_loaded_at"),
    ):
        assert {name: after[name] for name in (*kept, time)} == {
            name: before[name] for name in (*kept, time)
        }
        assert after["error"] and after["_updated_at"] > before["_updated_at"]
    assert copies_after["visit"]["copy_status"] == "failed"
    assert loads_after["fee"]["load_status"] == "failed"
    assert copies_after["fee"]["copy_status"] == "success"
    assert copies_after["fee"]["last_copied_at"] > copies["fee"]["last_copied_at"]
    # what was not copied was not loaded either: nothing says that its load is fresh
    assert loads_after["visit"]["load_status"] != "success"
    assert loads_after["visit"]["last_loaded_at"] == loads["visit"]["last_loaded_at"]


def test_what_a_killed_run_did_not_reach_is_pending(clinic: Clinic) -> None:
    clinic.sql(VISIT, VISITS, FEE, FEES)
    clinic.run()
    before = statuses(clinic)
    clinic.sql("INSERT INTO visit VALUES (3, 'c', '2025-01-01')")
    kill_between_data_and_state(clinic, clinic.write_tables(), "replication")
    copies, loads = statuses(clinic)
    assert {row["copy_status"] for row in copies.values()} == {"pending"}
    assert {row["load_status"] for row in loads.values()} == {"pending"}
    assert copies["visit"]["last_primary_value"] == before[0]["visit"]["last_primary_value"]
    assert loads["visit"]["last_loaded_at"] == before[1]["visit"]["last_loaded_at"]
    clinic.run()
    copies, loads = statuses(clinic)
    assert {row["copy_status"] for row in copies.values()} == {"success"}
    assert {row["load_status"] for row in loads.values()} == {"success"}
    assert copies["visit"]["last_primary_value"] == "2025-01-01 00:00:00"


@pytest.mark.parametrize("is_shown", [False, True])
def test_a_status_table_of_an_earlier_version_gets_the_columns_of_today(
    clinic: Clinic, is_shown: bool
) -> None:
    clinic.sql(VISIT, VISITS, FEE, FEES)
    clinic.run()
    since = datetime(2024, 1, 2, 3, 4, 5)
    clinic.execute(
        clinic.analytics,
        "ALTER TABLE raw.etl_load_status DROP COLUMN last_loaded, DROP COLUMN _loaded_at",
        "ALTER TABLE raw.etl_load_status ALTER COLUMN last_loaded_at TYPE timestamp",
        f"UPDATE raw.etl_load_status SET last_loaded_at = '{since}' WHERE table_name = 'visit'",
    )
    if is_shown:
        # as dbt's staging models are, which nobody may alter a column below
        view = "SELECT table_name, last_loaded_at FROM raw.etl_load_status"
        clinic.execute(clinic.analytics, f"CREATE VIEW public.stg_{clinic.name} AS {view}")
    clinic.sql(*(f"DROP TABLE {name}" for name in ("fee", "visit")), FEE, FEES)
    clinic.run(tables=clinic.tables())
    visit, fee = (statuses(clinic)[1][name] for name in ("visit", "fee"))
    assert visit["last_loaded"] == visit["_loaded_at"] == since.replace(tzinfo=UTC)
    shown = visit["last_loaded_at"]
    assert shown == (since if is_shown else since.replace(tzinfo=UTC))
    assert fee["last_loaded_at"].replace(tzinfo=UTC) == fee["last_loaded"] > visit["last_loaded"]


def test_the_history_has_a_row_for_each_run_table_and_hop(clinic: Clinic) -> None:
    clinic.sql(VISIT, VISITS, FEE, FEES)
    first = clinic.run()
    with clinic.analytics.begin() as raw:
        raw.exec_driver_sql(
            "INSERT INTO raw.etl_runs SELECT 'old', environment, now() - interval '401 days',"
            " finished_at, 1, 0, 0, 0 FROM raw.etl_runs"
        )
        raw.exec_driver_sql(
            "INSERT INTO raw.etl_table_runs (run_id, table_name, hop, started_at, status)"
            " VALUES ('old', 'visit', 'raw', now() - interval '401 days', 'success')"
        )
    second = run_broken(clinic)
    runs = mapping(clinic.analytics, "SELECT * FROM raw.etl_runs ORDER BY started_at")
    assert [run["run_id"] for run in runs] == [first.run_id, second.run_id]
    assert {run["environment"] for run in runs} == {"test"}
    counts = ("tables_succeeded", "tables_failed", "rows_copied", "rows_loaded")
    assert [runs[0][name] for name in counts] == [2, 0, 3, 3]
    assert [runs[1][name] for name in counts] == [0, 2, 2, 0]
    assert all(run["finished_at"] > run["started_at"] for run in runs)

    rows = mapping(clinic.analytics, "SELECT * FROM raw.etl_table_runs")
    found = {(r["run_id"], r["table_name"], r["hop"]): r for r in rows}
    assert {key: row["status"] for key, row in found.items()} == {
        (first.run_id, "fee", "replication"): "success",
        (first.run_id, "fee", "raw"): "success",
        (first.run_id, "visit", "replication"): "success",
        (first.run_id, "visit", "raw"): "success",
        (second.run_id, "fee", "replication"): "success",
        (second.run_id, "fee", "raw"): "failed",
        (second.run_id, "visit", "replication"): "failed",
    }
    visit = found[first.run_id, "visit", "raw"]
    assert (visit["strategy_used"], visit["rows"], visit["deleted"]) == ("full_table", 2, 0)
    assert visit["reason"] and visit["seconds"] > 0 and visit["error"] is None
    assert first.started_at < visit["began_at"] < visit["ended_at"] < first.finished_at
    assert (visit["slices"], visit["coerced"], visit["changes"]) == (1, 0, [])
    assert found[second.run_id, "fee", "raw"]["error"]
