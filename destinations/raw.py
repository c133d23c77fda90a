"""The raw tier: PostgreSQL, loaded by COPY from dlt's load packages."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Protocol

from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.client import (
    FollowupJobRequest,
    LoadJob,
    PreparedTableSchema,
    RunnableLoadJob,
)
from dlt.common.schema import TSchemaTables
from dlt.common.storages.load_package import ParsedLoadJobFileName
from dlt.destinations.impl.postgres.factory import postgres
from dlt.destinations.impl.postgres.postgres import PostgresClient

from destinations.bulk import without_values, write_csv
from sources.opendental.connections import SESSION_OPTIONS
from sources.opendental.replica import DELETED_AT
from sources.opendental.settings import DatabaseType
from sources.opendental.slices import Slice, Write
from sources.opendental.sql import conjunction

HOP = "raw"

_STAGE = '"_load"'


def ident(name: str) -> str:
    """Quotes a name for PostgreSQL."""
    return '"' + name.replace('"', '""') + '"'


class _Cursor(Protocol):
    rowcount: int

    def execute(self, sql: str) -> None: ...
    def fetchone(self) -> Any: ...
    def copy_expert(self, sql: str, file: IO[bytes], size: int = ...) -> None: ...


class CopyJob(RunnableLoadJob):
    """Writes one slice of one table in one transaction: COPY, and what its order asks for."""

    def __init__(self, file_path: str, order: Slice) -> None:
        super().__init__(file_path)
        self._order = order
        self._job_client: RawClient

    def run(self) -> None:
        """Loads the slice.

        Raises:
            RefusedLoadError: a value does not fit or the server refuses; nothing was written.
            LostConnectionError: the server went away; nothing was written.
        """
        table = self.load_table_name
        with without_values(table, HOP), TemporaryDirectory(prefix="copy-") as scratch:
            file = Path(scratch, "rows.csv")
            rows = write_csv(Path(self._file_path), file, null="", binary_prefix="\\x")
            client = self._job_client.sql_client
            columns = list(self._load_table["columns"])
            with client.begin_transaction(), client.native_connection.cursor() as cursor:
                target = client.make_qualified_table_name(table)
                _Copy(cursor, target, columns, self._order, file, rows).run()


class _Copy:
    """The statements of one slice, on one cursor, in an open transaction."""

    def __init__(
        self,
        cursor: _Cursor,
        target: str,
        carried: list[str],
        order: Slice,
        file: Path,
        rows: int,
    ) -> None:
        self._cursor = cursor
        self._target = target
        self._carried = carried
        self._columns = [ident(name) for name in carried if name != DELETED_AT]
        self._key = [ident(name) for name in order.key]
        self._order = order
        self._file = file
        self._rows = rows

    def run(self) -> None:
        if not self._rows and self._order.write is Write.UPSERT:
            return
        self._stage()
        if self._order.write is Write.REWRITE:
            self._cursor.execute(f"DELETE FROM {self._target}")
            self._insert("")
            return
        if self._order.write is Write.SNAPSHOT:
            self._delete_missing()
        else:
            self._apply_tombstones()
        self._upsert()

    def _stage(self) -> None:
        self._cursor.execute(
            f"CREATE TEMPORARY TABLE {_STAGE} (LIKE {self._target}) ON COMMIT DROP;"
            f"ALTER TABLE {_STAGE} ADD {ident(DELETED_AT)} timestamptz"
        )
        names = ", ".join(map(ident, self._carried))
        with self._file.open("rb") as rows:
            self._cursor.copy_expert(
                f"COPY {_STAGE} ({names}) FROM STDIN WITH (FORMAT csv, NULL '')", rows, 1 << 20
            )
        self._cursor.execute(f"ANALYZE {_STAGE}")

    def _matches(self) -> str:
        return " AND ".join(f"s.{name} = t.{name}" for name in self._key)

    def _delete_missing(self) -> None:
        order = self._order
        columns = ", ".join(f"t.{name}" for name in self._key)
        bounds = conjunction(
            f"({columns}) > ({', '.join(order.after)})" if order.after else None,
            f"({columns}) <= ({', '.join(order.upto)})" if order.upto else None,
            f"NOT EXISTS (SELECT 1 FROM {_STAGE} s WHERE {self._matches()})",
        )
        self._cursor.execute(f"DELETE FROM {self._target} t{bounds}")

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


class RawClient(PostgresClient):
    """dlt's client for PostgreSQL, which leaves the data tables' structure to this project."""

    def __enter__(self) -> "RawClient":
        super().__enter__()
        with self.sql_client.native_connection.cursor() as cursor:
            cursor.execute(";".join(SESSION_OPTIONS[DatabaseType.ANALYTICS]))
        return self

    def update_stored_schema(
        self,
        only_tables: Iterable[str] | None = None,
        expected_update: TSchemaTables | None = None,
        force: bool = False,
    ) -> TSchemaTables | None:
        """Makes dlt's own tables; `destinations.structure` makes the others from the catalogue."""
        return super().update_stored_schema(  # type: ignore[no-any-return]
            self.schema.dlt_table_names(), expected_update, force
        )

    def should_truncate_table_before_load(self, table_name: str) -> bool:
        """Never: a reader must not see an empty table."""
        return False

    def should_load_data_to_staging_dataset(self, table_name: str) -> bool:
        """Never: a job stages its rows in a temporary table of its own."""
        return False

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        """A `CopyJob` for the tables of the source, dlt's own jobs for its own tables."""
        if ParsedLoadJobFileName.parse(file_path).file_format == "parquet":
            return CopyJob(file_path, Slice.ordered(table["name"]))
        return super().create_load_job(table, file_path, load_id, restore)

    def create_table_chain_completed_followup_jobs(
        self, *_: object, **__: object
    ) -> list[FollowupJobRequest]:
        """None: the load job did it all."""
        return []


class raw(postgres):  # noqa: N801  dlt finds a destination by its lower-case name
    """dlt's postgres destination for the raw tier."""

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities = super()._raw_capabilities()
        capabilities.supported_loader_file_formats = ["insert_values", "parquet"]
        capabilities.loader_file_format_selector = None
        return capabilities

    @property
    def client_class(self) -> type[RawClient]:
        """The client of this destination."""
        return RawClient
