"""A slice's rows on this machine's disk, as CSV in the dialect of the database that reads it next.

dlt imports the file into its load package as it is: what a database has to parse is written once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.csv

_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Dialect:
    """What two databases see differently in CSV.

    Attributes:
        null: what stands for NULL, without quotes; every other text is in quotes.
        show_bytes: makes a column of text of one of bytes.
    """

    null: str
    show_bytes: Callable[[pa.LargeBinaryArray], pa.Array]


class CsvFile:
    """A CSV file without a header; use as a context manager.

    Args:
        path: the file to make.
        dialect: of the database that will read it.
    """

    def __init__(self, path: Path, dialect: Dialect) -> None:
        self.path = path
        self._dialect = dialect
        self._writer: pa.csv.CSVWriter | None = None

    def __enter__(self) -> "CsvFile":
        self.path.touch()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def append(self, rows: pa.Table) -> None:
        """Writes rows below those that are there; all have the same columns."""
        for batch in rows.to_batches(_ROWS_AT_ONCE):
            shown = [self._shown(column) for column in batch.columns]
            self._write(pa.RecordBatch.from_arrays(shown, names=batch.schema.names))

    def _shown(self, column: pa.Array) -> pa.Array:
        return self._dialect.show_bytes(column) if column.type == pa.large_binary() else column

    def _write(self, batch: pa.RecordBatch) -> None:
        if self._writer is None:
            options = pa.csv.WriteOptions(include_header=False, null_string=self._dialect.null)
            self._writer = pa.csv.CSVWriter(self.path, batch.schema, write_options=options)
        self._writer.write_batch(batch)
