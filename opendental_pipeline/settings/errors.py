"""The errors of the pipeline: one hierarchy, each with table and hop, never with a row's value."""

import logging
import sys
import threading
import traceback
from types import TracebackType


class PipelineError(Exception):
    """Base of all errors a person may read.

    Args:
        message: what went wrong and what to do, without any value of a row.
        table: the table concerned, if one is.
        hop: `replication` (source to replication) or `raw` (replication to PostgreSQL).
    """

    def __init__(self, message: str, *, table: str | None = None, hop: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.table = table
        self.hop = hop

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                f"table {self.table}" if self.table else "",
                f"hop {self.hop}" if self.hop else "",
            )
            if part
        )
        return f"{place}: {self.message}" if place else self.message


class ConfigurationError(PipelineError):
    """Something a person wrote is missing or wrong; nothing was connected to or written."""


class EnvironmentSettingError(ConfigurationError):
    """A setting of the environment (variables, .env files, dlt's toml) is missing or wrong."""


class ValidationError(ConfigurationError):
    """A file or option is not valid: tables.yml, an unknown table or category."""


class DatabaseError(PipelineError):
    """A server refused or failed."""


class ConnectionFailedError(DatabaseError):
    """A server cannot be reached, or the connection was lost more often than retries allow."""


class QueryFailedError(DatabaseError):
    """A statement failed."""


class LockLostError(DatabaseError):
    """The run no longer holds one of its locks, so another may be at work; it writes no more."""


class DataError(PipelineError):
    """Rows could not be moved exactly."""


class ExtractionError(DataError):
    """Rows of a table could not be read."""


class LoadingError(DataError):
    """Rows of a table could not be written; the table is as it was before."""


class SchemaError(PipelineError):
    """A table's structure at the source and here cannot be brought together."""


class RunRefusedError(PipelineError):
    """It is not the time for a run: another one is at work, or OpenDental is being upgraded."""


def install_redacting_excepthook() -> None:
    """Makes this process tell of a fault nobody foresaw by its kind and place, not by its text.

    Libraries quote the value that they could not handle.
    """

    def show(
        kind: type[BaseException], _: BaseException | None, trace: TracebackType | None
    ) -> None:
        frames = [f"  {f.filename}:{f.lineno} in {f.name}" for f in traceback.extract_tb(trace)]
        print(f"failed with {kind.__name__} at", *frames, sep="\n", file=sys.stderr)

    # what its pool cannot tidy up, SQLAlchemy logs with the trace of an error that is told anyway
    logging.getLogger("sqlalchemy.pool").addHandler(logging.NullHandler())
    sys.excepthook = show
    threading.excepthook = lambda fault: show(fault.exc_type, None, fault.exc_traceback)
