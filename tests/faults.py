"""Faults of every kind at every place of a night, and what must be true after each.

A hook in a run's own interpreter stops it at a place, tells that it is there, and waits.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from demo import servers
from demo.processes import ServerFailedError
from demo.state import State
from opendental_pipeline.settings.home import CHECKOUT
from tests import programs
from tests.conftest import Clinic

PLACES = {
    "read": ("sources.opendental.slice_reader.SliceReader.read_to", "before"),
    "stage": ("destinations.load_data.LoadDataWriter._load_into", "before"),
    "commit of replication": ("destinations.load_data.LoadDataWriter.run", "after"),
    "state": ("dlt.destinations.job_client_impl.SqlJobClientBase.complete_load", "before"),
    "commit of raw": ("destinations.copy_rows.CopyWriter.run", "after"),
    "status": ("opendental_pipeline.runs.status_tables.StatusTable.record", "before"),
    "report": ("opendental_pipeline.runs.run_history.RunHistory.finish", "before"),
}
"""Where a run is stopped: a method, before or after its work."""

TIERS = ("source", "replication", "analytics")
FAULTS = (
    *("SIGKILL", "SIGTERM", "disk full"),
    *(f"{tier} {what}" for tier in TIERS for what in ("gone", "frozen", "cut", "locked")),
)

LIMIT = 60
"""Seconds in which every run ends, whatever happens to it; the limits below are shorter."""

IMPATIENT = {
    **{
        f"{section}__CONNECTION__{name}": value
        for section in ("SOURCES__OPENDENTAL", "DESTINATION__REPLICATION", "DESTINATION__RAW")
        for name, value in {
            "READ_TIMEOUT_SECONDS": "6",
            "WRITE_TIMEOUT_SECONDS": "6",
            "LOCK_TIMEOUT_SECONDS": "4",
            "CONNECT_TIMEOUT_SECONDS": "3",
            "FIRST_WAIT_SECONDS": "0.1",
        }.items()
    },
    "RUNS__ENDING_SECONDS": "6",
    "RUNS__LOCK_WAIT_SECONDS": "5",
}

_HOOK = """
import importlib, os, pathlib, time

def hook(place, moment, number):
    module, kind, method = place.rsplit(".", 2)
    owner = getattr(importlib.import_module(module), kind)
    real, here, calls = getattr(owner, method), pathlib.Path(os.environ["FAULT_AT"]), []

    def wait():
        calls.append(1)
        if len(calls) == number:
            (here / "reached").touch()
            while not (here / "go").exists():
                time.sleep(0.02)

    def stopped(*given, **named):
        if moment == "before":
            wait()
            return real(*given, **named)
        result = real(*given, **named)
        wait()
        return result

    setattr(owner, method, stopped)

hook({place!r}, {moment!r}, {number})
"""


@dataclass
class Fault:
    """One fault at one place.

    Attributes:
        kind: of FAULTS.
        place: of PLACES.
        number: at which of its calls.
    """

    kind: str
    place: str
    number: int = 1

    def __str__(self) -> str:
        return f"{self.kind} at {self.place} {self.number}"


@dataclass
class Ended:
    """How a run ended.

    Attributes:
        code: its exit code; None if it had to be killed, since it hung.
        reached: whether it came to the place at all.
        applied: whether the fault happened there; the run itself may hold a lock that is wanted.
        report: what it wrote.
        said: on standard error.
        seconds: from the fault to the end.
    """

    code: int | None
    reached: bool
    applied: bool
    report: dict[str, Any]
    said: str
    seconds: float


@dataclass
class Stage:
    """A clinic, and what faults need of its servers.

    Attributes:
        clinic: it.
        folder: empty, for hooks and reports.
        disk: a file system of its own that is dlt's home, to be filled; None for none.
    """

    clinic: Clinic
    folder: Path
    disk: Path | None = None
    runs: int = field(default=0, init=False)
    _applied: bool = field(default=True, init=False)

    def run(self, fault: Fault) -> Ended:
        """Runs the job into a fault; afterwards the servers are as they were."""
        self.runs += 1
        self._applied = True
        here = self.folder / f"run{self.runs}"
        here.mkdir()
        place, moment = PLACES[fault.place]
        code = _HOOK.format(place=place, moment=moment, number=fault.number)
        (here / "sitecustomize.py").write_text(code)
        report = here / "report.json"
        environ = {
            **programs.environment(self.clinic),
            **IMPATIENT,
            "FAULT_AT": str(here),
            "PYTHONPATH": os.pathsep.join((str(here), str(CHECKOUT))),
        }
        with (here / "said").open("w") as said, ExitStack() as restored:
            job = subprocess.Popen(
                [sys.executable, "-m", "pipelines.nightly", "--report", str(report)],
                cwd=CHECKOUT,
                env=environ,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
            restored.callback(job.wait)
            restored.callback(job.kill)
            reached = _wait(lambda: (here / "reached").exists() or job.poll() is not None, LIMIT)
            reached = reached and job.poll() is None
            began = time.monotonic()
            if reached:
                restored.enter_context(self._apply(fault, job))
                (here / "go").touch()
            ended = _wait(lambda: job.poll() is not None, LIMIT)
            seconds, code_ = time.monotonic() - began, job.poll()
        written = json.loads(report.read_text()) if report.exists() else {}
        told = (here / "said").read_text()
        applied = reached and self._applied
        return Ended(code_ if ended else None, reached, applied, written, told, seconds)

    @contextmanager
    def _apply(self, fault: Fault, job: "subprocess.Popen[bytes]") -> Iterator[None]:
        tier, _, what = fault.kind.partition(" ")
        if tier in ("SIGKILL", "SIGTERM"):
            job.send_signal(signal.Signals[tier])
            yield
        elif tier == "disk":
            with self._full():
                yield
        else:
            happen: Callable[[str, Fault], Any] = getattr(self, f"_{what}")
            with happen(tier, fault):
                yield

    @contextmanager
    def _full(self) -> Iterator[None]:
        assert self.disk is not None
        filler = self.disk / "filler"
        try:
            # without a buffer, whose rest would not find room when the file is closed either
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(b"\0" * 65_536)
            yield
        finally:
            filler.unlink()

    def _pid(self, tier: str) -> int:
        state = State.read(self.clinic.cluster.directory)
        assert state is not None
        return state.pids[tier]

    @contextmanager
    def _gone(self, tier: str, _: Fault) -> Iterator[None]:
        os.kill(self._pid(tier), signal.SIGKILL)
        try:
            yield
        finally:
            _wait(lambda: not _reaches(getattr(self.clinic, tier)), 10)
            _wait(self._starts, 30)

    def _starts(self) -> bool:
        try:
            servers.start(self.clinic.cluster.directory, say=lambda _: None)
        except ServerFailedError:
            # sessions of one that was killed hold its data for a moment
            return False
        return True

    @contextmanager
    def _frozen(self, tier: str, _: Fault) -> Iterator[None]:
        # PostgreSQL's sessions are processes of their own
        pids = [self._pid(tier)]
        if tier == "analytics":
            query = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            pids += [pid for (pid,) in self.clinic.rows(self.clinic.analytics, query)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGCONT)
                except ProcessLookupError:
                    continue

    @contextmanager
    def _cut(self, tier: str, _: Fault) -> Iterator[None]:
        clinic = self.clinic
        engine: sa.Engine = getattr(clinic, tier)
        if tier == "analytics":
            clinic.rows(
                engine,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
        else:
            query = (
                "SELECT id FROM information_schema.processlist"
                f" WHERE db = '{clinic.name}' AND id <> CONNECTION_ID()"
            )
            for (number,) in clinic.rows(engine, query):
                clinic.execute(engine, f"KILL {number}")
        yield

    @contextmanager
    def _locked(self, tier: str, fault: Fault) -> Iterator[None]:
        statements = {
            "source": ("LOCK TABLES visit WRITE",),
            "replication": ("SET lock_wait_timeout = 1", f"LOCK TABLES {_held(fault)} READ"),
            "analytics": (
                "SET lock_timeout = '1s'",
                f"LOCK TABLE {_held_in_raw(fault)} IN ACCESS EXCLUSIVE MODE",
            ),
        }[tier]
        engine: sa.Engine = getattr(self.clinic, tier)
        with engine.connect() as holder:
            try:
                for statement in statements:
                    holder.exec_driver_sql(statement)
            except sa.exc.DBAPIError:
                holder.rollback()
                self._applied = False
            yield
            holder.invalidate()


def _held(fault: Fault) -> str:
    return {"state": "_dlt_loads", "status": "etl_copy_status"}.get(fault.place, "visit")


def _held_in_raw(fault: Fault) -> str:
    tables = {"state": "_dlt_loads", "status": "etl_load_status", "report": "etl_runs"}
    return f"raw.{tables.get(fault.place, 'visit')}"


def _reaches(engine: sa.Engine) -> bool:
    try:
        with engine.connect():
            return True
    except sa.exc.DBAPIError:
        return False


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
