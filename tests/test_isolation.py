"""A table that cannot be moved fails alone: it stays as it was, and no error quotes a row."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from demo.state import State
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.choices import OnNewTables
from tests import programs
from tests.conftest import Clinic

CANARIES = ("Zanzibar", "7331373")
"""A text and a number that are in rows and must be nowhere else."""

PATIENT = """
    CREATE TABLE {name} (
        PatNum int NOT NULL PRIMARY KEY, LName varchar(100) NOT NULL, Code int NOT NULL DEFAULT 0,
        Edited timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
    ) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3"""

FIRST = "INSERT INTO {name} (PatNum, LName) VALUES (1, 'Zanzibar'), (2, ''), (3, 'Zanzibar 3')"
SECOND = "INSERT INTO {name} (PatNum, LName, Code) VALUES (4, 'Zanzibar the fourth', 7331373)"

Change = Callable[[Clinic, str], None]
"""What is done about a table of that name."""


def at_source(statement: str) -> Change:
    return lambda clinic, name: clinic.sql(statement.format(name=name))


def replica_access(statement: str) -> Change:
    return lambda clinic, name: execute(clinic.replication, statement.format(name=name))


def at_raw(statement: str) -> Change:
    return lambda clinic, name: execute(clinic.analytics, statement.format(name=name))


def nothing(_: Clinic, __: str) -> None:
    """For a fault that is only in tables.yml."""


def move_data_file(suffix: str, other: str) -> Change:
    """Takes a MyISAM table's data away from its server, or brings them back."""

    def move(clinic: Clinic, name: str) -> None:
        clinic.sql("FLUSH TABLES")
        state = State.read(clinic.cluster.directory)
        assert state
        (found,) = state.folder("source").glob(f"**/{clinic.name}/{name}{suffix}")
        found.rename(found.with_suffix(other))
        clinic.sql("FLUSH TABLES")

    return move


def execute(engine: sa.Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execution_options(no_parameters=True).exec_driver_sql(statement)


@dataclass(frozen=True)
class Fault:
    """One way for a table to fail in a hop, and how it is mended."""

    hop: str
    breaks: Change = nothing
    mend: Change = nothing
    entry: Mapping[str, Any] = field(default_factory=dict)


UTF8 = "CHARACTER SET utf8mb3"
FAULTS = {
    "dropped": Fault(
        "replication",
        at_source("RENAME TABLE {name} TO elsewhere"),
        at_source("RENAME TABLE elsewhere TO {name}"),
    ),
    "unreadable": Fault(
        "replication", move_data_file(".MYD", ".away"), move_data_file(".away", ".MYD")
    ),
    "misspelt": Fault("replication", entry={"columns": {"lname": {"exclude": True}}}),
    "narrow_number": Fault(
        "replication",
        replica_access("ALTER TABLE {name} MODIFY Code smallint NOT NULL"),
        replica_access("ALTER TABLE {name} MODIFY Code int NOT NULL"),
    ),
    "narrow_text": Fault(
        "replication",
        replica_access(
            "ALTER TABLE {name} MODIFY LName varchar(12) CHARACTER SET utf8mb3 NOT NULL"
        ),
        replica_access(
            "ALTER TABLE {name} MODIFY LName varchar(100) CHARACTER SET utf8mb3 NOT NULL"
        ),
    ),
    "viewed": Fault(
        "raw",
        at_raw(
            'ALTER TABLE raw.{name} ALTER COLUMN "Code" TYPE smallint;'
            'CREATE VIEW raw.codes AS SELECT "Code" FROM raw.{name};'
            "CREATE RULE one AS ON INSERT TO raw.codes DO INSTEAD NOTHING"
        ),
        at_raw("DROP VIEW raw.codes"),
    ),
    "constrained": Fault(
        "raw",
        at_raw('ALTER TABLE raw.{name} ADD CONSTRAINT odd CHECK ("Code" < 1000)'),
        at_raw("ALTER TABLE raw.{name} DROP CONSTRAINT odd"),
    ),
}
"""By the table that has it."""

SOUND = ("allergy", "claim", "visit")


def tier(clinic: Clinic, hop: str, table: str) -> tuple[object, object]:
    """A table's rows in one tier, and its watermark there."""
    columns = '"PatNum", "LName", "Code", "Edited"'
    if hop == "replication":
        columns = columns.replace('"', "") + ", _replicated_at"
        rows = clinic.rows(clinic.replication, f"SELECT {columns} FROM {table} ORDER BY 1")
        status = "SELECT last_primary_value, last_copied_at FROM etl_copy_status"
        engine = clinic.replication
    else:
        columns += ", _loaded_at"
        rows = clinic.rows(clinic.analytics, f"SELECT {columns} FROM raw.{table} ORDER BY 1")
        status = "SELECT last_primary_value, last_loaded_at FROM raw.etl_load_status"
        engine = clinic.analytics
    return rows, clinic.rows(engine, f"{status} WHERE table_name = '{table}'")


def assert_no_canary(clinic: Clinic, report: RunReport, *texts: str) -> None:
    """No value of a row is in reports, logs, status tables, or left on this machine."""
    said = [json.dumps(report.to_json()), *texts]
    said += map(str, clinic.rows(clinic.replication, "SELECT * FROM etl_copy_status"))
    for table in ("etl_load_status", "etl_runs", "etl_table_runs", "_dlt_pipeline_state"):
        said += map(str, clinic.rows(clinic.analytics, f"SELECT * FROM raw.{table}"))
    files = [path for path in clinic.home.rglob("*") if path.is_file()]
    assert [path for path in files if path.suffix in (".parquet", ".csv")] == []
    for canary in CANARIES:
        assert not any(canary in text for text in said)
        assert [path for path in files if canary.encode() in path.read_bytes()] == []


def assert_stayed_alone(clinic: Clinic, report: RunReport, before: Mapping[str, Any]) -> None:
    """Only the broken tables failed, each says where, and they are as they were."""
    assert report.failed == sorted(FAULTS)
    assert clinic.differences(*SOUND) == []
    for name, fault in FAULTS.items():
        error = report.tables[name].error
        assert error and error.startswith(f"table {name}, hop {fault.hop}: ")
        assert tier(clinic, "raw", name) == before["raw"][name]
        if fault.hop == "replication":
            assert tier(clinic, "replication", name) == before["replication"][name]
    processed = report.to_json()["processing_results"]
    assert (processed["total_failed"], processed["total_success"]) == (len(FAULTS), len(SOUND))
    assert processed["by_category"]["tiny"]["failed"] == report.failed


def test_broken_tables_stay_as_they_were_while_the_others_arrive(
    clinic: Clinic, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    names = (*FAULTS, *SOUND)
    for name in names:
        clinic.sql(PATIENT.format(name=name), FIRST.format(name=name))
    sound = clinic.tables()
    clinic.run(tables=sound)
    before = {hop: {n: tier(clinic, hop, n) for n in FAULTS} for hop in ("replication", "raw")}

    clinic.sql(*(SECOND.format(name=name) for name in names))
    tables = clinic.tables(**{name: fault.entry for name, fault in FAULTS.items()})
    for name, fault in FAULTS.items():
        fault.breaks(clinic, name)
    report = clinic.run(tables=tables, on_new_tables=OnNewTables.REPORT)
    assert_stayed_alone(clinic, report, before)
    assert_no_canary(clinic, report, *capfd.readouterr(), caplog.text)

    for name, fault in FAULTS.items():
        fault.mend(clinic, name)
    assert clinic.run(tables=sound).failed == []
    assert clinic.differences() == []


def test_the_program_says_that_a_table_failed_and_quotes_no_row(clinic: Clinic) -> None:
    clinic.sql(PATIENT.format(name="visit"), FIRST.format(name="visit"))
    clinic.sql(PATIENT.format(name="constrained"), FIRST.format(name="constrained"))
    clinic.run()
    clinic.sql(SECOND.format(name="visit"), SECOND.format(name="constrained"))
    FAULTS["constrained"].breaks(clinic, "constrained")
    job = programs.nightly(clinic)
    assert job.code == 1, job.err
    assert job.code == 1
    assert job.report["processing_results"]["failed"] == ["constrained"], job.err
    assert "table constrained, hop raw: " in job.err
    for canary in CANARIES:
        assert canary not in job.out + job.err + json.dumps(job.report)
    assert clinic.differences("visit") == []
