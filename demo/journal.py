"""A journal of changes: it writes rows to the clinic and remembers which ones, by their keys."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import sqlalchemy as sa

from demo import shape
from demo.values import blank

Keys = defaultdict[str, set[int]]


def _keys() -> Keys:
    return defaultdict(set)


@dataclass(frozen=True)
class Journal:
    """Changes of one day, by table the keys of the rows that were inserted, edited and deleted.

    Values may be SQL expressions. An edit must really change the rows it is given.

    Attributes:
        connection: to the clinic, with no SQL mode.
        random: decides which rows are taken.
    """

    connection: sa.Connection
    random: Random
    inserted: Keys = field(default_factory=_keys)
    edited: Keys = field(default_factory=_keys)
    deleted: Keys = field(default_factory=_keys)
    tables: Mapping[str, shape.Table] = field(default_factory=shape.read)

    def find(self, table: str, where: str = "TRUE", *, limit: int | None = None) -> list[int]:
        """The keys of a table's rows, in order: all, or a number of the first ones."""
        key = self._key(table)
        query = sa.select(key).select_from(sa.table(table)).where(sa.text(where))
        return list(self.connection.execute(query.order_by(key).limit(limit)).scalars())

    def choose(self, table: str, count: int, where: str = "TRUE") -> list[int]:
        """The keys of some of a table's rows: a number of them, but at most a third."""
        found = self.find(table, where)
        return sorted(self.random.sample(found, min(count, -(-len(found) // 3))))

    def insert(self, table: str, **values: Any) -> int:
        """Insert a row and return its key; dates that have no default are "no date"."""
        columns = self.tables[table].columns
        dates = [c for c in columns if c.base in ("date", "datetime") and not c.default]
        row = {column.name: blank(column) for column in dates} | values
        done = self.connection.execute(sa.insert(self._table(table, row)).values(row))
        key = int(done.lastrowid) or int(values[self.tables[table].key])
        self.inserted[table].add(key)
        return key

    def edit(self, table: str, keys: Iterable[int], **values: Any) -> None:
        """Set columns of some rows."""
        target, chosen = self._table(table, values), list(keys)
        self.connection.execute(
            sa.update(target).where(self._key(table).in_(chosen)).values(values)
        )
        self.edited[table].update(chosen)

    def delete(self, table: str, keys: Iterable[int]) -> None:
        """Delete some rows."""
        chosen = list(keys)
        self.connection.execute(sa.delete(self._table(table)).where(self._key(table).in_(chosen)))
        self.deleted[table].update(chosen)

    def delete_parts(self, table: str, column: str, keys: Iterable[int]) -> None:
        """Delete the rows whose column names one of some other rows."""
        self.delete(table, self.find(table, f"`{column}` IN ({_listed(keys)})"))

    def forget(self, table: str, column: str, keys: Iterable[int], also: str = "TRUE") -> None:
        """Set a column to 0 where it names one of some rows that were deleted."""
        named = self.find(table, f"`{column}` IN ({_listed(keys)}) AND {also}")
        self.edit(table, named, **{column: 0})

    def _table(self, table: str, columns: Iterable[str] = ()) -> sa.TableClause:
        return sa.table(table, *map(sa.column, columns), self._key(table))

    def _key(self, table: str) -> sa.ColumnClause[int]:
        return sa.column(self.tables[table].key, sa.BigInteger)


def _listed(keys: Iterable[int]) -> str:
    # No key is negative: an empty list becomes one that matches nothing.
    return ", ".join(map(str, keys)) or "-1"
