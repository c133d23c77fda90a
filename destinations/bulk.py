"""What both bulk loaders share: a load package's parquet file as CSV, and errors without values."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from dlt.destinations.exceptions import DatabaseTerminalException, DatabaseTransientException

from sources.opendental.connections import connection_lost, reason
from sources.opendental.errors import LoadingError

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


@contextmanager
def without_values(table: str, hop: str) -> Iterator[None]:
    """Turns any error of a driver into one that names table, hop and cause, and no value."""
    try:
        yield
    except LoadingError:
        raise
    except Exception as error:  # noqa: BLE001  every error leaves here, with another text
        kind = LostConnectionError if connection_lost(error) else RefusedLoadError
        raise kind(f"cannot be written: {reason(error)}", table=table, hop=hop) from None


def write_csv(parquet: Path, target: Path, *, null: str, binary_prefix: str = "") -> int:
    """Writes a parquet file's rows as CSV without a header, every text in quotes.

    Args:
        parquet: the load package's file.
        target: the CSV file to make.
        null: what stands for NULL, without quotes.
        binary_prefix: what precedes the hexadecimal digits of binary values.

    Returns:
        the number of rows.
    """
    with pq.ParquetFile(parquet) as source:
        schema = pa.schema([_as_text(field) for field in source.schema_arrow])
        options = pa.csv.WriteOptions(include_header=False, null_string=null)
        with pa.csv.CSVWriter(target, schema, write_options=options) as writer:
            for batch in source.iter_batches(_ROWS_AT_ONCE):
                columns = [_hexadecimal(column, binary_prefix) for column in batch.columns]
                writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
        rows: int = source.metadata.num_rows
        return rows


def _as_text(field: pa.Field) -> pa.Field:
    return field.with_type(pa.large_string()) if pa.types.is_large_binary(field.type) else field


def _hexadecimal(column: pa.Array, prefix: str) -> pa.Array:
    if not pa.types.is_large_binary(column.type):
        return column
    digits = [None if value is None else prefix + value.hex() for value in column.to_pylist()]
    return pa.array(digits, pa.large_string())
