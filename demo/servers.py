"""The clinic's three private servers: started below a folder, found again there, and stopped."""

import fcntl
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from demo import suites
from demo.binaries import Kind
from demo.launch import DATABASES, OWNER, READER, end_all, launch, log_of, wait
from demo.processes import ServerFailedError
from demo.state import NAMES, State

_TRIES = 3
"""How often servers are started whose ports are taken meanwhile."""


class NotRunningError(Exception):
    """The servers of a folder do not all run."""


@dataclass(frozen=True)
class Server:
    """A running server, and the account there that may do everything.

    Attributes:
        kind: of server.
        host: always 127.0.0.1.
        port: of TCP.
        user: who may create databases and users.
        password: of that user.
        database: the one that exists from the start.
    """

    kind: Kind
    host: str
    port: int
    user: str
    password: str
    database: str

    def url(self, database: str | None = None) -> sa.URL:
        """The address for SQLAlchemy of this server's database, or of another one there."""
        if self.kind == "postgres":
            driver, query = "postgresql+psycopg2", {}
        else:
            # TLS would protect nothing here; PyMySQL would read all the system's certificates for
            # it, a tenth of a second for each connection.
            driver, query = "mysql+pymysql", {"charset": "utf8mb4", "ssl_disabled": "1"}
        name = database or self.database
        return sa.URL.create(driver, self.user, self.password, self.host, self.port, name, query)


@dataclass(frozen=True)
class Cluster:
    """The three servers of a folder.

    Attributes:
        directory: the folder.
        source: OpenDental's MySQL or MariaDB.
        replication: the MySQL or MariaDB it is copied to.
        analytics: the PostgreSQL it ends up in.
        reader_user: an account at the source that may only SELECT.
        reader_password: its password.
    """

    directory: Path
    source: Server
    replication: Server
    analytics: Server
    reader_user: str
    reader_password: str

    def environ(self, prefix: str = "") -> dict[str, str]:
        """The pipeline's settings for these servers, as environment variables.

        Args:
            prefix: put before each name, for example `TEST_`.
        """
        reader = replace(self.source, user=self.reader_user, password=self.reader_password)
        tiers = {
            "OPENDENTAL_SOURCE": reader,
            "MYSQL_REPLICATION": self.replication,
            "POSTGRES_ANALYTICS": self.analytics,
        }
        found = {"POSTGRES_ANALYTICS_SCHEMA": "raw"}
        for name, server in tiers.items():
            found |= {
                f"{name}_HOST": server.host,
                f"{name}_PORT": str(server.port),
                f"{name}_DB": server.database,
                f"{name}_USER": server.user,
                f"{name}_PASSWORD": server.password,
            }
        return {f"{prefix}{name}": value for name, value in found.items()}


def start(
    directory: Path,
    *,
    releases: Mapping[str, str] | None = None,
    say: Callable[[str], None] = print,
) -> Cluster:
    """Start the servers of a folder, making them the first time; those that run are left alone.

    Args:
        directory: where everything is kept. If it is root's own, the data are kept below the
            system's temporary folder.
        releases: of other servers than the machine's own, see `demo.suites`; servers that were
            made already stay what they are.
        say: told what is done.

    Returns:
        The servers, ready for connections, with their databases.

    Raises:
        MissingServersError: the programs are not here and cannot be installed.
        ServerFailedError: a server cannot be made or does not start, or was made of another
            release.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    with _locked(directory):
        state = State.read(directory)
        wanted = _wanted(directory, state, releases or {})
        if state is None or not state.all_run:
            say(f"{'starting' if state else 'making'} the demo's servers in {directory}")
        for tries_left in reversed(range(_TRIES)):
            if state is None or not state.all_run:
                state = launch(directory, state, wanted, say)
            cluster = _cluster(directory, state)
            try:
                for name in NAMES:
                    wait(name, state, getattr(cluster, name).url(), directory)
            except ServerFailedError:
                # somebody may have taken a port that was free a moment ago
                if not tries_left or state.with_free_ports() == state:
                    raise
            else:
                break
        return cluster


def stop(directory: Path) -> None:
    """Stop the servers of a folder and wait until they are gone; their data stay."""
    directory = directory.resolve()
    if not directory.exists():
        return
    with _locked(directory):
        state = State.read(directory)
        if state:
            end_all(state)


def load(directory: Path) -> Cluster:
    """The running servers of a folder.

    Raises:
        NotRunningError: one of them does not run.
    """
    directory = directory.resolve()
    state = State.read(directory)
    if state is None or not state.all_run:
        raise NotRunningError(f"The demo's servers in {directory} do not run. Start them first.")
    return _cluster(directory, state)


def remove(directory: Path) -> None:
    """Stop the servers of a folder and delete all that `start` made, wherever it is."""
    directory = directory.resolve()
    stop(directory)
    state = State.read(directory)
    if state is None:
        return
    for folder in state.folders:
        shutil.rmtree(folder, ignore_errors=True)
    for path in (*(log_of(directory, name) for name in NAMES), directory / "servers.lock"):
        path.unlink(missing_ok=True)
    (directory / "servers.json").unlink()
    # Whatever else somebody keeps there stays.
    with suppress(OSError):
        directory.rmdir()


def _wanted(directory: Path, state: State | None, releases: Mapping[str, str]) -> Mapping[str, str]:
    """The releases that servers are made of, or were.

    Raises:
        ServerFailedError: one was made of another release than is wanted.
    """
    if state is None:
        return releases
    for name, release in releases.items():
        made = state.releases.get(name, "this machine's own")
        if made != release:
            raise ServerFailedError(
                f"The {name} server in {directory} is {made} and not {release}; stop the servers"
                " and delete the folder for another one."
            )
    return state.releases


def _kind(name: str, release: str | None) -> Kind:
    if release:
        return suites.RELEASES[name][release].kind
    return "postgres" if name == "analytics" else "mariadb"


def _cluster(directory: Path, state: State) -> Cluster:
    servers = {
        name: Server(
            _kind(name, state.releases.get(name)),
            "127.0.0.1",
            state.ports[name],
            OWNER,
            state.passwords[name],
            DATABASES[name],
        )
        for name in NAMES
    }
    return Cluster(
        directory, **servers, reader_user=READER, reader_password=state.passwords[READER]
    )


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Keep two processes from starting or stopping the same servers at once."""
    with (directory / "servers.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
