"""The key ranges that a pass is read in: each as long as the one before says it may be.

A SELECT on a MyISAM table keeps the clinic's writers waiting until it ends, so a range follows the
time that the last one took; and it is held in memory, so it follows the size, too.
"""

from dataclasses import dataclass
from functools import cached_property

from opendental_pipeline.databases.sql import Key, ident, key_range, literal
from opendental_pipeline.planning.table_plan import TablePlan
from sources.opendental.table_query import TableQuery

_FIRST_ROWS = 20_000
_GROWTH = 3.0
_WIDE = 65_535
"""Bytes of a column that may hold a whole document: a TEXT, and all that is larger."""


@dataclass(frozen=True)
class KeyRange:
    """Rows behind one key, up to and with another; None is the table's end."""

    after: Key | None
    upto: Key | None


class Ranges:
    """Divides a pass.

    Args:
        plan: of the pass.
        query: of the table, where it is read.
        held: whether the rows of a range are held in memory.

    Attributes:
        rows: rows of the next range; never more than the table's batch_size.
    """

    def __init__(self, plan: TablePlan, query: TableQuery, *, held: bool = True) -> None:
        table = plan.table
        self._plan = plan
        self._limits = limits = query.server.limits
        self._query = query.query
        self._divisible = query.server.kind.divides(table)
        self._held = held
        self._by_index = plan.changes_are_indexed
        average = table.size // table.rows if table.rows else 0
        fitting = limits.size // average if average else _FIRST_ROWS
        slice_rows = plan.slice_limits.rows if plan.slice_limits else plan.config.batch_size
        self._most = min(plan.config.batch_size, slice_rows)
        self.rows = max(1, min(self._most, _FIRST_ROWS, fitting))

    def behind(self, after: Key | None) -> KeyRange:
        """The range that begins behind a key, None being the table's beginning."""
        if not self._divisible or self._is_small:
            return KeyRange(after, None)
        if self._by_index:
            if self._few_changed_behind(after):
                return KeyRange(after, None)
            self._by_index = False
            after = self._before_the_first_change() or after
        return KeyRange(after, self._end(after))

    def took(self, seconds: float, size: int) -> None:
        """Learns from a range that was read.

        Args:
            seconds: that the statement took.
            size: of its rows in memory, in bytes.
        """
        pace = min(
            self._limits.seconds / max(seconds, 0.001), self._limits.size / max(size, 1), _GROWTH
        )
        self.rows = max(1, min(self._most, int(self.rows * pace)))

    def shrink(self) -> bool:
        """Makes ranges half as long after one that took too long; false if they cannot be."""
        if not self._divisible or self.rows == 1:
            return False
        self.rows //= 2
        self._by_index = False
        self._is_small = False
        return True

    @cached_property
    def _is_small(self) -> bool:
        table = self._plan.table
        return table.has_exact_count and table.rows <= self.rows and table.size <= self._limits.size

    @cached_property
    def _wide_columns(self) -> list[str]:
        """Columns whose lengths have to be asked, lest a few rows fill the memory."""
        table = self._plan.table
        if not self._held or (table.has_exact_count and table.size <= self._limits.size):
            return []
        return [ident(c.name) for c in table.columns if (c.length or 0) >= _WIDE]

    def _few_changed_behind(self, after: Key | None) -> bool:
        """Whether one range is enough for what an index finds."""
        found = f"SELECT 1 FROM {self._table}{self._where(after)} LIMIT {self.rows}"
        few = bool(self._query(f"SELECT COUNT(*) FROM ({found}) AS found")[0][0] < self.rows)
        return few and not self.is_heavy(self._where(after))

    def _before_the_first_change(self) -> Key | None:
        key = self._plan.key
        if len(key) != 1 or not self._plan.table.column(key[0]).integer:
            return None
        where = self._where(self._plan.checkpoint.last_key)
        lowest = self._query(f"SELECT MIN({ident(key[0])}) FROM {self._table}{where}")[0][0]
        return (literal(lowest - 1),) if lowest is not None else None

    def _end(self, after: Key | None) -> Key | None:
        """The last key of the range; None if the rest of the table is one range."""
        while True:
            upto = self.key_at(after, self.rows)
            if self.rows == 1 or not self.is_heavy(self._where(after, upto)):
                return upto
            self.rows //= 2

    def key_at(self, after: Key | None, place: int) -> Key | None:
        """The key of a row so many places behind another key; None if there are fewer rows."""
        keys = ", ".join(map(ident, self._plan.key))
        behind = key_range(self._plan.key, after, None)
        rows = self._query(
            f"SELECT {keys} FROM {self._table}{behind} ORDER BY {keys} LIMIT 1 OFFSET {place - 1}"
        )
        return tuple(literal(value) for value in rows[0]) if rows else None

    def is_heavy(self, where: str) -> bool:
        """Whether the wide columns of some rows are more than a statement should bring.

        Args:
            where: their WHERE clause, with a leading blank.
        """
        if not self._wide_columns:
            return False
        lengths = " + ".join(f"IFNULL(LENGTH({name}), 0)" for name in self._wide_columns)
        found = self._query(f"SELECT SUM({lengths}) FROM {self._table}{where}")
        return int(found[0][0] or 0) > self._limits.size

    @property
    def _table(self) -> str:
        return ident(self._plan.table.name)

    def _where(self, after: Key | None, upto: Key | None = None) -> str:
        return condition(self._plan, KeyRange(after, upto))


def condition(plan: TablePlan, keys: KeyRange) -> str:
    """The WHERE clause of those rows of a pass that are in a range."""
    return key_range(plan.key, keys.after, keys.upto, plan.where)
