"""Who holds a lock that a statement of ours waited for: sessions, and never what they run.

A server tells an account only as much as it may see, so there may be nobody to name.
"""

import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import pymysql

IMPATIENT_SECONDS = 1
"""That a lock is waited for after some were in vain: what is held as a whole ends in time so."""

_IN_VAIN = 3


class OwnSessions:
    """The sessions of a run at a server, of which none is ever told as somebody in the way."""

    def __init__(self) -> None:
        self._numbers: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._lock = threading.Lock()
        self._in_vain = 0

    @property
    def impatient(self) -> bool:
        """Whether locks were waited for in vain so often that no other is waited for long."""
        return self._in_vain >= _IN_VAIN

    def waited_in_vain(self, seconds: float, setting: str) -> str:
        """Notes that a lock was not to be had, and says how long it was waited for.

        Args:
            seconds: that a lock is waited for.
            setting: that says so.
        """
        with self._lock:
            was_impatient = self.impatient
            self._in_vain += 1
        if was_impatient and seconds > IMPATIENT_SECONDS:
            return f"{IMPATIENT_SECONDS} s, as {_IN_VAIN} others were for {seconds:g} s ({setting})"
        return f"{seconds:g} s ({setting})"

    def add(self, session: Any, number: int) -> None:
        """Adds a session that was opened.

        Args:
            session: the driver's; forgotten when nobody has it any more.
            number: by which the server knows it.
        """
        with self._lock:
            self._numbers[session] = number

    def numbers(self) -> list[int]:
        """By which the server knows them."""
        with self._lock:
            return list(self._numbers.values())


_IN_POSTGRES = """
    WITH held AS (
        SELECT l.pid, format('%%I.%%I', n.nspname, c.relname) AS relation, l.mode,
               c.relname = %(table)s AS wanted,
               l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                          'AccessExclusiveLock') AS strong
        FROM pg_catalog.pg_locks l
        JOIN pg_catalog.pg_class c ON c.oid = l.relation
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE l.granted AND l.locktype = 'relation' AND l.pid <> ALL(%(own)s)
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND n.nspname = %(schema)s AND c.relkind IN ('r', 'p', 'v', 'm')
    ), suspects AS (
        SELECT * FROM held WHERE wanted OR strong
        -- whoever has only written may still hold rows
        OR mode <> 'AccessShareLock' AND NOT EXISTS (SELECT 1 FROM held WHERE wanted OR strong)
    )
    SELECT DISTINCT ON (a.pid) a.pid, a.usename, a.application_name,
           coalesce(host(a.client_addr), 'local'), a.xact_start, suspects.mode, suspects.relation
    FROM suspects JOIN pg_catalog.pg_stat_activity a USING (pid)
    ORDER BY a.pid, wanted DESC, strong DESC, relation LIMIT 5"""


def postgres_holders(
    connection: Any, schema: str, own: OwnSessions, table: str | None = None
) -> list[str]:
    """The sessions that hold locks on the relations of a schema.

    Args:
        connection: psycopg2's, of a session that waits for nothing.
        schema: where the lock was wanted.
        own: this run's sessions.
        table: that was wanted for ourselves alone, so that even its readers were in the way.
    """
    with connection.cursor() as cursor:
        arguments = {"schema": schema, "own": own.numbers(), "table": table}
        cursor.execute(_IN_POSTGRES, arguments)
        return [
            f"session {pid} (user {user}, application {application or 'unnamed'}, from {client},"
            f" {_since(since)}) holds {mode} on {relation}"
            for pid, user, application, client, since, mode, relation in cursor.fetchall()
        ]


def _since(moment: datetime | None) -> str:
    # whose sessions an account may not see, it is not told this of
    return f"since {moment:%Y-%m-%d %H:%M:%S %Z}" if moment else "since an unknown time"


_SESSION = "p.id, p.user, p.host, NOW() - INTERVAL p.time SECOND"
_IN_MYSQL = (
    # MySQL, for accounts that may read performance_schema
    f"SELECT DISTINCT {_SESSION} FROM performance_schema.metadata_locks l"
    " JOIN performance_schema.threads t ON t.thread_id = l.owner_thread_id"
    " JOIN information_schema.processlist p ON p.id = t.processlist_id"
    " WHERE l.lock_status = 'GRANTED' AND (l.object_schema = DATABASE() OR l.object_type ="
    " 'GLOBAL' AND l.lock_duration = 'EXPLICIT')",
    # MariaDB, where its plugin is installed
    f"SELECT DISTINCT {_SESSION} FROM information_schema.metadata_lock_info l"
    " JOIN information_schema.processlist p ON p.id = l.thread_id"
    " WHERE l.table_schema IN ('', DATABASE())",
    # for accounts with the privilege PROCESS
    f"SELECT DISTINCT {_SESSION} FROM information_schema.innodb_trx x"
    " JOIN information_schema.processlist p ON p.id = x.trx_mysql_thread_id"
    " WHERE p.db = DATABASE()",
    # anybody, of sessions that he may see: what does nothing and stays may hold locks
    f"SELECT {_SESSION} FROM information_schema.processlist p"
    " WHERE p.db = DATABASE() AND p.command = 'Sleep'",
)
_NOT_OURS = " AND p.id <> CONNECTION_ID() AND p.id NOT IN ({own}) ORDER BY 4 LIMIT 5"


def mysql_holders(connection: Any, own: OwnSessions) -> list[str]:
    """The sessions that hold locks in the database, or may, as far as the account may see.

    Args:
        connection: PyMySQL's, of a session that waits for nothing.
        own: this run's sessions.
    """
    others = _NOT_OURS.format(own=", ".join(map(str, [0, *own.numbers()])))
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION sql_select_limit = 5, sql_big_selects = 1")
    for query in _IN_MYSQL:
        with suppress(pymysql.err.Error), connection.cursor() as cursor:
            cursor.execute(query + others)
            if found := cursor.fetchall():
                return [
                    f"session {number} (user {user}, from {host}, since {since:%Y-%m-%d %H:%M:%S})"
                    for number, user, host, since in found
                ]
    return []


def said_of(by: str, holders: Sequence[str]) -> str:
    """Who holds a lock, in words.

    Args:
        by: how sure that is.
        holders: the sessions.
    """
    if not holders:
        return "this account may not see which session holds it"
    return f"{by}: {'; '.join(holders)}"
