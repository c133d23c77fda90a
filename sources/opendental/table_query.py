"""Asks a server about one table, in short statements and politely."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TypeVar

import pymysql
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from opendental_pipeline.databases.driver_errors import reason, took_too_long
from opendental_pipeline.databases.engines import retrying, run_sql
from opendental_pipeline.databases.hashing import HashKey
from opendental_pipeline.databases.server import Server
from opendental_pipeline.databases.sql import ident, limited
from opendental_pipeline.databases.tsv import RowBatch
from opendental_pipeline.planning.slice import SelectedColumn
from opendental_pipeline.settings.errors import ExtractionError
from opendental_pipeline.settings.tuning import ConnectionTuning, Limits
from sources.opendental.load_window import StatementThrottle

Answer = TypeVar("Answer")

FetchRows = Callable[[Engine, Sequence[SelectedColumn], str, float | None], list[RowBatch]]
"""Runs a SELECT of columns FROM a table, which the server stops after some seconds."""


class TooLongError(ExtractionError):
    """The server stopped a statement that took longer than it may."""


@dataclass(frozen=True)
class ServerAccess:
    """Where a hop reads, and how.

    Attributes:
        hop: its name in errors.
        engine: of the server.
        kind: what server it is.
        throttle: caps the statements at once.
        limits: what one statement may take.
        tuning: how often a lost connection is tried again.
        hash_key: of hashed columns.
    """

    hop: str
    engine: Engine
    kind: Server
    throttle: StatementThrottle
    limits: Limits
    tuning: ConnectionTuning
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
            with self.server.throttle.statement(), self.server.engine.connect() as connection:
                return run_sql(connection, limited(sql, self.server.limits.longest)).all()

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
        limits, table = self.server.limits, f"FROM {ident(self.table)}{where}"

        def send() -> tuple[list[RowBatch], float]:
            with self.server.throttle.statement():
                began = perf_counter()
                found = rows(self.server.engine, columns, table, limits.longest)
            return found, perf_counter() - began

        return self._guarded(send)

    def _guarded(self, fetch: Callable[[], Answer]) -> Answer:
        """Fetches with retries; whatever fails becomes an error without values."""
        began = perf_counter()
        try:
            return retrying(self.server.tuning)(fetch)
        except (sa.exc.SQLAlchemyError, pymysql.err.Error) as error:
            raise self.failure(error) from None
        finally:
            self.seconds += perf_counter() - began

    def failure(self, error: BaseException) -> ExtractionError:
        """An error that says what went wrong and quotes no value."""
        kind, why = ExtractionError, reason(error)
        if took_too_long(error):
            kind, why = TooLongError, f"a statement took more than {self.server.limits.longest:g} s"
        return kind(f"cannot be read: {why}", table=self.table, hop=self.server.hop)
