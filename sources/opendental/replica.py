"""Reads replication for the second hop: what changed, what was deleted, made fit for PostgreSQL."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from sqlalchemy.engine import Connection

from sources.opendental.catalogue import Column, Table
from sources.opendental.connections import run_sql
from sources.opendental.reading import SliceReader
from sources.opendental.sql import ident, literal
from sources.opendental.state import Value
from sources.opendental.strategy import REPLICATED_AT
from sources.opendental.types import Carrier

TOMBSTONES = "etl_tombstones"
"""The table in replication that keeps which keys were deleted, and which tables made anew."""

LOADED_AT = "_loaded_at"
"""What `_replicated_at` is called in raw, where dbt's freshness reads it."""

DELETED_AT = "_deleted_at"
"""Carried beside a row to raw: set if the row is a tombstone, and then only its key is."""


@dataclass(frozen=True)
class Change:
    """What replication knows of a table's changes.

    Attributes:
        latest: when its newest row was inserted or changed, or its newest deletion; None if never.
        anew: when it was last made anew, None if never.
        has_rows: whether it has rows.
    """

    latest: str | None
    anew: str | None
    has_rows: bool

    def since(self, watermark: object) -> bool:
        """Whether anything changed after a watermark."""
        return self.latest is not None and (watermark is None or self.latest > str(watermark))

    def made_anew_since(self, watermark: object) -> bool:
        """Whether the table was made anew after a watermark."""
        return self.anew is not None and (watermark is None or self.anew > str(watermark))


def read_changes(connection: Connection, tables: Iterable[str]) -> dict[str, Change]:
    """Asks all tables of replication in two statements what changed last.

    Args:
        connection: to replication, in UTC.
        tables: names of tables that exist there.
    """
    names = list(tables)
    deletions = {
        row.name: (row.deleted, row.anew)
        for row in run_sql(
            connection,
            f"SELECT table_name AS name, CAST(MAX(deleted_at) AS CHAR) AS deleted,"
            f" CAST(MAX(IF(row_key IS NULL, deleted_at, NULL)) AS CHAR) AS anew"
            f" FROM {ident(TOMBSTONES)} GROUP BY table_name",
        )
    }
    union = " UNION ALL ".join(
        f"SELECT {literal(name)} AS name, CAST(MAX({ident(REPLICATED_AT)}) AS CHAR) AS latest"
        f" FROM {ident(name)}"
        for name in names
    )
    latest = {row.name: row.latest for row in run_sql(connection, union)} if names else {}
    changes = {}
    for name in names:
        deleted, anew = deletions.get(name, (None, None))
        stamps = [stamp for stamp in (latest[name], deleted) if stamp]
        changes[name] = Change(max(stamps, default=None), anew, latest[name] is not None)
    return changes


class ReplicaReader(SliceReader):
    """Reads a slice of a table in replication, with its tombstones.

    Adds `_loaded_at` to every row, makes values fit for PostgreSQL, and counts where it had to.
    """

    @property
    def columns(self) -> tuple[Column, ...]:
        """The source's own columns."""
        return replica_of(self.plan.table).columns

    def carriers(self) -> dict[str, Carrier]:
        """The table's columns, then when they were replicated and whether they are deleted."""
        return {**super().carriers(), LOADED_AT: Carrier.TEXT, DELETED_AT: Carrier.TEXT}

    def expressions(self) -> list[str]:
        """What is selected for each of them."""
        stamp = f"CAST({ident(REPLICATED_AT)} AS CHAR)"
        return [*super().expressions(), stamp, "CAST(NULL AS CHAR)"]

    def batches(self) -> Iterator[pa.Table]:
        """Reads the deletions of the pass, then its rows."""
        if self.plan.watermarks and self.plan.begin.after is None:
            yield from self._tombstones()
        yield from super().batches()

    def prepared(self, rows: pa.Table) -> pa.Table:
        """The rows, acceptable to PostgreSQL."""
        rows = super().prepared(rows)
        for index, column in enumerate(self.columns):
            if column.rule.coerce is not None:
                values, changed = column.rule.coerce(rows.column(index))
                if changed:
                    self.coercions[column.name] += changed
                    rows = rows.set_column(index, column.name, values)
        return rows

    def high(self, _: pa.Table) -> dict[str, Value]:
        """The pass covers all up to the moment it began, which its condition names."""
        return {REPLICATED_AT: self.progress.started_at}

    def _tombstones(self) -> Iterator[pa.Table]:
        rows = self.query(
            f"SELECT row_key, CAST(MAX(deleted_at) AS CHAR) FROM {ident(TOMBSTONES)}"
            f" WHERE table_name = {literal(self.plan.table.name)} AND row_key IS NOT NULL"
            f" AND deleted_at > {literal(self.plan.watermarks[REPLICATED_AT])}"
            f" AND deleted_at <= {literal(self.progress.started_at)} GROUP BY row_key"
        )
        if not rows:
            return
        keys = zip(*(json.loads(row[0]) for row in rows), strict=True)
        known: dict[str, Sequence[str]] = dict(zip(self.plan.key, keys, strict=True))
        known[DELETED_AT] = [row[1] for row in rows]
        self.deleted = len(rows)
        yield pa.table(
            {
                name: _values(known.get(name), len(rows), carrier)
                for name, carrier in self.carriers().items()
            }
        )


def _values(values: Iterable[str] | None, count: int, carrier: Carrier) -> pa.Array:
    if values is None:
        return pa.nulls(count, carrier.arrow)
    if carrier is Carrier.BINARY:
        return pa.array([bytes.fromhex(value) for value in values], carrier.arrow)
    return pa.array(list(values), pa.large_string()).cast(carrier.arrow)


def replica_of(table: Table) -> Table:
    """The table as the source has it, without the column that replication adds."""
    return replace(table, columns=table.without([REPLICATED_AT]).columns)
