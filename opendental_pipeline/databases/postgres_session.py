"""Sessions of PostgreSQL that wait neither for a silent server nor for a lock without end.

libpq waits for an answer as long as it takes: a server that is frozen, and whose machine goes on
acknowledging what is sent, is waited for until it thaws. So somebody watches how long each session
has been waiting, and cuts its line.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Any

import psycopg2
from psycopg2 import extensions

from opendental_pipeline.databases.driver_errors import PostgresLockedError, PostgresSilentError
from opendental_pipeline.databases.lock_holders import (
    IMPATIENT_SECONDS,
    OwnSessions,
    postgres_holders,
    said_of,
)
from opendental_pipeline.settings.connection import ConnectionConfig, DatabaseType, PostgresSchema
from opendental_pipeline.settings.tuning import RawConnectionTuning, setting_name

APPLICATION = "opendental"
"""What our sessions are called where a person looks at a server."""

_LOOK_SECONDS = 0.5


def line_arguments(tuning: RawConnectionTuning) -> dict[str, Any]:
    """What libpq is told of names and of limits on the wire."""
    return {
        "application_name": APPLICATION,
        "connect_timeout": tuning.connect_timeout_seconds,
        "keepalives_idle": tuning.keepalive_seconds,
        "keepalives_interval": max(1, tuning.keepalive_seconds // 3),
        "keepalives_count": 3,
        # it also ends a line on which the server takes nothing, as while its disk is slow
        "tcp_user_timeout": 1_000 * tuning.write_timeout_seconds,
    }


class Wait:
    """A session that waits for an answer.

    Attributes:
        was_cut: whether the line was cut.
    """

    def __init__(self, number: int, seconds: float) -> None:
        self._number, self._seconds = number, seconds
        self.was_cut = False
        self.renew()

    def renew(self) -> None:
        """Begins anew: the server took something."""
        self._ends = time.monotonic() + self._seconds

    def cut_if_over(self) -> None:
        """Cuts the line, so that whoever waits is told that the server is gone."""
        if self.was_cut or time.monotonic() < self._ends:
            return
        self.was_cut = True
        with suppress(OSError), socket.socket(fileno=os.dup(self._number)) as line:
            line.shutdown(socket.SHUT_RDWR)


class Watch:
    """Looks after sessions that wait, in a thread that lives while there are any."""

    def __init__(self) -> None:
        self._waits: set[Wait] = set()
        self._lock = threading.Lock()
        self._is_looking = False

    @contextmanager
    def over(self, wait: Wait) -> Iterator[Wait]:
        """Watches a session while it waits."""
        with self._lock:
            self._waits.add(wait)
            begins, self._is_looking = not self._is_looking, True
        if begins:
            threading.Thread(target=self._look, name="silent-servers", daemon=True).start()
        try:
            yield wait
        finally:
            with self._lock:
                self._waits.discard(wait)

    def _look(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            with self._lock:
                if not self._waits:
                    self._is_looking = False
                    return
                for wait in self._waits:
                    wait.cut_if_over()


class PostgresSessions:
    """Opens the sessions of one server.

    Args:
        config: of the server.
        tuning: its limits.
        own: gets them.

    Attributes:
        opened: is told of each.
    """

    def __init__(
        self, config: ConnectionConfig, tuning: RawConnectionTuning, own: OwnSessions
    ) -> None:
        self.config, self.tuning = config, tuning
        self.opened: Callable[[Connection], None] = lambda _: None
        self.watch = Watch()
        self._own = own

    def connect(self, *given: Any, **options: Any) -> "Connection":
        """Opens a session.

        Args:
            given, options: those of `psycopg2.connect`.

        Raises:
            psycopg2.OperationalError: the server is not reached, or lets nobody in.
        """
        opened = partial(Connection, self, partial(self.connect, *given, **options))
        try:
            made: Connection = psycopg2.connect(*given, **options, connection_factory=opened)
        except psycopg2.OperationalError as error:
            # libpq's own text, which it has no number for
            if "timeout expired" not in str(error):
                raise
            raise self.silent("connect_timeout_seconds") from None
        self._own.add(made, made.info.backend_pid)
        self.opened(made)
        return made

    def silent(self, name: str) -> PostgresSilentError:
        """The error that says how long the server was waited for.

        Args:
            name: of the limit.
        """
        seconds = getattr(self.tuning, name)
        return PostgresSilentError(
            f"{self.config.place} did not answer within {seconds:g} s"
            f" ({setting_name(DatabaseType.ANALYTICS, name)})"
        )

    def locked(
        self, asking: "Callable[[], Connection]", table: str | None = None
    ) -> PostgresLockedError:
        """The error that says who holds a lock.

        Args:
            asking: opens a session that waits for nothing.
            table: that was wanted for ourselves alone.
        """
        schema = self.config.schema_name(PostgresSchema.RAW)
        holders: list[str] = []
        with suppress(psycopg2.Error), closing(asking()) as session:
            holders = postgres_holders(session, schema, self._own, table)
        limit = "lock_timeout_seconds"
        waited = self._own.waited_in_vain(
            getattr(self.tuning, limit), setting_name(DatabaseType.ANALYTICS, limit)
        )
        return PostgresLockedError(
            f"a lock in the schema {schema} of {self.config.place} was waited for longer than"
            f" {waited}",
            said_of("it is held by", holders),
        )

    @property
    def impatient(self) -> bool:
        """Whether locks are waited for a moment only."""
        return self._own.impatient

    @property
    def lock_seconds(self) -> float:
        """That a lock is waited for."""
        return IMPATIENT_SECONDS if self.impatient else self.tuning.lock_timeout_seconds


class Connection(extensions.connection):
    """psycopg2's, whose server may be silent for some time only.

    Attributes:
        sessions: of the same server, and their limits.
        tries_again: whether a lock that is not there yet is no fault.
    """

    def __init__(
        self,
        sessions: PostgresSessions,
        again: "Callable[[], Connection]",
        *given: Any,
        **more: Any,
    ) -> None:
        super().__init__(*given, **more)
        self.sessions = sessions
        self.tries_again = False
        self._again = again
        self.cursor_factory = Cursor

    @contextmanager
    def answering(self, name: str = "read_timeout_seconds") -> Iterator[Wait]:
        """Waits for the server, until a limit is over.

        Args:
            name: of the limit.

        Raises:
            PostgresSilentError: it is.
        """
        wait = Wait(self.fileno(), getattr(self.sessions.tuning, name))
        try:
            with self.sessions.watch.over(wait):
                yield wait
        except psycopg2.Error as error:
            if wait.was_cut:
                raise self.sessions.silent(name) from None
            error.server = self.sessions.config.place  # type: ignore[attr-defined]
            raise

    def locked(self, table: str | None = None) -> PostgresLockedError:
        """The error that says who holds a lock; see `PostgresSessions.locked`."""
        return self.sessions.locked(self._again, table)

    def answers(self) -> bool:
        """Asks whether the server is there, which it says at once."""
        with self.answering("connect_timeout_seconds"), super().cursor() as cursor:
            cursor.execute("SELECT 1")
        return True

    def commit(self) -> None:
        """Commits."""
        with self.answering():
            super().commit()

    def rollback(self) -> None:
        """Rolls back."""
        with self.answering():
            super().rollback()

    def set_client_encoding(self, encoding: str) -> None:
        """Sets the encoding of texts on the line."""
        with self.answering():
            super().set_client_encoding(encoding)

    def reset(self) -> None:
        """Gives the session its first settings."""
        with self.answering():
            super().reset()


class Cursor(extensions.cursor):
    """psycopg2's, on such a connection."""

    connection: Connection

    def execute(self, query: Any, vars: Any = None) -> None:
        """Executes a statement.

        Raises:
            PostgresSilentError: the server did not answer in time.
            PostgresLockedError: somebody held a lock for too long.
        """
        with self._waiting():
            super().execute(query, vars)

    def executemany(self, query: Any, vars_list: Any) -> None:
        """Executes a statement several times; see `execute`."""
        with self._waiting():
            super().executemany(query, vars_list)

    def copy_expert(self, sql: Any, file: Any, size: int = 8192) -> None:
        """Executes COPY FROM; the server may take as long as it likes while it takes something."""
        with self._waiting() as wait:
            super().copy_expert(sql, _Taken(file, wait), size)

    @contextmanager
    def _waiting(self) -> Iterator[Wait]:
        connection = self.connection
        is_broken = connection.info.transaction_status == extensions.TRANSACTION_STATUS_INERROR
        try:
            with connection.answering() as wait:
                if connection.sessions.impatient and not (connection.tries_again or is_broken):
                    super().execute(f"SET lock_timeout = '{IMPATIENT_SECONDS}s'")
                yield wait
        except psycopg2.errors.LockNotAvailable:
            if connection.tries_again:
                raise
            raise connection.locked() from None


class _Taken:
    """A file of which somebody notes that it is read."""

    def __init__(self, file: Any, wait: Wait) -> None:
        self._file, self._wait = file, wait
        self.readline = file.readline

    def read(self, size: int = -1) -> Any:
        """Reads on."""
        self._wait.renew()
        return self._file.read(size)
