"""What of a copy travels to raw: named and shaped as PostgreSQL takes it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from opendental_pipeline.databases.identifiers import DELETED_AT, LOADED_AT, postgres_identifier
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.databases.table import Column
from opendental_pipeline.databases.tsv import (
    RowBatch,
    TsvLines,
    are_plain,
    columns_to_tsv,
    to_tsv,
)
from opendental_pipeline.databases.type_hints import raw_coercion, raw_type_override
from opendental_pipeline.databases.type_mapping import TransferType, storable, type_rule
from opendental_pipeline.planning.slice import SelectedColumn, TargetColumn
from opendental_pipeline.planning.source_contract import REPLICATED_AT
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.planning.table_state import Value
from sources.opendental.projection import Projection


class RawProjection(Projection):
    """Takes the rows of a copy to raw.

    Adds `_loaded_at` to every row, makes values fit for PostgreSQL, and counts where it had to.

    Attributes:
        has_tombstones: whether deletions travel with the rows, in a column of their own.
    """

    refusal = "columns hold values that their data_type in tables.yml cannot take"

    def __init__(self, plan: TablePlan) -> None:
        super().__init__(plan)
        self.has_tombstones = False

    @property
    def target(self) -> str:
        """What raw calls the table."""
        return postgres_identifier(self.plan.table.name)

    @property
    def key(self) -> tuple[str, ...]:
        """What raw calls the key's columns."""
        return tuple(map(postgres_identifier, self.plan.key))

    @property
    def columns(self) -> list[SelectedColumn]:
        """The source's columns, when their row was replicated, and, with tombstones, deleted."""
        deleted = SelectedColumn("NULL", TargetColumn(DELETED_AT), TransferType.TEXT)
        return [*super().columns, *([deleted] if self.has_tombstones else [])]

    def _select(self) -> list[SelectedColumn]:
        own = zip(super()._select(), self.plan.table.columns, strict=True)
        stamp = SelectedColumn(ident(REPLICATED_AT), TargetColumn(LOADED_AT), TransferType.TEXT)
        return [*(_in_raw(one, column) for one, column in own), stamp]

    def lines(self, rows: RowBatch, into: TableProgress) -> memoryview:
        """Makes lines of rows that PostgreSQL accepts."""
        lines = to_tsv(rows)
        others = self._others(rows, into, plain=are_plain(lines))
        if not others:
            return lines
        written = isinstance(rows, TsvLines)
        columns = [others.get(n, rows.column(n)) for n in range(rows.column_count)]
        return columns_to_tsv(columns, escaped=written)

    def high(self, _: RowBatch | None, into: TableProgress) -> dict[str, Value]:
        """The pass covers all up to the moment it began, which its condition names."""
        return {REPLICATED_AT: into.checkpoint.started_at}

    def _others(self, rows: RowBatch, into: TableProgress, *, plain: bool) -> dict[int, pa.Array]:
        """The columns that PostgreSQL does not take as they are, made acceptable, by number.

        Args:
            plain: whether PostgreSQL can store every text in them as it is.
        """
        others = {}
        for number, column in enumerate(self.plan.table.columns):
            if not _is_acceptable(column, rows, number, plain=plain):
                held = self.values(rows, column)
                values = _accepted(column, held, into)
                if not values.equals(held):
                    others[number] = values
        return others


def are_loadable(columns: Sequence[Column]) -> bool:
    """Whether raw's values can be made of lines: PostgreSQL shows bytes and hints otherwise."""
    return not any(
        type_rule(column).transfer_type is TransferType.BINARY
        or (raw_type_override(column) is not None and type_rule(column).coerce is storable)
        for column in columns
    )


def as_key(column: Column, texts: Sequence[str]) -> pa.Array:
    """A key column's values again from the texts of tombstones."""
    values = accepted(column, as_read(column, texts)).values
    return _hexadecimal(values) if values.type == pa.large_binary() else values


def as_read(column: Column, texts: Sequence[str]) -> pa.Array:
    """A key column's values from the texts of tombstones, as a row's are read."""
    if type_rule(column).transfer_type is TransferType.BINARY:
        return pa.array(map(bytes.fromhex, texts), pa.large_binary())
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return pa.array(encoded, pa.large_binary()).view(pa.large_string())


@dataclass(frozen=True)
class Accepted:
    """A column's values as raw has them.

    Attributes:
        values: texts, or bytes.
        coerced: how many were changed, since PostgreSQL cannot hold them.
        refused: how many are NULL, since their `data_type` in tables.yml cannot hold them.
    """

    values: pa.Array
    coerced: int = 0
    refused: int = 0


def accepted(column: Column, values: pa.Array) -> Accepted:
    """Makes of a column's values what raw has of them.

    Args:
        column: with its hints.
        values: as they are read.
    """
    coercion, target = raw_coercion(column), raw_type_override(column)
    coerced = refused = 0
    if coercion and type_rule(column).transfer_type is TransferType.TEXT:
        values, coerced = coercion(values)
    if target:
        values, refused = target.convert(values)
    return Accepted(values, coerced, refused)


def _in_raw(one: SelectedColumn, column: Column) -> SelectedColumn:
    target = raw_type_override(column)
    return replace(
        one,
        field=TargetColumn(postgres_identifier(column.name)),
        transfer_type=target.transfer_type if target else one.transfer_type,
    )


def _accepted(column: Column, values: pa.Array, into: TableProgress) -> pa.Array:
    found = accepted(column, values)
    into.coercions += Counter({column.name: found.coerced})
    into.refused += Counter({column.name: found.refused})
    is_binary = found.values.type == TransferType.BINARY.arrow
    return _hexadecimal(found.values) if is_binary else found.values


def _is_acceptable(column: Column, rows: RowBatch, number: int, *, plain: bool) -> bool:
    """Whether PostgreSQL takes a column's values as MySQL shows them."""
    rule, target = type_rule(column), raw_type_override(column)
    if rule.transfer_type is TransferType.BINARY:
        return False
    is_loadable = target.is_loadable if target else rule.is_loadable
    if is_loadable:
        return is_loadable(rows.data, rows.offsets_of(number))
    return not target and (rule.coerce is None or plain)


def _hexadecimal(values: pa.LargeBinaryArray) -> pa.LargeStringArray:
    """Bytes as PostgreSQL reads them."""
    digits = [None if value is None else f"\\x{value.hex()}" for value in values.to_pylist()]
    return pa.array(digits, pa.large_string())
