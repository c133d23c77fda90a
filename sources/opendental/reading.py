"""Reads one slice of a table in short statements."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import perf_counter
from typing import Any, ClassVar, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from sources.opendental.backends import Backend
from sources.opendental.catalogue import Column
from sources.opendental.connections import Pacer, reason, retrying, run_sql
from sources.opendental.errors import ExtractionError
from sources.opendental.hashing import TOO_LARGE, HashKey
from sources.opendental.naming import travelling
from sources.opendental.slices import Field, Slice
from sources.opendental.sql import Key, beyond, conjunction, ident, literal
from sources.opendental.state import Pass, Value
from sources.opendental.strategy import TablePlan
from sources.opendental.tuning import ConnectionTuning
from sources.opendental.types import Carrier, unlisted

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Place:
    """Where a hop reads, and how.

    Attributes:
        hop: its name in errors.
        engine: for the small queries.
        fetch: runs the large ones.
        pacer: caps the statements at once.
        tuning: how often a lost connection is tried again.
        hash_key: of hashed columns.
    """

    hop: str
    engine: Engine
    fetch: Backend
    pacer: Pacer
    tuning: ConnectionTuning
    hash_key: HashKey | None = None


@dataclass(frozen=True)
class Selected:
    """One column of a slice: what is asked for, and what goes on.

    Attributes:
        expression: what is selected.
        carrier: what the server's answer is held in.
        field: the column as the target knows it.
        travels: what carries it on.
    """

    expression: str
    carrier: Carrier
    field: Field
    travels: Carrier


@dataclass
class SliceReader:
    """One slice of a table: its order before it is read, what came of it after.

    Attributes:
        rows: rows read.
        deleted: tombstones read.
        seconds: spent waiting for the server.
        progress: the pass behind the slice.
        complete: whether the pass ended with it.
        coercions: how many values of which column were changed for PostgreSQL.
        refused: how many values of which column its hint in tables.yml cannot take.
        unlisted: ENUM values that are none of the type's.
        fault: what went wrong; nothing of the slice may be loaded then.
    """

    plan: TablePlan
    place: Place
    rows: int = 0
    deleted: int = 0
    seconds: float = 0.0
    complete: bool = False
    progress: Pass = field(init=False)
    coercions: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unlisted: int = 0
    fault: ExtractionError | None = None

    def __post_init__(self) -> None:
        self.progress = self.plan.begin

    @property
    def target(self) -> str:
        """What the target calls the table."""
        return self.plan.table.name

    @property
    def key(self) -> tuple[str, ...]:
        """What the target calls the key's columns."""
        return self.plan.key

    @cached_property
    def selected(self) -> list[Selected]:
        """Every column that is read, in order."""
        return [self._select(column) for column in self.plan.table.columns]

    def _select(self, column: Column) -> Selected:
        rule = column.rule
        key = rule.key if column.name in self.plan.key else ""
        field = Field(column.name, rule.write(column), key, column.charset is not None)
        expression = rule.read.format(ident(column.name))
        if column.hashed and self.place.hash_key:
            expression = self.place.hash_key.expression(column)
        return Selected(expression, rule.carrier, field, rule.carrier)

    def batches(self) -> Iterator[pa.Table]:
        """Reads the slice, a statement at a time.

        Raises:
            ExtractionError: a statement failed, or values cannot become what tables.yml asks for;
                the message holds no values.
        """
        while not self.complete and not self._is_full():
            upto = self._boundary()
            rows = self.prepared(self._read(upto))
            rows = rows.rename_columns([travelling(one.field.name) for one in self.selected])
            self.rows += rows.num_rows
            self.complete = upto is None
            self.progress = replace(
                self.progress,
                after=upto,
                rows=self.progress.rows + rows.num_rows,
                high=self.high(rows),
            )
            yield rows
        if self.refused:
            counts = ", ".join(f"{name}: {count}" for name, count in self.refused.items())
            raise ExtractionError(
                f"{self.refusal} ({counts} of {self.rows})",
                table=self.plan.table.name,
                hop=self.place.hop,
            )

    refusal: ClassVar[str] = (
        "columns hold values too large for the source's max_allowed_packet to hash"
    )

    def order(self) -> Slice:
        """What the destination has to know of the slice."""
        return Slice(
            table=self.plan.table.name,
            target=self.target,
            write=self.plan.write,
            key=self.key,
            fields=tuple(one.field for one in self.selected),
            rows=self.rows + self.deleted,
            after=self.plan.begin.after,
            upto=self.progress.after,
            unlisted=self.unlisted,
            reshape=self.plan.reshape.clauses,
        )

    @property
    def outdated(self) -> bool:
        """Whether every row is older than the watermark.

        Then the newest rows were deleted, or the table was restored from a backup, and a cursor
        does not tell which others are different.
        """
        marks, high = self.plan.watermarks, self.progress.high
        return self.complete and bool(marks) and not any(_reaches(high, *m) for m in marks.items())

    def prepared(self, rows: pa.Table) -> pa.Table:
        """The rows as they travel on."""
        for number, column in enumerate(self.plan.table.columns):
            if column.hashed:
                refused = pc.sum(pc.equal(rows.column(number), TOO_LARGE)).as_py()
                self.refused += Counter({column.name: refused or 0})
            else:
                self.unlisted += unlisted(column, rows.column(number))
        return rows

    def high(self, rows: pa.Table) -> dict[str, Value]:
        """The highest value of each cursor so far."""
        high = dict(self.progress.high)
        for name in self.plan.cursors:
            top = pc.max(rows.column(travelling(name))).as_py()
            if top is not None:
                high[name] = max(high[name], top) if name in high else top
        return high

    def query(self, sql: str) -> Sequence[Any]:
        """Runs a small query where the hop reads, as politely as the large ones."""

        def fetch() -> Sequence[Any]:
            with self.place.pacer.statement(), self.place.engine.connect() as connection:
                return run_sql(connection, sql).all()

        return self._guarded(fetch)

    def _is_full(self) -> bool:
        return self.plan.slice_rows is not None and self.rows >= self.plan.slice_rows

    def _boundary(self) -> Key | None:
        """The last key of the next range, or None if the rest of the table is one range."""
        plan = self.plan
        small = plan.table.counted and plan.table.rows <= plan.config.batch_size
        if not plan.key or small or self._is_selective():
            return None
        keys, after = ", ".join(map(ident, plan.key)), self.progress.after
        rows = self.query(
            f"SELECT {keys} FROM {ident(plan.table.name)}"
            f"{conjunction(beyond(plan.key, after, operator='>') if after else None)}"
            f" ORDER BY {keys} LIMIT 1 OFFSET {plan.config.batch_size - 1}"
        )
        return tuple(literal(value) for value in rows[0]) if rows else None

    def _is_selective(self) -> bool:
        # an index finds the changed rows, so one statement for all of them is short
        plan = self.plan
        indexed = all(name in plan.table.indexed for name in plan.cursors)
        return bool(plan.watermarks) and indexed and plan.slice_rows is None

    def _read(self, upto: Key | None) -> pa.Table:
        plan, after = self.plan, self.progress.after
        selected = ", ".join(f"{one.expression} AS c{n}" for n, one in enumerate(self.selected))
        query = f"SELECT {selected} FROM {ident(plan.table.name)}" + conjunction(
            beyond(plan.key, after, operator=">") if after else None,
            beyond(plan.key, upto, operator="<=") if upto else None,
            plan.where,
        )

        def fetch() -> pa.Table:
            with self.place.pacer.statement():
                return self.place.fetch(query, [one.carrier for one in self.selected])

        return self._guarded(fetch)

    def _guarded(self, fetch: Callable[[], Answer]) -> Answer:
        """Fetches with retries; whatever fails becomes an error without values."""
        began = perf_counter()
        try:
            return retrying(self.place.tuning)(fetch)
        except (sa.exc.SQLAlchemyError, RuntimeError) as error:
            raise self._fault(error) from None
        except BaseException as error:
            # connectorx panics outside of Exception
            if type(error).__name__ != "PanicException":
                raise
            raise self._fault(error) from None
        finally:
            self.seconds += perf_counter() - began

    def _fault(self, error: BaseException) -> ExtractionError:
        return ExtractionError(
            f"cannot be read: {reason(error)}", table=self.plan.table.name, hop=self.place.hop
        )


def _reaches(high: Mapping[str, Value], cursor: str, watermark: Value) -> bool:
    value = high.get(cursor)
    # a cursor whose type changed compares with nothing
    return value is not None and (type(value) is not type(watermark) or value >= watermark)  # type: ignore[operator]
