"""Reads a table of replication for other places than raw: a table loader of dlt's `sql_table`.

dlt's own loaders make another time of day of 26:30:00, round DOUBLE, and stop at dates that are in
no calendar. This one reads as the night does, and gives the values of raw as Arrow.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import dlt
import pyarrow as pa
from dlt.sources.sql_database import BaseTableLoader, register_table_loader_backend

from opendental_pipeline.databases.identifiers import DELETED_AT, LOADED_AT, postgres_identifier
from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.databases.table import Table
from opendental_pipeline.databases.tsv import RowBatch
from opendental_pipeline.databases.type_mapping import TransferType, type_rule
from opendental_pipeline.planning.slice import SelectedColumn, TargetColumn
from opendental_pipeline.planning.source_contract import REPLICATED_AT
from opendental_pipeline.settings.errors import ExtractionError
from sources.opendental.arrow_values import arrow_type, to_arrow
from sources.opendental.backends import WireLoader
from sources.opendental.raw_projection import as_read
from sources.opendental.table_query import TableQuery
from sources.opendental.tombstones import read_deletions

BACKEND = "opendental_replica"
"""The name of the loader in dlt's registry."""

STRUCTURE = "structure"
"""The key of dlt's state under which a table's columns and key are remembered."""

_ROWS = 50_000
"""That a statement brings at least, if there are as many."""

_STAMP = pa.timestamp("us")


@dataclass
class ReplicaTable:
    """A table of replication on its way to another place.

    Attributes:
        query: asks replication about it.
        table: its columns with their hints.
        latest: when it changed last; None if it has no rows.
        merged: whether its deletions travel, too.
        rows: read so far.
        deleted: deletions read so far.
    """

    query: TableQuery
    table: Table
    latest: str | None
    merged: bool
    rows: int = field(default=0, init=False)
    deleted: int = field(default=0, init=False)

    @property
    def schema(self) -> pa.Schema:
        """Its columns with the names that raw has for them."""
        key = self.table.primary_key
        own = [
            pa.field(postgres_identifier(column.name), arrow_type(column), column.name not in key)
            for column in self.table.columns
        ]
        deleted = [pa.field(DELETED_AT, _STAMP)] if self.merged else []
        return pa.schema([*own, pa.field(LOADED_AT, _STAMP), *deleted])

    def changes(self, since: str | None) -> Iterator[pa.Table]:
        """Reads the rows that were inserted or changed after a moment, in parts.

        Args:
            since: the moment; None for all rows.

        Raises:
            ExtractionError: they cannot be read, or not exactly.
        """
        if self.latest is None:
            return
        after = f" WHERE {ident(REPLICATED_AT)} > {literal(since)}" if since else ""
        stamps = self.query.query(
            f"SELECT CAST({ident(REPLICATED_AT)} AS CHAR), COUNT(*) FROM {ident(self.query.table)}"
            f"{after} GROUP BY {ident(REPLICATED_AT)} ORDER BY {ident(REPLICATED_AT)}"
        )
        rows, low = 0, since
        for stamp, count in stamps:
            rows += count
            if rows >= _ROWS or stamp == stamps[-1][0]:
                yield from self._between(low, stamp)
                rows, low = 0, stamp

    def deletions(self, since: str) -> pa.Table:
        """Reads the keys that were deleted after a moment, each as a row with nothing else."""
        moments, texts = read_deletions(self.query, since, self.latest)
        keys = map(self.table.column, self.table.primary_key)
        # of no deletions there are no columns of keys
        known = {
            postgres_identifier(column.name): to_arrow(column, as_read(column, values))
            for column, values in zip(keys, texts, strict=False)
        }
        stamps = pa.array(moments, pa.large_string()).cast(_STAMP)
        known |= {LOADED_AT: stamps, DELETED_AT: stamps}
        self.deleted += len(moments)
        columns = [known.get(f.name, pa.nulls(len(moments), f.type)) for f in self.schema]
        return pa.table(columns, schema=self.schema)

    def _between(self, low: str | None, high: str) -> Iterator[pa.Table]:
        after = f"{ident(REPLICATED_AT)} > {literal(low)} AND " if low else ""
        where = f" WHERE {after}{ident(REPLICATED_AT)} <= {literal(high)}"
        batches, _ = self.query.fetch(WireLoader.fetch, self._selected, where)
        tables = [self._table(batch) for batch in batches if len(batch)]
        if tables:
            yield pa.concat_tables(tables)

    @property
    def _selected(self) -> list[SelectedColumn]:
        own = [
            SelectedColumn(
                type_rule(column).read.format(ident(column.name)),
                TargetColumn(column.name),
                type_rule(column).transfer_type,
            )
            for column in self.table.columns
        ]
        stamp = SelectedColumn(ident(REPLICATED_AT), TargetColumn(LOADED_AT), TransferType.TEXT)
        return [*own, stamp]

    def _table(self, batch: RowBatch) -> pa.Table:
        self.rows += len(batch)
        columns = []
        for number, column in enumerate(self.table.columns):
            values = batch.column(number)
            if type_rule(column).transfer_type is not TransferType.BINARY:
                values = values.view(pa.large_string())
            columns.append(to_arrow(column, values))
            if column.name in self.table.primary_key and columns[-1].null_count:
                raise ExtractionError(
                    f"its key {column.name} has dates that are in no calendar; make it"
                    " data_type: text in tables.yml"
                )
        stamps = batch.column(len(columns)).view(pa.large_string()).cast(_STAMP)
        deleted = [pa.nulls(len(batch), _STAMP)] if self.merged else []
        return pa.table([*columns, stamps, *deleted], schema=self.schema)


class ReplicaLoader(BaseTableLoader):
    """Loads what changed in a table since dlt's incremental cursor, or all of it."""

    def load_rows(self, backend_kwargs: dict[str, Any] | None = None) -> Iterator[pa.Table]:
        """Yields a table's changes and deletions.

        Args:
            backend_kwargs: the `table` that is read.
        """
        assert backend_kwargs is not None and self.incremental is not None
        read: ReplicaTable = backend_kwargs["table"]
        since = self.last_value
        dlt.current.resource_state()[STRUCTURE] = list(read.table.identity)
        # the server compares; and a deletion is a change, too
        self.incremental.advance(read.latest)
        # of this dlt makes a table that has no rows
        yield read.schema.empty_table()
        if read.merged and since:
            yield read.deletions(since)
        yield from read.changes(since)


register_table_loader_backend(BACKEND, ReplicaLoader)
