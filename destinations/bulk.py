"""What both bulk loaders share: dlt's hooks, a package's parquet as CSV, errors without values."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from dlt.common.destination.client import FollowupJobRequest, LoadJob, RunnableLoadJob
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema import TSchemaTables
from dlt.common.storages.load_package import ParsedLoadJobFileName
from dlt.destinations.exceptions import DatabaseTerminalException, DatabaseTransientException

from sources.opendental.connections import connection_lost, reason
from sources.opendental.errors import LoadingError, PipelineError
from sources.opendental.naming import travelling
from sources.opendental.slices import Slice

_ROWS_AT_ONCE = 20_000


class RefusedLoadError(LoadingError, DatabaseTerminalException):
    """A table's rows cannot be written; dlt does not try again."""

    def __init__(self, message: str, *, table: str, hop: str) -> None:
        LoadingError.__init__(self, message, table=table, hop=hop)
        DatabaseTerminalException.__init__(self, self)


class LostConnectionError(LoadingError, DatabaseTransientException):
    """The server went away while rows were written; dlt tries again."""

    def __init__(self, message: str, *, table: str, hop: str) -> None:
        LoadingError.__init__(self, message, table=table, hop=hop)
        DatabaseTransientException.__init__(self, self)


class BulkJob(RunnableLoadJob):
    """Writes one slice of one table in one transaction."""

    hop: ClassVar[str]
    null: ClassVar[str]

    def __init__(self, file_path: str, order: Slice) -> None:
        super().__init__(file_path)
        self._order = order

    def run(self) -> None:
        """Loads the slice.

        Raises:
            RefusedLoadError: a value does not fit or the server refuses; nothing was written.
            LostConnectionError: the server went away; nothing was written.
        """
        order = self._order
        with without_values(order.table, self.hop), TemporaryDirectory(prefix="load-") as scratch:
            file = Path(scratch, "rows.csv")
            columns = [travelling(field.name) for field in order.fields]
            rows = write_csv(
                Path(self._file_path), file, columns, null=self.null, show_bytes=self.show_bytes
            )
            self.write(file, rows)

    @staticmethod
    @abstractmethod
    def show_bytes(column: pa.Array) -> pa.Array:
        """Makes a column of text of one of bytes, as the server reads them from CSV."""

    @abstractmethod
    def write(self, file: Path, rows: int) -> None:
        """Writes the CSV file's rows as the slice's order asks."""


class BulkClient:
    """What both of dlt's clients leave to this project: the data tables and how they are loaded.

    A mixin before the client of the engine. dlt's own tables stay dlt's.
    """

    bulk_job: ClassVar[type[BulkJob]]
    schema: Any

    def update_stored_schema(
        self,
        only_tables: Iterable[str] | None = None,  # noqa: ARG002  dlt passes it by name
        expected_update: TSchemaTables | None = None,
        force: bool = False,
    ) -> TSchemaTables | None:
        """Makes dlt's own tables; `destinations.structure` makes the others from the catalogue."""
        own = self.schema.dlt_table_names()
        made: TSchemaTables | None = super().update_stored_schema(own, expected_update, force)  # type: ignore[misc]
        return made

    def should_truncate_table_before_load(self, _: str) -> bool:
        """Never: a reader must not see an empty table."""
        return False

    def should_load_data_to_staging_dataset(self, _: str) -> bool:
        """Never: a job stages its rows in a temporary table of its own."""
        return False

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        """A bulk job for the tables of the source, dlt's own jobs for its own tables."""
        if ParsedLoadJobFileName.parse(file_path).file_format == "parquet":
            return self.bulk_job(file_path, Slice.ordered(str(table["name"])))
        job: LoadJob = super().create_load_job(table, file_path, load_id, restore)  # type: ignore[misc]
        return job

    def create_table_chain_completed_followup_jobs(
        self, *_: object, **__: object
    ) -> list[FollowupJobRequest]:
        """None: the load job did it all."""
        return []


@contextmanager
def without_values(table: str, hop: str) -> Iterator[None]:
    """Turns any error of a driver into one that names table, hop and cause, and no value."""
    try:
        yield
    except PipelineError as error:
        error.table, error.hop = error.table or table, error.hop or hop
        raise
    except Exception as error:  # noqa: BLE001  every error leaves here, with another text
        kind = LostConnectionError if connection_lost(error) else RefusedLoadError
        raise kind(f"cannot be written: {reason(error)}", table=table, hop=hop) from None


def write_csv(
    parquet: Path,
    target: Path,
    columns: Sequence[str],
    *,
    null: str,
    show_bytes: Callable[[pa.Array], pa.Array],
) -> int:
    """Writes a parquet file's rows as CSV without a header, every text in quotes.

    Args:
        parquet: the load package's file.
        target: the CSV file to make.
        columns: which of its columns, in which order.
        null: what stands for NULL, without quotes.
        show_bytes: makes a column of text of one of bytes.

    Returns:
        the number of rows.
    """
    with pq.ParquetFile(parquet) as source:
        schema = pa.schema([_as_text(field) for field in map(source.schema_arrow.field, columns)])
        options = pa.csv.WriteOptions(include_header=False, null_string=null)
        with pa.csv.CSVWriter(target, schema, write_options=options) as writer:
            for batch in source.iter_batches(_ROWS_AT_ONCE, columns=list(columns)):
                values = [batch.column(name) for name in columns]
                shown = [show_bytes(v) if _is_binary(v.type) else v for v in values]
                writer.write_batch(pa.RecordBatch.from_arrays(shown, schema=schema))
        rows: int = source.metadata.num_rows
        return rows


def _as_text(field: pa.Field) -> pa.Field:
    return field.with_type(pa.large_string()) if _is_binary(field.type) else field


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_large_binary(kind) or pa.types.is_binary(kind))
