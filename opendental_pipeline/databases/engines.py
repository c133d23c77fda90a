"""SQLAlchemy engines for the three databases: pooled, with session options and retries."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from types import TracebackType
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
import tenacity
from sqlalchemy.engine import Connection, Engine

from opendental_pipeline.databases.driver_errors import connecting_reason, connection_lost
from opendental_pipeline.databases.lock_holders import OwnSessions
from opendental_pipeline.databases.mysql_session import Connection as MysqlConnection
from opendental_pipeline.databases.mysql_session import MysqlSessions
from opendental_pipeline.databases.pooler import check_sessions_kept
from opendental_pipeline.databases.postgres_session import PostgresSessions, line_arguments
from opendental_pipeline.databases.run_sessions import RunSessions
from opendental_pipeline.databases.server import Server, check_server, read_server
from opendental_pipeline.databases.sessions import prepare_mysql, prepare_postgres
from opendental_pipeline.databases.statement_limit import StatementLimit, Watchdog
from opendental_pipeline.settings.environment import ConnectionConfig, DatabaseType, Settings
from opendental_pipeline.settings.errors import ConfigurationError, ConnectionFailedError
from opendental_pipeline.settings.tuning import ConnectionTuning, RawConnectionTuning, Tuning

_KILL_SECONDS = 5
"""How long the answer to a KILL may take, before it is sent on another connection."""


Sessions = MysqlSessions | PostgresSessions
"""What opens the sessions of a server."""


class Connections:
    """The engines of one run; use as a context manager, so they are closed however it ends."""

    def __init__(self, settings: Settings, tuning: Tuning) -> None:
        self._settings = settings
        self._tuning = tuning
        self._engines: dict[DatabaseType, Engine] = {}
        self._servers: dict[DatabaseType, Server] = {}
        self._watchdogs: dict[DatabaseType, Watchdog] = {}
        self._separate: list[Engine] = []
        self._lock = threading.Lock()
        self._own = {database: OwnSessions() for database in DatabaseType}
        self.run_token = uuid4().hex
        self.sessions = RunSessions(lambda database: self.separate(database, _KILL_SECONDS))

    def __enter__(self) -> "Connections":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def engine(self, database: DatabaseType) -> Engine:
        """The engine of a database, made at the first call and used again after."""
        with self._lock:
            if database not in self._engines:
                tuning = self._tuning.connections[database]
                engine = self._engines[database] = self._make(database, tuning)
                self._watch(engine, database)
            return self._engines[database]

    def _watch(self, engine: Engine, database: DatabaseType) -> None:
        """Lets the run's interruption end the sessions of an engine."""

        def opened(connection: object, _: object) -> None:
            self.sessions.opened(database, connection)

        sa.event.listen(engine, "do_connect", lambda *_: self.sessions.check(), insert=True)
        sa.event.listen(engine, "connect", opened)

    def separate(self, database: DatabaseType, seconds: int) -> Engine:
        """An engine of its own, closed with the others.

        Args:
            database: whose.
            seconds: how long its server may be silent, if it may not be for less anyway.
        """
        tuning = self._tuning.connections[database]
        tuning = tuning.copy()
        tuning.read_timeout_seconds = min(tuning.read_timeout_seconds, seconds)
        tuning.write_timeout_seconds = min(tuning.write_timeout_seconds, seconds)
        self._separate.append(self._make(database, tuning))
        return self._separate[-1]

    def _make(self, database: DatabaseType, tuning: ConnectionTuning) -> Engine:
        return make_engine(self._sessions(database, tuning), self.run_token)

    def _sessions(self, database: DatabaseType, tuning: ConnectionTuning) -> Sessions:
        return sessions_of(self._settings.connection(database), tuning, self._own[database])

    @property
    def raw_sessions(self) -> PostgresSessions:
        """What opens sessions of PostgreSQL beside the engine's."""
        database = DatabaseType.ANALYTICS
        config = self._settings.connection(database)
        made = PostgresSessions(config, self._tuning.raw, self._own[database])
        made.opened = partial(self.sessions.opened, database)
        return made

    def check(self) -> None:
        """Connects to all three databases once, and sees what servers they are.

        Raises:
            ConnectionFailedError: naming every database that cannot be reached, and why.
            ConfigurationError: naming every one whose server or account cannot be used.
        """
        lost, unfit = [], []
        for database in DatabaseType:
            place = self._settings.connection(database).place
            try:
                self.server(database)
            except ConnectionFailedError as error:
                lost.append(f"{place}: {error.message}")
            except ConfigurationError as error:
                known = error.message.startswith(place)
                unfit.append(error.message if known else f"{place}: {error.message}")
        if lost:
            raise ConnectionFailedError("cannot connect to\n  " + "\n  ".join([*lost, *unfit]))
        if unfit:
            raise ConfigurationError("\n".join(unfit))

    def server(self, database: DatabaseType) -> Server:
        """What the server of a database is, asked at the first call.

        Raises:
            ConnectionFailedError: it cannot be reached.
            ConfigurationError: it cannot be used.
        """
        if database not in self._servers:
            with connect(self.engine(database), self._tuning.connections[database]) as connection:
                server = read_server(connection)
            check_server(database, server)
            if database is DatabaseType.ANALYTICS:
                check_sessions_kept(self.engine(database))
            self._servers[database] = server
        return self._servers[database]

    def statement_limit(self, database: DatabaseType, seconds: float) -> StatementLimit:
        """What stops statements at the server of a database after some seconds.

        Raises:
            ConnectionFailedError: a server that stops none lets nobody in to do it.
        """
        server = self.server(database)
        if server.limited_select is not None:
            return StatementLimit(seconds, server.limited_select)
        if database not in self._watchdogs:
            engine = self.separate(database, _KILL_SECONDS)
            with connect(engine, self._tuning.connections[database]):
                # so that there is a connection, even when the server takes no more
                self._watchdogs[database] = Watchdog(engine)
        return StatementLimit(seconds, watchdog=self._watchdogs[database])

    def close(self) -> None:
        """Closes every pooled connection."""
        with self._lock:
            for engine in (*self._engines.values(), *self._separate):
                engine.dispose()
            self._engines.clear()
            self._separate.clear()
            self._watchdogs.clear()


def sessions_of(
    config: ConnectionConfig, tuning: ConnectionTuning, own: OwnSessions | None = None
) -> Sessions:
    """What opens the sessions of a server.

    Args:
        config: where it is.
        tuning: their limits.
        own: gets them; None where nobody else opens any.
    """
    own = own or OwnSessions()
    if isinstance(tuning, RawConnectionTuning):
        return PostgresSessions(config, tuning, own)
    return MysqlSessions(config, tuning, own)


def make_engine(sessions: Sessions, run_token: str = "") -> Engine:
    """Makes an engine whose sessions have all settings of their part in the pipeline.

    Args:
        sessions: opens them.
        run_token: names the run in its sessions; see `destinations.fence`. Empty for none.
    """
    config, tuning = sessions.config, sessions.tuning
    arguments: dict[str, Any] = config.connect_args()
    if isinstance(tuning, RawConnectionTuning):
        arguments |= line_arguments(tuning)
    if config.type is DatabaseType.REPLICATION:
        arguments["local_infile"] = True
    engine = sa.create_engine(
        config.url(),
        connect_args=arguments,
        pool_size=tuning.pool_size,
        max_overflow=tuning.max_overflow,
        pool_timeout=tuning.pool_timeout_seconds,
        pool_recycle=tuning.pool_recycle_seconds,
        pool_pre_ping=True,
        hide_parameters=True,
    )

    def open_session(_: object, __: object, given: list[Any], options: dict[str, Any]) -> Any:
        return _open_session(sessions, run_token, given, options)

    # before SQLAlchemy looks at the session itself: it would quote names as a global mode asks
    sa.event.listen(engine, "do_connect", open_session)
    # which waits for a short time only
    engine.dialect.do_ping = _answers  # type: ignore[method-assign, assignment]
    return engine


def _answers(connection: Any) -> bool:
    answers: bool = connection.answers()
    return answers


def _open_session(
    sessions: Sessions, run_token: str, given: list[Any], options: dict[str, Any]
) -> Any:
    """Connects, and gives the session all its settings; a driver's connection."""
    config = sessions.config
    is_postgres = config.type is DatabaseType.ANALYTICS
    connection: Any = sessions.connect(*given, **options)
    with ExitStack() as unless_done:
        unless_done.callback(connection.close)
        if is_postgres:
            prepare_postgres(connection, config)
        else:
            statements = prepare_mysql(connection, config, sessions.tuning)
            connection.session_statements = statements
        variable = "opendental.run" if is_postgres else "@opendental_run"
        with connection.cursor() as cursor:
            cursor.execute(f"SET {variable} = '{run_token}'")
        connection.commit()
        unless_done.pop_all()
    return connection


def retrying(tuning: ConnectionTuning) -> tenacity.Retrying:
    """Tries again with exponential backoff while the connection is what failed."""
    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(tuning.attempts),
        wait=tenacity.wait_exponential(multiplier=tuning.first_wait_seconds),
        retry=tenacity.retry_if_exception(connection_lost),
        reraise=True,
    )


@contextmanager
def connect(engine: Engine, tuning: ConnectionTuning) -> Iterator[Connection]:
    """A connection, tried again while the server cannot be reached.

    Raises:
        ConnectionFailedError: after the last attempt, or at once where access is refused.
    """
    try:
        connection = retrying(tuning)(engine.connect)
    except sa.exc.DBAPIError as error:
        raise ConnectionFailedError(connecting_reason(error)) from None
    with connection:
        yield connection


def run_sql(connection: Connection, sql: str) -> sa.CursorResult[Any]:
    """Runs a statement as it is, per cent signs and colons included."""
    return connection.execution_options(no_parameters=True).exec_driver_sql(sql)


@contextmanager
def driver(engine: Engine) -> Iterator[MysqlConnection]:
    """PyMySQL's own connection out of a pool; closed for good if anything goes wrong with it."""
    with closing(engine.raw_connection()) as pooled, ExitStack() as unless_done:
        # whatever ends it early, a person's interruption too, may leave half a result in the line
        unless_done.callback(pooled.invalidate)
        connection: Any = pooled.driver_connection
        # another reader may fail in its place, such as ConnectorX
        with connection.named_errors():
            yield connection
        unless_done.pop_all()


def non_empty_tables(connection: Connection, tables: Iterable[str]) -> set[str]:
    """Which of the quoted tables have any row, in one query."""
    names = list(tables)
    if not names:
        return set()
    union = " UNION ALL ".join(
        f"SELECT {number} AS number, EXISTS (SELECT 1 FROM {name}) AS filled"
        for number, name in enumerate(names)
    )
    return {names[row.number] for row in run_sql(connection, union) if row.filled}
