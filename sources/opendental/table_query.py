"""Asks a server about one table, in short statements and politely."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TypeVar

import pymysql
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from opendental_pipeline.databases.driver_errors import (
    connection_lost,
    lock_held,
    reason,
    took_too_long,
)
from opendental_pipeline.databases.engines import driver, retrying
from opendental_pipeline.databases.hashing import HashKey
from opendental_pipeline.databases.server import Server
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.databases.statement_limit import NO_LIMIT, StatementLimit
from opendental_pipeline.databases.tsv import RowBatch
from opendental_pipeline.planning.slice import SelectedColumn
from opendental_pipeline.settings.errors import ExtractionError, LockHeldError, UnreachableError
from opendental_pipeline.settings.tuning import ConnectionTuning, Limits
from sources.opendental.load_window import StatementThrottle

Answer = TypeVar("Answer")

FetchRows = Callable[[Engine, Sequence[SelectedColumn], str, StatementLimit], list[RowBatch]]
"""Runs a SELECT of columns FROM a table, which is stopped when it takes too long."""


class TooLongError(ExtractionError):
    """A statement that took longer than it may was stopped."""


class LockedError(ExtractionError, LockHeldError):
    """Rows of a table could not be read, since somebody holds a lock on it."""


@dataclass(frozen=True)
class ServerAccess:
    """Where a hop reads, and how.

    Attributes:
        hop: its name in errors.
        engine: of the server.
        kind: what server it is.
        throttle: caps the statements at once.
        limits: what one statement should take.
        tuning: how often a lost connection is tried again.
        longest: after how long one is stopped.
        hash_key: of hashed columns.
    """

    hop: str
    engine: Engine
    kind: Server
    throttle: StatementThrottle
    limits: Limits
    tuning: ConnectionTuning
    longest: StatementLimit = NO_LIMIT
    hash_key: HashKey | None = None


@dataclass
class TableQuery:
    """Queries one table on one server.

    Attributes:
        table: its name.
        server: where it is.
        seconds: spent waiting for the server.
    """

    table: str
    server: ServerAccess
    seconds: float = field(default=0.0, init=False)

    def query(self, sql: str) -> Sequence[Any]:
        """Runs a small query, as politely as the large ones."""

        def fetch() -> Sequence[Any]:
            with (
                self.server.throttle.statement(),
                driver(self.server.engine) as connection,
                self.server.longest.statement(connection, sql) as statement,
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
                return cursor.fetchall()

        return self._guarded(fetch)

    def fetch(
        self, rows: FetchRows, columns: Sequence[SelectedColumn], where: str
    ) -> tuple[list[RowBatch], float]:
        """Reads the rows of a WHERE clause in one statement.

        Args:
            rows: sends the statement.
            columns: what is selected.
            where: the clause, with a leading blank.

        Returns:
            the rows, and the seconds that they took.

        Raises:
            TooLongError: it took too long.
            ExtractionError: it failed.
        """
        table = f"FROM {ident(self.table)}{where}"

        def send() -> tuple[list[RowBatch], float]:
            with self.server.throttle.statement():
                began = perf_counter()
                found = rows(self.server.engine, columns, table, self.server.longest)
            return found, perf_counter() - began

        return self._guarded(send)

    def _guarded(self, fetch: Callable[[], Answer]) -> Answer:
        """Fetches with retries; whatever fails becomes an error without values."""
        began = perf_counter()
        try:
            return retrying(self.server.tuning)(fetch)
        except (SQLAlchemyError, pymysql.err.Error) as error:
            raise self.failure(error) from None
        finally:
            self.seconds += perf_counter() - began

    def failure(self, error: BaseException) -> ExtractionError:
        """An error that says what went wrong and quotes no value."""
        kind: type[ExtractionError] = ExtractionError
        why = reason(error)
        if connection_lost(error):
            kind = UnreachableError
        if took_too_long(error):
            seconds = self.server.longest.seconds
            kind, why = TooLongError, f"a statement took more than {seconds:g} s"
        if lock_held(error):
            kind = LockedError
        return kind(f"cannot be read: {why}", table=self.table, hop=self.server.hop)
