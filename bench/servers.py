"""The benchmark's own three servers, and the databases that rows go from and to."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from demo import servers, suites
from demo.servers import Cluster, Server
from demo.state import State


@contextmanager
def private(directory: Path, say: Callable[[str], None]) -> Iterator[Cluster]:
    """New servers in a folder, removed with all they hold when the block is left.

    Args:
        directory: the folder; whatever an earlier benchmark left there is removed first.
        say: told what is done.

    Raises:
        MissingServersError: the programs are not here and cannot be installed.
        ServerFailedError: a server does not start.
    """
    servers.remove(directory)
    say("starting the three servers")
    try:
        yield servers.start(directory, releases=suites.chosen(os.environ), say=lambda _: None)
    finally:
        servers.remove(directory)


@dataclass(frozen=True)
class Route:
    """One way of the rows: a database at the source, and one at each of the targets.

    Attributes:
        cluster: the servers.
        source_database: where rows come from.
        target_database: its name in replication and in PostgreSQL, for one tool alone.
    """

    cluster: Cluster
    source_database: str
    target_database: str

    @property
    def reader(self) -> Server:
        """The source, as the account that may only SELECT."""
        cluster = self.cluster
        return replace(
            cluster.source,
            user=cluster.reader_user,
            password=cluster.reader_password,
            database=self.source_database,
        )

    @property
    def replication(self) -> Server:
        """The copy in MariaDB."""
        return replace(self.cluster.replication, database=self.target_database)

    @property
    def analytics(self) -> Server:
        """PostgreSQL."""
        return replace(self.cluster.analytics, database=self.target_database)

    def owner(self) -> sa.Engine:
        """The source, as the account that may change rows there."""
        return connect_to(replace(self.cluster.source, database=self.source_database))

    def empty(self) -> None:
        """Drop the target databases and make them anew."""
        remake(self.cluster.replication, self.target_database)
        remake(self.cluster.analytics, self.target_database)

    def environ(self) -> dict[str, str]:
        """The pipeline's settings."""
        return self.cluster.environ() | {
            "OPENDENTAL_SOURCE_DB": self.source_database,
            "MYSQL_REPLICATION_DB": self.target_database,
            "POSTGRES_ANALYTICS_DB": self.target_database,
        }


def connect_to(server: Server) -> sa.Engine:
    """An engine of a server's database that keeps no connection and no transaction open."""
    return sa.create_engine(server.url(), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")


def remake(server: Server, database: str) -> None:
    """Drop a database, if it is there, and make it."""
    force = " WITH (FORCE)" if server.kind == "postgres" else ""
    execute(
        connect_to(server),
        f"DROP DATABASE IF EXISTS {database}{force}",
        f"CREATE DATABASE {database}",
    )


def execute(engine: sa.Engine, *statements: str) -> None:
    """Run statements in one session, with nothing in them taken for a parameter."""
    with engine.connect() as connection:
        for statement in statements:
            connection.execution_options(no_parameters=True).exec_driver_sql(statement)


def number(engine: sa.Engine, query: str) -> float:
    """The single number that a query finds; NULL is 0."""
    with engine.connect() as connection:
        return float(connection.execute(sa.text(query)).scalar() or 0)


def versions(cluster: Cluster) -> dict[str, str]:
    """The servers' versions, by their role."""
    found = {}
    for role in ("source", "replication", "analytics"):
        server: Server = getattr(cluster, role)
        query = "SHOW server_version" if server.kind == "postgres" else "SELECT VERSION()"
        with connect_to(server).connect() as connection:
            found[role] = f"{server.kind} {connection.execute(sa.text(query)).scalar()}"
    return found


def cpu_seconds(cluster: Cluster) -> dict[str, float]:
    """What each server has used of the processors since its start, by its role."""
    state = State.read(cluster.directory)
    return {name: _of_tree(pid) for name, pid in state.pids.items()} if state else {}


def _of_tree(pid: int) -> float:
    """User and system seconds of a process, its children, and the children that it outlived.

    PostgreSQL has a child for every connection, and counts those that ended as its own.
    """
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The program's name, in parentheses, may hold anything.
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if pid in (int(path.parent.name), int(fields[1])):
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
