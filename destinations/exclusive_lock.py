"""Locks tables of raw for ourselves alone, and makes no reader wait behind us.

PostgreSQL lets nobody overtake whoever waits for a table: while an ALTER waits for the end of one
reader's transaction, all other readers wait behind it. So it waits for a moment only, lets them
pass, and tries again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from sqlalchemy.engine import Connection as Session

from opendental_pipeline.databases.postgres_session import Connection, Cursor


def lock_exclusively(
    cursor: Cursor, name: str, table: str, more: Callable[[], None] | None = None
) -> None:
    """Locks a table until the end of the transaction.

    Args:
        cursor: in an open transaction, which has no lock on the table yet.
        name: the quoted table, with its schema.
        table: its plain name, for the message.
        more: does what takes further locks, and is undone where one of them is not to be had.

    Raises:
        PostgresLockedError: somebody reads or writes it for longer than a lock is waited for.
    """
    sessions = cursor.connection.sessions
    moment = sessions.tuning.exclusive_lock_seconds
    ends = time.monotonic() + sessions.lock_seconds
    with _trying(cursor.connection):
        while True:
            cursor.execute(f"SAVEPOINT locking; {_waiting_for(moment)}")
            try:
                cursor.execute(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")
                if more is not None:
                    more()
            except psycopg2.errors.LockNotAvailable:
                cursor.execute("ROLLBACK TO SAVEPOINT locking; RELEASE SAVEPOINT locking")
                if time.monotonic() > ends:
                    raise cursor.connection.locked(table) from None
                # those who waited behind us go first
                time.sleep(moment)
            else:
                cursor.execute(f"RELEASE SAVEPOINT locking; {_waiting_for(sessions.lock_seconds)}")
                return


def cursor_of(session: Session) -> Cursor:
    """The driver's cursor in the transaction of an engine's session."""
    driver: Any = session.connection
    cursor: Cursor = driver.cursor()
    return cursor


def _waiting_for(seconds: float) -> str:
    return f"SET LOCAL lock_timeout = '{max(1, round(1000 * seconds))}ms'"


@contextmanager
def _trying(connection: Connection) -> Iterator[None]:
    connection.tries_again = True
    try:
        yield
    finally:
        connection.tries_again = False
