"""Sessions of MySQL that wait neither for a silent server nor for a lock without end."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pymysql

from opendental_pipeline.databases.driver_errors import (
    LOCK_WAIT_TIMEOUT,
    MysqlLockedError,
    MysqlSilentError,
)
from opendental_pipeline.databases.lock_holders import (
    IMPATIENT_SECONDS,
    OwnSessions,
    mysql_holders,
    said_of,
)
from opendental_pipeline.settings import tls
from opendental_pipeline.settings.connection import ConnectionConfig, DatabaseType
from opendental_pipeline.settings.tuning import ConnectionTuning, setting_name

APPLICATION = "opendental"
"""What our sessions are called where a person looks at a server."""

_IMPATIENTLY = (
    f"SET SESSION lock_wait_timeout = {IMPATIENT_SECONDS},"
    f" innodb_lock_wait_timeout = {IMPATIENT_SECONDS}"
)


class MysqlSessions:
    """Opens the sessions of one server.

    Args:
        config: of the server.
        tuning: its limits.
        own: gets them.
    """

    def __init__(
        self, config: ConnectionConfig, tuning: ConnectionTuning, own: OwnSessions
    ) -> None:
        self.config, self.tuning = config, tuning
        self._own = own

    def connect(self, **options: Any) -> "Connection":
        """Opens a session.

        Args:
            options: those of `pymysql.connect`.

        Raises:
            pymysql.err.OperationalError: the server is not reached, or lets nobody in.
        """
        made = Connection(
            self,
            program_name=APPLICATION,
            connect_timeout=self.tuning.connect_timeout_seconds,
            read_timeout=self.tuning.read_timeout_seconds,
            write_timeout=self.tuning.write_timeout_seconds,
            **options,
        )
        self._own.add(made, made.thread_id())  # type: ignore[no-untyped-call]
        return made

    def silent(self, name: str) -> MysqlSilentError:
        """The error that says how long the server was waited for.

        Args:
            name: of the limit.
        """
        seconds = getattr(self.tuning, name)
        return MysqlSilentError(
            f"{self.config.place} did not answer within {seconds:g} s"
            f" ({setting_name(self.config.type, name)})"
        )

    def locked(self, options: dict[str, Any]) -> MysqlLockedError:
        """The error that says who holds a lock.

        Args:
            options: of a session that waits for nothing.
        """
        holders: list[str] = []
        with suppress(pymysql.err.Error), closing(Connection(self, **options)) as asking:
            holders = mysql_holders(asking, self._own)
        limit = "lock_timeout_seconds"
        waited = self._own.waited_in_vain(
            getattr(self.tuning, limit), setting_name(self.config.type, limit)
        )
        return MysqlLockedError(
            f"a lock in {self.config.place} was waited for longer than {waited}",
            said_of("it may be held by", holders),
        )

    @property
    def impatient(self) -> bool:
        """Whether locks are waited for a moment only."""
        return self._own.impatient


class Connection(tls.Connection):
    """PyMySQL's, whose server may be silent for some time only.

    Args:
        sessions: of the same server, and their limits.
        options: those of `pymysql.connect`.
    """

    def __init__(self, sessions: MysqlSessions, **options: Any) -> None:
        self._sessions, self._options = sessions, options
        self._limit = "read_timeout_seconds"
        super().__init__(**options)

    def connect(self, sock: Any = None) -> None:
        """Connects; a server that is frozen has a kernel that still takes connections."""
        with self._impatient():
            super().connect(sock)
        self._keep_alive(self._sessions.tuning)

    @property
    def read_timeout_seconds(self) -> float:
        """How long the server may be silent."""
        return self._sessions.tuning.read_timeout_seconds

    def answers(self) -> bool:
        """Asks whether the server is there, which it says at once."""
        with self._impatient():
            self.ping(reconnect=False)
        return True

    def query(self, sql: Any, unbuffered: bool = False) -> Any:
        """Runs a statement; at the source again and again while it waits for a lock.

        Raises:
            MysqlLockedError: somebody held a lock for too long.
        """
        ends = time.monotonic()
        if self._sessions.config.type is not DatabaseType.SOURCE:
            if self._sessions.impatient:
                super().query(_IMPATIENTLY)
        elif not self._sessions.impatient:
            # where the server lets it wait for a second at a time
            ends += self._sessions.tuning.lock_timeout_seconds
        while True:
            try:
                return super().query(sql, unbuffered)
            except pymysql.err.OperationalError as error:
                if error.args[0] != LOCK_WAIT_TIMEOUT:
                    raise
            if time.monotonic() > ends:
                raise self._sessions.locked(self._options)

    @contextmanager
    def _impatient(self) -> Iterator[None]:
        """Waits for a short answer as long as for a connection."""
        limits = self._read_timeout, self._write_timeout  # type: ignore[has-type]
        self._read_timeout = self._write_timeout = self.connect_timeout
        self._limit = "connect_timeout_seconds"
        try:
            yield
        finally:
            self._read_timeout, self._write_timeout = limits
            self._limit = "read_timeout_seconds"

    def _keep_alive(self, tuning: ConnectionTuning) -> None:
        line: socket.socket = self._sock  # type: ignore[attr-defined]
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        options = {
            "TCP_KEEPIDLE": tuning.keepalive_seconds,
            "TCP_KEEPINTVL": max(1, tuning.keepalive_seconds // 3),
            "TCP_KEEPCNT": 3,
            # it also ends a line on which the server takes nothing, as while its disk is slow
            "TCP_USER_TIMEOUT": 1_000 * tuning.write_timeout_seconds,
        }
        for name, value in options.items():
            # not every system has all of them
            if (option := getattr(socket, name, None)) is not None:
                line.setsockopt(socket.IPPROTO_TCP, option, value)

    def _read_packet(self, *given: Any) -> Any:
        with self.named_errors():
            return super()._read_packet(*given)  # type: ignore[no-untyped-call]

    def _read_bytes(self, num_bytes: int) -> Any:
        with self._explaining():
            return super()._read_bytes(num_bytes)  # type: ignore[misc]

    def _write_bytes(self, data: Any) -> None:
        with self.named_errors(), self._explaining():
            super()._write_bytes(data)  # type: ignore[misc]

    @contextmanager
    def named_errors(self) -> Iterator[None]:
        """Lets errors say which server they came from, in an attribute `server`."""
        try:
            yield
        except pymysql.err.Error as error:
            error.server = self._sessions.config.place  # type: ignore[attr-defined]
            raise

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except pymysql.err.OperationalError as error:
            if not isinstance(error.__context__, TimeoutError):
                raise
            raise self.silent() from None

    def silent(self) -> MysqlSilentError:
        """The error that says how long the server was waited for."""
        return self._sessions.silent(self._limit)
