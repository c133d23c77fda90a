"""The rows of slices that the first hop wrote, and the second loads from the same file.

What replication has just taken without a warning need not be read from it again: that would cost
its server as much as the source's. Only replication itself can say that a file is still what it
has: see `runs.slice_cache`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from opendental_pipeline.databases.tsv import TsvLines
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.settings.errors import ExtractionError
from sources.opendental.raw_projection import RawProjection

_CHUNK = 1 << 19


@dataclass(frozen=True)
class CachedSlice:
    """A slice that is in replication.

    Attributes:
        path: the file of its lines.
        rows: how many they are.
        key_bounds: the lowest and the highest key in it.
        columns: the names of its columns, in order.
        stamp: the `_replicated_at` of all its rows and of no others.
    """

    path: Path
    rows: int
    key_bounds: tuple[int, int]
    columns: tuple[str, ...]
    stamp: str


@dataclass(frozen=True)
class FileRows:
    """Reads a whole pass of the second hop from files.

    Attributes:
        projection: what becomes of the rows.
        slices: all rows of the pass, oldest first.
    """

    projection: RawProjection
    slices: Sequence[CachedSlice]

    def batches(self, into: TableProgress) -> Iterator[memoryview]:
        """Reads the rows of all files.

        Raises:
            ExtractionError: a file is not as it was written.
        """
        for one in self.slices:
            before = into.rows
            yield from self._lines(one, into)
            if into.rows - before != one.rows:
                raise ExtractionError("a file between the hops was changed or cut; run again")
        bounds = [one.key_bounds for one in self.slices]
        into.key_bounds = min(low for low, _ in bounds), max(high for _, high in bounds)
        into.checkpoint = replace(
            into.checkpoint,
            rows=into.checkpoint.rows + into.rows,
            max_cursor_values=self.projection.high(None, into),
        )
        into.complete = True

    def _lines(self, one: CachedSlice, into: TableProgress) -> Iterator[memoryview]:
        tombstone = "\t\\N" if self.projection.has_tombstones else ""
        ending = f"\t{one.stamp}{tombstone}\n".encode()
        with one.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                chunk += file.readline()
                into.rows += int(np.count_nonzero(np.frombuffer(chunk, np.uint8) == ord("\n")))
                lines = TsvLines(np.frombuffer(chunk, np.uint8), len(one.columns))
                text = bytes(self.projection.lines(lines, into))
                yield memoryview(text.replace(b"\n", ending))
