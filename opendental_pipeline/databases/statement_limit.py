"""How long a statement may take, and who stops it: the server, or a watchdog where it does not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pymysql
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from opendental_pipeline.databases.driver_errors import TOOK_TOO_LONG, connection_lost
from opendental_pipeline.settings import tls
from opendental_pipeline.settings.errors import PipelineError

_AGAIN_SECONDS = 0.5


class Watchdog:
    """Stops statements that take too long, at a server that does not do it by itself.

    Any account may KILL QUERY what it runs itself. But a KILL ends what the connection runs when it
    arrives: perhaps the next statement. So a lock decides which was first, a statement's end or its
    time. One that ended is never killed; one that was killed has failed, whatever was answered, and
    its connection is closed. One that nobody waits for any more is killed at once.

    Args:
        engine: of the server, with connections that nobody else uses.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def watching(self, connection: tls.Connection, seconds: float) -> Iterator[None]:
        """Kills what a connection runs, if it takes longer.

        Args:
            connection: to be closed if this raises, as that of `engines.driver` is.
            seconds: the time that it has.

        Raises:
            pymysql.err.OperationalError: it was killed; as if the server had stopped it.
        """
        number: int = connection.thread_id()  # type: ignore[no-untyped-call]
        watch = _Watch(self._engine, number, seconds)
        try:
            yield
        except pymysql.err.Error as error:
            if not watch.end() or connection_lost(error):
                raise
        except BaseException:
            watch.kill()
            raise
        finally:
            killed = watch.end()
        if killed:
            raise pymysql.err.OperationalError(TOOK_TOO_LONG, "the statement was killed")


class _Watch:
    """One statement that is watched by a thread of its own."""

    def __init__(self, engine: Engine, thread_id: int, seconds: float) -> None:
        self._engine, self._thread_id = engine, thread_id
        self._deciding = threading.Lock()
        self._ended = threading.Event()
        self._killed = False
        self._timer = threading.Timer(seconds, self._kill_until_ended)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> bool:
        """Ends the watch, and tells whether the statement was killed."""
        with self._deciding:
            self._ended.set()
        self._timer.cancel()
        self._timer.join()
        return self._killed

    def kill(self) -> None:
        """Kills what the connection runs."""
        # a connection that was lost is made anew by the pool
        with suppress(SQLAlchemyError, PipelineError), self._engine.connect() as connection:
            connection.exec_driver_sql(f"KILL QUERY {self._thread_id}")

    def _kill_until_ended(self) -> None:
        with self._deciding:
            if self._ended.is_set():
                return
            self._killed = True
        while True:
            self.kill()
            # a KILL that overtakes its statement may be without effect
            if self._ended.wait(_AGAIN_SECONDS):
                return


@dataclass(frozen=True)
class StatementLimit:
    """After how long a statement is stopped, and how.

    Attributes:
        seconds: None for never.
        limited_select: what a SELECT begins with that the server stops by itself.
        watchdog: stops statements where the server does not.
    """

    seconds: float | None = None
    limited_select: str | None = None
    watchdog: Watchdog | None = None

    @contextmanager
    def statement(self, connection: tls.Connection, sql: str) -> Iterator[str]:
        """Gives a statement its limit; yields its text, which has to be run before the end.

        Args:
            connection: runs it; to be closed if this raises.
            sql: the statement.

        Raises:
            pymysql.err.OperationalError: it took too long.
        """
        if self.watchdog is None or self.seconds is None:
            yield self.limited(sql)
        else:
            with self.watchdog.watching(connection, self.seconds):
                yield sql

    def limited(self, sql: str) -> str:
        """A statement that the server stops by itself, if it can; SHOW is short."""
        if self.seconds is None or self.limited_select is None or not sql.startswith("SELECT"):
            return sql
        milliseconds = int(self.seconds * 1000)
        begins = self.limited_select.format(seconds=self.seconds, milliseconds=milliseconds)
        return f"{begins}{sql.removeprefix('SELECT')}"


NO_LIMIT = StatementLimit()
"""Nothing is stopped."""
