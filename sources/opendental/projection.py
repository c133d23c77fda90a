"""What of a table travels to replication: its columns, and its rows as lines."""

from collections import Counter
from dataclasses import replace
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from opendental_pipeline.databases.hashing import TOO_LARGE, HashKey
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.databases.table import Column
from opendental_pipeline.databases.tsv import RowBatch, to_tsv
from opendental_pipeline.databases.type_mapping import TransferType, invalid_enum_count, type_rule
from opendental_pipeline.planning.slice import SelectedColumn, Slice, TargetColumn
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.planning.table_state import Value
from opendental_pipeline.settings.table_config import Deletes


def select_columns(plan: TablePlan, hash_key: HashKey | None) -> list[SelectedColumn]:
    """Selects every column that travels to replication.

    Args:
        plan: of the table.
        hash_key: hashes the columns that tables.yml says; None where they are hashed already.
    """
    selected = []
    for column in plan.table.columns:
        rule = type_rule(column)
        key = rule.key if column.name in plan.key else ""
        target = TargetColumn(column.name, rule.write(column), key, column.charset is not None)
        expression = rule.read.format(ident(column.name))
        if column.hashed and hash_key:
            expression = hash_key.expression(column)
        selected.append(SelectedColumn(expression, target, rule.transfer_type))
    return selected


class Projection:
    """Takes the rows of a table to its copy as the source shows them.

    Args:
        plan: of the pass.
        hash_key: of hashed columns.
    """

    refusal = "columns hold values too large for the source's max_allowed_packet to hash"

    def __init__(self, plan: TablePlan, hash_key: HashKey | None = None) -> None:
        self.plan = plan
        self._hash_key = hash_key

    @property
    def target(self) -> str:
        """What the target calls the table."""
        return self.plan.table.name

    @property
    def key(self) -> tuple[str, ...]:
        """What the target calls the key's columns."""
        return self.plan.key

    @property
    def columns(self) -> list[SelectedColumn]:
        """Every column that is read, in order."""
        return self._selected

    @cached_property
    def _selected(self) -> list[SelectedColumn]:
        return self._select()

    def _select(self) -> list[SelectedColumn]:
        return select_columns(self.plan, self._hash_key)

    @property
    def fields(self) -> tuple[TargetColumn, ...]:
        """Every column that travels, in order."""
        return tuple(one.field for one in self.columns)

    @property
    def schema_columns(self) -> tuple[tuple[str, str], ...]:
        """What dlt's schema has to know of the columns, each with its dlt type."""
        types = {one.field.name: one.transfer_type.value for one in self.columns}
        return tuple((name, types[name]) for name in self.key or tuple(types)[:1])

    def take(self, rows: RowBatch, into: TableProgress) -> memoryview:
        """Counts rows that were read, and makes lines of them."""
        into.rows += len(rows)
        into.key_bounds = self._wider_bounds(rows, into.key_bounds)
        into.checkpoint = replace(
            into.checkpoint,
            rows=into.checkpoint.rows + len(rows),
            max_cursor_values=self.high(rows, into),
        )
        return self.lines(rows, into)

    def lines(self, rows: RowBatch, into: TableProgress) -> memoryview:
        """Makes lines of rows, and counts what the target cannot take or does not list."""
        for column in self.plan.table.columns:
            if column.hashed:
                refused = pc.sum(pc.equal(self.values(rows, column), TOO_LARGE)).as_py()
                into.refused += Counter({column.name: refused or 0})
            elif column.data_type == "enum":
                into.invalid_enum_count += invalid_enum_count(column, self.values(rows, column))
        return to_tsv(rows)

    def values(self, rows: RowBatch, column: Column) -> pa.Array:
        """One column of what was read, as its transfer type has it."""
        held = rows.column(self._numbers[column.name])
        is_binary = type_rule(column).transfer_type is TransferType.BINARY
        return held if is_binary else held.view(pa.large_string())

    def high(self, rows: RowBatch, into: TableProgress) -> dict[str, Value]:
        """The highest value of each cursor so far."""
        high = dict(into.checkpoint.max_cursor_values)
        for column in map(self.plan.table.column, self.plan.cursors):
            name, values = column.name, self.values(rows, column)
            integer = type_rule(column).transfer_type is TransferType.INTEGER
            top = pc.max(values.cast(pa.int64()) if integer else values).as_py()
            if top is not None:
                high[name] = max(high[name], top) if name in high else top
        return high

    def order(self, read: TableProgress) -> Slice:
        """What the destination has to know of a slice that was read."""
        plan = self.plan
        return Slice(
            table=plan.table.name,
            target=self.target,
            write=plan.write,
            key=self.key,
            fields=self.fields,
            rows=read.rows + read.deleted,
            key_bounds=read.key_bounds,
            after=plan.checkpoint.last_key,
            upto=read.checkpoint.last_key,
            invalid_enum_count=read.invalid_enum_count,
            begun=plan.checkpoint.started_utc,
            brake=plan.brake.share if plan.brake else None,
            soft_delete=plan.config.deletes is Deletes.MARK,
            pending_alter=plan.pending_alter.clauses,
        )

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {column.name: n for n, column in enumerate(self.plan.table.columns)}

    def _wider_bounds(
        self, rows: RowBatch, bounds: tuple[int, int] | None
    ) -> tuple[int, int] | None:
        key = [self.plan.table.column(name) for name in self.plan.key]
        if (
            len(key) != 1
            or type_rule(key[0]).transfer_type is not TransferType.INTEGER
            or not len(rows)
        ):
            return bounds
        ends = pc.min_max(self.values(rows, key[0]).cast(pa.int64())).as_py()
        low, high = bounds or (ends["min"], ends["max"])
        return min(low, ends["min"]), max(high, ends["max"])
