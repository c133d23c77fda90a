"""Kills the nightly job where it hurts: between a hop's rows and the state that speaks of them."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from opendental_pipeline.settings.home import CHECKOUT
from tests.conftest import Clinic

PATIENCE = 60
"""Seconds after which a run that has not come that far is taken for broken."""


def kill_between_data_and_state(clinic: Clinic, tables: Path, hop: str) -> None:
    """Runs the job and kills it when a hop has written rows and not yet committed its state.

    Others may read dlt's table of finished loads meanwhile, but nobody can add to it, so the run
    waits there. A server ends a dead client's sessions sooner or later; here at once.
    """
    hold = _hold_replication if hop == "replication" else _hold_raw
    with hold(clinic):
        job = subprocess.Popen(
            [sys.executable, "-m", "pipelines.nightly"],
            cwd=CHECKOUT,
            env={**clinic.variables(), "SOURCES__OPENDENTAL__TABLES_FILE": str(tables)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(lambda: bool(_waiting(clinic, hop)), job)
        finally:
            job.kill()
            job.wait()
        for session in _waiting(clinic, hop):
            end_session(clinic, hop, session)


def _wait(condition: Callable[[], bool], job: "subprocess.Popen[Any]") -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert job.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline, "the run never came to its state"
        time.sleep(0.1)


@contextmanager
def _hold_replication(clinic: Clinic) -> Iterator[None]:
    with clinic.replication.connect() as connection:
        connection.exec_driver_sql("LOCK TABLES _dlt_loads READ")
        yield
        connection.exec_driver_sql("UNLOCK TABLES")


@contextmanager
def _hold_raw(clinic: Clinic) -> Iterator[None]:
    with clinic.analytics.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE raw._dlt_loads IN SHARE MODE")
        yield


def _waiting(clinic: Clinic, hop: str) -> list[int]:
    """The sessions of the run that wait for dlt's table of finished loads."""
    query = {
        "replication": "SELECT id FROM information_schema.processlist"
        f" WHERE db = '{clinic.name}' AND state LIKE 'Waiting for table%'"
        " AND info LIKE '%_dlt_loads%' AND id <> CONNECTION_ID()",
        "raw": f"SELECT pid FROM pg_stat_activity WHERE datname = '{clinic.name}'"
        " AND wait_event_type = 'Lock' AND query LIKE '%_dlt_loads%'",
    }[hop]
    return [session for (session,) in clinic.rows(_engine(clinic, hop), query)]


def end_session(clinic: Clinic, tier: str, session: int) -> None:
    """Ends a session at the server of `source`, `replication` or `raw`."""
    statement = "SELECT pg_terminate_backend({})" if tier == "raw" else "KILL {}"
    with _engine(clinic, tier).connect() as connection:
        connection.exec_driver_sql(statement.format(session))


def _engine(clinic: Clinic, tier: str) -> sa.Engine:
    engine: sa.Engine = clinic.analytics if tier == "raw" else getattr(clinic, tier)
    return engine
