"""The raw tier for dlt: PostgreSQL; dlt stores the path of this module."""

from collections.abc import Sequence
from typing import Any

import psycopg2
from dlt.common.configuration import configspec
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.schema import Schema
from dlt.destinations.impl.postgres.configuration import PostgresClientConfiguration
from dlt.destinations.impl.postgres.factory import postgres
from dlt.destinations.impl.postgres.postgres import PostgresClient
from dlt.destinations.sql_client import WithSchemas

from destinations import raw_dataset
from destinations.copy_rows import HOP as HOP
from destinations.copy_rows import CopyJob
from destinations.fence import FencedPostgresClient
from destinations.slice_job import BulkClient, BulkDestination
from opendental_pipeline.databases.sessions import prepare_postgres
from opendental_pipeline.planning.slice import FORMAT
from opendental_pipeline.settings.environment import ConnectionConfig, DatabaseType, Settings


class RawSqlClient(FencedPostgresClient, WithSchemas):
    """dlt's connection to PostgreSQL, with the session settings of all others."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.schemas: dict[str, Schema] = {}
        self.run_token = ""

    def _reset_connection(self) -> None:
        """Resets the session as dlt does after an error, which forgets its settings."""
        super()._reset_connection()
        connection = self.native_connection
        prepare_postgres(connection)
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path = {self.fully_qualified_dataset_name()}, public")
            cursor.execute("SELECT set_config('opendental.run', %s, false)", (self.run_token,))

    def open_connection(self) -> Any:
        """Opens a session; one of a dataset shows spans as text.

        dlt would say the schema in an option of libpq's, which poolers refuse, and in which a blank
        ends the name.
        """
        self._conn = psycopg2.connect(self.credentials.to_native_representation())
        self._reset_connection()
        if self.schemas:
            raw_dataset.show_intervals(self._conn)
        return self._conn

    def set_schemas(self, schemas: Sequence[Schema]) -> None:
        """Completes the schemas of a dataset; dlt calls it for nothing else."""
        self.schemas = {schema.name: schema for schema in schemas}
        with self:
            found = self.execute_sql(raw_dataset.COLUMNS, self.dataset_name) or ()
        for schema in schemas:
            raw_dataset.complete(schema, found)


@configspec
class RawConfiguration(PostgresClientConfiguration):
    """dlt's configuration of PostgreSQL, and which run writes there."""

    run_token: str = ""


class RawClient(BulkClient, PostgresClient):
    """dlt's client, with the bulk job in place of its own."""

    bulk_job = CopyJob
    fenced_client = RawSqlClient

    def __init__(
        self,
        schema: Schema,
        config: RawConfiguration,
        capabilities: DestinationCapabilitiesContext,
    ) -> None:
        super().__init__(schema, config, capabilities)
        self.sql_client.run_token = config.run_token


class raw(BulkDestination, postgres):  # noqa: N801  dlt finds a destination by its lower-case name
    """dlt's postgres destination for the raw tier."""

    spec = RawConfiguration

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities = super()._raw_capabilities()
        capabilities.supported_loader_file_formats = ["insert_values", FORMAT]
        capabilities.loader_file_format_selector = None  # type: ignore[assignment]
        return capabilities

    @property
    def client_class(self) -> type[RawClient]:
        """The client of this destination."""
        return RawClient

    @staticmethod
    def own_credentials(settings: Settings) -> dict[str, object]:
        """Those of this project's settings, for whoever names none."""
        return credentials(settings.connection(DatabaseType.ANALYTICS))


def credentials(config: ConnectionConfig) -> dict[str, object]:
    """The credentials of PostgreSQL in dlt's words."""
    return {
        "host": config.host,
        "port": config.port,
        "database": config.database,
        "username": config.user,
        "password": config.password.get_secret_value(),
        "query": {name: str(value) for name, value in config.connect_args().items()},
    }
