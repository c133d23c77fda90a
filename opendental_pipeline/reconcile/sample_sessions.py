"""Sessions of the second opinion: ordinary drivers that set all they rely on, and share nothing.

Every value arrives as the bytes that the server shows, so that no driver converts anything.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2
import pymysql

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
    # no transaction stays open, and none writes
    "SET SESSION autocommit = 1",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY",
)

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


class BudgetSpentError(QueryFailedError):
    """The source's time for the second opinion is spent."""


@dataclass
class Budget:
    """The time that statements at the source may take together.

    Attributes:
        seconds: the whole of it.
        spent: seconds that are gone.
        reserve: seconds that are kept for asking again.
    """

    seconds: float
    spent: float = 0.0
    reserve: float = field(init=False)

    def __post_init__(self) -> None:
        self.reserve = self.seconds / 4

    @property
    def statement_seconds(self) -> float:
        """After how many seconds the server stops a statement."""
        return self.seconds / 8

    def release_reserve(self) -> None:
        """Lets statements spend what was kept for asking again."""
        self.reserve = 0.0

    @contextmanager
    def statement(self) -> Iterator[None]:
        """Spends what a statement takes.

        Raises:
            BudgetSpentError: too little is left for one more.
        """
        if self.spent + self.statement_seconds > self.seconds - self.reserve:
            raise BudgetSpentError("second_opinion_seconds of source time are spent")
        before = time.monotonic()
        try:
            yield
        finally:
            self.spent += time.monotonic() - before


class MySqlSession:
    """A session at the source or at replication.

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
        self._name = str(config.type)
        self._budget = budget
        seconds = budget.statement_seconds if budget else _OWN_SECONDS
        try:
            self._connection: Any = pymysql.connect(
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
                read_timeout=max(1, round(2 * seconds)),
                **config.connect_args(),
            )
            with self._connection.cursor() as cursor:
                for setting in (*_MYSQL_SETTINGS, f"SET SESSION time_zone = {time_zone}"):
                    cursor.execute(setting)
                # MariaDB and MySQL each take the other's way for a comment; old ones know neither
                cursor.execute(
                    f"SET SESSION sql_safe_updates = 0 /*M!100101 , max_statement_time = {seconds}"
                    f" *//*!50708 , max_execution_time = {max(1, round(1000 * seconds))} */"
                    # a versioned table is as it is now
                    "/*M!100304 , system_versioning_asof = DEFAULT */"
                )
        except (pymysql.Error, OSError) as error:
            text = f"{self._name} let nobody in ({_mysql_reason(error)})"
            raise ConnectionFailedError(text) from None

    def query(self, sql: str) -> list[Row]:
        """Reads the rows of a statement.

        Raises:
            BudgetSpentError: the source's time is spent.
            ConnectionFailedError: the connection was lost, or the client waited too long.
            QueryFailedError: the server refused or stopped the statement.
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
            lost = not self._connection.open
            kind = ConnectionFailedError if lost else QueryFailedError
            raise kind(f"{self._name} refused a statement ({_mysql_reason(error)})") from None

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
