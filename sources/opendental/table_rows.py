"""The rows of a slice from the table itself, a range of the key at a time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic

import pyarrow.compute as pc

from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.databases.tsv import RowBatch
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.settings.errors import ExtractionError
from sources.opendental.key_ranges import KeyRange, Ranges, condition
from sources.opendental.projection import Projection
from sources.opendental.table_query import FetchRows, TableQuery, TooLongError


@dataclass(frozen=True)
class TableRows:
    """Reads a table in short statements.

    Attributes:
        query: asks its server.
        projection: what is read, and what becomes of it.
        fetch: sends a SELECT; by the backend of tables.yml.
        ranges: how much is read at once.
        is_source: whether the server is the clinic's, which may show bytes that are no character.
    """

    query: TableQuery
    projection: Projection
    fetch: FetchRows
    ranges: Ranges
    is_source: bool

    def batches(self, into: TableProgress) -> Iterator[memoryview]:
        """Reads the slice, a statement at a time, as lines for the target.

        Raises:
            ExtractionError: a statement failed, or the rows are not as many as the server counts.
        """
        plan, began = self.projection.plan, monotonic()
        limits, ended = plan.slice_limits, False
        while not ended:
            keys, batches = self._next_range(into)
            for rows in batches:
                yield self.projection.take(rows, into)
            into.complete = keys.upto is None
            into.checkpoint = replace(into.checkpoint, last_key=keys.upto)
            ended = into.complete or (
                limits is not None and limits.reached(into.rows, into.size, monotonic() - began)
            )
        if into.complete and plan.where is None:
            self._check_count(into)

    def rows(self, where: str, into: TableProgress) -> list[RowBatch]:
        """Reads the rows of a WHERE clause, and counts texts that cannot be read as they are.

        Args:
            where: the clause, with a leading blank.
            into: gets the counts.
        """
        batches, seconds = self.query.fetch(self.fetch, self.projection.columns, where)
        self.ranges.took(seconds, sum(len(rows.data) for rows in batches))
        if self.is_source and (doubtful := self._with_question_marks(batches)):
            counts = ", ".join(f"SUM({_more_question_marks(ident(name))})" for name in doubtful)
            found = self.query.query(f"SELECT {counts} FROM {ident(self.query.table)}{where}")[0]
            numbers = {name: int(n or 0) for name, n in zip(doubtful, found, strict=True)}
            into.coercions += Counter(numbers)
        return batches

    def _next_range(self, into: TableProgress) -> tuple[KeyRange, list[RowBatch]]:
        """Reads the next range; a shorter one if the server stops it for taking too long."""
        while True:
            try:
                keys = self.ranges.behind(into.checkpoint.last_key)
                return keys, self.rows(condition(self.projection.plan, keys), into)
            except TooLongError:
                if not self.ranges.shrink():
                    raise

    def _with_question_marks(self, batches: Sequence[RowBatch]) -> list[str]:
        """Columns of charsets with undefined bytes, if what was read may stand for one."""
        values = self.projection.values
        return [
            column.name
            for column in self.projection.plan.table.columns
            if column.has_undefined_bytes
            and any(
                pc.any(pc.match_substring(values(rows, column), "?")).as_py() for rows in batches
            )
        ]

    def _check_count(self, into: TableProgress) -> None:
        """Sees that a pass over all rows read as many as the source says it has.

        The clinic may write while it is read, so a table that changed since is not judged: InnoDB
        does not say when it did before the server was started.

        Raises:
            ExtractionError: it did not.
        """
        name, read = self.query.table, into.checkpoint.rows
        try:
            ((count,),) = self.query.query(f"SELECT COUNT(*) FROM {ident(name)}")
        except TooLongError:
            return
        if count == read:
            return
        ((changed,),) = self.query.query(
            "SELECT UNIX_TIMESTAMP(update_time) FROM information_schema.tables"
            f" WHERE table_schema = DATABASE() AND table_name = {literal(name)}"
        )
        begun = datetime.fromisoformat(into.plan.checkpoint.started_utc).replace(tzinfo=UTC)
        if changed is not None and changed < begun.timestamp() - 2:
            raise ExtractionError(
                f"the source says that it has {count:,} rows, and sent {read:,}; see what limits"
                " the rows of a SELECT there, and run again"
            )


def _more_question_marks(column: str) -> str:
    """MySQL's condition on a text that has more question marks in UTF-8 than in its own charset."""
    shown = f"CONVERT({column} USING utf8mb4)"
    one, other = (f"CHAR_LENGTH({t}) - CHAR_LENGTH(REPLACE({t}, '?', ''))" for t in (shown, column))
    return f"{one} > {other}"
