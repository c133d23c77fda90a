"""A test database of PostgreSQL; its marker is a schema with a view."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.identifiers import postgres_ident
from opendental_pipeline.databases.postgres_session import line_arguments
from opendental_pipeline.runs.marked_database import (
    MARKER,
    Contents,
    MarkedDatabase,
    Marker,
    NotLetInError,
    State,
    contents_of,
    select_of,
)
from opendental_pipeline.settings.errors import ConnectionFailedError

_MAINTENANCE = "postgres"
"""The database from which others are made and dropped."""

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


class MarkedPostgres(MarkedDatabase):
    """Where raw is."""

    def look(self) -> Contents:
        try:
            with self.connection() as connection:
                return self._look(connection)
        except NotLetInError as error:
            if self._is_missing():
                return Contents(State.MISSING)
            raise error from None

    def _look(self, connection: Connection) -> Contents:
        schemas = set(run_sql(connection, _SCHEMAS).scalars())
        found = run_sql(connection, _OBJECTS).scalars().all()
        tables = sum(found)
        if MARKER in schemas:
            row = run_sql(connection, f"SELECT * FROM {MARKER}.{MARKER}").first()
            return contents_of(self.config, row, tables)
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
            select = select_of(self.config, marker)
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
