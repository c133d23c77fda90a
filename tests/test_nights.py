"""The nights after the first: what changed at the clinic arrives in both tiers, and only that."""

import time
from collections.abc import Mapping
from typing import Any

import pytest

from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.tuning import ReadingTuning, RunTuning, Tuning
from tests.conftest import Clinic

EDITED = """
    SecDateTEdit timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()"""

VISIT = f"""
    CREATE TABLE visit (
        VisitNum bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, Note varchar(50) NOT NULL, {EDITED}
    ) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3"""

FEE = """
    CREATE TABLE fee (
        FeeNum bigint NOT NULL PRIMARY KEY, Amount double NOT NULL, Memo text
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3"""

# a second opinion would find what a cursor misses
NARROW = Tuning(
    reading=ReadingTuning(overlap_seconds=60), runs=RunTuning(second_opinion_seconds=0.0)
)

BOTH_TIERS = ("replication", "raw")


def strategies(report: RunReport, table: str) -> tuple[str, str]:
    """What both hops did with a table."""
    result = report.tables[table]
    assert result.copy_result and result.load_result
    return result.copy_result.strategy_used, result.load_result.strategy_used


def stamps(clinic: Clinic, table: str, key: str) -> dict[str, dict[Any, Any]]:
    """When each row was replicated, as both tiers say."""
    raw = f'SELECT "{key}", _loaded_at FROM raw."{table}"'
    return {
        "replication": dict(
            clinic.rows(clinic.replication, f"SELECT {key}, _replicated_at FROM {table}")
        ),
        "raw": dict(clinic.rows(clinic.analytics, raw)),
    }


def test_new_and_edited_rows_of_an_incremental_table_arrive(clinic: Clinic) -> None:
    clinic.sql(
        VISIT,
        "INSERT INTO visit (Note, SecDateTEdit) VALUES ('a', '2020-01-01'), ('b', '2020-01-02')",
        "INSERT INTO visit (Note) VALUES ('c'), ('d')",
    )
    clinic.run()
    clinic.sql(
        "UPDATE visit SET Note = 'A' WHERE VisitNum = 1", "INSERT INTO visit (Note) VALUES ('e')"
    )
    report = clinic.run()
    assert strategies(report, "visit") == ("incremental", "incremental")
    assert clinic.differences() == []
    # the overlap reads the recent rows again, and only those that really changed travel on
    assert (report.rows_copied, report.rows_loaded) == (4, 2)


def test_a_full_table_follows_inserts_edits_and_deletes(clinic: Clinic) -> None:
    clinic.sql(
        FEE, "INSERT INTO fee VALUES (-1, 0.1, ''), (2, 20, NULL), (3, 30, 'x'), (4, 4, 'y')"
    )
    clinic.run()
    before = stamps(clinic, "fee", "FeeNum")
    clinic.sql(
        "INSERT INTO fee VALUES (5, 50, 'new')",
        "UPDATE fee SET Memo = '' WHERE FeeNum = 2",
        "DELETE FROM fee WHERE FeeNum = 3",
    )
    report = clinic.run()
    assert strategies(report, "fee") == ("full_table", "incremental")
    assert clinic.differences() == []
    after = stamps(clinic, "fee", "FeeNum")
    for tier in BOTH_TIERS:
        assert {k for k, v in before[tier].items() if after[tier].get(k) == v} == {-1, 4}
        assert after[tier][2] > before[tier][2]


def test_deleted_keys_may_come_back_one_by_one_or_into_an_empty_table(clinic: Clinic) -> None:
    clinic.sql(FEE, "INSERT INTO fee VALUES (1, 1, 'old'), (2, 2, 'old'), (3, 3, 'old')")
    clinic.run()
    clinic.sql("DELETE FROM fee WHERE FeeNum IN (1, 2)", "INSERT INTO fee VALUES (2, 2, 'again')")
    clinic.run()
    assert clinic.differences() == []
    clinic.sql("DELETE FROM fee")
    clinic.run(confirmed=True)
    assert clinic.rows(clinic.replication, "SELECT COUNT(*) FROM fee") == [(0,)]
    assert clinic.rows(clinic.analytics, "SELECT COUNT(*) FROM raw.fee") == [(0,)]
    clinic.sql("INSERT INTO fee VALUES (1, 1, 'old'), (3, 3, 'new')")
    clinic.run()
    assert clinic.differences() == []


def test_a_key_that_changes_nothing_but_its_case_is_still_one_row(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE code (Code varchar(15) NOT NULL PRIMARY KEY, Descript varchar(50))"
        " ENGINE=InnoDB DEFAULT CHARSET=utf8mb3",
        "INSERT INTO code VALUES ('d0120', 'exam'), ('D1110', 'cleaning')",
    )
    clinic.run()
    clinic.sql("UPDATE code SET Code = 'D0120' WHERE Code = 'd0120'")
    clinic.run()
    assert clinic.differences() == []


def test_a_table_without_a_key_is_rewritten_exactly(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE log (Word varchar(10), Number int) ENGINE=MyISAM",
        "INSERT INTO log VALUES ('a', 1), ('a', 1), (NULL, 2), ('b', NULL)",
    )
    clinic.run()
    assert clinic.differences() == []
    clinic.sql("DELETE FROM log WHERE Word = 'b'", "INSERT INTO log VALUES ('a', 1), (NULL, 2)")
    clinic.run()
    assert clinic.differences() == []
    assert clinic.rows(clinic.analytics, "SELECT COUNT(*) FROM raw.log") == [(5,)]
    clinic.sql("DELETE FROM log")
    clinic.run(confirmed=True)
    assert clinic.rows(clinic.analytics, "SELECT COUNT(*) FROM raw.log") == [(0,)]


def test_an_unchanged_myisam_table_is_not_read_again(clinic: Clinic) -> None:
    clinic.sql(VISIT, "INSERT INTO visit (Note) VALUES ('a')")
    # the server keeps the time of a table's last change to the second
    time.sleep(3.5)
    clinic.run()
    report = clinic.run()
    assert strategies(report, "visit") == ("unchanged", "unchanged")
    assert report.failed == []
    clinic.sql("INSERT INTO visit (Note) VALUES ('b')")
    assert strategies(clinic.run(), "visit") == ("incremental", "incremental")
    assert clinic.differences() == []


NEVER_COMPARED: dict[str, Any] = {"reconcile": {"rows": "off", "deletes": "off"}}


@pytest.mark.parametrize("lost", ["DELETE FROM visit WHERE VisitNum = 1", "TRUNCATE visit"])
def test_an_unchanged_myisam_table_is_copied_again_where_its_copy_lost_rows(
    clinic: Clinic, lost: str
) -> None:
    clinic.sql(VISIT, "INSERT INTO visit (Note) VALUES ('a'), ('b'), ('c')")
    # the server keeps the time of a table's last change to the second
    time.sleep(3.5)
    tables = clinic.tables(visit=NEVER_COMPARED)
    clinic.run(tables=tables)
    assert strategies(clinic.run(tables=tables), "visit") == ("unchanged", "unchanged")
    clinic.execute(clinic.replication, lost)
    report = clinic.run(tables=tables)
    assert strategies(report, "visit")[0] != "unchanged"
    assert report.failed == []
    assert clinic.differences() == []


def test_a_deleted_row_stays_until_a_forced_full_load_where_nothing_is_compared(
    clinic: Clinic,
) -> None:
    clinic.sql(VISIT, "INSERT INTO visit (Note) VALUES ('a'), ('b'), ('c')")
    clinic.run()
    clinic.sql("DELETE FROM visit WHERE VisitNum = 2", "INSERT INTO visit (Note) VALUES ('d')")
    clinic.run(tables=clinic.tables(visit=NEVER_COMPARED))
    found = {(d.tier, d.kind, *d.key) for d in clinic.differences()}
    assert found == {("replication", "extra", 2), ("raw", "extra", 2)}
    report = clinic.run(force_full=True)
    assert strategies(report, "visit") == ("full_table", "full_table")
    result = report.tables["visit"].copy_result
    assert result and result.force_full_applied and result.reason == "a full load was asked for"
    assert clinic.differences() == []


CLAIM = """
    CREATE TABLE {name} (
        ClaimNum int NOT NULL PRIMARY KEY, Fee int NOT NULL, DateService date NOT NULL,
        DateSent datetime NULL, DatePaid datetime NOT NULL
    ) ENGINE=MyISAM"""

CLAIMS = """
    INSERT INTO {name} VALUES (1, 0, '2019-01-01', '2020-01-01', '2020-01-01'),
        (2, 0, CURDATE(), '2020-01-01', '2020-01-01'), (3, 0, '2019-01-01', NULL, '2020-01-01'),
        (4, 0, '2019-01-01', '2020-01-01', '2020-01-01'),
        (5, 0, '2019-01-01', '2020-01-01', '2020-01-01'),
        (9, 0, '2019-01-01', '2024-01-01', '2024-01-01')"""

EDITS = (
    "UPDATE {name} SET Fee = 1 WHERE ClaimNum IN (1, 2, 3)",
    "UPDATE {name} SET Fee = 1, DatePaid = '2024-06-01' WHERE ClaimNum = 4",
    "UPDATE {name} SET Fee = 1, DateSent = NOW(), DatePaid = '2024-06-01' WHERE ClaimNum = 5",
    "INSERT INTO {name} VALUES (10, 0, '2019-01-01', NULL, '2020-01-01')",
)
"""Nothing but the fee moves on 1, 2 and 3; one cursor on 4; both on 5; 10 is found by counting."""

SENT = {"incremental_columns": ["DateSent"]}
BOTH = {"incremental_columns": ["DateSent", "DatePaid"]}

MISSED: dict[str, tuple[Mapping[str, object], set[int]]] = {
    "by_sent": (SENT, {1, 2, 4}),
    "by_paid": ({**BOTH, "primary_incremental_column": "DatePaid"}, {1, 2, 3}),
    "by_either": ({**BOTH, "incremental_strategy": "or_logic"}, {1, 2}),
    "by_both": ({**BOTH, "incremental_strategy": "and_logic"}, {1, 2, 3, 4}),
    "looking_back": ({**SENT, "lookback": {"days": 30, "columns": ["DateService"]}}, {1, 4}),
    "future": (SENT, {1, 2, 4}),
}
"""By table: its entry, and the rows whose edits its cursors cannot see."""


def test_cursors_find_what_they_promise_and_no_more(clinic: Clinic) -> None:
    clinic.sql(*(text.format(name=name) for name in MISSED for text in (CLAIM, CLAIMS)))
    clinic.sql("UPDATE future SET DateSent = '2099-12-31' WHERE ClaimNum = 9")
    entries: dict[str, dict[str, Any]] = {
        name: {"extraction_strategy": "incremental", **NEVER_COMPARED, **fields}
        for name, (fields, _) in MISSED.items()
    }
    clinic.run(tables=clinic.tables(**entries), tuning=NARROW)
    assert clinic.differences() == []
    clinic.sql(*(edit.format(name=name) for name in MISSED for edit in EDITS))
    report = clinic.run(tables=clinic.tables(**entries), tuning=NARROW)
    assert {strategies(report, name) for name in MISSED} == {("incremental", "incremental")}
    found: dict[str, dict[str, set[Any]]] = {n: {t: set() for t in BOTH_TIERS} for n in MISSED}
    for difference in clinic.differences():
        found[difference.table][difference.tier].update(difference.key)
    assert found == {name: dict.fromkeys(BOTH_TIERS, keys) for name, (_, keys) in MISSED.items()}
