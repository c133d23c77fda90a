"""Where a run reads: the servers, and how gently each is asked."""

from opendental_pipeline.databases.engines import Connections
from opendental_pipeline.databases.hashing import HashKey
from opendental_pipeline.settings.environment import DatabaseType, Settings
from opendental_pipeline.settings.tuning import Tuning
from sources.opendental.load_window import StatementThrottle
from sources.opendental.table_query import ServerAccess


def source_access(
    settings: Settings, tuning: Tuning, connections: Connections, hop: str
) -> ServerAccess:
    """The clinic's server, where what takes too long is stopped.

    Args:
        hop: its name in errors.
    """
    reading = tuning.reading
    return ServerAccess(
        hop=hop,
        engine=connections.engine(DatabaseType.SOURCE),
        kind=connections.server(DatabaseType.SOURCE),
        throttle=StatementThrottle(reading.max_concurrent_statements, reading.pause_seconds),
        limits=reading.limits,
        longest=connections.statement_limit(DatabaseType.SOURCE, reading.longest_seconds),
        tuning=tuning.connections[DatabaseType.SOURCE],
        hash_key=HashKey(settings.hash_key) if settings.hash_key else None,
    )


def replica_access(
    tuning: Tuning, connections: Connections, hop: str, at_once: int
) -> ServerAccess:
    """The copy.

    Args:
        hop: its name in errors.
        at_once: statements that may run at the same time.
    """
    return ServerAccess(
        hop=hop,
        engine=connections.engine(DatabaseType.REPLICATION),
        kind=connections.server(DatabaseType.REPLICATION),
        throttle=StatementThrottle(at_once),
        limits=tuning.reading.limits,
        tuning=tuning.connections[DatabaseType.REPLICATION],
    )
