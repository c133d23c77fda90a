"""A real Airflow in an environment of its own, with its metadata in the tests' PostgreSQL."""

import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from demo import suites
from demo.processes import run_quietly
from demo.servers import Server
from opendental_pipeline.settings.home import CHECKOUT
from tests import sessions
from tests.other_servers import free_port

LOCK = CHECKOUT / "tests/airflow.lock"
PLACE = CHECKOUT / ".airflow"
PATIENCE = 300


def environment() -> Path:
    """The virtual environment of Airflow, made if it is not there or is of another lock file."""
    made = PLACE / LOCK.name
    PLACE.mkdir(exist_ok=True)
    with (PLACE / "making").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not made.exists() or made.read_text() != LOCK.read_text():
            made.unlink(missing_ok=True)
            venv = PLACE / "venv"
            pip = [str(venv / "bin/python"), "-m", "pip", "--disable-pip-version-check"]
            for command in (
                [sys.executable, "-m", "venv", "--clear", str(venv)],
                [*pip, "install", "--no-deps", "--requirement", str(LOCK)],
            ):
                done = run_quietly(command)
                assert done.returncode == 0, done.stdout[-3_000:]
            shutil.copy(LOCK, made)
    return PLACE / "venv/bin"


@dataclass
class Airflow:
    """It, with a folder of DAGs.

    Attributes:
        home: where its logs are, and its DAGs in a folder of that name.
        metadata: the database with its metadata.
    """

    home: Path
    metadata: sa.Engine
    environ: dict[str, str]
    programs: Path = field(default_factory=environment)

    @property
    def dags(self) -> Path:
        """The folder of DAGs."""
        return self.home / "dags"

    def call(self, *arguments: str, code: int = 0) -> str:
        """Runs one of its commands to the end; what it said."""
        done = subprocess.run(
            [self.programs / "airflow", *arguments],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == code, done.stdout[-6_000:]
        return done.stdout

    @contextmanager
    def at_work(self, name: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """One of its servers; in the end it is gone with all that it started."""
        with (self.home / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [self.programs / "airflow", *arguments],
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            kill_tree(process)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query of the metadata."""
        with self.metadata.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def state(self, run_id: str) -> str:
        """Of a run; empty if there is none."""
        found = self.rows(f"SELECT state FROM dag_run WHERE run_id = '{run_id}'")
        return str(found[0][0]) if found else ""

    def tasks(self, run_id: str) -> dict[str, str]:
        """The state of each task of a run, of mapped ones with their number."""
        query = f"SELECT task_id, map_index, state FROM task_instance WHERE run_id = '{run_id}'"
        found = {
            f"{name.rpartition('.')[2]}" + (f" {index}" if index >= 0 else ""): str(state)
            for name, index, state in self.rows(query)
        }
        return dict(sorted(found.items()))

    def trigger(self, dag: str) -> str:
        """Starts a run; its name."""
        run_id = f"by_hand_{secrets.token_hex(4)}"
        self.call("dags", "trigger", dag, "--run-id", run_id)
        return run_id

    def clear(self, dag: str, run_id: str, task: str) -> None:
        """Ends a task that is at work, and lets it begin anew."""
        token = self._ask("/auth/token", None)["access_token"]
        asked = {
            "dry_run": False,
            "dag_run_id": run_id,
            "task_ids": [task],
            "only_failed": False,
            "only_running": True,
        }
        self._ask(f"/api/v2/dags/{dag}/clearTaskInstances", asked, token)

    def _ask(self, path: str, sent: object, token: str = "") -> dict[str, Any]:
        port = self.environ["AIRFLOW__API__PORT"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}",
            data=None if sent is None else json.dumps(sent).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            said: dict[str, Any] = json.load(answer)
        return said

    def ended(self, run_id: str) -> str:
        """How a run ended; waits for it."""
        wait(lambda: self.state(run_id) in ("success", "failed"), lambda: str(self.tasks(run_id)))
        return self.state(run_id)

    def log(self, run_id: str, task: str) -> str:
        """All that a task of a run has said, in all its tries."""
        files = sorted(self.home.glob(f"logs/dag_id=*/run_id={run_id}/task_id=*{task}/**/*.log"))
        return "\n".join(file.read_text() for file in files)


def wait(condition: Callable[[], bool], told: Callable[[], str] = str) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, told()
        time.sleep(0.3)


def descendants(pid: int) -> list[int]:
    """A process and all that it started, and they."""
    children = [
        int(child)
        for task in Path(f"/proc/{pid}/task").glob("*/children")
        for child in _read(task).decode().split()
    ]
    return [pid, *(one for child in children for one in descendants(child))]


def command_of(pid: int) -> list[bytes]:
    """The command line of a process; empty if it is gone."""
    return _read(Path(f"/proc/{pid}/cmdline")).split(b"\0")


def environ_of(pid: int) -> dict[bytes, bytes]:
    """The environment of a process; empty if it is gone."""
    pairs = _read(Path(f"/proc/{pid}/environ")).split(b"\0")
    return {name: value for name, _, value in (pair.partition(b"=") for pair in pairs if pair)}


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def kill_tree(process: "subprocess.Popen[bytes]") -> None:
    """Ends a process and everything below it as a machine does that loses its power."""
    for pid in descendants(process.pid):
        # one may be gone by itself
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


@contextmanager
def airflow(home: Path, server: Server, **settings: str) -> Iterator[Airflow]:
    """An Airflow with its metadata; nothing of it runs yet.

    Args:
        home: its folder.
        server: of PostgreSQL.
        settings: of Airflow, by their variables without the first part.
    """
    name = f"airflow_{secrets.token_hex(4)}"
    root = sessions.engine(server.url()).execution_options(isolation_level="AUTOCOMMIT")
    (home / "dags").mkdir(parents=True)
    port = free_port()
    url = server.url(name)
    chosen = {
        "DATABASE__SQL_ALCHEMY_CONN": url.render_as_string(hide_password=False),
        "CORE__DAGS_FOLDER": str(home / "dags"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__WORKERS": "1",
        "API__SECRET_KEY": secrets.token_hex(16),
        "API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "DAG_PROCESSOR__REFRESH_INTERVAL": "2",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "2",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "25",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
        **settings,
    }
    kept = {k: v for k, v in os.environ.items() if k in ("LANG", "HOME", "PATH")}
    environ = {
        **kept,
        "AIRFLOW_HOME": str(home),
        **{f"AIRFLOW__{key}": value for key, value in chosen.items()},
    }
    with root.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        made = Airflow(home, sessions.engine(url), environ)
        made.call("db", "migrate")
        yield made
    finally:
        with root.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def working(airflow: Airflow, *workers: str) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """All its servers, each by its name.

    Args:
        airflow: whose.
        workers: of Celery, by name.
    """
    with ExitStack() as stack:
        started = {
            name: stack.enter_context(airflow.at_work(name, name))
            for name in ("api-server", "dag-processor", "scheduler")
        }
        for name in workers:
            options = ("--celery-hostname", name, "--concurrency", "4", "--skip-serve-logs")
            started[name] = stack.enter_context(airflow.at_work(name, "celery", "worker", *options))
        wait(lambda: bool(airflow.rows("SELECT 1 FROM dag WHERE NOT is_stale")))
        yield started


@contextmanager
def redis(directory: Path) -> Iterator[str]:
    """Debian's Redis; its address."""
    programs = suites.programs(suites.REDIS, "redis", print)
    home, port = suites.make_home(programs.account), free_port()
    options = {"--port": str(port), "--bind": "127.0.0.1", "--save": "", "--dir": str(home)}
    command = [str(programs.server), *(part for pair in options.items() for part in pair)]
    pid = programs.account.spawn(command, directory / "redis.log")
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        os.kill(pid, signal.SIGTERM)
        shutil.rmtree(home, ignore_errors=True)
