"""What a table needs in an export, and the resource of dlt's that does it."""

from dataclasses import dataclass
from typing import Any

import dlt
import pyarrow as pa
import sqlalchemy as sa
from dlt.extract import DltResource
from dlt.sources.sql_database import sql_table

from opendental_pipeline.databases.identifiers import (
    DELETED_AT,
    LOADED_AT,
    dlt_identifier,
    postgres_identifier,
)
from opendental_pipeline.databases.table import Table
from opendental_pipeline.exporting.report import Outcome
from sources.opendental.arrow_values import is_json
from sources.opendental.replica_loader import BACKEND, STRUCTURE, ReplicaTable
from sources.opendental.table_query import ServerAccess, TableQuery
from sources.opendental.tombstones import Change


@dataclass(frozen=True)
class Remembered:
    """What dlt's state in the destination has of a table.

    Attributes:
        structure: its columns and key when it was written; None if it never was.
        watermark: its newest change that was written; None if there was none.
    """

    structure: list[str] | None
    watermark: str | None

    @classmethod
    def of(cls, state: dict[str, Any]) -> "Remembered":
        """Reads the state of a resource."""
        cursor = state.get("incremental", {}).get(LOADED_AT, {})
        return cls(state.get(STRUCTURE), cursor.get("last_value"))


@dataclass(frozen=True)
class TablePlan:
    """What is done with a table, so that the destination has what replication has.

    Attributes:
        table: as it is read in replication.
        change: what replication knows of its changes.
        known: what the destination has of it.
        can_merge: whether the destination changes its rows in place.
    """

    table: Table
    change: Change
    known: Remembered
    can_merge: bool

    @property
    def name(self) -> str:
        """The table's name at the source."""
        return self.table.name

    @property
    def outcome(self) -> Outcome:
        """What comes of it if nothing fails."""
        change, watermark = self.change, self.known.watermark
        if self.known.structure != list(self.table.identity):
            return Outcome.MADE_ANEW
        # replication's clock, or all of it, was put back
        went_back = change.before(watermark)
        if not change.since(watermark) and not went_back:
            return Outcome.UNCHANGED
        whole = went_back or watermark is None or change.rebuilt_since(watermark)
        return Outcome.REPLACED if whole or not self.can_merge else Outcome.MERGED

    @property
    def expected_rows(self) -> int:
        """How many rows may be moved; changes are few."""
        return 0 if self.outcome is Outcome.MERGED else self.table.rows

    @property
    def forgets(self) -> bool:
        """Whether a crash could leave less than the state says, and changes merged into that."""
        whole = self.outcome in (Outcome.REPLACED, Outcome.MADE_ANEW)
        return self.can_merge and whole and self.known.watermark is not None

    def reading(self, server: ServerAccess) -> ReplicaTable:
        """What reads it.

        Args:
            server: replication.
        """
        query = TableQuery(self.name, server)
        return ReplicaTable(query, self.table, self.change.latest, merged=self.can_merge)

    def resource(self, read: ReplicaTable) -> DltResource:
        """The resource of dlt's.

        Args:
            read: reads it.
        """
        name, engine = dlt_identifier(self.name), read.query.server.engine
        # what dlt finds in the metadata it does not look for in the server's catalogue
        metadata = sa.MetaData()
        sa.Table(name, metadata, *map(sa.Column, read.schema.names))
        backend: Any = BACKEND
        resource: DltResource = sql_table(
            credentials=engine,
            table=name,
            metadata=metadata,
            # else dlt takes its own section [schema] for the name of one
            schema=engine.url.database,
            backend=backend,
            backend_kwargs={"table": read},
            reflection_level="minimal",
            incremental=dlt.sources.incremental(LOADED_AT, range_start="open", primary_key=()),
            write_disposition="merge" if self.outcome is Outcome.MERGED else "replace",
            primary_key=list(map(postgres_identifier, self.table.primary_key)),
        )
        resource.apply_hints(columns=self._hints(read))
        return resource

    def _hints(self, read: ReplicaTable) -> Any:
        # dlt takes a moment without a time zone for one in UTC, unless it is told
        hints: dict[str, Any] = {
            field.name: {"data_type": "timestamp", "timezone": False}
            for field in read.schema
            if pa.types.is_timestamp(field.type)
        }
        for column in self.table.columns:
            if is_json(column):
                hints[postgres_identifier(column.name)] = {"data_type": "json"}
        if read.merged:
            # of a key that was deleted and came again the row is newer
            hints[LOADED_AT]["dedup_sort"] = "desc"
            hints[DELETED_AT]["hard_delete"] = True
        return hints
