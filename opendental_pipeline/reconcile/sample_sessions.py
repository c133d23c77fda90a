"""Sessions of the second opinion: ordinary drivers that set all they rely on, and share nothing.

Every value arrives as the bytes that the server shows, so that no driver converts anything.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import psycopg2
import pymysql

from opendental_pipeline.reconcile.sample_budget import Budget
from opendental_pipeline.settings.environment import ConnectionConfig
from opendental_pipeline.settings.errors import ConnectionFailedError, QueryFailedError

Row = tuple[bytes | None, ...]

_CONNECT_SECONDS = 10
_OWN_SECONDS = 10.0
"""What one statement may take at our own two servers."""

_ALL = 2**64 - 1

_MYSQL_SETTINGS = (
    # text arrives in UTF-8, whatever init_connect or the server's defaults are
    "SET NAMES utf8mb4",
    # names in backticks, CHAR without its padding
    "SET SESSION sql_mode = ''",
    # all rows that a statement asks for, however many the server would look at
    f"SET SESSION sql_select_limit = {_ALL}, max_join_size = {_ALL}, sql_big_selects = 1",
    "SET SESSION sql_safe_updates = 0",
    # no transaction stays open
    "SET SESSION autocommit = 1",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
)

_MYSQL_LIMITS: Mapping[str, Callable[[float], float]] = {
    "max_statement_time": lambda seconds: seconds,
    "max_execution_time": lambda seconds: max(1, round(1000 * seconds)),
}
"""What stops a statement after some seconds, at servers that know it."""

_MYSQL_WHERE_KNOWN = {
    # nothing is written
    "tx_read_only": "1",
    "transaction_read_only": "1",
    # a versioned table is as it is now
    "system_versioning_asof": "DEFAULT",
}

_POSTGRES_SETTINGS = {
    # statements travel in UTF-8; values come as bytes anyway
    "client_encoding": "UTF8",
    # how dates, spans, numbers and bytes are shown
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    # how literals and names are read
    "standard_conforming_strings": "on",
    "search_path": "pg_catalog",
    "quote_all_identifiers": "off",
    # a policy that would hide rows is an error
    "row_security": "off",
    "default_transaction_read_only": "on",
    "default_transaction_isolation": "read committed",
    "statement_timeout": f"{_OWN_SECONDS:.0f}s",
    "lock_timeout": f"{_OWN_SECONDS:.0f}s",
    # the session waits while tables are moved once more
    "idle_session_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}


class MySqlSession:
    """A session at the source or at replication.

    A statement that takes too long is stopped by the server. Where it stops none, the session gives
    up, and kills what it leaves behind.

    Args:
        config: the server.
        time_zone: an expression for the zone in which TIMESTAMPs are shown.
        budget: what its statements may take together; None at our own server.

    Raises:
        ConnectionFailedError: the server cannot be reached, or refuses.
    """

    def __init__(
        self, config: ConnectionConfig, *, time_zone: str, budget: Budget | None = None
    ) -> None:
        self.database = config.database
        self._config, self._time_zone, self._budget = config, time_zone, budget
        self._seconds = budget.statement_seconds if budget else _OWN_SECONDS
        self._stops_itself = False
        self._connection = self._connect()

    def _connect(self) -> Any:
        """Makes a connection with all its settings."""
        try:
            connection = self._connection_of(self._config)
            if self._prepare(connection) or self._stops_itself:
                return connection
            connection.close()
        except (pymysql.Error, OSError) as error:
            text = f"{self._config.type} let nobody in ({_mysql_reason(error)})"
            raise ConnectionFailedError(text) from None
        self._stops_itself = True
        return self._connect()

    def _connection_of(self, config: ConnectionConfig) -> Any:
        # a server that stops statements is the first to do so
        seconds = self._seconds if self._stops_itself else max(1.0, 2 * self._seconds)
        return pymysql.connect(
            host=config.host,
            port=config.port,
            user=config.user,
            # a text would be sent in latin1
            password=config.password.get_secret_value().encode(),
            database=config.database,
            charset="utf8mb4",
            use_unicode=False,
            conv=dict[Any, Any](pymysql.converters.encoders),
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=seconds,
            **config.connect_args(),
        )

    def _prepare(self, connection: Any) -> bool:
        """Gives a connection its settings; whether its server stops what takes too long."""
        limits = {name: in_its_unit(self._seconds) for name, in_its_unit in _MYSQL_LIMITS.items()}
        optional = {**_MYSQL_WHERE_KNOWN, **limits}
        listed = ", ".join(f"'{name}'" for name in optional)
        with connection.cursor() as cursor:
            for setting in (*_MYSQL_SETTINGS, f"SET SESSION time_zone = {self._time_zone}"):
                cursor.execute(setting)
            cursor.execute(f"SHOW SESSION VARIABLES WHERE Variable_name IN ({listed})")
            known = {name.decode().lower() for name, _ in cursor.fetchall()}
            for name in known:
                cursor.execute(f"SET SESSION {name} = {optional[name]}")
        return not known.isdisjoint(limits)

    def query(self, sql: str) -> list[Row]:
        """Reads the rows of a statement.

        Raises:
            BudgetSpentError: the source's time is spent.
            ConnectionFailedError: the connection was lost, or the client waited too long.
            QueryFailedError: the server refused the statement, or it was stopped.
        """
        if self._budget is None:
            return self._query(sql)
        with self._budget.statement():
            return self._query(sql)

    def _query(self, sql: str) -> list[Row]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())
        except (pymysql.Error, OSError) as error:
            reason = f"{self._config.type} refused a statement ({_mysql_reason(error)})"
        if self._connection.open:
            raise QueryFailedError(reason)
        if not self._stops_itself:
            raise ConnectionFailedError(reason)
        self._kill_lost()
        raise QueryFailedError(reason)

    def _kill_lost(self) -> None:
        """Kills what a connection that nobody waits for any more may still run, on a new one."""
        lost = self._connection.thread_id()
        self._connection = self._connect()
        # there may be none any more
        with suppress(pymysql.err.OperationalError), self._connection.cursor() as cursor:
            cursor.execute(f"KILL {lost}")

    def close(self) -> None:
        """Closes the session."""
        if self._connection.open:
            self._connection.close()


def _mysql_reason(error: BaseException) -> str:
    code = error.args[0] if error.args else 0
    if not isinstance(error, pymysql.Error) or not isinstance(code, int):
        return type(error).__name__
    return {
        1969: "it took longer than allowed",
        3024: "it took longer than allowed",
        2013: "no answer in time, or the connection was lost",
    }.get(code, f"MySQL error {code}")


class RawSession:
    """A session at raw.

    Args:
        config: the server.

    Attributes:
        encoding: the one that text is to be asked for in, so that PostgreSQL can give it.

    Raises:
        ConnectionFailedError: the server cannot be reached, or refuses.
    """

    def __init__(self, config: ConnectionConfig) -> None:
        try:
            self._connection = psycopg2.connect(
                host=config.host,
                port=config.port,
                user=config.user,
                password=config.password.get_secret_value(),
                dbname=config.database,
                connect_timeout=_CONNECT_SECONDS,
                tcp_user_timeout=round(2000 * _OWN_SECONDS),
                **config.connect_args(),
            )
            self._connection.autocommit = True
            self._connection.set_client_encoding("UTF8")
        except psycopg2.Error:
            raise ConnectionFailedError("PostgreSQL let nobody in") from None
        values = ", ".join(f"('{name}', '{value}')" for name, value in _POSTGRES_SETTINGS.items())
        # older servers do not know all of them
        self.query(
            "SELECT set_config(s.name, v.value, false)::bytea FROM (VALUES"
            f" {values}) AS v (name, value) JOIN pg_catalog.pg_settings AS s ON s.name = v.name"
        )
        # SQL_ASCII converts nothing: it gives the bytes that it was given
        [[found]] = self.query("SELECT getdatabaseencoding()::text::bytea")
        self.encoding = "SQL_ASCII" if found == b"SQL_ASCII" else "UTF8"

    def query(self, sql: str) -> list[Row]:
        """Reads the rows of a statement whose columns are all bytea.

        Raises:
            ConnectionFailedError: the connection was lost.
            QueryFailedError: the server refused or stopped the statement.
        """
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                return [
                    tuple(None if value is None else bytes(value) for value in row)
                    for row in cursor.fetchall()
                ]
        except psycopg2.Error as error:
            kind = ConnectionFailedError if self._connection.closed else QueryFailedError
            raise kind(f"PostgreSQL refused a statement (SQLSTATE {error.pgcode})") from None

    def close(self) -> None:
        """Closes the session."""
        self._connection.close()
