"""Reads one slice of a table into a file: rows from somewhere, projected for a target."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.settings.errors import ExtractionError
from sources.opendental.backends import WireLoader, loader
from sources.opendental.file_rows import CachedSlice, FileRows
from sources.opendental.key_ranges import Ranges
from sources.opendental.projection import Projection
from sources.opendental.raw_projection import RawProjection
from sources.opendental.table_query import ServerAccess, TableQuery
from sources.opendental.table_rows import TableRows
from sources.opendental.tombstones import Tombstones


class RowSource(Protocol):
    """Where the rows of a slice come from: a table, its tombstones, files, or a difference."""

    def batches(self, into: TableProgress) -> Iterator[memoryview]:
        """Reads the slice as lines, and says what it read."""


class Reader(Protocol):
    """Reads one slice."""

    @property
    def plan(self) -> TablePlan:
        """The pass that the slice is of."""

    def read_to(self, path: Path) -> TableProgress:
        """Reads the slice into a file; what goes wrong is kept, so that all faults are found."""


@dataclass(frozen=True)
class SliceReader:
    """Reads one slice of a table.

    Attributes:
        plan: the pass that the slice is of.
        query: asks the table's server.
        projection: what becomes of the rows.
        sources: where they come from, in order.
    """

    plan: TablePlan
    query: TableQuery
    projection: Projection
    sources: tuple[RowSource, ...]

    def read_to(self, path: Path) -> TableProgress:
        """Reads the slice into a file; what goes wrong is kept, so that all faults are found."""
        into = TableProgress(self.plan, self.plan.checkpoint, path=path)
        try:
            with path.open("wb") as file:
                for source in self.sources:
                    for lines in source.batches(into):
                        file.write(lines)
                        into.size += len(lines)
            self._refuse(into)
            into.compared = self.plan.is_comparison and into.complete
            into.order = into.order or self.projection.order(into)
            into.schema_columns = self.projection.schema_columns
        except ExtractionError as fault:
            fault.table, fault.hop = into.table, fault.hop or self.query.server.hop
            into.error = fault
        except Exception as error:  # noqa: BLE001  its text can quote values
            into.error = self.query.failure(error)
        if into.error:
            # others may need the room
            path.unlink(missing_ok=True)
        into.seconds = self.query.seconds
        return into

    def _refuse(self, into: TableProgress) -> None:
        """Raises ExtractionError if values cannot become what tables.yml asks for."""
        if into.refused:
            counts = ", ".join(f"{name}: {count}" for name, count in into.refused.items())
            raise ExtractionError(f"{self.projection.refusal} ({counts} of {into.rows})")


def source_rows(plan: TablePlan, source: ServerAccess) -> TableRows:
    """The rows of a table at the source, by the backend that tables.yml says."""
    query = TableQuery(plan.table.name, source)
    fetch = loader(plan.config.backend).fetch
    ranges = Ranges(plan, query)
    return TableRows(query, Projection(plan, source.hash_key), fetch, ranges, is_source=True)


def read_source(plan: TablePlan, source: ServerAccess) -> SliceReader:
    """Makes the reader of a slice at the source."""
    rows = source_rows(plan, source)
    return SliceReader(plan, rows.query, rows.projection, (rows,))


def read_replica(plan: TablePlan, replica: ServerAccess) -> SliceReader:
    """Makes the reader of a slice in replication, its tombstones first."""
    query, projection = TableQuery(plan.table.name, replica), RawProjection(plan)
    ranges = Ranges(plan, query)
    rows = TableRows(query, projection, WireLoader.fetch, ranges, is_source=False)
    return SliceReader(plan, query, projection, (Tombstones(query, projection), rows))


def read_files(
    plan: TablePlan, replica: ServerAccess, slices: tuple[CachedSlice, ...]
) -> SliceReader:
    """Makes the reader of a whole pass from files, with the tombstones of replication."""
    query, projection = TableQuery(plan.table.name, replica), RawProjection(plan)
    files = FileRows(projection, slices)
    return SliceReader(plan, query, projection, (Tombstones(query, projection), files))
