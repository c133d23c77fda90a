"""One run at a time: locks in both targets and on this machine, freed however the run ends."""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sources.opendental.connections import Connections, run_sql
from sources.opendental.errors import RunRefusedError
from sources.opendental.settings import DatabaseType, PostgresSchema, Settings
from sources.opendental.sql import literal


@contextmanager
def only_run(settings: Settings, connections: Connections, directory: Path) -> Iterator[None]:
    """Holds the run's locks; the servers and the kernel free them when the process dies.

    Args:
        settings: which databases are written to.
        connections: to them.
        directory: dlt's working directory on this machine.

    Raises:
        RunRefusedError: another run holds one of them.
    """
    with ExitStack() as held:
        held.enter_context(_on_this_machine(directory))
        held.enter_context(_in_replication(settings, connections))
        held.enter_context(_in_raw(settings, connections))
        yield


@contextmanager
def _on_this_machine(directory: Path) -> Iterator[None]:
    # dlt's working directory knows pipelines by name only, whatever databases they write to
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "opendental.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _refused("on this machine") from None
        yield


@contextmanager
def _in_replication(settings: Settings, connections: Connections) -> Iterator[None]:
    database = settings.connection(DatabaseType.REPLICATION).database
    with connections.engine(DatabaseType.REPLICATION).connect() as connection:
        run_sql(connection, "SET SESSION wait_timeout = 604800")
        got = run_sql(connection, f"SELECT GET_LOCK({literal(f'opendental:{database}'[:64])}, 0)")
        if not got.scalar():
            raise _refused(f"on the replication database {database}")
        yield


@contextmanager
def _in_raw(settings: Settings, connections: Connections) -> Iterator[None]:
    schema = settings.schema_name(PostgresSchema.RAW)
    with connections.engine(DatabaseType.ANALYTICS).connect() as connection:
        name = f"opendental:{schema}".replace("'", "''")
        got = run_sql(connection, f"SELECT pg_try_advisory_lock(hashtext('{name}'))").scalar()
        connection.commit()
        if not got:
            raise _refused(f"on the schema {schema}")
        try:
            yield
        finally:
            run_sql(connection, "SELECT pg_advisory_unlock_all()")


def _refused(place: str) -> RunRefusedError:
    return RunRefusedError(f"another run holds the lock {place}; wait for it to end")
