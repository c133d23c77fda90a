"""Reads one slice of a table in short statements."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import ClassVar, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from opendental_pipeline.databases.hashing import TOO_LARGE
from opendental_pipeline.databases.mysql_result import Rows
from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.databases.table import Column
from opendental_pipeline.databases.tsv import TsvLines, rows_to_tsv
from opendental_pipeline.databases.type_mapping import TransferType, invalid_enum_count, type_rule
from opendental_pipeline.planning.slice import NO_DIFFERENCES, Differences, Slice
from opendental_pipeline.planning.table_state import Pass, Value
from opendental_pipeline.settings.errors import ExtractionError, PipelineError
from opendental_pipeline.settings.table_config import Deletes
from sources.opendental.key_ranges import KeyRange, Ranges, condition
from sources.opendental.table_query import TableQuery, TooLongError

Answer = TypeVar("Answer")


@dataclass
class SliceReader(TableQuery):
    """One slice of a table: its order before it is read, what came of it after.

    Attributes:
        rows: rows read.
        deleted: tombstones read.
        progress: the pass behind the slice.
        complete: whether the pass ended with it.
        coercions: how many values of which column were changed for PostgreSQL.
        refused: how many values of which column its hint in tables.yml cannot take.
        invalid_enum_count: ENUM values that are none of the type's.
        key_bounds: the lowest and the highest key, where the key is one whole number.
        path: the file that its lines are in, once they are read.
        differences: rows in which the target differed, if that was looked at.
        stopped: why the pass goes on another night; empty if it need not.
        fault: what went wrong; nothing of the slice may be loaded then.
    """

    rows: int = 0
    deleted: int = 0
    complete: bool = False
    progress: Pass = field(init=False)
    coercions: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    invalid_enum_count: int = 0
    key_bounds: tuple[int, int] | None = None
    path: Path | None = None
    differences: Differences = NO_DIFFERENCES
    stopped: str = ""
    fault: PipelineError | None = None

    def __post_init__(self) -> None:
        self.progress = self.plan.begin

    @cached_property
    def ranges(self) -> Ranges:
        """What is read at once."""
        return Ranges(self.plan, self.place.limits, self.query)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {column.name: n for n, column in enumerate(self.plan.table.columns)}

    @property
    def target(self) -> str:
        """What the target calls the table."""
        return self.plan.table.name

    @property
    def key(self) -> tuple[str, ...]:
        """What the target calls the key's columns."""
        return self.plan.key

    def write_to(self, path: Path) -> "SliceReader":
        """Reads the slice into a file; a fault is kept, so that all are found at once."""
        self.path = path
        try:
            with path.open("wb") as file:
                for lines in self.batches():
                    file.write(lines)
        except ExtractionError as fault:
            self.fault = fault
        except Exception as error:  # noqa: BLE001  its text can quote values
            self.fault = self.failure(error)
        return self

    def batches(self) -> Iterator[memoryview]:
        """Reads the slice, a statement at a time, as lines for the target.

        Raises:
            ExtractionError: a statement failed, or values cannot become what tables.yml asks for;
                the message holds no values.
        """
        enough = self.plan.slice_rows
        while not self.complete and (enough is None or self.rows < enough):
            keys, parts = self._read()
            yield from self.take(parts)
            self.complete = keys.upto is None
            self.progress = replace(self.progress, after=keys.upto)
        self.refuse()
        if self.complete and self.plan.where is None:
            self._hold_against_count()

    def _hold_against_count(self) -> None:
        """Sees that a pass over all rows read as many as the source says it has.

        The clinic may write while it is read, so a table that changed since is not judged: InnoDB
        does not say when it did before the server was started.

        Raises:
            ExtractionError: it did not.
        """
        name, begun = self.plan.table.name, self.plan.begin
        try:
            ((count,),) = self.query(f"SELECT COUNT(*) FROM {ident(name)}")
        except TooLongError:
            return
        if count == self.progress.rows:
            return
        ((changed,),) = self.query(
            "SELECT UNIX_TIMESTAMP(update_time) FROM information_schema.tables"
            f" WHERE table_schema = DATABASE() AND table_name = {literal(name)}"
        )
        earlier = datetime.fromisoformat(begun.started_utc).replace(tzinfo=UTC).timestamp() - 2
        if changed is not None and changed < earlier:
            raise ExtractionError(
                f"the source says that it has {count:,} rows, and sent {self.progress.rows:,}; see"
                " what limits the rows of a SELECT there, and run again",
                table=name,
                hop=self.place.hop,
            )

    def fetch(self, where: str, ranges: Ranges) -> list[Rows]:
        """Reads the rows of a WHERE clause, and counts texts that cannot be read as they are."""
        parts = super().fetch(where, ranges)
        if self.counts_undefined and (doubtful := self._with_question_marks(parts)):
            counts = ", ".join(f"SUM({_more_question_marks(ident(name))})" for name in doubtful)
            found = self.query(f"SELECT {counts} FROM {ident(self.plan.table.name)}{where}")[0]
            numbers = {name: int(n or 0) for name, n in zip(doubtful, found, strict=True)}
            self.coercions += Counter(numbers)
        return parts

    counts_undefined: ClassVar[bool] = True

    def _with_question_marks(self, parts: Sequence[Rows]) -> list[str]:
        """Columns of charsets with undefined bytes, if what was read may stand for one."""
        return [
            column.name
            for column in self.plan.table.columns
            if column.has_undefined_bytes
            and any(pc.any(pc.match_substring(self.values(r, column), "?")).as_py() for r in parts)
        ]

    def take(self, parts: Iterable[Rows]) -> Iterator[memoryview]:
        """Counts rows that were read, and makes lines of them."""
        for rows in parts:
            self.rows += len(rows)
            self.key_bounds = self._wider_bounds(rows)
            self.progress = replace(
                self.progress, rows=self.progress.rows + len(rows), high=self.high(rows)
            )
            yield self.prepared(rows)

    def refuse(self) -> None:
        """Raises ExtractionError if values cannot become what tables.yml asks for."""
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
            fields=self.fields,
            rows=self.rows + self.deleted,
            key_bounds=self.key_bounds,
            after=self.plan.begin.after,
            upto=self.progress.after,
            invalid_enum_count=self.invalid_enum_count,
            begun=self.plan.begin.started_utc,
            brake=self.plan.brake.share if self.plan.brake else None,
            soft_delete=self.plan.config.deletes is Deletes.MARK,
            pending_alter=self.plan.pending_alter.clauses,
        )

    @property
    def idle(self) -> bool:
        """Whether nothing of it has to be kept, not even that it was.

        Keys that are compared after every pass are compared after the next one, too; a load package
        to remember that they were equal would cost more than comparing them.
        """
        found = self.rows or self.differences or self.fault
        return self.plan.skip_if_equal and not self.plan.resumed and self.complete and not found

    @property
    def outdated(self) -> bool:
        """Whether every row is older than the watermark.

        Then the newest rows were deleted, or the table was restored from a backup, and a cursor
        does not tell which others are different.
        """
        marks, high = self.plan.watermarks, self.progress.high
        return self.complete and bool(marks) and not any(_reaches(high, *m) for m in marks.items())

    def prepared(self, rows: Rows) -> memoryview:
        """The rows as they travel on."""
        for column in self.plan.table.columns:
            if column.hashed:
                refused = pc.sum(pc.equal(self.values(rows, column), TOO_LARGE)).as_py()
                self.refused += Counter({column.name: refused or 0})
            elif column.data_type == "enum":
                self.invalid_enum_count += invalid_enum_count(column, self.values(rows, column))
        return rows_to_tsv(rows)

    def values(self, rows: Rows | TsvLines, column: Column) -> pa.Array:
        """One column of what was read, as its carrier has it."""
        held = rows.column(self._numbers[column.name])
        return (
            held
            if type_rule(column).transfer_type is TransferType.BINARY
            else held.view(pa.large_string())
        )

    def high(self, rows: Rows) -> dict[str, Value]:
        """The highest value of each cursor so far."""
        high = dict(self.progress.high)
        for column in map(self.plan.table.column, self.plan.cursors):
            name, values = column.name, self.values(rows, column)
            integer = type_rule(column).transfer_type is TransferType.INTEGER
            top = pc.max(values.cast(pa.int64()) if integer else values).as_py()
            if top is not None:
                high[name] = max(high[name], top) if name in high else top
        return high

    def _wider_bounds(self, rows: Rows) -> tuple[int, int] | None:
        key = [self.plan.table.column(name) for name in self.plan.key]
        if (
            len(key) != 1
            or type_rule(key[0]).transfer_type is not TransferType.INTEGER
            or not len(rows)
        ):
            return self.key_bounds
        ends = pc.min_max(self.values(rows, key[0]).cast(pa.int64())).as_py()
        low, high = self.key_bounds or (ends["min"], ends["max"])
        return min(low, ends["min"]), max(high, ends["max"])

    def _read(self) -> tuple[KeyRange, list[Rows]]:
        """Reads the next range; a shorter one if the server stops it for taking too long."""
        while True:
            try:
                keys = self.ranges.behind(self.progress.after)
                return keys, self.fetch(condition(self.plan, keys), self.ranges)
            except TooLongError:
                if not self.ranges.shrink():
                    raise


def _more_question_marks(column: str) -> str:
    """MySQL's condition on a text that has more question marks in UTF-8 than in its own charset."""
    shown = f"CONVERT({column} USING utf8mb4)"
    one, other = (f"CHAR_LENGTH({t}) - CHAR_LENGTH(REPLACE({t}, '?', ''))" for t in (shown, column))
    return f"{one} > {other}"


def _reaches(high: Mapping[str, Value], cursor: str, watermark: Value) -> bool:
    value = high.get(cursor)
    # a cursor whose type changed compares with nothing
    return value is not None and (type(value) is not type(watermark) or value >= watermark)  # type: ignore[operator]
