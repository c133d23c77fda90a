"""What a pass read is held against what the source says it has, in tables of every kind."""

import time
from collections.abc import Iterable
from itertools import count

import pytest

from opendental_pipeline.databases import sessions
from opendental_pipeline.databases.table import Table
from opendental_pipeline.reconcile.row_counts import Query, count_rows
from opendental_pipeline.runs import count_check
from opendental_pipeline.settings.tuning import RunTuning, Tuning
from tests.conftest import Clinic

TABLES = {
    "keyed": "(K int PRIMARY KEY, V int) ENGINE=MyISAM",
    "worded": "(K varchar(9) PRIMARY KEY, V int) ENGINE=MyISAM",
    "keyless": "(K int, V int) ENGINE=MyISAM",
    "modern": "(K int PRIMARY KEY, V int) ENGINE=InnoDB",
}
LIMIT = "SET GLOBAL sql_select_limit = 50"
SMALL = Tuning(runs=RunTuning(compare_rows=100, handover_rows=1))


def test_a_source_that_sends_fewer_rows_than_it_has_fails_the_table(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, ddl in TABLES.items():
        clinic.sql(
            f"CREATE TABLE {name} {ddl}", f"INSERT INTO {name} SELECT seq, 1 FROM seq_1_to_120"
        )
    # the fault is put back: the session does not say how many rows it wants
    first = [s.replace("sql_select_limit", "group_concat_max_len") for s in sessions._MYSQL_FIRST]
    tables = clinic.tables()
    time.sleep(3)  # what was written just now may be written to again
    with monkeypatch.context() as fault:
        fault.setattr(sessions, "_MYSQL_FIRST", tuple(first))
        clinic.sql(LIMIT)
        try:
            report = clinic.run(tables=tables, tuning=SMALL)
        finally:
            clinic.sql("SET GLOBAL sql_select_limit = DEFAULT")
    assert sorted(report.failed) == sorted(TABLES)
    for name in report.failed:
        assert "the source says that it has 120 rows, and sent 50" in (
            report.tables[name].error or ""
        )
        assert clinic.rows(clinic.replication, f"SELECT COUNT(*) FROM {name}") == [(0,)]
    assert clinic.run(tables=tables, tuning=SMALL).failed == []
    assert clinic.differences() == []


def test_a_row_that_no_cursor_finds_is_found_by_counting(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE visit (K int PRIMARY KEY, Edited datetime NOT NULL) ENGINE=InnoDB",
        "INSERT INTO visit SELECT seq, NOW() FROM seq_1_to_120",
    )
    entry = {
        "extraction_strategy": "incremental",
        "incremental_columns": ["Edited"],
        "reconcile": {"rows": "off", "deletes": "off"},
    }
    tables = clinic.tables(visit=entry)
    assert clinic.run(tables=tables, tuning=SMALL).failed == []
    clinic.sql("INSERT INTO visit VALUES (500, '2001-01-01')", "UPDATE visit SET Edited = NOW()")
    clinic.sql("UPDATE visit SET Edited = '2001-01-01' WHERE K = 500")
    report = clinic.run(tables=tables, tuning=SMALL)
    result = report.tables["visit"].copy_result
    assert report.failed == [] and result and result.missing == 1
    assert clinic.differences() == []
    # deletions are not looked for, as tables.yml says
    clinic.sql("DELETE FROM visit WHERE K = 7", "UPDATE visit SET Edited = NOW() WHERE K = 9")
    assert clinic.run(tables=tables, tuning=SMALL).failed == []
    assert {(d.kind, d.key) for d in clinic.differences()} == {("extra", (7,))}


@pytest.mark.parametrize("written", [False, True])
def test_a_copy_that_lost_a_row_twice_fails_unless_the_clinic_wrote_meanwhile(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    clinic.sql(
        "CREATE TABLE modern (K int PRIMARY KEY, V int) ENGINE=InnoDB",
        "INSERT INTO modern SELECT seq, 1 FROM seq_1_to_120",
        "ALTER TABLE modern FORCE",
    )
    # the server does not know when the table changed, as after it was started
    moment = "SELECT update_time FROM information_schema.tables WHERE table_name = 'modern'"
    assert clinic.rows(clinic.source, moment) == [(None,)]
    tables, calls = clinic.tables(), count(1)

    def losing(query: Query, tables: Iterable[Table]) -> dict[str, int]:
        found, call = count_rows(query, tables), next(calls)
        if call == 4 and written:
            clinic.sql("UPDATE modern SET V = V + 1 WHERE K = 1")
        in_replication = call % 2 == 0
        return {name: rows - in_replication for name, rows in found.items()}

    with monkeypatch.context() as fault:
        fault.setattr(count_check, "count_rows", losing)
        report = clinic.run(tables=tables, tuning=SMALL)
    assert next(calls) == 5
    assert report.failed == ([] if written else ["modern"])
    if not written:
        assert "even after they were read twice" in (report.tables["modern"].error or "")
    assert clinic.run(tables=tables, tuning=SMALL).failed == []
    assert clinic.differences() == []
