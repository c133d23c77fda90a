"""A database on somebody's server that this program made for tests, and says so in itself.

The marker is a view: tables are copied and counted by a run, views are not.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from opendental_pipeline.databases.driver_errors import (
    connecting_reason,
    connection_lost,
    mysql_code,
    reason,
)
from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.identifiers import postgres_ident
from opendental_pipeline.databases.postgres_session import line_arguments
from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.settings.connection import ConnectionConfig, DatabaseType
from opendental_pipeline.settings.errors import ConnectionFailedError, QueryFailedError
from opendental_pipeline.settings.tuning import Tuning

MARKER = "etl_test_database"
"""MySQL's view; PostgreSQL's schema, with a view of the same name."""

_MAINTENANCE = "postgres"
"""PostgreSQL's database from which others are made and dropped."""


class State(StrEnum):
    """What a database is to this program."""

    MISSING = "missing"
    EMPTY = "empty"
    MARKED = "marked"
    UNMARKED = "unmarked"


@dataclass(frozen=True)
class Marker:
    """What a database says of itself.

    Attributes:
        made: whether this program made it; else it was there, and empty.
        rows: of the clinic in it; None as long as it is not filled.
    """

    made: bool
    rows: int | None = None


@dataclass(frozen=True)
class Contents:
    """What was found in a database.

    Attributes:
        state: of it.
        tables: in it.
        marker: None where there is none.
    """

    state: State
    tables: int = 0
    marker: Marker | None = None


class MarkedDatabase(ABC):
    """One of the three databases.

    Args:
        config: where it is.
        tuning: the limits of its sessions.
    """

    def __init__(self, config: ConnectionConfig, tuning: Tuning) -> None:
        self.config, self.tuning = config, tuning

    @abstractmethod
    def look(self) -> Contents:
        """Sees what is there.

        Raises:
            ConnectionFailedError: nobody is let in.
        """

    @abstractmethod
    def make(self) -> None:
        """Makes it; one that is there is an error."""

    @abstractmethod
    def mark(self, marker: Marker, *, again: bool = False) -> None:
        """Writes the marker.

        Args:
            marker: it.
            again: whether there is one already; if not, one that is there is an error.
        """

    @abstractmethod
    def empty(self) -> None:
        """Removes all that is in it, the marker last."""

    @abstractmethod
    def drop(self) -> None:
        """Drops it."""

    @abstractmethod
    def _arguments(self) -> dict[str, Any]: ...

    @contextmanager
    def connection(self, database: str | None = None) -> Iterator[Connection]:
        """A session that commits each statement.

        Args:
            database: another one on the same server; empty for none.

        Raises:
            ConnectionFailedError: nobody is let in.
            QueryFailedError: the server refused a statement.
        """
        url = self.config.url()
        engine = sa.create_engine(
            url if database is None else url.set(database=database),
            poolclass=sa.NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args=self.config.connect_args() | self._arguments(),
        )
        place = self.config.place
        try:
            opened = engine.connect()
        except sa.exc.DBAPIError as error:
            raise _NotLetInError(f"{place}: {connecting_reason(error)}", error) from None
        try:
            with opened as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            kind = ConnectionFailedError if connection_lost(error) else QueryFailedError
            raise kind(f"{place}: {reason(error)}") from None


class _NotLetInError(ConnectionFailedError):
    """Carries the driver's error, of which MySQL's says whether there is such a database."""

    def __init__(self, message: str, error: sa.exc.DBAPIError) -> None:
        super().__init__(message)
        self.error = error


def marked_database(config: ConnectionConfig, tuning: Tuning) -> MarkedDatabase:
    """The database of a connection.

    Args:
        config: where it is.
        tuning: the limits of its sessions.
    """
    is_postgres = config.type is DatabaseType.ANALYTICS
    return (_Postgres if is_postgres else _Mysql)(config, tuning)


class _Mysql(MarkedDatabase):
    def look(self) -> Contents:
        try:
            with self.connection() as connection:
                return self._look(connection)
        except _NotLetInError as error:
            if mysql_code(error.error.orig or error.error) == "1049":
                return Contents(State.MISSING)
            raise

    def _look(self, connection: Connection) -> Contents:
        query = "SELECT table_name, table_type FROM information_schema.tables"
        rows: Any = run_sql(connection, f"{query} WHERE table_schema = DATABASE()")
        found = dict(rows.all())
        tables = sum(kind != "VIEW" for kind in found.values())
        if found.get(MARKER) == "VIEW":
            row = run_sql(connection, f"SELECT * FROM {MARKER}").first()
            return _contents(self.config, row, tables)
        others = 0
        for kind in ("routine", "event"):
            query = f"SELECT COUNT(*) FROM information_schema.{kind}s"
            others += run_sql(connection, f"{query} WHERE {kind}_schema = DATABASE()").scalar_one()
        return Contents(State.UNMARKED if found or others else State.EMPTY, tables)

    def make(self) -> None:
        with self.connection("") as connection:
            run_sql(connection, f"CREATE DATABASE {ident(self.config.database)}")

    def mark(self, marker: Marker, *, again: bool = False) -> None:
        with self.connection() as connection:
            create = "CREATE OR REPLACE" if again else "CREATE"
            view = f"SQL SECURITY INVOKER VIEW {MARKER}"
            run_sql(connection, f"{create} {view} AS {_select(self.config, marker)}")

    def empty(self) -> None:
        name = ident(self.config.database)
        with self.connection() as connection:
            query = "SELECT @@character_set_database, @@collation_database"
            row: Any = run_sql(connection, query).one()
            options = f"CHARACTER SET {row[0]} COLLATE {row[1]}"
            run_sql(connection, f"DROP DATABASE {name}")
            run_sql(connection, f"CREATE DATABASE {name} {options}")

    def drop(self) -> None:
        with self.connection() as connection:
            run_sql(connection, f"DROP DATABASE {ident(self.config.database)}")

    def _arguments(self) -> dict[str, Any]:
        tuning = self.tuning.connections[DatabaseType.REPLICATION]
        return {
            "local_infile": True,
            "connect_timeout": tuning.connect_timeout_seconds,
            "read_timeout": tuning.read_timeout_seconds,
            "write_timeout": tuning.write_timeout_seconds,
        }


_SCHEMAS = """
SELECT nspname FROM pg_namespace
WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'"""

_OBJECTS = """
SELECT o.is_table
FROM (
  SELECT oid, relnamespace AS namespace, relkind IN ('r', 'p') AS is_table
  FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  UNION ALL SELECT oid, pronamespace, FALSE FROM pg_proc
) AS o JOIN pg_namespace AS n ON n.oid = o.namespace
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = o.oid AND d.deptype = 'e')"""
"""What somebody made, but for what belongs to an extension."""


class _Postgres(MarkedDatabase):
    def look(self) -> Contents:
        try:
            with self.connection() as connection:
                return self._look(connection)
        except _NotLetInError as error:
            if self._is_missing():
                return Contents(State.MISSING)
            raise error from None

    def _look(self, connection: Connection) -> Contents:
        schemas = set(run_sql(connection, _SCHEMAS).scalars())
        found = run_sql(connection, _OBJECTS).scalars().all()
        tables = sum(found)
        if MARKER in schemas:
            row = run_sql(connection, f"SELECT * FROM {MARKER}.{MARKER}").first()
            return _contents(self.config, row, tables)
        is_empty = not found and schemas <= {"public"}
        return Contents(State.EMPTY if is_empty else State.UNMARKED, tables)

    def _is_missing(self) -> bool:
        query = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
        try:
            with self.connection(_MAINTENANCE) as connection:
                return connection.execute(query, {"name": self.config.database}).first() is None
        except ConnectionFailedError:
            return False

    def make(self) -> None:
        name = postgres_ident(self.config.database)
        with self.connection(_MAINTENANCE) as connection:
            run_sql(connection, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")

    def mark(self, marker: Marker, *, again: bool = False) -> None:
        with self.connection() as connection:
            # one statement, so that there is never half a marker
            create = "CREATE OR REPLACE VIEW" if again else f"CREATE SCHEMA {MARKER} CREATE VIEW"
            select = _select(self.config, marker)
            run_sql(connection, f"{create} {MARKER}.{MARKER} AS {select}")

    def empty(self) -> None:
        with self.connection() as connection:
            schemas = set(run_sql(connection, _SCHEMAS).scalars()) - {"public", MARKER}
            for schema in (*sorted(schemas), MARKER):
                run_sql(connection, f"DROP SCHEMA {postgres_ident(schema)} CASCADE")

    def drop(self) -> None:
        with self.connection(_MAINTENANCE) as connection:
            run_sql(connection, f"DROP DATABASE {postgres_ident(self.config.database)}")

    def _arguments(self) -> dict[str, Any]:
        limit = f"-c lock_timeout={self.tuning.raw.lock_timeout_seconds}s"
        return {**line_arguments(self.tuning.raw), "options": limit}


def _select(config: ConnectionConfig, marker: Marker) -> str:
    rows = "NULL" if marker.rows is None else marker.rows
    return (
        f"SELECT {literal(str(config.type))} AS tier, {int(marker.made)} AS made,"
        f" CAST({rows} AS {'int' if config.type is DatabaseType.ANALYTICS else 'signed'}) AS filled"
    )


def _contents(config: ConnectionConfig, row: Any, tables: int) -> Contents:
    match row:
        case (tier, made, rows) if tier == config.type:
            return Contents(State.MARKED, tables, Marker(bool(made), rows))
        case _:
            # that of another one of the three is not written over, either
            return Contents(State.UNMARKED, tables)
