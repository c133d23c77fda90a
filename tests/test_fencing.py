"""A run that lost a lock commits nothing more, whatever else is at work, and says so."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from destinations.copy_rows import CopyJob, CopyWriter
from destinations.load_data import LoadDataJob, LoadDataWriter
from opendental_pipeline.commands.run import RUN
from opendental_pipeline.runs import copy_hop, load_hop
from opendental_pipeline.runs.copy_hop import CopyHop
from opendental_pipeline.runs.dlt_hop import Hop
from opendental_pipeline.runs.lock import Locks
from opendental_pipeline.settings.errors import LockLostError
from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.settings.tuning import RunTuning, Tuning
from tests import programs
from tests.conftest import Clinic
from tests.interruption import end_session

TABLES = ("adjustment", "benefit", "claim", "deposit")

ONE_BY_ONE = RunTuning(group_tables=1, handover_rows=1)

PATIENCE = 60
"""Seconds after which something that has not happened is taken for broken."""

LOST = {
    "replication": "this run no longer holds its lock on the replication database",
    "raw": "this run no longer holds its lock on the schema raw of",
}


@pytest.fixture
def practice(clinic: Clinic) -> Iterator[Clinic]:
    """A clinic of four tables, whose targets are written by accounts without further rights."""
    name = f"plain_{clinic.name}"
    for table in TABLES:
        clinic.sql(
            f"CREATE TABLE {table} (Num int NOT NULL PRIMARY KEY, Note varchar(50) NOT NULL)"
            " ENGINE=MyISAM"
        )
    add_rows(clinic, 1)
    clinic.execute(
        clinic.replication,
        f"CREATE USER {name}@'%' IDENTIFIED BY 'secret'",
        f"GRANT ALL ON {clinic.name}.* TO {name}@'%'",
    )
    clinic.execute(
        clinic.analytics,
        f"CREATE ROLE {name} LOGIN PASSWORD 'secret'",
        f"GRANT ALL ON DATABASE {clinic.name} TO {name}",
    )
    plain = {"USER": name, "PASSWORD": "secret"}
    servers = ("MYSQL_REPLICATION", "POSTGRES_ANALYTICS")
    accounts = {f"{server}_{key}": value for server in servers for key, value in plain.items()}
    yield replace(clinic, environ={**clinic.environ, **accounts}, tuning=Tuning(runs=ONE_BY_ONE))
    clinic.execute(clinic.replication, f"DROP USER {name}@'%'")
    clinic.execute(clinic.analytics, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def add_rows(clinic: Clinic, first: int) -> None:
    """Three new rows in each table."""
    for table in TABLES:
        rows = ", ".join(f"({number}, 'note {number}')" for number in range(first, first + 3))
        clinic.sql(f"INSERT INTO {table} VALUES {rows}")


def lock_session(clinic: Clinic, tier: str) -> int | None:
    """The session that holds the lock in `replication` or `raw`."""
    if tier == "replication":
        ((session,),) = clinic.rows(
            clinic.replication, f"SELECT IS_USED_LOCK('opendental:{clinic.name}')"
        )
        return None if session is None else int(session)
    found = clinic.rows(
        clinic.analytics,
        "SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE locktype = 'advisory' AND granted AND datname = current_database()",
    )
    return int(found[0][0]) if found else None


def lose(clinic: Clinic, *tiers: str) -> None:
    """Ends the sessions that hold the locks, as an idle limit or an administrator does."""
    for tier in tiers:
        session = lock_session(clinic, tier)
        assert session is not None
        end_session(clinic, tier, session)
        wait(lambda tier=tier: lock_session(clinic, tier) is None)  # type: ignore[misc]


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        # InnoDB shows nothing new to whoever asks more than ten times a second
        time.sleep(0.25)


def content(clinic: Clinic, tier: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in a tier, the pipeline's own tables among it."""
    names = {
        "replication": "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema = DATABASE()",
        "raw": "SELECT format('raw.%I', table_name) FROM information_schema.tables"
        " WHERE table_schema = 'raw'",
    }[tier]
    engine = engine_of(clinic, tier)
    tables = [name for (name,) in clinic.rows(engine, names)]
    return {name: sorted(clinic.rows(engine, f"SELECT * FROM {name}"), key=repr) for name in tables}


def engine_of(clinic: Clinic, tier: str) -> sa.Engine:
    return clinic.replication if tier == "replication" else clinic.analytics


def after_first_group(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Does something when a run has copied its first table, before it hands it over."""
    move, groups = CopyHop.move, count()

    def moved(self: CopyHop, *arguments: Any) -> Any:
        yield from move(self, *arguments)
        if next(groups) == 0:
            act()

    monkeypatch.setattr(CopyHop, "move", moved)


@dataclass
class Ended:
    """How the job ended that ran in this process."""

    code: int
    out: str
    err: str
    report: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def job(
    practice: Clinic, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[], Ended]:
    """The nightly job in this process, so that its middle can be reached."""

    def work() -> Ended:
        for name, value in {**programs.environment(practice), "COLUMNS": "200"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("RUNS__GROUP_TABLES", "1")
        file = practice.home / "report.json"
        code = RUN.main(RUN.parse(["--report", str(file)]))
        said = capsys.readouterr()
        report = json.loads(file.read_text()) if file.exists() else {}
        return Ended(code, said.out, said.err, report)

    return work


@pytest.mark.parametrize("tiers", [("replication",), ("raw",), ("replication", "raw")])
def test_a_lost_lock_ends_the_run_and_nothing_more_is_committed(
    practice: Clinic,
    job: Callable[[], Ended],
    monkeypatch: pytest.MonkeyPatch,
    tiers: tuple[str, ...],
) -> None:
    at_the_loss: dict[str, Any] = {}

    def act() -> None:
        lose(practice, *tiers)
        at_the_loss.update((tier, content(practice, tier)) for tier in tiers)

    after_first_group(monkeypatch, act)
    ended = job()

    assert ended.code == 1, ended.err
    assert {tier: content(practice, tier) for tier in tiers} == at_the_loss
    assert any(LOST[tier] in ended.report["stopped"] for tier in tiers)
    assert "run again when no other run is at work" in ended.report["stopped"]
    assert "Traceback" not in ended.err + ended.out
    for said in (ended.err, ended.out):
        # once for a lock, however many tables were not reached
        assert 1 <= said.count("this run no longer holds") <= len(tiers)
        assert all(said.count(LOST[tier]) <= 1 for tier in tiers)
    tables = ended.report["tables"]
    assert tables[TABLES[0]]["copy_result"]["rows"] == 3
    assert not tables[TABLES[-1]]["success"]

    monkeypatch.undo()
    assert practice.run().failed == []
    assert practice.differences() == []


def test_a_run_that_lost_its_locks_before_it_moved_anything_is_refused(
    practice: Clinic, job: Callable[[], Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = Locks.claim

    def lost_after(self: Locks) -> None:
        claim(self)
        lose(practice, "replication", "raw")

    monkeypatch.setattr(Locks, "claim", lost_after)
    ended = job()
    assert ended.code == 2
    assert "this run no longer holds its lock" in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""
    assert (ended.report["outcome"], ended.report["tables"]) == ("failed", {})


def test_a_run_that_lost_its_locks_before_it_wrote_does_not_drive_out_another(
    practice: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.run()
    claim = Locks.claim

    def lost_before(self: Locks) -> None:
        lose(practice, "replication", "raw")
        claim(self)

    before = content(practice, "replication")["etl_fence"]
    monkeypatch.setattr(Locks, "claim", lost_before)
    with pytest.raises(LockLostError):
        practice.run()
    assert content(practice, "replication")["etl_fence"] == before


@contextmanager
def other_run(clinic: Clinic, home: Path, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    """The job as a program on another machine."""
    there = clinic.on_a_new_machine(home)
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.nightly"],
        cwd=CHECKOUT,
        env={**programs.environment(there), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_second_run_and_one_that_lost_its_locks_never_both_commit(
    practice: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_second: dict[str, Any] = {}

    def act() -> None:
        lose(practice, "replication", "raw")
        with other_run(practice, tmp_path / "other") as second:
            said, _ = second.communicate(timeout=PATIENCE)
        assert second.returncode == 0, said
        add_rows(practice, 11)
        after_second.update((tier, content(practice, tier)) for tier in ("replication", "raw"))

    after_first_group(monkeypatch, act)
    report = practice.run()

    assert "this run no longer holds its lock" in report.stopped
    assert {tier: content(practice, tier) for tier in after_second} == after_second
    monkeypatch.undo()
    assert practice.run().failed == []
    assert practice.differences() == []


def test_a_second_run_beside_one_that_lost_its_locks_leaves_all_exact(
    practice: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds: list[subprocess.Popen[str]] = []

    def begin(process: "subprocess.Popen[str]") -> None:
        seconds.append(process)
        wait(lambda: lock_session(practice, "raw") is not None or process.poll() is not None)

    def act() -> None:
        lose(practice, "replication", "raw")
        begin(opened.__enter__())

    opened = other_run(practice, tmp_path / "other")
    after_first_group(monkeypatch, act)
    report = practice.run()
    said, _ = seconds[0].communicate(timeout=PATIENCE)
    opened.__exit__(None, None, None)

    assert report.stopped
    assert seconds[0].returncode == 0, said
    assert practice.differences() == []


@pytest.mark.parametrize(("tier", "writer"), [("replication", LoadDataWriter), ("raw", CopyWriter)])
def test_a_run_waits_for_a_transaction_that_is_under_way_but_not_for_ever(
    practice: Clinic,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tier: str,
    writer: Any,
) -> None:
    load, calls = writer._load_into, count()
    seconds: list[subprocess.Popen[str]] = []
    opened = other_run(practice, tmp_path / "waits")

    def in_transaction(self: Any, *arguments: Any) -> None:
        load(self, *arguments)
        if next(calls):
            return
        lose(practice, "replication", "raw")
        with other_run(practice, tmp_path / "hasty", RUNS__LOCK_WAIT_SECONDS="1") as hasty:
            said, _ = hasty.communicate(timeout=PATIENCE)
        assert hasty.returncode == 3, said
        assert "was locked for 1 seconds: a transaction of an earlier run is still open, or" in said
        assert "Traceback" not in said
        seconds.append(opened.__enter__())
        wait(lambda: is_waited_for(practice, tier))

    monkeypatch.setattr(writer, "_load_into", in_transaction)
    stopped = why_stopped(practice)
    said, _ = seconds[0].communicate(timeout=PATIENCE)
    opened.__exit__(None, None, None)

    assert "this run no longer holds its lock" in stopped
    assert seconds[0].returncode == 0, said
    assert practice.differences() == []


def is_waited_for(clinic: Clinic, tier: str) -> bool:
    """Whether somebody waits for the row of the fence."""
    query = {
        "replication": "SELECT 1 FROM information_schema.innodb_trx"
        " WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%etl_fence%'",
        "raw": "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock' AND query LIKE '%etl_fence%'",
    }[tier]
    return bool(clinic.rows(engine_of(clinic, tier), query))


@pytest.mark.parametrize(
    ("tier", "step"), [("replication", "prepare_replication"), ("raw", "read_raw")]
)
def test_no_table_is_made_after_the_lock_was_lost(
    practice: Clinic, monkeypatch: pytest.MonkeyPatch, tier: str, step: str
) -> None:
    module: Any = copy_hop if tier == "replication" else load_hop
    done, calls = getattr(module, step), count()

    def lost_after(*arguments: Any) -> Any:
        result = done(*arguments)
        if next(calls) == 0:
            lose(practice, tier)
        return result

    monkeypatch.setattr(module, step, lost_after)
    assert LOST[tier] in why_stopped(practice)
    assert not {*TABLES, *(f"raw.{table}" for table in TABLES)} & content(practice, tier).keys()


def test_no_table_is_tried_by_itself_after_the_lock_was_lost(
    practice: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Hop._load
    packages: list[int] = []

    def lost_before(self: Hop, readers: Any) -> Any:
        packages.append(len(readers))
        if len(packages) == 1:
            lose(practice, "replication")
        return load(self, readers)

    monkeypatch.setattr(Hop, "_load", lost_before)
    with pytest.raises(LockLostError, match=LOST["replication"]):
        practice.run(tuning=Tuning(runs=RunTuning(handover_rows=1)))
    assert packages == [len(TABLES)]


@pytest.mark.parametrize(
    ("tier", "bulk_job"), [("replication", LoadDataJob), ("raw", CopyJob)], ids=["copy", "load"]
)
def test_dlts_state_does_not_move_when_the_lock_is_lost_after_the_rows_were_written(
    practice: Clinic, monkeypatch: pytest.MonkeyPatch, tier: str, bulk_job: Any
) -> None:
    practice.run()
    add_rows(practice, 11)
    write, calls = bulk_job.write, count()

    def written(self: Any, *arguments: Any) -> None:
        write(self, *arguments)
        if next(calls) == 0:
            lose(practice, tier)

    monkeypatch.setattr(bulk_job, "write", written)
    # a state counts for dlt from the row on that says its package was loaded
    table = {"replication": "_dlt_loads", "raw": "raw._dlt_loads"}[tier]
    before = content(practice, tier)[table]
    assert LOST[tier] in why_stopped(practice)
    assert content(practice, tier)[table] == before

    monkeypatch.undo()
    assert practice.run().failed == []
    assert practice.differences() == []


def why_stopped(practice: Clinic) -> str:
    """Why a run could not go on, whether it has moved anything or not."""
    try:
        return practice.run().stopped
    except LockLostError as error:
        return error.message


def test_the_locks_outlive_every_idle_limit(
    practice: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dawdle() -> None:
        before = [lock_session(practice, tier) for tier in ("replication", "raw")]
        time.sleep(3.5)
        assert [lock_session(practice, tier) for tier in ("replication", "raw")] == before

    after_first_group(monkeypatch, dawdle)
    with practice.replication.connect() as connection:
        connection.exec_driver_sql("SET GLOBAL wait_timeout = 2")
        practice.execute(
            practice.analytics, f"ALTER DATABASE {practice.name} SET idle_session_timeout = '1s'"
        )
        try:
            report = practice.run()
        finally:
            practice.execute(practice.replication, "SET GLOBAL wait_timeout = DEFAULT")
    assert (report.failed, report.stopped) == ([], "")
    assert practice.differences() == []


def test_the_sessions_of_the_locks_are_asked_again_and_again(
    practice: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    # both grow with every question, however seldom this test looks
    last = {
        "replication": "SELECT query_id FROM information_schema.processlist WHERE id = {}",
        "raw": "SELECT state_change FROM pg_stat_activity WHERE pid = {}",
    }
    asked: list[str] = []

    def look() -> None:
        for tier, query in last.items():
            engine, found = engine_of(practice, tier), query.format(lock_session(practice, tier))
            ((before,),) = practice.rows(engine, found)
            wait(lambda e=engine, f=found, b=before: practice.rows(e, f)[0][0] > b)  # type: ignore[misc]
            asked.append(tier)

    after_first_group(monkeypatch, look)
    often = RunTuning(group_tables=1, handover_rows=1, lock_seconds=0.2)
    assert practice.run(tuning=Tuning(runs=often)).failed == []
    assert asked == ["replication", "raw"]


def test_databases_of_the_version_before_get_their_fence(practice: Clinic) -> None:
    practice.run()
    practice.execute(practice.replication, "DROP TABLE etl_fence")
    practice.execute(practice.analytics, "DROP TABLE raw.etl_fence")
    add_rows(practice, 11)
    assert practice.run().failed == []
    assert practice.differences() == []
    for tier, table in (("replication", "etl_fence"), ("raw", "raw.etl_fence")):
        assert len(content(practice, tier)[table]) == 1
