"""Reads replication for the second hop: what changed, what was deleted, made fit for PostgreSQL."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa
from sqlalchemy.engine import Connection

from sources.opendental.catalogue import Column
from sources.opendental.connections import run_sql
from sources.opendental.contract import REPLICATED_AT, TOMBSTONES
from sources.opendental.naming import DELETED_AT, LOADED_AT, in_raw, travelling
from sources.opendental.reading import Selected, SliceReader
from sources.opendental.slices import Field
from sources.opendental.sql import ident, literal
from sources.opendental.state import Value
from sources.opendental.types import Carrier


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

    def before(self, watermark: object) -> bool:
        """Whether the newest change is older than a watermark, which once was the newest."""
        return self.latest is not None and watermark is not None and self.latest < str(watermark)

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

    refusal = "columns hold values that their data_type in tables.yml cannot take"

    @property
    def target(self) -> str:
        """What raw calls the table."""
        return in_raw(self.plan.table.name)

    @property
    def key(self) -> tuple[str, ...]:
        """What raw calls the key's columns."""
        return tuple(map(in_raw, self.plan.key))

    @cached_property
    def selected(self) -> list[Selected]:
        """The source's columns, and when their row was replicated."""
        stamp = f"CAST({ident(REPLICATED_AT)} AS CHAR)"
        return [*super().selected, Selected(stamp, Carrier.TEXT, Field(LOADED_AT), Carrier.TEXT)]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every column that travels; with tombstones, when a row was deleted."""
        return super().fields + ((Field(DELETED_AT),) if self.deleted else ())

    def _select(self, column: Column) -> Selected:
        one, target = super()._select(column), column.target
        return replace(
            one,
            field=Field(in_raw(column.name)),
            travels=target.carrier if target else one.carrier,
        )

    def batches(self) -> Iterator[pa.Table]:
        """Reads the deletions of the pass, then its rows."""
        if self.plan.watermarks and self.plan.begin.after is None:
            yield from self._tombstones()
        for rows in super().batches():
            alive = pa.nulls(rows.num_rows, pa.large_string())
            yield rows.append_column(DELETED_AT, alive) if self.deleted else rows

    def prepared(self, rows: pa.Table) -> pa.Table:
        """The rows, acceptable to PostgreSQL."""
        for number, column in enumerate(self.plan.table.columns):
            values = rows.column(number)
            if column.coercion and column.rule.carrier is Carrier.TEXT:
                values = self._counted(self.coercions, column, column.coercion(values))
            if column.target:
                values = self._counted(self.refused, column, column.target.convert(values))
            rows = rows.set_column(number, rows.field(number).name, values)
        return rows

    def _counted(
        self, counts: Counter[str], column: Column, result: tuple[pa.ChunkedArray, int]
    ) -> pa.ChunkedArray:
        values, changed = result
        if changed:
            counts[column.name] += changed
        return values

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
        keys = list(zip(*(json.loads(row[0]) for row in rows), strict=True))
        known = {
            name: _key_values(self.plan.table.column(name), values)
            for name, values in zip(self.plan.key, keys, strict=True)
        }
        known = {in_raw(name): values for name, values in known.items()}
        self.deleted = len(rows)
        unknown = {
            travelling(name): known.get(name, pa.nulls(len(rows), one.travels.arrow))
            for one in self.selected
            for name in [one.field.name]
        }
        deleted = pa.array([row[1] for row in rows], pa.large_string())
        yield pa.table({**unknown, DELETED_AT: deleted})


def _key_values(column: Column, texts: Sequence[str]) -> pa.ChunkedArray:
    """A key column's values again from the texts of tombstones."""
    carrier = column.rule.carrier
    if carrier is Carrier.BINARY:
        values = pa.array(map(bytes.fromhex, texts), carrier.arrow)
    else:
        values = pa.array(texts, pa.large_string()).cast(carrier.arrow)
    chunked = pa.chunked_array([values])
    return column.target.convert(chunked)[0] if column.target else chunked
