"""What an error of a driver means, without its text: that can quote a row."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pymysql
import sqlalchemy as sa
from dlt.destinations.exceptions import DatabaseException

from opendental_pipeline.settings.errors import (
    ConnectionFailedError,
    LockHeldError,
    PipelineError,
    QueryFailedError,
)
from opendental_pipeline.settings.faults import fault_text


class ToldError(Exception):
    """An error of a driver whose text is ours: what happened, and no value of a row.

    Attributes:
        text: all of it.
        holders: who holds the lock that was waited for, in words.
    """

    text: str = ""
    holders: str = ""


class MysqlSilentError(ToldError, pymysql.err.OperationalError):
    """MySQL did not answer in time."""

    def __init__(self, text: str) -> None:
        super().__init__(_SERVER_LOST, text)
        self.text = text


class MysqlLockedError(ToldError, pymysql.err.OperationalError):
    """Somebody held a lock in MySQL for longer than a statement may wait."""

    def __init__(self, waited: str, holders: str) -> None:
        self.text = f"{waited}; {holders}; end that session or wait for its end, and run again"
        self.holders = holders
        super().__init__(LOCK_WAIT_TIMEOUT, self.text)


class PostgresSilentError(ToldError, psycopg2.OperationalError):
    """PostgreSQL did not answer in time."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class PostgresLockedError(ToldError, psycopg2.errors.LockNotAvailable):
    """Somebody held a lock in PostgreSQL for longer than a statement may wait."""

    pgcode = "55P03"

    def __init__(self, waited: str, holders: str) -> None:
        self.text = f"{waited}; {holders}; end that session or wait for its end, and run again"
        self.holders = holders
        super().__init__(self.text)


def told(error: BaseException) -> ToldError | None:
    """The error below others whose text is ours; None if there is none."""
    cause = _cause(error)
    return cause if isinstance(cause, ToldError) else None


def as_ours(error: BaseException | None, hop: str) -> PipelineError | None:
    """An error as one of ours, if it is one or its text is ours.

    Args:
        error: of ours, a driver's or dlt's; None for none.
        hop: where it happened.
    """
    if error is None or isinstance(error, PipelineError):
        return error
    found = told(error)
    kind = LockHeldError if lock_held(error) else QueryFailedError
    return kind(found.text, hop=hop) if found else None


def lock_held(error: BaseException) -> bool:
    """Whether a statement waited in vain for a lock that somebody holds."""
    return isinstance(_cause(error), MysqlLockedError | PostgresLockedError)


def connection_lost(error: BaseException) -> bool:
    """Whether an error means that the server was not reached or went away."""
    cause = _cause(error)
    if isinstance(cause, pymysql.err.Error):
        return bool(cause.args) and cause.args[0] in _LOST_NUMBERS
    if isinstance(cause, psycopg2.Error):
        # no SQLSTATE: the server was never reached; 08 and 57P: it went away
        return isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError) and (
            cause.pgcode is None or cause.pgcode[:2] == "08" or cause.pgcode[:3] == "57P"
        )
    return False


def _cause(error: BaseException) -> BaseException:
    """The driver's own error below those of SQLAlchemy and dlt."""
    if isinstance(error, sa.exc.DBAPIError):
        return error.orig or error
    below = getattr(error, "dbapi_exception", None)
    # one of ours that is dlt's, too, has itself below
    return _cause(below) if isinstance(below, BaseException) and below is not error else error


_SERVER_LOST = 2013
LOCK_WAIT_TIMEOUT = 1205
"""The number by which MySQL says that somebody held a lock for too long."""

_LOST_NUMBERS = frozenset({0, 1040, 1053, 1927, 2002, 2003, 2006, 2013, 2055})

TOOK_TOO_LONG = 3024
"""The number by which MySQL says that it stopped a statement which ran longer than it was given."""

_REASONS = {
    "1044": "access to the database is denied",
    "1045": "access is denied; check user and password",
    "1054": "a column does not exist any more",
    "1062": "a key occurs twice",
    "1142": "the account lacks a privilege",
    "1146": "the table does not exist",
    "1148": "LOAD DATA LOCAL is off; set local_infile=ON at the replication server",
    "1118": "rows too long for InnoDB; set innodb_strict_mode=OFF at the replication server",
    "1194": "the table is marked as crashed and should be repaired",
    "1317": "somebody else stopped the statement",
    "1969": "the statement took longer than allowed",
    "3024": "the statement took longer than allowed",
    "3948": "LOAD DATA LOCAL is off; set local_infile=ON at the replication server",
}


def reason(error: BaseException) -> str:
    """Says what a driver's error means without repeating its text, which can quote rows."""
    cause = _cause(error)
    if isinstance(cause, ToldError):
        return cause.text
    if connection_lost(error):
        return "the connection to the server was lost"
    if isinstance(cause, psycopg2.Error):
        # only what stands before the value is the column's name
        copied = re.match(r"COPY \S+, line \d+, column (.*?)(?:: |$)", cause.diag.context or "")
        column = cause.diag.column_name or (copied.group(1) if copied else None)
        where = f", column {column}" if column else ""
        return f"PostgreSQL refused it ({type(cause).__name__}, SQLSTATE {cause.pgcode}{where})"
    if code := mysql_code(cause):
        return f"{_REASONS.get(code, 'the server refused the statement')} (MySQL error {code})"
    if isinstance(cause, pymysql.err.Error | sa.exc.SQLAlchemyError):
        return f"the driver failed ({type(cause).__name__})"
    return fault_text(cause)


def took_too_long(error: BaseException) -> bool:
    """Whether MySQL or MariaDB stopped a statement that ran longer than it was given."""
    return mysql_code(_cause(error)) in ("1969", str(TOOK_TOO_LONG))


def mysql_code(cause: BaseException) -> str | None:
    """The number of an error of MySQL's, whichever driver tells it; None if it has none."""
    found = re.search(r"ERROR (\d{4})|\((\d{4}),", f"{cause!r} {cause}")
    return (found.group(1) or found.group(2)) if found else None


@contextmanager
def redact_driver_errors(hop: str | None = None) -> Iterator[None]:
    """Turns a driver's error into one of ours, without its text.

    Raises:
        ConnectionFailedError: the server was not reached or went away.
        LockHeldError: somebody held a lock for too long.
        QueryFailedError: it refused a statement.
    """
    try:
        yield
    except PipelineError:
        raise
    except (sa.exc.SQLAlchemyError, psycopg2.Error, pymysql.err.Error, DatabaseException) as error:
        kind: type[PipelineError] = QueryFailedError
        if connection_lost(error):
            kind = ConnectionFailedError
        elif lock_held(error):
            kind = LockHeldError
        raise kind(reason(error), hop=hop) from None
