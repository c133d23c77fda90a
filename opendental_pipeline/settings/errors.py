"""The errors of the pipeline: one hierarchy, each with table and hop, never with a row's value."""


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


class LockHeldError(QueryFailedError):
    """Somebody holds a lock for longer than a statement may wait."""


class RunStoppedError(DatabaseError):
    """The run as a whole cannot go on, whatever its tables do."""


class LockLostError(RunStoppedError):
    """The run no longer holds one of its locks, so another may be at work; it writes no more."""


class RunInterruptedError(RunStoppedError):
    """Somebody interrupted the run."""


class FaultError(PipelineError):
    """A fault of this program that nobody foresaw; see `faults`."""


class DataError(PipelineError):
    """Rows could not be moved exactly."""


class ExtractionError(DataError):
    """Rows of a table could not be read."""


class UnreachableError(ExtractionError):
    """Rows of a table could not be read, since their server is not reached."""


class LoadingError(DataError):
    """Rows of a table could not be written; the table is as it was before."""


class BrakedError(ExtractionError, LoadingError):
    """More of a table would be deleted or changed than a run may without asking a person."""


class SchemaError(PipelineError):
    """A table's structure at the source and here cannot be brought together."""


class RefusedError(PipelineError):
    """It is not done as things are, and nothing was touched."""


class RunRefusedError(RefusedError):
    """It is not the time for a run: another one is at work, an upgrade, or the clinic itself."""
