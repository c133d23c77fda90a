"""How each of the three servers is made, started, awaited and ended."""

import shutil
import signal
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from demo import mysql, postgres, suites
from demo.binaries import Programs, find_or_install
from demo.processes import Account, ServerFailedError, end, tail
from demo.state import NAMES, State

_ANSWER_SECONDS = 5

OWNER = "demo"
READER = "reader"
DATABASES = {
    "source": "opendental",
    "replication": "opendental_replication",
    "analytics": "opendental_analytics",
}


def launch(
    directory: Path,
    earlier: State | None,
    releases: Mapping[str, str],
    say: Callable[[str], None],
) -> State:
    """Make the servers that are missing and start those that do not run.

    Args:
        directory: where the state and the logs are.
        earlier: the state, None the first time.
        releases: by server, see `demo.suites`; those without one are the machine's own.
        say: told what is installed.

    Returns:
        The state as it is now, which is also written. The servers may not answer yet.

    Raises:
        MissingServersError: the programs are not here and cannot be installed.
        ServerFailedError: a server cannot be made.
    """
    programs = _programs(releases, say)
    if earlier and not all(folder.exists() for folder in earlier.folders):
        # A temporary folder is emptied now and then; whatever still runs there runs for nobody.
        end_all(earlier)
        earlier = None
    state = earlier or _new_state(directory, releases, programs)
    state.write(directory)
    make = partial(_make, state=state, directory=directory, programs=programs)
    with ThreadPoolExecutor() as pool:
        list(pool.map(make, (name for name in NAMES if not state.folder(name).exists())))
    # only now, so that nobody has long to take them
    state = state.with_free_ports()
    for name in NAMES:
        if not state.runs(name):
            command = _command(name, state, programs[name])
            pid = programs[name].account.spawn(command, log_of(directory, name))
            # Written one by one, so that no server is ever forgotten.
            state = replace(state, pids=state.pids | {name: pid})
            state.write(directory)
    return state


def _programs(releases: Mapping[str, str], say: Callable[[str], None]) -> dict[str, Programs]:
    """The programs of each server, downloaded or installed if they are not here."""
    with ThreadPoolExecutor() as pool:
        others = pool.map(
            lambda name: suites.programs(
                suites.RELEASES[name][releases[name]], releases[name], say
            ),
            releases,
        )
        found = dict(zip(releases, others, strict=True))
    if len(found) < len(NAMES):
        own = find_or_install(say=say)
        for name in NAMES:
            found.setdefault(name, own.postgres if name == "analytics" else own.mariadb)
    return found


def _new_state(
    directory: Path, releases: Mapping[str, str], programs: Mapping[str, Programs]
) -> State:
    """The state of servers that are made now, and the folders for their data."""
    homes = {name: str(suites.make_home(programs[name].account)) for name in releases}
    return State.new(Account.choose().folder(directory / "data"), dict(releases), homes)


def wait(name: str, state: State, url: sa.URL, directory: Path, *, timeout: float = 60) -> None:
    """Wait until a started server answers, and create its database if it is not there.

    Args:
        name: of the server.
        state: with its pid.
        url: of its database.
        directory: where its log is.
        timeout: seconds.

    Raises:
        ServerFailedError: it ended, or does not answer in time.
    """
    # PostgreSQL has this one from the start; the others made their own when they started.
    first = url.set(database="postgres") if name == "analytics" else url
    # somebody else may be at the port, and say nothing
    limit = "connect_timeout" if name == "analytics" else "read_timeout"
    engine = sa.create_engine(
        first,
        poolclass=sa.NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={limit: _ANSWER_SECONDS},
    )
    patience = time.monotonic() + timeout
    while True:
        try:
            with engine.connect() as connection:
                if name == "analytics":
                    _create_database(connection)
            return
        except sa.exc.OperationalError as error:
            if not state.runs(name) or time.monotonic() > patience:
                log = tail(log_of(directory, name))
                raise ServerFailedError(f"The {name} server does not start.\n{log}") from error
        time.sleep(0.05)


def end_all(state: State) -> None:
    """End the servers that run and wait until they are gone."""
    for name, pid in state.pids.items():
        # After a SIGTERM PostgreSQL would wait for its clients to leave.
        how = signal.SIGINT if name == "analytics" else signal.SIGTERM
        end(pid, state.folder(name), how)


def log_of(directory: Path, name: str) -> Path:
    """The log of a server."""
    return directory / f"{name}.log"


def _make(name: str, *, state: State, directory: Path, programs: Mapping[str, Programs]) -> None:
    """Make a server's data beside their place and move them there when they are complete."""
    folder, log = state.folder(f"{name}.new"), log_of(directory, name)
    shutil.rmtree(folder, ignore_errors=True)
    password = state.passwords[name]
    if name == "analytics":
        postgres.make(programs[name], folder, log, user=OWNER, password=password)
    else:
        users = [mysql.User(OWNER, password, admin=True)]
        if name == "source":
            users.append(mysql.User(READER, state.passwords[READER], admin=False))
        mysql.make(programs[name], folder, log, database=DATABASES[name], users=users)
    folder.rename(state.folder(name))


def _command(name: str, state: State, programs: Programs) -> list[str | Path]:
    folder, port = state.folder(name), state.ports[name]
    if name == "analytics":
        return postgres.command(programs, folder, port)
    options = mysql.SOURCE if name == "source" else mysql.REPLICATION
    return mysql.command(programs, folder, port, options)


def _create_database(connection: sa.Connection) -> None:
    name = DATABASES["analytics"]
    names = connection.scalars(sa.text("SELECT datname FROM pg_database"))
    if name not in names.all():
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
