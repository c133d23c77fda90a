"""A pooler between us and PostgreSQL, such as pgbouncer: whether it leaves us our sessions."""

from contextlib import closing
from typing import Any

from sqlalchemy.engine import Engine

from opendental_pipeline.settings.errors import ConfigurationError

_LOOKS = 3


def check_sessions_kept(engine: Engine) -> None:
    """Sees that a session stays at one process of the server from its beginning to its end.

    Locks, settings and temporary tables are a session's. A pooler that gives each transaction
    another session would lose them without any error.

    Args:
        engine: of PostgreSQL.

    Raises:
        ConfigurationError: two sessions of ours are one at the server.
    """
    with closing(engine.raw_connection()) as one:
        info: Any = one.driver_connection
        # a pooler shows a process id of its own
        if _process(one) == info.info.backend_pid:
            return
        with closing(engine.raw_connection()) as other:
            processes = [(_process(one), _process(other)) for _ in range(_LOOKS)]
    if len(set(processes)) > 1 or any(a == b for a, b in processes):
        raise ConfigurationError(
            "a pooler gives each transaction another session, and the run's lock is a session's;"
            " connect to PostgreSQL itself, or to a pool with pool_mode=session"
        )


def _process(connection: Any) -> int:
    """The server's process at which a transaction runs."""
    with closing(connection.cursor()) as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        found = int(cursor.fetchone()[0])
    connection.commit()
    return found
