"""A test database of MySQL or MariaDB; its marker is a view."""

from typing import Any

from sqlalchemy.engine import Connection

from opendental_pipeline.databases.driver_errors import mysql_code
from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.sql import ident
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
from opendental_pipeline.settings.connection import DatabaseType


class MarkedMysql(MarkedDatabase):
    """Source or replication."""

    def look(self) -> Contents:
        try:
            with self.connection() as connection:
                return self._look(connection)
        except NotLetInError as error:
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
            return contents_of(self.config, row, tables)
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
            run_sql(connection, f"{create} {view} AS {select_of(self.config, marker)}")

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
