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
    reason,
)
from opendental_pipeline.databases.sql import literal
from opendental_pipeline.settings.connection import ConnectionConfig, DatabaseType
from opendental_pipeline.settings.errors import ConnectionFailedError, QueryFailedError
from opendental_pipeline.settings.tuning import Tuning

MARKER = "etl_test_database"
"""MySQL's view; PostgreSQL's schema, with a view of the same name."""


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
            raise NotLetInError(f"{place}: {connecting_reason(error)}", error) from None
        try:
            with opened as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            kind = ConnectionFailedError if connection_lost(error) else QueryFailedError
            raise kind(f"{place}: {reason(error)}") from None


class NotLetInError(ConnectionFailedError):
    """Carries the driver's error, of which MySQL's says whether there is such a database."""

    def __init__(self, message: str, error: sa.exc.DBAPIError) -> None:
        super().__init__(message)
        self.error = error


def select_of(config: ConnectionConfig, marker: Marker) -> str:
    """The query of the view that is a marker.

    Args:
        config: of its database.
        marker: what it says.
    """
    rows = "NULL" if marker.rows is None else marker.rows
    return (
        f"SELECT {literal(str(config.type))} AS tier, {int(marker.made)} AS made,"
        f" CAST({rows} AS {'int' if config.type is DatabaseType.ANALYTICS else 'signed'}) AS filled"
    )


def contents_of(config: ConnectionConfig, row: Any, tables: int) -> Contents:
    """What is in a database that has a view which is called as a marker.

    Args:
        config: of the database.
        row: of the view; None if it has none.
        tables: in the database.
    """
    match row:
        case (tier, made, rows) if tier == config.type:
            return Contents(State.MARKED, tables, Marker(bool(made), rows))
        case _:
            # that of another one of the three is not written over, either
            return Contents(State.UNMARKED, tables)
