"""Test databases on somebody's own servers: made and dropped, and nothing else is touched."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from demo import clinic
from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.identifiers import postgres_ident
from opendental_pipeline.runs.marked_database import (
    MARKER,
    Contents,
    MarkedDatabase,
    Marker,
    State,
)
from opendental_pipeline.runs.marked_mysql import MarkedMysql
from opendental_pipeline.runs.marked_postgres import MarkedPostgres
from opendental_pipeline.settings.connection import ConnectionConfig
from opendental_pipeline.settings.environment import (
    VARIABLES,
    DatabaseType,
    PostgresSchema,
    Settings,
)
from opendental_pipeline.settings.errors import QueryFailedError, RefusedError
from opendental_pipeline.settings.tuning import Tuning

Say = Callable[[str], None]


class Found(NamedTuple):
    """One of the three databases, and what is in it."""

    database: MarkedDatabase
    contents: Contents

    @property
    def place(self) -> str:
        """Where it is, in words."""
        return self.database.config.place


def marked_database(config: ConnectionConfig, tuning: Tuning) -> MarkedDatabase:
    """The database of a connection.

    Args:
        config: where it is.
        tuning: the limits of its sessions.
    """
    is_postgres = config.type is DatabaseType.ANALYTICS
    return (MarkedPostgres if is_postgres else MarkedMysql)(config, tuning)


def check_environment(environ: Mapping[str, str]) -> None:
    """Sees that settings of tests are meant.

    Args:
        environ: the process environment.

    Raises:
        RefusedError: they are not.
    """
    if environ.get("ETL_ENVIRONMENT", "").strip() != "test":
        raise RefusedError(
            "test databases are only made, dropped and looked at with ETL_ENVIRONMENT=test, whose"
            " servers are those of TEST_… variables and .env_test; nothing was connected to"
        )


def look(settings: Settings, tuning: Tuning) -> list[Found]:
    """Sees what the three databases are.

    Raises:
        RefusedError: one has no `test` in its name; nothing was connected to.
        ConnectionFailedError: a server lets nobody in.
    """
    configs = [settings.connection(kind) for kind in DatabaseType]
    for config in configs:
        if "test" not in config.database.casefold():
            raise RefusedError(
                f"{config.place} has no `test` in its name, see {_setting(config.type)}; nothing"
                " was connected to"
            )
    databases = [marked_database(config, tuning) for config in configs]
    return [Found(database, database.look()) for database in databases]


def create(settings: Settings, tuning: Tuning, rows: int, say: Say) -> None:
    """Makes what is missing of the three databases; a clinic in the first.

    Args:
        settings: where they are.
        tuning: the limits of their sessions.
        rows: about how many the clinic has.
        say: told of each database.

    Raises:
        RefusedError: in one of them are things of somebody else; all are as they were.
        DatabaseError: a server refuses it.
    """
    found = look(settings, tuning)
    _refuse_others(found)
    for one in found:
        database, contents = one
        marker = contents.marker
        if marker and marker.rows is not None:
            say(f"{one.place}: is there already, with {contents.tables:,} tables; drop makes room")
            continue
        with _needing_all_rights(database):
            if marker:
                # the making of it was interrupted
                database.empty()
            elif contents.state is State.MISSING:
                database.make()
            marker = marker or Marker(made=contents.state is State.MISSING)
            database.mark(marker)
            filled = _fill(database, settings, rows, say)
            database.mark(replace(marker, rows=filled), again=True)
        say(f"{one.place}: made, with {filled:,} rows")


def drop(settings: Settings, tuning: Tuning, say: Say) -> None:
    """Drops what `create` made; a database that was there before is empty again.

    Args:
        settings: where they are.
        tuning: the limits of their sessions.
        say: told of each database.

    Raises:
        RefusedError: in one of them are things of somebody else; all are as they were.
        DatabaseError: a server refuses it.
    """
    found = look(settings, tuning)
    _refuse_others(found)
    for one in found:
        database, contents = one
        with _needing_all_rights(database):
            match contents.marker:
                case None:
                    say(f"{one.place}: nothing of ours is there ({contents.state})")
                case Marker(made=True):
                    database.drop()
                    say(f"{one.place}: dropped")
                case _:
                    database.empty()
                    say(f"{one.place}: empty, as it was found")


def _refuse_others(found: Sequence[Found]) -> None:
    foreign = [one for one in found if one.contents.state is State.UNMARKED]
    if foreign:
        config = foreign[0].database.config
        raise RefusedError(
            f"{config.place} is not empty, and has no marker {MARKER} of {config.type}: it may be"
            f" somebody else's, see {_setting(config.type)}; nothing was changed anywhere"
        )


def _fill(database: MarkedDatabase, settings: Settings, rows: int, say: Say) -> int:
    """Puts into a database what a test needs there; how many rows that are."""
    with database.connection() as connection:
        match database.config.type:
            case DatabaseType.SOURCE:
                # OpenDental's tables have dates that are none
                run_sql(connection, "SET sql_mode = ''")
                clinic.create_in(connection)
                return sum(clinic.fill_in(connection, rows=rows, say=say).values())
            case DatabaseType.ANALYTICS:
                for schema in map(settings.schema_name, PostgresSchema):
                    name = postgres_ident(schema)
                    run_sql(connection, f"CREATE SCHEMA IF NOT EXISTS {name}")
    return 0


@contextmanager
def _needing_all_rights(database: MarkedDatabase) -> Iterator[None]:
    config = database.config
    try:
        yield
    except QueryFailedError as error:
        raise QueryFailedError(
            f"{error.message}; here {config.user} needs all rights on the database"
            f" {config.database}, at the source, too"
        ) from None


def _setting(kind: DatabaseType) -> str:
    return "TEST_" + next(one.name for one in VARIABLES if one.place == (kind, "database"))
