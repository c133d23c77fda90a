"""What an error of a driver means, without its text: that can quote a row."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pymysql
import sqlalchemy as sa
from dlt.common.destination.exceptions import DestinationException

from opendental_pipeline.databases import error_words
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
    below = getattr(error, "dbapi_exception", None) or getattr(error, "inner_exc", None)
    # one of ours that is dlt's, too, has itself below
    return _cause(below) if isinstance(below, BaseException) and below is not error else error


_SERVER_LOST = 2013
LOCK_WAIT_TIMEOUT = 1205
"""The number by which MySQL says that somebody held a lock for too long."""

_LOST_NUMBERS = frozenset({0, 1040, 1053, 1927, 2002, 2003, 2006, 2013, 2055})

_OF_ENGINE = 1030

TOOK_TOO_LONG = 3024
"""The number by which MySQL says that it stopped a statement which ran longer than it was given."""


def reason(error: BaseException) -> str:
    """Says what a driver's error means without repeating its text, which can quote rows."""
    cause = _cause(error)
    if isinstance(cause, ToldError):
        return cause.text
    if isinstance(cause, psycopg2.Error):
        return _postgres_reason(cause)
    code = mysql_code(cause)
    if connection_lost(error) and (code is None or int(code) not in error_words.MYSQL):
        return f"the connection to the server was lost{_at(cause)}"
    if code:
        number = int(code)
        text = str(cause.args[1]) if len(cause.args) > 1 else ""
        # MySQL tells an error of its storage engine by the engine's number
        engine = re.match(r"Got error (\d+)", text) if number == _OF_ENGINE else None
        words = error_words.MYSQL.get(number, "the server refused the statement")
        words = error_words.MYSQL.get(int(engine[1]), words) if engine else words
        found = error_words.named(number, text)
        words += f": {found}" if found else ""
        return f"{words} (MySQL error {code}{_at(cause)})"
    if isinstance(cause, pymysql.err.Error | sa.exc.SQLAlchemyError):
        return f"the driver failed ({type(cause).__name__})"
    return fault_text(cause)


def _postgres_reason(cause: psycopg2.Error) -> str:
    if cause.pgcode is None and (words := _login_reason(cause)):
        return words
    if connection_lost(cause):
        return f"the connection to the server was lost{_at(cause)}"
    code = cause.pgcode or ""
    # only what stands before the value is the column's name
    copied = re.match(r"COPY \S+, line \d+, column (.*?)(?:: |$)", cause.diag.context or "")
    column = cause.diag.column_name or (copied.group(1) if copied else None)
    where = f", column {column}" if column else ""
    words = error_words.POSTGRES.get(code, "PostgreSQL refused it")
    role = cause.cursor.connection.info.user if cause.cursor else "…"
    if found := error_words.named(code, cause.diag.message_primary or "", role):
        words += f"; {found}"
    return f"{words} ({type(cause).__name__}, SQLSTATE {code}{where}{_at(cause)})"


def connecting_reason(error: BaseException) -> str:
    """Says why nobody was let in; the drivers name user, host and database, never the password."""
    cause = _cause(error)
    if isinstance(cause, ToldError):
        return cause.text
    text = str(cause.args[-1]).strip() if cause.args else "connection failed"
    code = mysql_code(cause) if isinstance(cause, pymysql.err.Error) else None
    words = error_words.MYSQL.get(int(code), "") if code else _login_reason(cause)
    return f"{text}; {words}" if words else text


def _login_reason(cause: BaseException) -> str:
    said = error_words.AT_LOGIN
    return next((words for pattern, words in said if re.search(pattern, str(cause))), "")


def _at(cause: BaseException) -> str:
    """Which server an error came from, as the sessions of this project note it."""
    server = getattr(cause, "server", "")
    return f" at {server}" if server else ""


def may_pass(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is tried again."""
    cause = _cause(error)
    code = cause.pgcode if isinstance(cause, psycopg2.Error) else int(mysql_code(cause) or 0)
    return connection_lost(error) or code in error_words.TRY_AGAIN


def took_too_long(error: BaseException) -> bool:
    """Whether MySQL or MariaDB stopped a statement that ran longer than it was given."""
    return mysql_code(_cause(error)) in ("1969", str(TOOK_TOO_LONG))


def mysql_code(cause: BaseException) -> str | None:
    """The number of an error of MySQL's, whichever driver tells it; None if it has none."""
    if isinstance(cause, pymysql.err.Error) and cause.args and isinstance(cause.args[0], int):
        return str(cause.args[0]) if cause.args[0] else None
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
    except (
        sa.exc.SQLAlchemyError,
        psycopg2.Error,
        pymysql.err.Error,
        DestinationException,
    ) as error:
        kind: type[PipelineError] = QueryFailedError
        if connection_lost(error):
            kind = ConnectionFailedError
        elif lock_held(error):
            kind = LockHeldError
        raise kind(reason(error), hop=hop) from None
