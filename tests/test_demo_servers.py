"""The demo's servers: private to a folder, found again there, and ended with nobody else's."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from demo import launch, servers
from demo.servers import Cluster, NotRunningError, Server
from demo.state import State


def ask(server: Server, sql: str, *, url: sa.URL | None = None) -> str:
    """The single value that a statement returns; its change, if any, is kept."""
    engine = sa.create_engine(url or server.url(), poolclass=sa.NullPool)
    with engine.begin() as connection:
        result = connection.exec_driver_sql(sql)
        return str(result.scalar()) if result.returns_rows else ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a space in its name, and longer than a socket's path may be."""
    folder = tmp_path_factory.mktemp("a clinic") / ("of many words " * 8).strip()
    yield folder
    servers.remove(folder)


@pytest.fixture
def started(folder: Path) -> Cluster:
    return servers.start(folder)


def test_starting_twice_returns_the_same_servers(folder: Path, started: Cluster) -> None:
    assert servers.start(folder) == started == servers.load(folder)


def test_each_server_has_its_database_and_an_owner_who_may_create_more(started: Cluster) -> None:
    tiers = {
        "opendental": started.source,
        "opendental_replication": started.replication,
        "opendental_analytics": started.analytics,
    }
    for name, server in tiers.items():
        current = "DATABASE()" if server.kind == "mariadb" else "current_database()"
        assert ask(server, f"SELECT {current}") == name
        role = "USER" if server.kind == "mariadb" else "ROLE"
        ask(server, f"CREATE {role} somebody")
        ask(server, f"DROP {role} somebody")


def test_the_source_is_set_up_as_opendental_runs_it(started: Cluster) -> None:
    settings = "CONCAT_WS(' ', @@default_storage_engine, @@character_set_server, @@sql_mode)"
    assert ask(started.source, f"SELECT {settings}") == "MyISAM utf8mb3 "
    assert ask(started.replication, f"SELECT {settings}").startswith("InnoDB utf8mb4 STRICT")
    assert ask(started.replication, "SELECT @@local_infile") == "1"


def test_the_reader_reads_the_source_and_writes_nothing(started: Cluster) -> None:
    ask(started.source, "CREATE OR REPLACE TABLE opendental.notes AS SELECT 7 AS note")
    reader = started.source.url().set(
        username=started.reader_user, password=started.reader_password
    )
    assert ask(started.source, "SELECT note FROM notes", url=reader) == "7"
    with pytest.raises(sa.exc.OperationalError, match="command denied"):
        ask(started.source, "DELETE FROM notes", url=reader)


def test_the_environment_names_every_setting_of_the_three_servers(started: Cluster) -> None:
    environ = started.environ("TEST_")
    for tier in ("OPENDENTAL_SOURCE", "MYSQL_REPLICATION", "POSTGRES_ANALYTICS"):
        for part in ("HOST", "PORT", "DB", "USER", "PASSWORD"):
            assert environ.pop(f"TEST_{tier}_{part}")
    assert environ == {"TEST_POSTGRES_ANALYTICS_SCHEMA": "raw"}
    assert started.environ()["OPENDENTAL_SOURCE_USER"] == started.reader_user


def test_passwords_are_readable_by_the_owner_alone(folder: Path, started: Cluster) -> None:
    assert (folder / "servers.json").stat().st_mode & 0o777 == 0o600
    passwords = {started.source.password, started.replication.password, started.analytics.password}
    assert len(passwords) == 3


def test_stopped_servers_start_again_on_their_data(folder: Path, started: Cluster) -> None:
    for server in (started.source, started.replication, started.analytics):
        ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    servers.stop(folder)
    with pytest.raises(NotRunningError, match="do not run"):
        servers.load(folder)
    again = servers.start(folder)
    for server in (again.source, again.replication, again.analytics):
        assert ask(server, "SELECT answer FROM kept") == "42"


def test_a_server_that_died_is_started_beside_those_that_run(
    folder: Path, started: Cluster
) -> None:
    before = State.read(started.directory)
    assert before is not None
    os.kill(before.pids["replication"], signal.SIGKILL)
    while before.runs("replication"):
        time.sleep(0.01)
    again, after = servers.start(folder), State.read(folder)
    assert after is not None
    assert after.pids["source"] == before.pids["source"]
    assert ask(again.source, "SELECT 1") == ask(again.replication, "SELECT 1") == "1"


def test_a_port_that_somebody_takes_meanwhile_is_changed_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = launch._command
    taken: list[socket.socket] = []

    def others_are_first(name: str, state: State, programs: Any) -> Any:
        if name == "analytics" and not taken:
            taken.append(socket.create_server(("127.0.0.1", state.ports[name])))
        return command(name, state, programs)

    monkeypatch.setattr(launch, "_command", others_are_first)
    try:
        cluster = servers.start(tmp_path, say=lambda _: None)
        assert cluster.analytics.port != taken[0].getsockname()[1]
        assert ask(cluster.analytics, "SELECT 1") == ask(cluster.source, "SELECT 1") == "1"
    finally:
        taken[0].close()
        servers.remove(tmp_path)


def test_stop_ends_no_process_that_merely_has_a_known_pid(folder: Path, started: Cluster) -> None:
    servers.stop(folder)
    state = State.read(folder)
    assert state is not None
    with subprocess.Popen(["sleep", "60"]) as stranger:
        replace(state, pids=dict.fromkeys(state.pids, stranger.pid)).write(folder)
        servers.stop(folder)
        assert stranger.poll() is None
        stranger.kill()
    assert servers.start(folder) == started


def test_removing_leaves_nothing_but_what_others_put_there(folder: Path, started: Cluster) -> None:
    state = State.read(folder)
    assert state is not None
    (folder / "mine.txt").write_text("not the demo's")
    servers.remove(folder)
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    assert not Path(state.data).exists()
    with pytest.raises(sa.exc.OperationalError):
        ask(started.source, "SELECT 1")
