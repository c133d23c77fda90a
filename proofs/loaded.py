"""The second hop's comparison: replication's rows are loaded into a stage, and PostgreSQL compares.

No text of one server has to look like the other's then: a row is the same if what would be loaded
is, bit by bit, what is there.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine

from destinations import raw
from destinations.bulk import without_values
from proofs.comparing import KEPT, Found
from sources.opendental.reading import SliceReader
from sources.opendental.replica import ReplicaReader
from sources.opendental.slices import Slice, Write


@dataclass
class ProvingReader(ReplicaReader):
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
        if self.fault is None:
            self.differences = self.compared(path).count
            if not self.differences:
                path.write_bytes(b"")
                self.rows = 0
        return self

    def read_to(self, path: Path) -> None:
        """Reads the slice into a file and compares nothing yet; a fault is kept."""
        super().write_to(path)

    def compared(self, path: Path, where: str | None = None) -> Found:
        """Compares the slice that was read into a file with raw.

        Args:
            path: the file.
            where: PostgreSQL's condition on the rows of raw that count; None for all.

        Raises:
            LoadingError: raw cannot hold the rows, or PostgreSQL refused.
        """
        assert self.analytics is not None
        with without_values(self.plan.table.name, raw.HOP), self.analytics.connect() as connection:
            driver: Any = connection.connection.driver_connection
            with driver.cursor() as cursor:
                target = f"{raw.ident(self.schema)}.{raw.ident(self.target)}"
                rows = raw.differing(cursor, target, super().order(), path, where, KEPT)
        return Found.of((kind, count, tuple(key)) for kind, count, *key in rows)

    def order(self) -> Slice:
        """What raw has to do: nothing, or take the whole slice."""
        order = super().order()
        return order if self.differences else replace(order, write=Write.UPSERT)
