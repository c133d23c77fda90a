"""Reads replication for the second hop: what changed, what was deleted, made fit for PostgreSQL."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from sqlalchemy.engine import Connection

from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.identifiers import DELETED_AT, LOADED_AT, postgres_identifier
from opendental_pipeline.databases.mysql_result import Rows
from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.databases.table import Column
from opendental_pipeline.databases.tsv import TsvLines, are_plain, columns_to_tsv, rows_to_tsv
from opendental_pipeline.databases.type_hints import raw_coercion, raw_type_override
from opendental_pipeline.databases.type_mapping import TransferType, type_rule
from opendental_pipeline.planning.slice import SelectedColumn, TargetColumn
from opendental_pipeline.planning.source_contract import REPLICATED_AT, TOMBSTONES
from opendental_pipeline.planning.table_state import Value
from sources.opendental.slice_reader import SliceReader


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

    counts_undefined = False  # what the first hop wrote has all its characters
    refusal = "columns hold values that their data_type in tables.yml cannot take"

    @property
    def target(self) -> str:
        """What raw calls the table."""
        return postgres_identifier(self.plan.table.name)

    @property
    def key(self) -> tuple[str, ...]:
        """What raw calls the key's columns."""
        return tuple(map(postgres_identifier, self.plan.key))

    @property
    def selected(self) -> list[SelectedColumn]:
        """The source's columns, when their row was replicated, and, with tombstones, deleted."""
        added = [SelectedColumn(ident(REPLICATED_AT), TargetColumn(LOADED_AT), TransferType.TEXT)]
        if self.deleted:
            added.append(SelectedColumn("NULL", TargetColumn(DELETED_AT), TransferType.TEXT))
        return super().selected + added

    def _select(self, column: Column) -> SelectedColumn:
        one, target = super()._select(column), raw_type_override(column)
        return replace(
            one,
            field=TargetColumn(postgres_identifier(column.name)),
            transfer_type=target.transfer_type if target else one.transfer_type,
        )

    def batches(self) -> Iterator[memoryview]:
        """Reads the deletions of the pass, then its rows."""
        yield from self.deletions()
        yield from super().batches()

    def prepared(self, rows: Rows) -> memoryview:
        """The rows, acceptable to PostgreSQL."""
        lines = rows_to_tsv(rows)
        others = self.others(rows, plain=are_plain(lines))
        if not others:
            return lines
        return columns_to_tsv([others.get(n, rows.column(n)) for n in range(rows.column_count)])

    def others(self, rows: Rows | TsvLines, *, plain: bool) -> dict[int, pa.Array]:
        """The columns that PostgreSQL does not take as they are, made acceptable, by number.

        Args:
            rows: all columns.
            plain: whether PostgreSQL can store every text in them as it is.
        """
        others = {}
        for number, column in enumerate(self.plan.table.columns):
            if not _is_acceptable(column, rows, number, plain=plain):
                held = self.values(rows, column)
                values = self._accepted(column, held)
                if not values.equals(held):
                    others[number] = values
        return others

    def _accepted(self, column: Column, values: pa.Array) -> pa.Array:
        coercion, target = raw_coercion(column), raw_type_override(column)
        if coercion and type_rule(column).transfer_type is TransferType.TEXT:
            values, changed = coercion(values)
            self.coercions += Counter({column.name: changed})
        if target:
            values, refused = target.convert(values)
            self.refused += Counter({column.name: refused})
        return _hexadecimal(values) if values.type == TransferType.BINARY.arrow else values

    def high(self, _: Rows | None = None) -> dict[str, Value]:
        """The pass covers all up to the moment it began, which its condition names."""
        return {REPLICATED_AT: self.progress.started_at}

    def deletions(self) -> Iterator[memoryview]:
        """Reads the tombstones of the pass, which its first slice has."""
        if not self.plan.watermarks or self.plan.begin.after is not None:
            return
        rows = self.query(
            f"SELECT CAST(row_key AS BINARY), CAST(MAX(deleted_at) AS CHAR)"
            f" FROM {ident(TOMBSTONES)}"
            f" WHERE table_name = {literal(self.plan.table.name)} AND row_key IS NOT NULL"
            f" AND deleted_at > {literal(self.plan.watermarks[REPLICATED_AT])}"
            f" AND deleted_at <= {literal(self.progress.started_at)} GROUP BY row_key"
        )
        if not rows:
            return
        self.deleted = len(rows)
        # a key in three-byte UTF-8 may hold half a surrogate pair, which a driver does not decode
        texts = (bytes(row[0]).decode("utf-8", "surrogatepass") for row in rows)
        keys = zip(*map(json.loads, texts), strict=True)
        known = {
            postgres_identifier(name): _key_values(self.plan.table.column(name), texts)
            for name, texts in zip(self.plan.key, keys, strict=True)
        }
        known[DELETED_AT] = pa.array([row[1] for row in rows], pa.large_string())
        unknown = pa.nulls(len(rows), pa.large_string())
        yield columns_to_tsv([known.get(field.name, unknown) for field in self.fields])


def _is_acceptable(column: Column, rows: Rows | TsvLines, number: int, *, plain: bool) -> bool:
    """Whether PostgreSQL takes a column's values as MySQL shows them."""
    rule, target = type_rule(column), raw_type_override(column)
    if rule.transfer_type is TransferType.BINARY:
        return False
    is_loadable = target.is_loadable if target else rule.is_loadable
    if is_loadable:
        return is_loadable(rows.data, rows.offsets_of(number))
    return not target and (rule.coerce is None or plain)


def _key_values(column: Column, texts: Sequence[str]) -> pa.Array:
    """A key column's values again from the texts of tombstones."""
    if type_rule(column).transfer_type is TransferType.BINARY:
        values = pa.array(map(bytes.fromhex, texts), pa.large_binary())
    else:
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        values = pa.array(encoded, pa.large_binary()).view(pa.large_string())
        if coercion := raw_coercion(column):
            values, _ = coercion(values)
    target = raw_type_override(column)
    values = target.convert(values)[0] if target else values
    return _hexadecimal(values) if values.type == pa.large_binary() else values


def _hexadecimal(values: pa.LargeBinaryArray) -> pa.LargeStringArray:
    """Bytes as PostgreSQL reads them."""
    digits = [None if value is None else f"\\x{value.hex()}" for value in values.to_pylist()]
    return pa.array(digits, pa.large_string())
