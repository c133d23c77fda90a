"""The fence: every transaction that writes sees first that its run still holds its lock.

A lock is a session's, and a server frees it when the session ends, whatever the run is doing then.
So the run that holds it says in a row of one table who it is and which session holds the lock; its
other sessions carry the run's token as a variable. A transaction that writes takes a share lock on
the row and asks the server for the lock's holder. A run that gets the lock waits until nobody
shares the row any more, and from then on no transaction of the run before it gets past the check.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from dlt.destinations.exceptions import DatabaseTerminalException
from dlt.destinations.impl.postgres.sql_client import Psycopg2SqlClient
from dlt.destinations.impl.sqlalchemy.db_api_client import SqlalchemyClient
from dlt.destinations.typing import DBTransaction
from sqlalchemy.engine import Connection, Engine

from opendental_pipeline.databases.driver_errors import lock_held, told
from opendental_pipeline.databases.sql import literal
from opendental_pipeline.planning.source_contract import FENCE
from opendental_pipeline.settings.errors import LockLostError, RunRefusedError

_CREATE_IN_MYSQL = f"""
    CREATE TABLE IF NOT EXISTS {FENCE} (
        id tinyint NOT NULL PRIMARY KEY,
        run_token varchar(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        lock_name varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        session_id bigint unsigned NOT NULL,
        locked_at datetime NOT NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""

_CREATE_IN_POSTGRES = """
    CREATE TABLE IF NOT EXISTS {fence} (
        id smallint PRIMARY KEY, run_token text NOT NULL, lock_name text NOT NULL,
        session_id integer NOT NULL, locked_at timestamptz NOT NULL
    )"""

# as binary, so that the session's collation has no say
_CHECK_IN_MYSQL = f"""
    SELECT run_token = CAST(@opendental_run AS BINARY) AND IS_USED_LOCK(lock_name) = session_id
    FROM {FENCE} WHERE id = 1 LOCK IN SHARE MODE"""

# pg_locks shows the key's upper and lower half; objsubid 1 says that it was one bigint
_CHECK_IN_POSTGRES = """
    SELECT run_token = current_setting('opendental.run', true) AND EXISTS (
        SELECT 1 FROM pg_catalog.pg_locks
        WHERE locktype = 'advisory' AND granted AND pid = session_id AND objsubid = 1
        AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND classid::bigint = (hashtext(lock_name)::bigint >> 32) & 4294967295
        AND objid::bigint = hashtext(lock_name)::bigint & 4294967295)
    FROM {fence} WHERE id = 1 FOR SHARE"""


class FencedOutError(LockLostError, DatabaseTerminalException):
    """The run lost its lock; dlt does not try again."""

    def __init__(self, message: str) -> None:
        LockLostError.__init__(self, message)
        DatabaseTerminalException.__init__(self, self)


def check(connection: Connection, schema: str | None = None) -> None:
    """Sees that the run holds its lock, and keeps others from taking over until the commit.

    Args:
        connection: in the transaction that is going to write, before it has written anything.
        schema: PostgreSQL's schema; None in MySQL.

    Raises:
        LockLostError: it does not.
    """
    if not _run(connection, _check_statement(schema)).scalar():
        raise _fenced_out(schema, connection.engine.url)


@contextmanager
def begin(engine: Engine, schema: str | None = None) -> Iterator[Connection]:
    """Begins a transaction that writes only if the run holds its lock; see `check`."""
    with engine.begin() as connection:
        check(connection, schema)
        yield connection


def confirm(engine: Engine, schema: str | None = None) -> None:
    """Sees that a server kept all that a run has committed, and lets it reach the disk.

    A server that went down and came back has lost what its disk did not have yet, and the lock with
    it: a run that has it still has lost nothing.

    Args:
        engine: whose sessions carry the run's token.
        schema: PostgreSQL's schema; None in MySQL, whose own settings say when it writes.

    Raises:
        LockLostError: the run no longer holds its lock.
    """
    with begin(engine, schema) as connection:
        if schema is not None:
            # the run's own commits do not wait for the disk; the log is written in their order
            _run(connection, "SET LOCAL synchronous_commit = on")
        _run(connection, f"UPDATE {_table(schema)} SET locked_at = CURRENT_TIMESTAMP WHERE id = 1")


@contextmanager
def altering(engine: Engine, schema: str | None = None) -> Iterator[Connection]:
    """Opens a connection for CREATE and ALTER, while nobody else can take over; see `check`."""
    with begin(engine, schema) as connection:
        if schema is not None:
            yield connection
            return
        # MySQL commits before each such statement, which ends a transaction's own check
        with engine.connect() as other:
            yield other


def claim(engine: Engine, schema: str | None, lock: str, session: int) -> None:
    """Writes the row that lets the sessions of a run write.

    Args:
        engine: whose sessions carry the run's token.
        schema: PostgreSQL's schema, made if it is missing; None in MySQL.
        lock: the name of the run's lock.
        session: the id of the session that holds it.

    Raises:
        LockLostError: the session no longer holds it; another run may write.
    """
    with engine.begin() as connection:
        if schema is None:
            _run(connection, _CREATE_IN_MYSQL)
            token = "@opendental_run"
            replaced = "ON DUPLICATE KEY UPDATE {}"
            value = "{0} = VALUES({0})"
        else:
            exists = f"SELECT 1 FROM pg_namespace WHERE nspname = {_text(schema, schema)}"
            if not _run(connection, exists).scalar():
                # which takes a privilege on the database even where nothing is made
                connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
            _run(connection, _CREATE_IN_POSTGRES.format(fence=_table(schema)))
            token = "current_setting('opendental.run')"
            replaced = "ON CONFLICT (id) DO UPDATE SET {}"
            value = "{0} = EXCLUDED.{0}"
        columns = ("run_token", "lock_name", "session_id", "locked_at")
        updates = ", ".join(value.format(column) for column in columns)
        _run(
            connection,
            f"INSERT INTO {_table(schema)} (id, {', '.join(columns)}) VALUES"
            f" (1, {token}, {_text(lock, schema)}, {session}, CURRENT_TIMESTAMP)"
            f" {replaced.format(updates)}",
        )
        check(connection, schema)


def wait_for_writers(connection: Connection, schema: str | None, seconds: int) -> None:
    """Waits until the run before this one has no transaction under way that writes.

    Args:
        connection: the session that holds the lock, in autocommit; its lock timeout is changed.
        schema: PostgreSQL's schema; None in MySQL.
        seconds: to wait at most.

    Raises:
        RunRefusedError: one is under way for longer.
    """
    if schema is None:
        _run(connection, f"SET SESSION innodb_lock_wait_timeout = {seconds}")
        exists = (
            "SELECT 1 FROM information_schema.tables"
            f" WHERE table_schema = DATABASE() AND table_name = {literal(FENCE)}"
        )
    else:
        _run(connection, f"SET lock_timeout = '{seconds}s'")
        exists = f"SELECT to_regclass({_text(_table(schema), schema)})"
    if not _run(connection, exists).scalar():
        return
    try:
        _run(connection, f"SELECT 1 FROM {_table(schema)} WHERE id = 1 FOR UPDATE")
    except sa.exc.OperationalError as error:
        if not lock_held(error):
            raise
        held = told(error)
        raise RunRefusedError(
            f"{_table(schema)} in {_place(schema, connection.engine.url)} was locked for {seconds}"
            " seconds: a transaction of an earlier run is still open, or somebody has locked the"
            " server as a whole, as backups do; wait for its end, or end that session, and run"
            f" again{f' ({held.holders})' if held else ''}"
        ) from None


def _as_dlt_has_it(error: Exception, other: Callable[[Exception], Exception]) -> Exception:
    """The kind of an error for dlt, which would wait for a lock again and again."""
    return DatabaseTerminalException(error) if lock_held(error) else other(error)


class FencedMysqlClient(SqlalchemyClient):
    """dlt's client of replication; what it writes is written behind the fence."""

    def _make_database_exception(self, e: Exception) -> Exception:  # type: ignore[override]
        return _as_dlt_has_it(e, super()._make_database_exception)

    @contextmanager
    def begin_transaction(self) -> Iterator[DBTransaction]:
        """Begins a transaction that writes.

        Raises:
            LockLostError: the run lost its lock.
        """
        with super().begin_transaction() as transaction:
            check(self.native_connection)
            yield transaction

    @contextmanager
    def _ensure_transaction(self) -> Iterator[DBTransaction]:
        # dlt reads in transactions of this kind, and so does a run that may not write yet
        if self._in_transaction():
            yield self._current_transaction  # type: ignore[misc]  # it is one then
        else:
            with super().begin_transaction() as transaction:
                yield transaction

    @contextmanager
    def altering(self) -> Iterator[None]:
        """Keeps others from taking over while dlt makes tables; see the function `altering`."""
        with begin(self.engine):
            yield


class FencedPostgresClient(Psycopg2SqlClient):
    """dlt's client of raw; what it writes is written behind the fence."""

    @classmethod
    def _make_database_exception(cls, ex: Exception) -> Exception:
        return _as_dlt_has_it(ex, super()._make_database_exception)

    @contextmanager
    def begin_transaction(self) -> Iterator[DBTransaction]:
        """Begins a transaction that writes.

        Raises:
            LockLostError: the run lost its lock.
        """
        with super().begin_transaction() as transaction:
            held = self.execute_sql(_check_statement(self.dataset_name))
            if not (held and held[0][0]):
                raise _fenced_out(self.dataset_name, self.credentials)
            yield transaction

    @contextmanager
    def altering(self) -> Iterator[None]:
        """Does nothing: PostgreSQL makes tables in a transaction, as it writes rows."""
        yield


def _check_statement(schema: str | None) -> str:
    return _CHECK_IN_POSTGRES.format(fence=_table(schema)) if schema else _CHECK_IN_MYSQL


def _fenced_out(schema: str | None, server: Any) -> FencedOutError:
    return FencedOutError(
        f"this run no longer holds its lock on {_place(schema, server)}: the session that held it"
        " was ended (by an idle time limit, the network or a KILL), or another run has taken over;"
        " nothing more was written, and what was committed stays, but for the last moments if the"
        " server itself went down. See what ended the session, and run again when no other run is"
        " at work"
    )


def _place(schema: str | None, server: Any) -> str:
    """Where a lock is, in words; the server is SQLAlchemy's URL or dlt's credentials."""
    kind = f"the schema {schema} of" if schema else "the replication database"
    return f"{kind} {server.database} at {server.host}:{server.port}"


def _table(schema: str | None) -> str:
    quoted = '"' + schema.replace('"', '""') + '".' if schema else ""
    return quoted + FENCE


def _text(text: str, schema: str | None) -> str:
    return literal(text) if schema is None else "'" + text.replace("'", "''") + "'"


def _run(connection: Connection, sql: str) -> sa.CursorResult[Any]:
    return connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
