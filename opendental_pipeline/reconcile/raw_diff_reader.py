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
from opendental_pipeline.reconcile.table_diff import KEPT, TableDiff
from opendental_pipeline.reconcile.text_checksums import other_texts
from opendental_pipeline.settings.errors import LoadingError, PipelineError
from sources.opendental.key_ranges import KeyRange, condition
from sources.opendental.replica_reader import ReplicaReader
from sources.opendental.slice_reader import SliceReader


@dataclass
class RawDiffReader(ReplicaReader):
    """Reads a slice of a whole pass, and leaves nothing to load if raw has it as it is.

    Attributes:
        analytics: PostgreSQL.
        schema: of raw.
    """

    analytics: Engine | None = None
    schema: str = ""

    def write_to(self, path: Path) -> SliceReader:
        """Reads the slice into a file and compares it; a fault is kept."""
        self.read_to(path)
        if self.fault is not None:
            return self
        try:
            self.differences = self.compared(path).count
            if not self.differences:
                self.compare_texts()
                path.write_bytes(b"")
                self.rows = 0
        except PipelineError as fault:
            self.fault = fault
        return self

    def read_to(self, path: Path) -> None:
        """Reads the slice into a file and compares nothing yet; a fault is kept."""
        super().write_to(path)

    def compared(self, path: Path, where: str | None = None) -> TableDiff:
        """Compares the slice that was read into a file with raw.

        Args:
            path: the file.
            where: PostgreSQL's condition on the rows of raw that count; None for all.

        Raises:
            LoadingError: raw cannot hold the rows, or PostgreSQL refused.
        """
        assert self.analytics is not None
        with redact_errors(self.plan.table.name, raw.HOP), self.analytics.connect() as connection:
            driver: Any = connection.connection.driver_connection
            with driver.cursor() as cursor:
                target = f"{postgres_ident(self.schema)}.{postgres_ident(self.target)}"
                rows = copy_rows.differing(cursor, target, super().order(), path, where, KEPT)
        return TableDiff.of((kind, count, tuple(key)) for kind, count, *key in rows)

    def compare_texts(self, where: str | None = None) -> None:
        """Compares the characters of the slice's texts, as both servers see them.

        Args:
            where: PostgreSQL's condition on the rows of raw that count; None for all.

        Raises:
            LoadingError: raw has others, although it holds what was sent.
        """
        assert self.analytics is not None
        order, analytics = super().order(), self.analytics
        keys = KeyRange(self.plan.begin.after, self.progress.after)
        target = f"{postgres_ident(self.schema)}.{postgres_ident(self.target)}"

        def ask(sql: str) -> Sequence[Any]:
            with analytics.connect() as connection:
                return run_sql(connection, sql).all()

        others = other_texts(
            self.plan.table.columns,
            self.coercions,
            (self.query, f"FROM {ident(self.plan.table.name)}{condition(self.plan, keys)}"),
            (ask, f"FROM {target}{copy_rows.in_range(order, copy_rows.is_present(order), where)}"),
            md5=self.knows_md5,
        )
        if others:
            raise LoadingError(
                f"raw holds other characters than replication in columns {', '.join(others)},"
                " although it holds what was sent: see what converts texts on the way, and load the"
                " table again with nightly.py --force-full",
                table=self.plan.table.name,
                hop=raw.HOP,
            )

    def order(self) -> Slice:
        """What raw has to do: nothing, or take the whole slice."""
        order = super().order()
        return order if self.differences else replace(order, write=WriteMode.UPSERT)
