"""The second hop's comparison: replication's rows are loaded into a stage, and PostgreSQL compares.

No text of one server has to look like the other's then: a row is the same if what would be loaded
is, bit by bit, what is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine

from destinations import copy_rows, raw
from destinations.slice_job import redact_errors
from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.identifiers import postgres_ident
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.planning.slice import Slice, WriteMode
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.reconcile.table_diff import KEPT, TableDiff
from opendental_pipeline.reconcile.text_checksums import other_texts
from opendental_pipeline.settings.errors import LoadingError, PipelineError
from sources.opendental.key_ranges import KeyRange, condition
from sources.opendental.slice_reader import SliceReader, read_replica
from sources.opendental.table_query import ServerAccess


@dataclass(frozen=True)
class RawDiffReader:
    """Reads a slice of a whole pass, and leaves nothing to load if raw has it as it is.

    Attributes:
        replica: reads the slice.
        analytics: PostgreSQL.
        schema: of raw.
    """

    replica: SliceReader
    analytics: Engine
    schema: str

    @property
    def plan(self) -> TablePlan:
        """The pass that the slice is of."""
        return self.replica.plan

    def read_to(self, path: Path) -> TableProgress:
        """Reads the slice into a file and compares it; what goes wrong is kept."""
        read = self.replica.read_to(path)
        if read.error is not None:
            return read
        try:
            read.differences = self.compare(read).count
            if not read.differences:
                self.compare_texts(read)
                path.write_bytes(b"")
                read.rows = 0
                read.order = replace(_order(read), rows=0, write=WriteMode.UPSERT)
        except PipelineError as fault:
            read.error = fault
        return read

    def compare(self, read: TableProgress, where: str | None = None) -> TableDiff:
        """Compares a slice that was read into a file with raw.

        Args:
            read: the slice.
            where: PostgreSQL's condition on the rows of raw that count; None for all.

        Raises:
            LoadingError: raw cannot hold the rows, or PostgreSQL refused.
        """
        assert read.path is not None
        with redact_errors(read.table, raw.HOP), self.analytics.connect() as connection:
            driver: Any = connection.connection.driver_connection
            with driver.cursor() as cursor:
                order, target = _order(read), self._target
                rows = copy_rows.differing(cursor, target, order, read.path, where, KEPT)
        return TableDiff.of((kind, count, tuple(key)) for kind, count, *key in rows)

    def compare_texts(self, read: TableProgress, where: str | None = None) -> None:
        """Compares the characters of a slice's texts, as both servers see them.

        Args:
            read: the slice.
            where: PostgreSQL's condition on the rows of raw that count; None for all.

        Raises:
            LoadingError: raw has others, although it holds what was sent.
        """
        order, query, analytics = _order(read), self.replica.query, self.analytics
        keys = KeyRange(self.plan.checkpoint.last_key, read.checkpoint.last_key)

        def ask(sql: str) -> Sequence[Any]:
            with analytics.connect() as connection:
                return run_sql(connection, sql).all()

        present = copy_rows.in_range(order, copy_rows.is_present(order), where)
        others = other_texts(
            self.plan.table.columns,
            read.coercions,
            (query.query, f"FROM {ident(read.table)}{condition(self.plan, keys)}"),
            (ask, f"FROM {self._target}{present}"),
            md5=query.server.kind.has_md5,
        )
        if others:
            raise LoadingError(
                f"raw holds other characters than replication in columns {', '.join(others)},"
                " although it holds what was sent: see what converts texts on the way, and load the"
                " table again with nightly.py --force-full",
                table=read.table,
                hop=raw.HOP,
            )

    @property
    def _target(self) -> str:
        return f"{postgres_ident(self.schema)}.{postgres_ident(self.replica.projection.target)}"


def read_raw_diff(
    plan: TablePlan, replica: ServerAccess, analytics: Engine, schema: str
) -> RawDiffReader:
    """Makes the reader of what differs between a slice in replication and in raw.

    Args:
        plan: of the comparison.
        replica: where the copy is.
        analytics: PostgreSQL.
        schema: of raw.
    """
    return RawDiffReader(read_replica(plan, replica), analytics, schema)


def _order(read: TableProgress) -> Slice:
    assert read.order is not None
    return read.order
