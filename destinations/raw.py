"""The raw tier for dlt: PostgreSQL; dlt stores the path of this module."""

from collections.abc import Sequence
from typing import Any

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
from opendental_pipeline.databases.lock_holders import OwnSessions
from opendental_pipeline.databases.postgres_session import PostgresSessions, line_arguments
from opendental_pipeline.databases.sessions import prepare_postgres
from opendental_pipeline.planning.slice import FORMAT
from opendental_pipeline.settings.environment import ConnectionConfig, DatabaseType, Settings
from opendental_pipeline.settings.tuning import RawConnectionTuning, Tuning


class RawSqlClient(FencedPostgresClient, WithSchemas):
    """dlt's connection to PostgreSQL, with the session settings of all others.

    Attributes:
        sessions: opens them.
    """

    sessions: PostgresSessions

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
        """Opens a session with limits; one of a dataset shows spans as text.

        dlt would say the schema in an option of libpq's, which poolers refuse, and in which a blank
        ends the name.
        """
        self._conn = self.sessions.connect(dsn=self.credentials.to_native_representation())
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
    """dlt's postgres destination for the raw tier.

    Attributes:
        sessions: opens those of a run; None for whoever only reads.
    """

    sessions: PostgresSessions | None = None

    def client(self, schema: Schema, initial_config: Any = None) -> Any:
        """dlt's client, whose sessions have limits."""
        made: Any = super().client(schema, initial_config)
        made.sql_client.sessions = self.sessions = self.sessions or _own_sessions()
        return made

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
        return credentials(settings.connection(DatabaseType.ANALYTICS), Tuning.load().raw)


def _own_sessions() -> PostgresSessions:
    """What opens sessions by this project's settings, for whoever names none."""
    config = Settings.load().connection(DatabaseType.ANALYTICS)
    return PostgresSessions(config, Tuning.load().raw, OwnSessions())


def credentials(config: ConnectionConfig, tuning: RawConnectionTuning) -> dict[str, object]:
    """The credentials of PostgreSQL in dlt's words.

    Args:
        config: of the server.
        tuning: the limits of its sessions.
    """
    given = {**config.connect_args(), **line_arguments(tuning)}
    # which dlt knows by its name
    connect_timeout = given.pop("connect_timeout")
    return {
        "host": config.host,
        "port": config.port,
        "database": config.database,
        "username": config.user,
        "password": config.password.get_secret_value(),
        "connect_timeout": connect_timeout,
        "query": {name: str(value) for name, value in given.items()},
    }
