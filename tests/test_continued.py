"""Databases and a tables.yml of the version before are gone on with: nothing begins again."""

import hmac
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from demo.servers import Cluster
from opendental_pipeline.planning.table_state import TableState
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.tables_file import load_tables
from tests.conftest import Clinic, new_clinic
from tests.earlier import practice
from tests.earlier.restore import ANALYSIS, TABLES_FILE, read_state, restore, tables_of
from tests.programs import start

KEYS = {
    "patient": ("PatNum",),
    "appointment": ("AptNum",),
    "claim": ("ClaimNum",),
    "document": ("DocNum",),
    "userod": ("UserNum",),
    "definition": ("DefNum",),
    "fee": ("FeeNum",),
    "rate": ("RateNum",),
    "tooth": ("PatNum", "Tooth"),
    "preference": ("PrefName",),
    "securitylog": ("LogNum",),
}
"""Of the tables that have one; zipcode and queue have none."""

QUIET = ("unchanged", 0)
"""What both hops do with a table of which nothing is new."""

A_QUIET_NIGHT = {
    "patient": (QUIET, QUIET),
    # the overlap of the cursor reads the newest row again
    "appointment": (("incremental", 1), QUIET),
    "claim": (("incremental", 8), QUIET),
    "document": (QUIET, QUIET),
    "userod": (QUIET, QUIET),
    "definition": (QUIET, QUIET),
    "fee": (("reconcile_rows", 0), QUIET),
    # InnoDB does not say whether anything is new
    "rate": (("full_table", 12), QUIET),
    "tooth": (("full_table", 8), QUIET),
    "preference": (QUIET, QUIET),
    "zipcode": (QUIET, QUIET),
    "queue": (("full_table", 2), ("full_table", 2)),
    # half of it was copied when the night before was interrupted, after an ALTER
    "securitylog": (("full_table", 20), ("full_table", 40)),
}

EVERY_NIGHT = {
    "nothing changed in the source",
    "nothing changed in replication",
    "tables.yml says incremental",
    "tables.yml says full_table",
}
"""Reasons that have nothing to do with what was remembered being lost."""

A_DAY = (
    "UPDATE patient SET LName = 'Lu' WHERE PatNum = 5",
    "INSERT INTO patient (LName) VALUES ('Newer')",
    "DELETE FROM patient WHERE PatNum = 8",
    "UPDATE appointment SET Note = NULL WHERE AptNum = 1",
    "UPDATE claim SET Fee = 8, SecEdit = NOW(), DateTStamp = DateTStamp WHERE ClaimNum = 6",
    "DELETE FROM document WHERE DocNum = 4",
    "UPDATE userod SET SSN = '222', Password = 'other' WHERE UserNum = 2",
    "INSERT INTO definition VALUES (7, 'item 7')",
    "UPDATE fee SET Amount = 0.5 WHERE FeeNum = 11",
    "DELETE FROM fee WHERE FeeNum = 12",
    "UPDATE rate SET Amount = -1 WHERE RateNum = 3",
    "INSERT INTO tooth VALUES (5, 1, 'x')",
    "UPDATE preference SET ValueString = 'it' WHERE PrefName = 'Language'",
    "DELETE FROM zipcode WHERE Code IS NULL",
    "INSERT INTO queue VALUES ('last', 1)",
    "INSERT INTO securitylog (LogNum, LogText) VALUES (41, 'out')",
)

MOVED = {
    "patient": {(5,), (27,), (8,)},
    "appointment": {(1,)},
    "claim": {(6,)},
    "document": {(4,)},
    "userod": {(2,)},
    "definition": {(7,)},
    "fee": {(11,), (12,)},
    "rate": {(3,)},
    "tooth": {(5, 1)},
    "preference": {("Language",)},
    "securitylog": {(41,)},
}
"""The keys of the rows that it concerns."""

Stamps = dict[str, dict[tuple[Any, ...], Any]]


@pytest.fixture
def continued(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Clinic]:
    """The clinic of the dump, on a machine that never ran."""
    with new_clinic(cluster, tmp_path, monkeypatch, name=practice.NAME) as clinic:
        clinic.environ["ETL_HASH_KEY"] = practice.HASH_KEY
        restore(clinic)
        yield clinic


def a_night(clinic: Clinic) -> RunReport:
    report = clinic.run(tables=load_tables(TABLES_FILE), tuning=practice.TUNING)
    assert report.failed == [], [report.tables[name].error for name in report.failed]
    return report


def stamps(clinic: Clinic) -> dict[str, Stamps]:
    """When each row was replicated, and when it was loaded."""
    found: dict[str, Stamps] = {"replication": {}, "raw": {}}
    for table, key in KEYS.items():
        copies = f"SELECT {', '.join(key)}, _replicated_at FROM {table}"
        quoted = ", ".join(f'"{name}"' for name in key)
        loads = f'SELECT {quoted}, _loaded_at FROM raw."{table}"'
        for tier, engine, query in (
            ("replication", clinic.replication, copies),
            ("raw", clinic.analytics, loads),
        ):
            rows = clinic.rows(engine, query)
            found[tier][table] = {tuple(row[:-1]): row[-1] for row in rows}
    return found


def moved(before: Stamps, after: Stamps) -> dict[str, set[tuple[Any, ...]]]:
    """The keys of rows that came, went or were written to."""
    keys = {
        table: {
            key
            for key in before[table].keys() | after[table].keys()
            if before[table].get(key) != after[table].get(key)
        }
        for table in KEYS
    }
    return {table: found for table, found in keys.items() if found}


def watermarks(clinic: Clinic) -> dict[tuple[str, str, str], Any]:
    """By tier, table and column: those of dlt's states, and those that the status tables show."""
    found: dict[tuple[str, str, str], Any] = {}
    status = {"replication": "etl_copy_status", "raw": "raw.etl_load_status"}
    engines: dict[str, sa.Engine] = {"replication": clinic.replication, "raw": clinic.analytics}
    for tier, engine in engines.items():
        for table, remembered in tables_of(read_state(clinic, engine)).items():
            for column, value in TableState.read(remembered).watermarks.items():
                found[tier, table, column] = value
        shown = f"SELECT table_name, last_primary_value FROM {status[tier]}"
        for table, value in clinic.rows(engine, f"{shown} WHERE last_primary_value IS NOT NULL"):
            found[tier, table, "status"] = value
    return found


def reasons(report: RunReport) -> dict[tuple[str, str], str]:
    """Why tables were moved, by table and hop, where it is not as in every night."""
    return {
        (name, hop): result.reason
        for name, table in report.tables.items()
        for hop, result in table.hops()
        if result.reason not in EVERY_NIGHT
    }


def test_nothing_begins_again_and_then_exactly_the_edited_rows_move(continued: Clinic) -> None:
    rows, marks = stamps(continued), watermarks(continued)
    assert {(tier, table) for tier, table, _ in marks} >= {
        *(("replication", name) for name in ("patient", "appointment", "claim", "document")),
        *(("raw", name) for name in A_QUIET_NIGHT),
    }

    quiet = a_night(continued)
    done = {
        name: tuple((result.strategy_used, result.rows) for _, result in table.hops())
        for name, table in quiet.tables.items()
    }
    assert done == A_QUIET_NIGHT
    assert reasons(quiet) == {
        ("queue", "raw"): "it has no primary key",
        ("securitylog", "replication"): "its first copy was interrupted",
        ("securitylog", "raw"): "its columns CompNum are new",
    }
    after, reached = stamps(continued), watermarks(continued)
    rest = {"securitylog": {(number,) for number in range(21, 41)}}
    assert moved(rows["replication"], after["replication"]) == rest
    assert moved(rows["raw"], after["raw"]).keys() == rest.keys()
    changed = {mark for mark, value in marks.items() if reached[mark] != value}
    assert {table for _, table, _ in changed} <= {"securitylog", "queue"}
    assert [mark for mark, value in marks.items() if reached[mark] < value] == []

    continued.sql(*A_DAY)
    a_night(continued)
    last, now = stamps(continued), watermarks(continued)
    assert moved(after["replication"], last["replication"]) == MOVED
    # a row that is marked as deleted keeps the time at which it was loaded
    assert moved(after["raw"], last["raw"]) == {
        table: keys for table, keys in MOVED.items() if table != "document"
    }
    assert [mark for mark, value in reached.items() if now[mark] < value] == []
    assert continued.differences(*(A_QUIET_NIGHT.keys() - {"document", "userod"})) == []
    hidden_and_kept(continued)


def hidden_and_kept(clinic: Clinic) -> None:
    """The hashed column has hashes, the excluded one is nowhere, and deleted rows are marked."""
    users = clinic.rows(clinic.source, "SELECT UserNum, UserName, SSN FROM userod ORDER BY 1")
    key = practice.HASH_KEY.encode()
    expected = [
        (n, name, hmac.new(key, ssn.encode(), sha256).hexdigest()) for n, name, ssn in users
    ]
    columns = 'SELECT "UserNum", "UserName", "SSN" FROM raw.userod ORDER BY 1'
    assert clinic.rows(clinic.analytics, columns) == expected
    whole = clinic.rows(clinic.analytics, "SELECT * FROM raw.userod LIMIT 1")
    assert len(whole[0]) == len(expected[0]) + 1  # `_loaded_at`
    documents = 'SELECT "DocNum" FROM raw.document WHERE _deleted_at IS {} ORDER BY 1'
    marked = clinic.rows(clinic.analytics, documents.format("NOT NULL"))
    alive = clinic.rows(clinic.analytics, documents.format("NULL"))
    assert marked == [(2,), (3,), (4,)]
    assert alive == clinic.rows(clinic.source, "SELECT DocNum FROM document ORDER BY 1")


def test_its_tables_yml_keeps_what_a_person_said_when_it_is_analyzed_again(
    continued: Clinic,
) -> None:
    continued.home.mkdir(exist_ok=True)
    for path in (TABLES_FILE, ANALYSIS):
        shutil.copy(path, continued.home)
    file = continued.home / TABLES_FILE.name
    before = load_tables(file)
    done = start(
        "analyze.py", "--output", str(file), environ=continued.variables(), cwd=continued.home
    )
    assert done.code == 0, done.err
    after = load_tables(file)
    assert after.names() == before.names()
    said = {
        name: {field: getattr(before.table(name), field) for field in fields}
        for name, fields in practice.OVERRIDES.items()
    }
    assert said == {
        name: {field: getattr(after.table(name), field) for field in fields}
        for name, fields in practice.OVERRIDES.items()
    }
    assert "deletes: mark" in file.read_text()
