"""Goes through a table at the source and its copy in replication, range by range."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from opendental_pipeline.databases.sql import Key, ident, literal
from opendental_pipeline.databases.table import Column
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_state import CompareMode
from opendental_pipeline.reconcile.checksums import MD5, SHA2, as_signed, key_digest, row_digest
from opendental_pipeline.reconcile.table_diff import (
    InconsistentError,
    TableDiff,
    TableSegment,
    TooManyRowsError,
    compare,
)
from opendental_pipeline.settings.errors import ExtractionError
from sources.opendental.key_ranges import KeyRange, Ranges
from sources.opendental.projection import select_columns
from sources.opendental.table_query import ServerAccess, TableQuery, TooLongError

_MOST_ROWS = 100_000
"""Rows of a range that the copy may have, however few the source has left."""

_BAND_ROWS = 32
"""Rows in a band, if the keys have no gaps: few to look at one by one, and many to be summed up."""


class RangeDiffer:
    """Compares a table whose key is of whole numbers with its copy.

    Args:
        plan: says whether only keys count.
        source: asks for the table.
        replica: where the copy is.
        where: a condition on the rows that count, in both; None for all.
    """

    def __init__(
        self, plan: TablePlan, source: TableQuery, replica: ServerAccess, where: str | None = None
    ) -> None:
        self._plan = plan
        self._source = source
        self._copied = TableQuery(source.table, replica)
        self._ranges = Ranges(plan, source, held=False)
        self._held = Ranges(plan, self._copied, held=False)
        self._where = where
        self._differed = False

    def behind(self, after: Key | None) -> tuple[KeyRange, TableDiff]:
        """Compares the range that begins behind a key, None being the table's beginning.

        Raises:
            ExtractionError: a server refused.
        """
        while True:
            before = self._source.seconds
            try:
                keys, found = self._compared(self._ranges.behind(after))
            except TooLongError:
                if not self._ranges.shrink():
                    raise
                continue
            self._ranges.took(self._source.seconds - before, 0)
            # where one range has edits, the next one often has
            self._differed = bool(found.count)
            return keys, found

    def _compared(self, keys: KeyRange) -> tuple[KeyRange, TableDiff]:
        """Compares a range, or as much of it as fits into memory where the original lost much."""
        most = max(_MOST_ROWS, 2 * self._ranges.rows)
        one, other, suspect = self.original, self.copy, self._differed
        try:
            try:
                return keys, compare(one, other, keys, self._width, suspect=suspect, most=most)
            except TooManyRowsError:
                keys = KeyRange(keys.after, self._held.key_at(keys.after, most))
                return keys, compare(one, other, keys, self._width, suspect=True)
        except InconsistentError:
            raise ExtractionError(
                "a server sends other rows than it counts; see what limits the rows of a SELECT"
                " there, and run again",
                table=self._source.table,
                hop=self._source.server.hop,
            ) from None

    @cached_property
    def original(self) -> TableSegment:
        """The table at the source."""
        return self._side(self._source, self._plan.table.columns, hashed=True)

    @cached_property
    def copy(self) -> TableSegment:
        """The table in replication."""
        columns = self._plan.table.columns
        if self._plan.strategy is not CompareMode.KEYS:
            columns = self._as_stored(columns)
        return self._side(self._copied, columns, hashed=False)

    def _as_stored(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """Columns with the charsets of the copy, which decide what a text is there."""
        charsets = {
            str(name): None if charset is None else str(charset)
            for name, charset in self._copied.query(
                "SELECT LOWER(column_name) AS name, character_set_name AS charset"
                " FROM information_schema.columns WHERE table_schema = DATABASE()"
                f" AND table_name = {literal(self._plan.table.name)}"
            )
        }
        return tuple(
            replace(column, charset=column.charset and charsets.get(column.name.lower()))
            for column in columns
        )

    def _side(self, query: TableQuery, columns: Sequence[Column], *, hashed: bool) -> TableSegment:
        """Of the key or of all columns; what the source hashes, replication has as it is."""
        plan = self._plan
        if plan.strategy is CompareMode.KEYS:
            digest = key_digest([as_signed(plan.table.column(name)) for name in plan.key])
        else:
            selected = select_columns(plan, query.server.hash_key)
            digest = row_digest(
                (
                    (column, one.expression if hashed or not column.hashed else ident(column.name))
                    for column, one in zip(columns, selected, strict=True)
                ),
                MD5
                if all(one.server.kind.has_md5 for one in (self._source, self._copied))
                else SHA2,
            )
        return TableSegment(plan.table.name, plan.key, digest, query.query, self._where)

    def _width(self) -> int:
        """Values of the key in a band."""
        table = self._plan.table
        first = ident(table.primary_key[0])
        query = f"SELECT MIN({first}), MAX({first}) FROM {ident(table.name)}"
        low, high = self._source.query(query)[0]
        if low is None or not table.rows:
            return _BAND_ROWS
        return max(1, (int(high) - int(low) + 1) * _BAND_ROWS // table.rows)
