"""Asks a server about one table, in short statements and politely."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Any, TypeVar

import pymysql
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from opendental_pipeline.databases.engines import driver, reason, retrying, run_sql, took_too_long
from opendental_pipeline.databases.hashing import HashKey
from opendental_pipeline.databases.mysql_result import Rows, fetch_rows
from opendental_pipeline.databases.sql import ident, limited
from opendental_pipeline.databases.table import Column
from opendental_pipeline.databases.type_mapping import type_rule
from opendental_pipeline.planning.slice import SelectedColumn, TargetColumn
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.settings.errors import ExtractionError
from opendental_pipeline.settings.tuning import ConnectionTuning, Limits
from sources.opendental.key_ranges import Ranges
from sources.opendental.load_window import StatementThrottle

Answer = TypeVar("Answer")


class TooLongError(ExtractionError):
    """The server stopped a statement that took longer than it may."""


@dataclass(frozen=True)
class ServerAccess:
    """Where a hop reads, and how.

    Attributes:
        hop: its name in errors.
        engine: of the server.
        throttle: caps the statements at once.
        limits: what one statement may take.
        tuning: how often a lost connection is tried again.
        hash_key: of hashed columns.
    """

    hop: str
    engine: Engine
    throttle: StatementThrottle
    limits: Limits
    tuning: ConnectionTuning
    hash_key: HashKey | None = None


@dataclass
class TableQuery:
    """Asks about the table of a plan.

    Attributes:
        plan: the pass.
        place: the server.
        seconds: spent waiting for it.
    """

    plan: TablePlan
    place: ServerAccess
    seconds: float = field(default=0.0, init=False)

    @property
    def selected(self) -> list[SelectedColumn]:
        """Every column that is read, in order."""
        return [self._select(column) for column in self.plan.table.columns]

    @property
    def fields(self) -> tuple[TargetColumn, ...]:
        """Every column that travels, in order."""
        return tuple(one.field for one in self.selected)

    def _select(self, column: Column) -> SelectedColumn:
        rule = type_rule(column)
        key = rule.key if column.name in self.plan.key else ""
        field = TargetColumn(column.name, rule.write(column), key, column.charset is not None)
        expression = rule.read.format(ident(column.name))
        if column.hashed and self.place.hash_key:
            expression = self.place.hash_key.expression(column)
        return SelectedColumn(expression, field, rule.transfer_type)

    @cached_property
    def knows_md5(self) -> bool:
        """Whether the server has MD5()."""
        try:
            self.query("SELECT MD5('')")
        except ExtractionError:
            return False
        return True

    def query(self, sql: str) -> Sequence[Any]:
        """Runs a small query where the hop reads, as politely as the large ones."""

        def fetch() -> Sequence[Any]:
            with self.place.throttle.statement(), self.place.engine.connect() as connection:
                return run_sql(connection, limited(sql, self.place.limits.longest)).all()

        return self._guarded(fetch)

    def fetch(self, where: str, ranges: Ranges) -> list[Rows]:
        """Reads the rows of a WHERE clause in one statement.

        Args:
            where: the clause, with a leading blank.
            ranges: learns how long it took.

        Raises:
            TooLongError: it took too long.
            ExtractionError: it failed.
        """
        selected = ", ".join(f"{one.expression} AS c{n}" for n, one in enumerate(self.selected))
        query = f"SELECT {selected} FROM {ident(self.plan.table.name)}{where}"

        def send() -> list[Rows]:
            with self.place.throttle.statement(), driver(self.place.engine) as connection:
                began = perf_counter()
                parts = fetch_rows(connection, limited(query, self.place.limits.longest))
            ranges.took(perf_counter() - began, sum(len(rows.data) for rows in parts))
            return parts

        return self._guarded(send)

    def _guarded(self, fetch: Callable[[], Answer]) -> Answer:
        """Fetches with retries; whatever fails becomes an error without values."""
        began = perf_counter()
        try:
            return retrying(self.place.tuning)(fetch)
        except (sa.exc.SQLAlchemyError, pymysql.err.Error) as error:
            raise self.failure(error) from None
        finally:
            self.seconds += perf_counter() - began

    def failure(self, error: BaseException) -> ExtractionError:
        """An error that says what went wrong and quotes no value."""
        kind, why = ExtractionError, reason(error)
        if took_too_long(error):
            kind, why = TooLongError, f"a statement took more than {self.place.limits.longest:g} s"
        return kind(f"cannot be read: {why}", table=self.plan.table.name, hop=self.place.hop)
