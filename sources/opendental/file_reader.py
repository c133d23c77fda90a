"""Slices that the first hop wrote, and the second loads from the same file.

What replication has just taken without a warning need not be read from it again: that would cost
its server as much as the source's. Only replication itself can say that a file is still what it
has: see `runs.handover`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from opendental_pipeline.databases.table import Column
from opendental_pipeline.databases.tsv import TsvLines, are_plain, columns_to_tsv
from opendental_pipeline.databases.type_hints import raw_type_override
from opendental_pipeline.databases.type_mapping import TransferType, storable, type_rule
from opendental_pipeline.settings.errors import ExtractionError
from sources.opendental.replica_reader import ReplicaReader

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


def is_readable(columns: Sequence[Column]) -> bool:
    """Whether raw's values can be made of lines: PostgreSQL shows bytes and hints otherwise."""
    return not any(
        type_rule(column).transfer_type is TransferType.BINARY
        or (raw_type_override(column) is not None and type_rule(column).coerce is storable)
        for column in columns
    )


@dataclass
class FileReader(ReplicaReader):
    """Reads a whole pass of the second hop from files.

    Attributes:
        handed: all rows of the pass, oldest first.
    """

    handed: Sequence[CachedSlice] = ()

    def batches(self) -> Iterator[memoryview]:
        """Reads the deletions of the pass from replication, then its rows from the files.

        Raises:
            ExtractionError: as those of its parents, or a file is not as it was written.
        """
        yield from self.deletions()
        for handed in self.handed:
            before = self.rows
            yield from self._lines(handed)
            if self.rows - before != handed.rows:
                raise ExtractionError(
                    "a file between the hops was changed or cut; run again",
                    table=self.plan.table.name,
                    hop=self.place.hop,
                )
        spans = [handed.key_bounds for handed in self.handed]
        self.key_bounds = min(low for low, _ in spans), max(high for _, high in spans)
        self.progress = replace(
            self.progress, rows=self.progress.rows + self.rows, high=self.high()
        )
        self.complete = True
        self.refuse()

    def _lines(self, handed: CachedSlice) -> Iterator[memoryview]:
        ending = f"\t{handed.stamp}" + ("\t\\N" if self.deleted else "")
        with handed.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                chunk += file.readline()
                text = self._acceptable(chunk, len(handed.columns))
                self.rows += int(np.count_nonzero(np.frombuffer(chunk, np.uint8) == ord("\n")))
                yield memoryview(text.replace(b"\n", ending.encode() + b"\n"))

    def _acceptable(self, chunk: bytes, width: int) -> bytes:
        lines = TsvLines(np.frombuffer(chunk, np.uint8), width)
        others = self.others(lines, plain=are_plain(chunk))
        if not others:
            return chunk
        columns = [others.get(n, lines.column(n)) for n in range(width)]
        return bytes(columns_to_tsv(columns, escaped=True))
