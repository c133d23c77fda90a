"""SIGINT and SIGTERM end a run within seconds and in order, whatever it is doing or waiting for."""

import signal
import time
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from tests.conftest import Clinic
from tests.programs import Job, at_work, program, until_it_listens

SECONDS = 15
"""That a run may take for its end: ten are given to it, the rest is Python's own."""


def until(job: Job, clinic: Clinic, engine: sa.Engine, query: str) -> None:
    """Waits until a query has rows."""
    end = time.monotonic() + 60
    while not clinic.rows(engine, query):
        assert job.process.poll() is None, job.process.communicate()[1]
        assert time.monotonic() < end
        time.sleep(0.05)


WAITS = "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for%lock%'"
PLACES = {
    "source": ("LOCK TABLES visit WRITE", f"{WAITS} AND db = '{{name}}'"),
    "replication": ("LOCK TABLES visit READ", f"{WAITS} AND db = '{{name}}'"),
    "analytics": (
        "LOCK TABLE raw.visit IN ACCESS EXCLUSIVE MODE",
        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()",
    ),
}
"""Of each server: what makes a run wait there, and how that is seen."""


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    """A clinic whose one table is to be copied and loaded again."""
    clinic.sql(
        "CREATE TABLE visit (VisitNum int PRIMARY KEY, Note varchar(20)) ENGINE=MyISAM",
        "INSERT INTO visit VALUES (1, 'a'), (2, 'b')",
    )
    assert clinic.run().failed == []
    clinic.sql("UPDATE visit SET Note = 'c' WHERE VisitNum = 2")
    return clinic


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("place", PLACES)
def test_a_signal_ends_a_run_that_waits_for_a_server(
    practice: Clinic, place: str, number: int
) -> None:
    lock, waiting = PLACES[place]
    engine: sa.Engine = getattr(practice, place)
    waiting = waiting.format(name=practice.settings.source.database)
    if place == "replication":
        waiting = f"{WAITS} AND db = DATABASE()"
    with engine.connect() as holder:
        holder.exec_driver_sql(lock)
        with at_work(practice) as job:
            until(job, practice, engine, waiting)
            seconds, said = job.send(number)
            assert (job.process.returncode, job.ending()) == (130, ("interrupted", 130)), said
            assert seconds < SECONDS
            assert said.splitlines()[-1].startswith("interrupted; what was committed stays")
            assert "Traceback" not in said
            # and the statement ended with it, though the lock is still held
            assert practice.rows(engine, waiting) == []
    query = "SELECT status, exit_code FROM raw.etl_runs ORDER BY started_at DESC LIMIT 1"
    assert practice.rows(practice.analytics, query) == [("interrupted", 130)]
    assert practice.run().failed == []
    assert practice.differences() == []


def test_a_signal_during_start_up_is_an_interruption_with_a_report(practice: Clinic) -> None:
    for pause in (0.0, 0.1, 0.3, 0.9):
        with practice.source.connect() as clerk, at_work(practice) as job:
            # so that no start-up is quick enough for a whole night
            clerk.exec_driver_sql("LOCK TABLES visit WRITE")
            until_it_listens(job.process.pid)
            time.sleep(pause)
            seconds, said = job.send(signal.SIGTERM)
            assert (job.process.returncode, job.ending()) == (130, ("interrupted", 130)), said
            assert seconds < SECONDS
            assert "Traceback" not in said


def test_a_signal_behind_the_end_of_a_run_changes_nothing(practice: Clinic) -> None:
    for pause in (0.0, 0.02, 0.05, 0.1, 0.2):
        with at_work(practice) as job:
            end = time.monotonic() + 60
            while not job.report.exists():
                assert time.monotonic() < end
                time.sleep(0.005)
            time.sleep(pause)
            _, said = job.send(signal.SIGTERM)
            assert (job.process.returncode, job.ending()) == (0, ("success", 0)), (pause, said)


def test_a_second_signal_ends_a_run_at_once(practice: Clinic) -> None:
    with practice.analytics.connect() as holder, at_work(practice) as job:
        # the ending itself waits here
        holder.exec_driver_sql("LOCK TABLE raw.visit, raw.etl_runs IN ACCESS EXCLUSIVE MODE")
        until(job, practice, practice.analytics, PLACES["analytics"][1])
        job.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        seconds, said = job.send(signal.SIGTERM)
        assert (job.process.returncode, said.count("Traceback")) == (130, 0)
        assert seconds < 2


def test_an_ending_that_cannot_be_recorded_is_kept_and_recorded_by_the_next_run(
    practice: Clinic,
) -> None:
    brief = {"RUNS__ENDING_SECONDS": "2"}
    with practice.analytics.connect() as holder, at_work(practice, **brief) as job:
        holder.exec_driver_sql("LOCK TABLE raw.etl_runs IN ACCESS EXCLUSIVE MODE")
        until(job, practice, practice.analytics, PLACES["analytics"][1])
        seconds, said = job.send(signal.SIGTERM)
        assert (job.process.returncode, job.ending()) == (130, ("interrupted", 130)), said
        assert seconds < SECONDS
    assert practice.run().failed == []
    query = "SELECT status FROM raw.etl_runs ORDER BY started_at"
    assert [status for (status,) in practice.rows(practice.analytics, query)] == [
        *("success", "interrupted", "success")
    ]


def test_signals_at_any_moment_of_a_night_end_it_and_the_next_one_is_exact(
    clinic: Clinic,
) -> None:
    """Also while dlt extracts, normalizes and loads, where it has handlers of its own."""
    for number in range(30):
        clinic.sql(
            f"CREATE TABLE t{number} (Num int PRIMARY KEY, Note varchar(50)) ENGINE=MyISAM",
            f"INSERT INTO t{number} SELECT seq, REPEAT('x', seq % 50) FROM seq_1_to_2000",
        )
    random = Random(18)
    ended = []
    for _ in range(6):
        with at_work(clinic, RUNS__GROUP_TABLES="3") as job:
            until(job, clinic, clinic.source, f"{RUNNING} AND db = '{clinic.name}'")
            time.sleep(random.uniform(0, 3))
            seconds, said = job.send(random.choice([signal.SIGINT, signal.SIGTERM]))
            ended.append(job.process.returncode)
            assert seconds < SECONDS
            assert "Traceback" not in said
            assert job.ending() in (("interrupted", 130), ("success", 0)), said
        clinic.sql(*(f"UPDATE t{n} SET Note = 'changed' WHERE Num < 3" for n in range(30)))
    assert 130 in ended
    assert clinic.run(confirmed=True).failed == []
    assert clinic.differences() == []


RUNNING = "SELECT id FROM information_schema.processlist WHERE command = 'Query'"


def test_a_signal_ends_a_comparison_of_all_rows(practice: Clinic) -> None:
    with practice.source.connect() as holder, program(practice, "verify", LONG) as process:
        holder.exec_driver_sql("LOCK TABLES visit WRITE")
        job = Job(process, Path())
        until(job, practice, practice.source, f"{WAITS} AND db = '{practice.name}'")
        seconds, said = job.send(signal.SIGTERM)
    assert (process.returncode, said.count("Traceback")) == (130, 0), said
    assert seconds < SECONDS
    assert said.splitlines()[-1].startswith("interrupted;")


def test_a_signal_ends_an_analysis_before_it_wrote_anything(practice: Clinic) -> None:
    output = practice.home.parent / "analyzed.yml"
    for pause in (0.0, 0.7):
        with program(practice, "analyze", {}, "--output", str(output)) as process:
            until_it_listens(process.pid)
            time.sleep(pause)
            seconds, said = Job(process, Path()).send(signal.SIGINT)
        assert (process.returncode, said.count("Traceback")) == (130, 0), said
        assert seconds < SECONDS
        assert not output.exists()


LONG = {"SOURCES__OPENDENTAL__STATEMENT_SECONDS": "60"}
