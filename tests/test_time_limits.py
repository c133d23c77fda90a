"""Everything that waits has a limit: for a server, for a lock; and nobody waits behind us."""

import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from demo.state import State
from opendental_pipeline.databases.driver_errors import MysqlSilentError
from opendental_pipeline.databases.engines import Connections
from opendental_pipeline.databases.statement_limit import NO_LIMIT
from opendental_pipeline.databases.type_mapping import TransferType
from opendental_pipeline.planning.slice import SelectedColumn, TargetColumn
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.environment import DatabaseType
from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.settings.tuning import CONNECTIONS, Tuning
from sources.opendental.backends import ConnectorxLoader, SliceLoader, WireLoader
from tests import programs
from tests.conftest import Clinic

SECTIONS = ("SOURCES__OPENDENTAL", "DESTINATION__REPLICATION", "DESTINATION__RAW")
SHORT = {
    **{f"{one}__CONNECTION__CONNECT_TIMEOUT_SECONDS": "1" for one in SECTIONS},
    **{f"{one}__CONNECTION__READ_TIMEOUT_SECONDS": "3" for one in SECTIONS},
    **{f"{one}__CONNECTION__WRITE_TIMEOUT_SECONDS": "4" for one in SECTIONS},
    **{f"{one}__CONNECTION__LOCK_TIMEOUT_SECONDS": "2" for one in SECTIONS},
    "RUNS__LOCK_SECONDS": "1",
    "RUNS__LOCK_WAIT_SECONDS": "3",
}
ENDS_WITHIN = 40
"""Seconds within which any run ends whose limits are these."""

TABLES = ("patient", "visit", "fee")


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    for name in TABLES:
        clinic.sql(
            f"CREATE TABLE {name} (Num int NOT NULL PRIMARY KEY, Note text) ENGINE=InnoDB",
            f"INSERT INTO {name} SELECT seq, 'note' FROM seq_1_to_50",
        )
    clinic.tuning = hurried(clinic.tuning)
    return clinic


def hurried(tuning: Tuning, seconds: int = 2) -> Tuning:
    """Waits for locks for a short time only."""
    connections = {database: one.copy() for database, one in tuning.connections.items()}
    for one in connections.values():
        one.lock_timeout_seconds = seconds
        one.first_wait_seconds = 0.0
    connections[DatabaseType.ANALYTICS].exclusive_lock_seconds = 0.5  # type: ignore[attr-defined]
    return replace(tuning, connections=connections)


def edit(clinic: Clinic) -> None:
    clinic.sql(*(f"UPDATE {name} SET Note = CONCAT(Note, '.') WHERE Num < 9" for name in TABLES))


def errors(report: RunReport) -> dict[str, str]:
    return {name: report.tables[name].error or "" for name in report.failed}


def assert_says(text: str, *parts: str) -> None:
    assert [part for part in parts if part not in text] == [], text


# settings


def test_the_defaults_in_the_file_are_those_of_the_code() -> None:
    with (CHECKOUT / ".dlt" / "config.toml").open("rb") as file:
        written = tomllib.load(file)
    for kind, sections in CONNECTIONS.values():
        found: Any = written
        for section in sections:
            found = found[section]
        assert found == {name: getattr(kind(), name) for name in kind.get_resolvable_fields()}


def test_sessions_say_who_they_are_and_probe_the_line(practice: Clinic) -> None:
    with Connections(practice.settings, practice.tuning) as connections:
        with connections.engine(DatabaseType.ANALYTICS).connect() as session:
            shown = session.exec_driver_sql("SHOW application_name").scalar()
            found: Any = session.connection.driver_connection
            parameters = found.get_dsn_parameters()
        assert shown == "opendental"
        assert (parameters["keepalives_idle"], parameters["tcp_user_timeout"]) == ("30", "900000")
        for database, seconds in ((DatabaseType.SOURCE, 60), (DatabaseType.REPLICATION, 900)):
            with connections.engine(database).connect() as session:
                pymysql: Any = session.connection.driver_connection
                assert pymysql._connect_attrs["program_name"] == "opendental"
                assert (pymysql._read_timeout, pymysql._write_timeout) == (seconds, seconds)
                assert pymysql._sock.getsockopt(6, 4) == 30  # TCP_KEEPIDLE


# locks in PostgreSQL


@contextmanager
def dbt(clinic: Clinic, statement: str) -> Iterator[int]:
    """Somebody else's transaction, which stays open; its session."""
    with clinic.analytics.connect() as session:
        session.exec_driver_sql("SET application_name = 'dbt'")
        session.exec_driver_sql(statement)
        yield int(session.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        # somebody may have ended it
        with suppress(sa.exc.OperationalError):
            session.rollback()


def test_a_locked_table_of_raw_fails_alone_and_names_who_holds_it(practice: Clinic) -> None:
    assert errors(practice.run()) == {}
    edit(practice)
    with dbt(practice, "LOCK TABLE raw.patient IN EXCLUSIVE MODE") as session:
        report = practice.run()
    (error,) = errors(report).values()
    assert_says(error, "table patient, hop raw: ", "lock_timeout_seconds of [destination.raw")
    assert_says(error, f"session {session} (user demo, application dbt, from 127.0.0.1, since ")
    assert_says(error, "ExclusiveLock on raw.patient", f"/{practice.name}")
    assert report.exit_code == 1
    assert practice.differences("visit", "fee") == []
    assert errors(practice.run()) == {}
    assert practice.differences() == []


@pytest.mark.parametrize(
    ("table", "mode"),
    [
        ("etl_runs", "ACCESS EXCLUSIVE"),
        ("etl_load_status", "ACCESS EXCLUSIVE"),
        ("_dlt_pipeline_state", "SHARE"),
    ],
)
def test_a_locked_status_table_ends_the_run_in_time_and_truthfully(
    practice: Clinic, table: str, mode: str
) -> None:
    assert errors(practice.run()) == {}
    edit(practice)
    with dbt(practice, f"LOCK TABLE raw.{table} IN {mode} MODE") as session:
        began = time.monotonic()
        done = programs.nightly(practice, **SHORT)
        assert time.monotonic() - began < ENDS_WITHIN
    assert done.code in (1, 2), done.err
    assert_says(done.err, f"session {session} (user demo, application dbt")
    assert_says(done.err, "lock_timeout_seconds of [destination.raw.connection]")
    assert "Traceback" not in done.err
    moved = done.report["processing_results"]["rows_copied"] > 0
    assert done.code == (1 if moved else 2)
    done = programs.nightly(practice)
    assert done.code == 0, done.err
    assert practice.differences() == []


def read_by_another(clinic: Clinic, until: threading.Event) -> list[float]:
    """How long the answers to another reader's SELECTs take meanwhile, in seconds."""
    found = []
    while not until.wait(0.05):
        began = time.monotonic()
        clinic.rows(clinic.analytics, "SELECT count(*) FROM raw.patient")
        found.append(time.monotonic() - began)
    return found


@contextmanager
def other_reader(clinic: Clinic) -> Iterator[list[float]]:
    waits: list[float] = []
    until = threading.Event()
    thread = threading.Thread(target=lambda: waits.extend(read_by_another(clinic, until)))
    thread.start()
    try:
        yield waits
    finally:
        until.set()
        thread.join()


def end_after_a_wait(clinic: Clinic, session: int) -> None:
    """Ends a session of PostgreSQL some time after our run was seen to wait for it."""
    waiting = (
        f"SELECT 1 FROM pg_stat_activity WHERE {session} = ANY(pg_blocking_pids(pid))"
        " AND application_name = 'opendental'"
    )
    patience = time.monotonic() + ENDS_WITHIN
    while time.monotonic() < patience and not clinic.rows(clinic.analytics, waiting):
        time.sleep(0.02)
    time.sleep(3)
    clinic.execute(clinic.analytics, f"SELECT pg_terminate_backend({session})")


CHANGES = {
    "a column": "ALTER TABLE patient ADD COLUMN Phone varchar(20)",
    "another type": "ALTER TABLE patient MODIFY Note int",
}


@pytest.mark.parametrize(
    ("change", "ends"), [("a column", True), ("a column", False), ("another type", True)]
)
def test_no_reader_waits_behind_a_run_that_waits_for_a_transaction(
    practice: Clinic, change: str, ends: bool
) -> None:
    practice.execute(practice.analytics, "CREATE SCHEMA marts")
    assert errors(practice.run()) == {}
    practice.execute(practice.analytics, "CREATE VIEW marts.p AS SELECT * FROM raw.patient")
    practice.sql("UPDATE patient SET Note = '7'", CHANGES[change])
    tuning = hurried(practice.tuning, 20 if ends else 3)
    with other_reader(practice) as waits, dbt(practice, "SELECT * FROM marts.p") as session:
        ending = threading.Thread(target=end_after_a_wait, args=(practice, session))
        if ends:
            ending.start()
        try:
            report = practice.run(tuning=tuning)
        finally:
            if ends:
                ending.join()
    assert len(waits) > 20
    assert max(waits) < 2
    if ends:
        assert errors(report) == {}
    else:
        (error,) = errors(report).values()
        assert_says(error, "table patient, hop raw: ", f"session {session} (user demo")
        assert_says(error, "application dbt", "lock_timeout_seconds")
        assert practice.differences("visit", "fee") == []
        assert errors(practice.run()) == {}
    assert practice.differences() == []
    assert practice.rows(practice.analytics, "SELECT count(*) FROM marts.p") == [(50,)]


# locks at the source


def test_a_locked_table_of_the_source_fails_alone_and_says_why(practice: Clinic) -> None:
    assert practice.run().failed == []
    edit(practice)
    with practice.source.connect() as clerk:
        clerk.exec_driver_sql("LOCK TABLES patient WRITE")
        report = practice.run()
        clerk.invalidate()
    (error,) = errors(report).values()
    assert_says(error, "table patient, hop replication: cannot be read: a lock in source (")
    assert_says(error, "waited for longer than 2 s (lock_timeout_seconds of [sources.opendental")
    assert practice.run().failed == []
    assert practice.differences() == []


def test_a_table_of_the_source_that_is_locked_for_some_seconds_is_waited_for(
    practice: Clinic,
) -> None:
    practice.tuning = hurried(practice.tuning, seconds=30)
    with practice.source.connect() as clerk:
        clerk.exec_driver_sql("LOCK TABLES patient WRITE")
        leaving = threading.Timer(4, clerk.invalidate)
        leaving.start()
        report = practice.run()
        leaving.join()
    assert report.failed == []
    assert practice.differences() == []


# locks in replication


def test_a_locked_table_of_replication_fails_alone_and_names_who_holds_it(
    practice: Clinic,
) -> None:
    assert errors(practice.run()) == {}
    edit(practice)
    with practice.replication.connect() as other:
        session: int = other.exec_driver_sql("SELECT CONNECTION_ID()").scalar_one()
        other.exec_driver_sql("LOCK TABLES patient READ")
        report = practice.run()
        other.exec_driver_sql("UNLOCK TABLES")
    (error,) = errors(report).values()
    assert_says(error, "table patient, hop replication: ", f"session {session} (user demo, from ")
    assert_says(error, "lock_timeout_seconds of [destination.replication.connection]")
    assert practice.differences("visit", "fee") == []
    assert errors(practice.run()) == {}
    assert practice.differences() == []


def test_a_transaction_in_replication_lets_the_table_fail_that_has_to_be_altered(
    practice: Clinic,
) -> None:
    assert errors(practice.run()) == {}
    edit(practice)
    practice.sql("ALTER TABLE patient ADD COLUMN Phone varchar(20)")
    with practice.replication.connect() as other:
        session: int = other.exec_driver_sql("SELECT CONNECTION_ID()").scalar_one()
        other.exec_driver_sql("SELECT COUNT(*) FROM patient")
        report = practice.run()
        other.rollback()
    (error,) = errors(report).values()
    assert_says(error, "table patient, hop replication: ", f"session {session} (user demo")
    assert practice.differences("visit", "fee") == []
    assert errors(practice.run()) == {}
    assert practice.differences() == []


def test_a_server_that_is_locked_as_a_whole_ends_the_run_in_time(practice: Clinic) -> None:
    assert errors(practice.run()) == {}
    edit(practice)
    with practice.replication.connect() as other:
        session: int = other.exec_driver_sql("SELECT CONNECTION_ID()").scalar_one()
        other.exec_driver_sql("FLUSH TABLES WITH READ LOCK")
        began = time.monotonic()
        done = programs.nightly(practice, **SHORT)
        assert time.monotonic() - began < ENDS_WITHIN
        other.exec_driver_sql("UNLOCK TABLES")
    assert done.code == 3, done.err
    assert_says(done.err, f"session {session} (user demo", "replication database", "etl_fence")
    done = programs.nightly(practice)
    assert done.code == 0, done.err
    assert practice.differences() == []


# many locks


@pytest.mark.parametrize("hop", ["replication", "raw"])
def test_of_many_locked_tables_only_the_first_are_waited_for_long(
    practice: Clinic, hop: str
) -> None:
    more = [f"extra{n}" for n in range(5)]
    for name in more:
        practice.sql(
            f"CREATE TABLE {name} (Num int NOT NULL PRIMARY KEY, Note text) ENGINE=InnoDB",
            f"INSERT INTO {name} SELECT seq, 'note' FROM seq_1_to_50",
        )
    assert errors(practice.run()) == {}
    edit(practice)
    practice.sql(*(f"UPDATE {name} SET Note = CONCAT(Note, '.') WHERE Num < 9" for name in more))
    locked = ("visit", *more)
    one_at_a_time = practice.tuning.runs.copy()
    one_at_a_time.max_workers = 1
    with (practice.replication if hop == "replication" else practice.analytics).connect() as other:
        if hop == "replication":
            other.exec_driver_sql(f"LOCK TABLES {', '.join(f'{name} READ' for name in locked)}")
        else:
            tables = ", ".join(f"raw.{name}" for name in locked)
            other.exec_driver_sql(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
        report = practice.run(tuning=replace(practice.tuning, runs=one_at_a_time))
        other.exec_driver_sql("UNLOCK TABLES" if hop == "replication" else "ROLLBACK")
    said = errors(report)
    assert sorted(said) == sorted(locked)
    briefly = [name for name, text in said.items() if "for longer than 1 s, as 3 others " in text]
    assert len(briefly) == len(locked) - 3, said
    assert practice.differences("patient", "fee") == []
    assert errors(practice.run()) == {}
    assert practice.differences() == []


# frozen servers


@contextmanager
def frozen(clinic: Clinic, name: str) -> Iterator[None]:
    """A server whose processes all stand still, while its machine acknowledges what is sent."""
    state = State.read(clinic.cluster.directory)
    assert state is not None
    processes = family(state.pids[name])
    try:
        for process in processes:
            send(process, signal.SIGSTOP)
        yield
    finally:
        for process in family(state.pids[name]):
            send(process, signal.SIGCONT)


def send(process: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, number)


def family(process: int) -> list[int]:
    """A process and its children."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True
    )
    return [process, *map(int, listed.stdout.split())]


def when_it_runs(clinic: Clinic) -> Callable[[], bool]:
    """Whether a run has begun to move."""
    query = "SELECT 1 FROM raw.etl_runs WHERE status = 'running'"
    return lambda: bool(clinic.rows(clinic.analytics, query))


SETTINGS = {
    "source": "sources.opendental.connection",
    "replication": "destination.replication.connection",
    "analytics": "destination.raw.connection",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_server_that_is_frozen_from_the_beginning_is_named(practice: Clinic, name: str) -> None:
    environ = programs.environment(practice)
    with frozen(practice, name):
        began = time.monotonic()
        done = programs.start("nightly.py", environ={**environ, **SHORT}, cwd=practice.home)
        assert time.monotonic() - began < ENDS_WITHIN
    assert done.code == 2
    assert_says(done.err, f"{name} (", f"connect_timeout_seconds of [{SETTINGS[name]}]")


@pytest.mark.parametrize("name", SETTINGS)
def test_a_server_that_freezes_ends_the_run_in_time(
    practice: Clinic, name: str, tmp_path: Path
) -> None:
    assert programs.nightly(practice).code == 0
    edit(practice)
    environ, report = programs.environment(practice), tmp_path / "report.json"
    runs = when_it_runs(practice)
    job = subprocess.Popen(
        [sys.executable, "-m", "pipelines.nightly", "--report", str(report)],
        cwd=CHECKOUT,
        env={**environ, **SHORT, "SOURCES__OPENDENTAL__PAUSE_SECONDS": "0.1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not runs():
        assert job.poll() is None, job.communicate()
    with frozen(practice, name):
        try:
            _, said = job.communicate(timeout=ENDS_WITHIN)
        finally:
            job.kill()
    assert job.returncode in (1, 2), said
    assert_says(said, f"{name} (", "_timeout_seconds of [", SETTINGS[name])
    assert "Traceback" not in said
    done = programs.nightly(practice)
    assert done.code == 0, done.err
    assert practice.differences() == []


@pytest.mark.parametrize("loader", [WireLoader, ConnectorxLoader])
def test_every_backend_waits_for_an_answer_as_long_as_it_may_and_no_longer(
    practice: Clinic, loader: type[SliceLoader]
) -> None:
    practice.tuning.connections[DatabaseType.SOURCE].read_timeout_seconds = 1
    field = TargetColumn("seconds")
    column = SelectedColumn("SLEEP(4)", field, TransferType.TEXT)
    with Connections(practice.settings, practice.tuning) as connections:
        engine = connections.engine(DatabaseType.SOURCE)
        began = time.monotonic()
        with pytest.raises(MysqlSilentError, match=r"did not answer within 1 s \(read_timeout"):
            loader.fetch(engine, [column], "FROM patient LIMIT 1", NO_LIMIT)
        assert time.monotonic() - began < 3
