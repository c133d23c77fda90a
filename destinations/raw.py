"""The raw tier: PostgreSQL, loaded by COPY from dlt's load packages."""

from pathlib import Path
from typing import IO, Any, Protocol

from dlt.common.destination import DestinationCapabilitiesContext
from dlt.destinations.impl.postgres.factory import postgres
from dlt.destinations.impl.postgres.postgres import PostgresClient

from destinations.bulk import BulkClient, BulkDestination, BulkJob
from destinations.views import Cursor, Views
from sources.opendental.connections import SESSION_OPTIONS
from sources.opendental.contract import STAGE
from sources.opendental.naming import DELETED_AT
from sources.opendental.settings import DatabaseType
from sources.opendental.slices import FORMAT, Slice, Write
from sources.opendental.sql import conjunction

HOP = "raw"


def ident(name: str) -> str:
    """Quotes a name for PostgreSQL."""
    return '"' + name.replace('"', '""') + '"'


_STAGE = ident(STAGE)


class _Cursor(Cursor, Protocol):
    rowcount: int

    def fetchone(self) -> tuple[Any, ...] | None: ...
    def copy_expert(self, sql: str, file: IO[bytes], size: int = ...) -> None: ...


class CopyJob(BulkJob):
    """Writes one slice of one table in one transaction: COPY, and what its order asks for."""

    hop = HOP

    def write(self, file: Path, order: Slice) -> None:
        """Writes the file's rows."""
        sql: Any = self._job_client.sql_client  # type: ignore[attr-defined]
        with sql.begin_transaction(), sql.native_connection.cursor() as cursor:
            target = f"{ident(sql.dataset_name)}.{ident(order.target)}"
            _Copy(cursor, target, order, file).run()


class _Copy:
    """The statements of one slice, on one cursor, in an open transaction."""

    def __init__(
        self,
        cursor: _Cursor,
        target: str,
        order: Slice,
        file: Path,
    ) -> None:
        self._cursor = cursor
        self._target = target
        self._columns = [ident(field.name) for field in order.fields if field.name != DELETED_AT]
        self._key = [ident(name) for name in order.key]
        self._order = order
        self._file = file
        self._rows = order.rows

    def run(self) -> None:
        if not self._rows and self._order.write is Write.UPSERT:
            return
        if self._order.write is Write.REWRITE:
            self._cursor.execute(f"DELETE FROM {self._target}")
            self._reshape()
            self._stage()
            self._insert("")
            return
        if self._is_all_new():
            self._copy_into(self._target)
            return
        self._stage()
        if self._order.write is Write.SNAPSHOT:
            self._delete_missing()
        else:
            self._apply_tombstones()
        self._upsert()

    def _is_all_new(self) -> bool:
        """Whether the table has no row in the slice's range: no stage is needed then."""
        order, where = self._order, self._range()
        if DELETED_AT in (field.name for field in order.fields):
            return False
        if order.write is Write.UPSERT and order.span:
            low, high = order.span
            where = f" WHERE {self._key[0]} BETWEEN {low} AND {high}"
        self._cursor.execute(f"SELECT NOT EXISTS (SELECT 1 FROM {self._target}{where})")
        found = self._cursor.fetchone()
        return bool(found and found[0])

    def _reshape(self) -> None:
        """Gives the table, which is empty now, another shape; views on it stand again after."""
        if self._order.reshape:
            views = Views.on(self._cursor, self._target)
            views.drop(self._cursor)
            self._cursor.execute(f"ALTER TABLE {self._target} {', '.join(self._order.reshape)}")
            views.create(self._cursor)

    def _stage(self) -> None:
        self._cursor.execute(
            f"CREATE TEMPORARY TABLE {_STAGE} (LIKE {self._target}) ON COMMIT DROP;"
            f"ALTER TABLE {_STAGE} ADD {ident(DELETED_AT)} timestamptz"
        )
        self._copy_into(_STAGE)
        self._cursor.execute(f"ANALYZE {_STAGE}")

    def _copy_into(self, target: str) -> None:
        names = ", ".join(ident(field.name) for field in self._order.fields)
        with self._file.open("rb") as rows:
            self._cursor.copy_expert(f"COPY {target} ({names}) FROM STDIN", rows, 1 << 20)

    def _matches(self) -> str:
        return " AND ".join(f"s.{name} = t.{name}" for name in self._key)

    def _range(self, *conditions: str) -> str:
        order, columns = self._order, ", ".join(self._key)
        return conjunction(
            f"({columns}) > ({', '.join(order.after)})" if order.after else None,
            f"({columns}) <= ({', '.join(order.upto)})" if order.upto else None,
            *conditions,
        )

    def _delete_missing(self) -> None:
        missing = f"NOT EXISTS (SELECT 1 FROM {_STAGE} s WHERE {self._matches()})"
        self._cursor.execute(f"DELETE FROM {self._target} t{self._range(missing)}")

    def _apply_tombstones(self) -> None:
        self._cursor.execute(
            f"DELETE FROM {self._target} t USING {_STAGE} s"
            f" WHERE s.{ident(DELETED_AT)} IS NOT NULL AND {self._matches()}"
        )

    def _insert(self, conflict: str) -> None:
        names = ", ".join(self._columns)
        self._cursor.execute(
            f"INSERT INTO {self._target} AS t ({names}) SELECT {names} FROM {_STAGE}"
            f" WHERE {ident(DELETED_AT)} IS NULL {conflict}"
        )

    def _upsert(self) -> None:
        rest = [name for name in self._columns if name not in self._key]
        updates = ", ".join(f"{name} = EXCLUDED.{name}" for name in rest)
        self._insert(f"ON CONFLICT ({', '.join(self._key)}) DO UPDATE SET {updates}")


class RawClient(BulkClient, PostgresClient):
    """dlt's client, with the bulk job in place of its own."""

    bulk_job = CopyJob

    def __enter__(self) -> "RawClient":
        super().__enter__()
        with self.sql_client.native_connection.cursor() as cursor:
            cursor.execute(";".join(SESSION_OPTIONS[DatabaseType.ANALYTICS]))
        return self


class raw(BulkDestination, postgres):  # noqa: N801  dlt finds a destination by its lower-case name
    """dlt's postgres destination for the raw tier."""

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities = super()._raw_capabilities()
        capabilities.supported_loader_file_formats = ["insert_values", FORMAT]
        capabilities.loader_file_format_selector = None  # type: ignore[assignment]
        return capabilities

    @property
    def client_class(self) -> type[RawClient]:
        """The client of this destination."""
        return RawClient
