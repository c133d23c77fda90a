"""The sessions that a run works with: all end at once when somebody interrupts it."""

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from opendental_pipeline.settings.connection import DatabaseType
from opendental_pipeline.settings.errors import RunInterruptedError


class RunSessions:
    """Ends sessions at their servers, and lets no other begin until the run has wound up.

    A statement that nobody waits for any more goes on at MySQL until it has rows to send, and keeps
    its locks; so a session is killed by another one of the same account, which needs no privilege.

    Args:
        engine: makes an engine for the KILLs, whose answers are not waited for long.
    """

    def __init__(self, engine: Callable[[DatabaseType], Engine]) -> None:
        self._engine = engine
        self._open: dict[DatabaseType, WeakSet[Any]] = {kind: WeakSet() for kind in DatabaseType}
        self._lock = threading.Lock()
        self._ending: list[threading.Thread] = []
        self.interrupted: RunInterruptedError | None = None

    def check(self) -> None:
        """Sees that a session may begin.

        Raises:
            RunInterruptedError: the run is to end.
        """
        if self.interrupted:
            raise self.interrupted

    def opened(self, database: DatabaseType, connection: Any) -> None:
        """Remembers a session as long as it lives; ends it if it came too late.

        Args:
            database: where it is.
            connection: the driver's.
        """
        with self._lock:
            self._open[database].add(connection)
        self.check()

    def interrupt(self) -> None:
        """Ends all sessions, and refuses others until `resume`."""
        self.interrupted = RunInterruptedError("somebody interrupted the run")
        with self._lock:
            found = {kind: list(sessions) for kind, sessions in self._open.items()}
        self._ending = [
            threading.Thread(target=self._end, args=(kind, sessions), daemon=True)
            for kind, sessions in found.items()
        ]
        for thread in self._ending:
            thread.start()

    def resume(self, seconds: float) -> None:
        """Lets sessions begin again, for what is still to be written of the run.

        Args:
            seconds: that servers have to end those before, lest they end a new one.
        """
        for thread in self._ending:
            thread.join(seconds)
        self.interrupted = None

    def _end(self, database: DatabaseType, sessions: Iterable[Any]) -> None:
        """Ends the sessions of one database."""
        if database is DatabaseType.ANALYTICS:
            numbers = [one.info.backend_pid for one in sessions if not one.closed]
            self._kill(database, [f"SELECT pg_terminate_backend({one})" for one in numbers])
            return
        alive = [one for one in sessions if one.open]
        numbers = [one.thread_id() for one in alive]
        for one in alive:
            _hang_up(one)
        self._kill(database, [f"KILL {number}" for number in numbers])

    def _kill(self, database: DatabaseType, statements: Iterable[str]) -> None:
        # a server that does not answer is left to its own
        with suppress(sa.exc.SQLAlchemyError), self._engine(database).connect() as connection:
            for statement in statements:
                # it may have ended meanwhile
                with suppress(sa.exc.OperationalError):
                    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _hang_up(connection: Any) -> None:
    """Ends what waits for a server's answer, in whatever thread, also where none will come."""
    with suppress(OSError, AttributeError):
        # not TLS's own way, which forgets its state while another thread reads
        socket.socket.shutdown(connection._sock, socket.SHUT_RDWR)
