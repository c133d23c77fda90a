"""Writes a slice into its table: one algorithm, of which each destination has the statements."""

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from destinations.slice_job import BrakedLoadError, RefusedLoadError
from opendental_pipeline.databases.sql import key_range
from opendental_pipeline.planning.delete_guard import DeleteGuard, question
from opendental_pipeline.planning.slice import Slice, WriteMode


class SliceWriter:
    """Writes one slice of one table, in the transaction of its cursor.

    Args:
        cursor: the driver's, in an open transaction.
        table: the quoted target.
        order: how the rows are to be written.
        file: their lines.
    """

    hop: ClassVar[str]
    _ident: "ClassVar[staticmethod[[str], str]]"
    _compare: "ClassVar[staticmethod[..., str]]"

    def __init__(self, cursor: Any, table: str, order: Slice, file: Path) -> None:
        self._cursor = cursor
        self._table = table
        self._order = order
        self._file = file
        self._key = [self._ident(name) for name in order.key]

    def run(self) -> None:
        """Writes it.

        Raises:
            RefusedLoadError: rows would not arrive as they are, or too many would go.
        """
        self._prepare()
        if self._order.write is WriteMode.REPLACE_TABLE:
            self._replace_table()
        elif self._order.write is WriteMode.REPLACE_RANGE or self._order.rows:
            self._write_range()

    def _replace_table(self) -> None:
        gone = self._execute(f"DELETE FROM {self._table}")
        self._alter()
        self._load_into(self._table)
        self._brake(gone - self._order.rows, gone)
        self._mark_rebuilt()

    def _write_range(self) -> None:
        replaces = self._order.write is WriteMode.REPLACE_RANGE
        if self._is_all_new():
            if replaces and self._order.after is None and self._order.rows:
                # whatever was there once left without a tombstone
                self._mark_rebuilt()
            self._load_into(self._table)
            return
        self._stage()
        if replaces:
            self._delete_missing()
        else:
            self._apply_tombstones()
        self._upsert()

    def _is_all_new(self) -> bool:
        """Whether the table has no row in the slice's range: no stage is needed then."""
        where = self._in_range()
        if self._order.write is WriteMode.UPSERT and self._order.key_bounds:
            low, high = self._order.key_bounds
            where = f" WHERE {self._key[0]} BETWEEN {low} AND {high}"
        return not self._scalar(f"SELECT EXISTS (SELECT 1 FROM {self._table} t{where})")

    def _prepare(self) -> None:
        """Does what comes before any row."""

    def _alter(self) -> None:
        """Gives the table, which is empty now, the schema of the rows."""

    def _mark_rebuilt(self) -> None:
        """Tells the next hop that all earlier rows of the table are void."""

    def _apply_tombstones(self) -> None:
        """Deletes the rows of which the stage holds tombstones."""

    @abstractmethod
    def _load_into(self, target: str) -> None:
        """Loads the file, and counts what arrived."""

    @abstractmethod
    def _stage(self) -> None:
        """Loads the file into a temporary table like the target."""

    @abstractmethod
    def _delete_missing(self) -> None:
        """Deletes the rows of the range that the stage lacks."""

    @abstractmethod
    def _upsert(self) -> None:
        """Upserts the staged rows."""

    def _brake(self, gone: int, of: int) -> None:
        """Stops before too much is committed as deleted."""
        share = self._order.brake
        if share is not None and DeleteGuard(share).exceeds_for_deletion(gone, of):
            message = question(self._order.table, "deleted", gone, of)
            raise BrakedLoadError(message, table=self._order.table, hop=self.hop)

    def _refused(self, message: str) -> RefusedLoadError:
        return RefusedLoadError(message, table=self._order.table, hop=self.hop)

    def _in_range(self, *conditions: str | None) -> str:
        """The WHERE clause of those rows `t` in the slice's range that meet all conditions."""
        order = self._order
        return key_range(order.key, order.after, order.upto, *conditions, compare=self._compare)

    @property
    def _same_key(self) -> str:
        """The condition on a row `s` of the stage and a row `t` of the table that have one key."""
        return " AND ".join(f"s.{name} = t.{name}" for name in self._key)

    def _execute(self, statement: str) -> int:
        """Executes a statement and returns how many rows it met."""
        self._cursor.execute(statement)
        return int(self._cursor.rowcount)

    def _scalar(self, query: str) -> Any:
        """The first value of the first row that a query finds; None where it finds none."""
        rows = self._rows(query)
        return rows[0][0] if rows else None

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        self._cursor.execute(query)
        return list(self._cursor.fetchall())

    def _count(self, rows: str) -> int:
        """Counts what a FROM clause finds."""
        return int(self._scalar(f"SELECT COUNT(*) FROM {rows}"))
