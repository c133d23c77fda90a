"""Where a run reads: the servers, and how gently each is asked."""

from opendental_pipeline.databases.engines import Connections
from opendental_pipeline.databases.hashing import HashKey
from opendental_pipeline.settings.environment import DatabaseType, Settings
from opendental_pipeline.settings.tuning import Tuning
from sources.opendental.load_window import Pacer
from sources.opendental.table_query import Place


def at_the_source(settings: Settings, tuning: Tuning, connections: Connections, hop: str) -> Place:
    """The clinic's server, which stops what takes too long.

    Args:
        hop: its name in errors.
    """
    reading = tuning.reading
    return Place(
        hop=hop,
        engine=connections.engine(DatabaseType.SOURCE),
        pacer=Pacer(reading.max_concurrent_statements, reading.pause_seconds),
        limits=reading.limits(stopped=True),
        tuning=tuning.connections[DatabaseType.SOURCE],
        hash_key=HashKey(settings.hash_key) if settings.hash_key else None,
    )


def at_replication(tuning: Tuning, connections: Connections, hop: str, at_once: int) -> Place:
    """The copy.

    Args:
        hop: its name in errors.
        at_once: statements that may run at the same time.
    """
    return Place(
        hop=hop,
        engine=connections.engine(DatabaseType.REPLICATION),
        pacer=Pacer(at_once),
        limits=tuning.reading.limits(stopped=False),
        tuning=tuning.connections[DatabaseType.REPLICATION],
    )
