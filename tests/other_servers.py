"""Servers beside those of the session: with options that are read at the start, and a pooler."""

import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg2
import pymysql

from demo import mysql, postgres, suites
from demo.binaries import find_or_install
from demo.servers import Server
from tests.conftest import Clinic

_USER, _SECRET = "other", "no secret at all"


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _answers(server: Server) -> None:
    """Logs in, or raises the driver's error."""
    connect = psycopg2.connect if server.kind == "postgres" else pymysql.connect
    connect(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password,
        database=server.database,
    ).close()


@contextmanager
def _running(pid: int, try_it: Callable[[], None], how: signal.Signals) -> Iterator[None]:
    deadline = time.monotonic() + 60
    try:
        while True:
            try:
                try_it()
                break
            except (psycopg2.Error, pymysql.err.Error):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield
    finally:
        os.kill(pid, how)


@contextmanager
def mariadb(directory: Path, *options: str) -> Iterator[Server]:
    """A MariaDB of this machine, started with more options."""
    programs = find_or_install().mariadb
    folder, log = programs.account.folder(directory) / "data", directory.with_suffix(".log")
    user = mysql.User(_USER, _SECRET, admin=True)
    mysql.make(programs, folder, log, database="clinic", users=[user])
    port = free_port()
    command = mysql.command(programs, folder, port, [*mysql.REPLICATION, *options])
    server = Server("mariadb", "127.0.0.1", port, _USER, _SECRET, "clinic")
    pid = programs.account.spawn(command, log)
    with _running(pid, lambda: _answers(server), signal.SIGKILL):
        yield server


@contextmanager
def standby(directory: Path) -> Iterator[Server]:
    """A PostgreSQL of this machine that only reads."""
    programs = find_or_install().postgres
    folder, log = programs.account.folder(directory) / "data", directory.with_suffix(".log")
    postgres.make(programs, folder, log, user=_USER, password=_SECRET)
    programs.account.write(folder / "standby.signal", "")
    port = free_port()
    server = Server("postgres", "127.0.0.1", port, _USER, _SECRET, "postgres")
    pid = programs.account.spawn(postgres.command(programs, folder, port), log)
    with _running(pid, lambda: _answers(server), signal.SIGINT):
        yield server


@contextmanager
def pgbouncer(directory: Path, server: Server, mode: str) -> Iterator[Server]:
    """A pooler before a server of PostgreSQL.

    Args:
        directory: for its log.
        server: the one behind it.
        mode: its `pool_mode`.
    """
    pooler = suites.programs(suites.POOLER, "pgbouncer", print)
    account = pooler.account
    folder, port = suites.make_home(account), free_port()
    users = account.write(folder / "users", f'"{server.user}" "{server.password}"\n')
    options = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": users,
        "pool_mode": mode,
    }
    lines = [f"{name} = {value}" for name, value in options.items()]
    behind = f"* = host={server.host} port={server.port}"
    text = "\n".join(["[databases]", behind, "[pgbouncer]", *lines, ""])
    before = replace(server, port=port)
    command = [pooler.server, account.write(folder / "pgbouncer.ini", text)]
    pid = account.spawn(command, directory / "pgbouncer.log")
    try:
        with _running(pid, lambda: _answers(before), signal.SIGTERM):
            yield before
    finally:
        shutil.rmtree(folder)


def with_replication(clinic: Clinic, server: Server) -> Clinic:
    """The clinic, copied to another server, on which its database is made."""
    other = replace(
        clinic,
        cluster=replace(clinic.cluster, replication=server),
        environ={**clinic.environ, **_address("MYSQL_REPLICATION", server)},
    )
    root = replace(other, name=server.database)
    root.execute(root.replication, f"CREATE DATABASE {clinic.name}")
    return other


def with_analytics(clinic: Clinic, server: Server) -> Clinic:
    """The clinic, loaded into another server, or through it."""
    return replace(
        clinic,
        cluster=replace(clinic.cluster, analytics=server),
        environ={**clinic.environ, **_address("POSTGRES_ANALYTICS", server)},
    )


def _address(prefix: str, server: Server) -> dict[str, str]:
    return {
        f"{prefix}_HOST": server.host,
        f"{prefix}_PORT": str(server.port),
        f"{prefix}_USER": server.user,
        f"{prefix}_PASSWORD": server.password,
    }
