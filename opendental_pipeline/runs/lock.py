"""One run at a time: locks in both targets and on this machine, freed however the run ends.

A lock in a target is held by a session of its own, which is kept alive. Whether it still holds the
lock is not asked here but by every transaction that writes: see `destinations.fence`.
"""

import fcntl
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from destinations import fence
from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.databases.engines import Connections, run_sql
from opendental_pipeline.databases.sql import literal
from opendental_pipeline.runs.working_folder import remove_scratch
from opendental_pipeline.settings.environment import DatabaseType, PostgresSchema, Settings
from opendental_pipeline.settings.errors import (
    ConfigurationError,
    PipelineError,
    RunRefusedError,
    RunStoppedError,
)
from opendental_pipeline.settings.faults import fault_text
from opendental_pipeline.settings.tuning import RunTuning

_ROOM = "\0" * 65_536
"""What a disk must have room for, lest a run end at its first row."""

_ANSWER_SECONDS = 30
"""After which a server that does not answer the session of a lock is taken for gone."""


@dataclass(frozen=True)
class Lock:
    """A lock in one of the targets.

    Attributes:
        engine: of the sessions that write there.
        schema: PostgreSQL's schema; None in MySQL.
        name: of the lock.
        session: the id of the session that holds it.
        connection: that session.
    """

    engine: Engine
    schema: str | None
    name: str
    session: int
    connection: Connection


@dataclass(frozen=True)
class Locks:
    """The locks of a run."""

    held: Sequence[Lock]

    def claim(self) -> None:
        """Lets the run's sessions write; until then they read only.

        Raises:
            LockLostError: a lock was lost already.
        """
        for lock in self.held:
            fence.claim(lock.engine, lock.schema, lock.name, lock.session)

    def confirm(self) -> None:
        """Sees that both servers kept all that the run has committed.

        Raises:
            RunStoppedError: one did not, or cannot be asked.
        """
        for lock in self.held:
            try:
                with redact_driver_errors():
                    fence.confirm(lock.engine, lock.schema)
            except RunStoppedError:
                raise
            except PipelineError as error:
                raise RunStoppedError(
                    "whether all that was committed is there could not be seen to in the end:"
                    f" {error}"
                ) from None


@contextmanager
def run_lock(
    settings: Settings, connections: Connections, tuning: RunTuning, directory: Path
) -> Iterator[Locks]:
    """Holds the run's locks; the servers and the kernel free them when the process dies.

    Args:
        settings: which databases are written to.
        connections: to them.
        tuning: how often the sessions of the locks are asked, and how long a run waits for one.
        directory: dlt's working directory on this machine.

    Raises:
        RunRefusedError: another run holds one of them, or is still writing.
    """
    with ExitStack() as held:
        held.enter_context(_on_this_machine(directory))
        wait = tuning.lock_wait_seconds
        replication = held.enter_context(_in_replication(settings, connections, wait))
        raw = held.enter_context(_in_raw(settings, connections, wait))
        sessions = [lock.connection for lock in (replication, raw)]
        held.enter_context(_kept_alive(sessions, tuning.lock_seconds))
        yield Locks((replication, raw))


@contextmanager
def _on_this_machine(directory: Path) -> Iterator[None]:
    # dlt's working directory knows pipelines by name only, whatever databases they write to
    with ExitStack() as held:
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            # of a version that did not care, and perhaps of another account
            with suppress(PermissionError):
                directory.chmod(0o700)
            file = held.enter_context((directory / "opendental.lock").open("w"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.write(_ROOM)
            file.flush()
            file.truncate(0)
            remove_scratch(directory)
        except BlockingIOError:
            raise _refused("on this machine") from None
        except OSError as error:
            held.pop_all().close()
            raise ConfigurationError(
                f"the working folder cannot be used: {fault_text(error)}"
            ) from None
        yield


@contextmanager
def _in_replication(settings: Settings, connections: Connections, wait: int) -> Iterator[Lock]:
    kind = DatabaseType.REPLICATION
    database = settings.connection(kind).database
    name = f"opendental:{database}"[:64]
    # the server answers a wait at its end
    with _session(connections.separate(kind, wait + _ANSWER_SECONDS)) as connection:
        if not run_sql(connection, f"SELECT GET_LOCK({literal(name)}, 0)").scalar():
            raise _refused(f"on the replication database {database}")
        with _freed(connection, f"SELECT RELEASE_LOCK({literal(name)})"):
            fence.wait_for_writers(connection, None, wait)
            session = run_sql(connection, "SELECT CONNECTION_ID()").scalar_one()
            yield Lock(connections.engine(kind), None, name, session, connection)


@contextmanager
def _in_raw(settings: Settings, connections: Connections, wait: int) -> Iterator[Lock]:
    kind = DatabaseType.ANALYTICS
    schema = settings.schema_name(PostgresSchema.RAW)
    name = f"opendental:{schema}"
    quoted = name.replace("'", "''")
    with _session(connections.separate(kind, wait + _ANSWER_SECONDS)) as connection:
        # PostgreSQL 13 has no such limit
        run_sql(
            connection,
            "SELECT set_config(name, '0', false) FROM pg_settings"
            " WHERE name = 'idle_session_timeout'",
        )
        if not run_sql(connection, f"SELECT pg_try_advisory_lock(hashtext('{quoted}'))").scalar():
            raise _refused(f"on the schema {schema}")
        with _freed(connection, "SELECT pg_advisory_unlock_all()"):
            fence.wait_for_writers(connection, schema, wait)
            session = run_sql(connection, "SELECT pg_backend_pid()").scalar_one()
            yield Lock(connections.engine(kind), schema, name, session, connection)


@contextmanager
def _session(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def _freed(connection: Connection, statement: str) -> Iterator[None]:
    try:
        yield
    finally:
        # a lost session holds no lock, and why the run ends was said before
        with suppress(sa.exc.SQLAlchemyError):
            run_sql(connection, statement)


@contextmanager
def _kept_alive(sessions: Sequence[Connection], seconds: float) -> Iterator[None]:
    """Asks sessions again and again, so that neither a server nor the network finds them idle.

    One that is gone is left alone: whoever writes next finds that out.
    """
    ended = threading.Event()

    def ask() -> None:
        alive = list(sessions)
        while alive and not ended.wait(seconds):
            alive = [session for session in alive if _answers(session)]

    thread = threading.Thread(target=ask, name="lock-sessions", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _answers(session: Connection) -> bool:
    try:
        run_sql(session, "SELECT 1")
    except sa.exc.SQLAlchemyError:
        return False
    return True


def _refused(place: str) -> RunRefusedError:
    return RunRefusedError(f"another run holds the lock {place}; wait for it to end")
