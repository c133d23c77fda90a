"""The raw tier for dlt: PostgreSQL; dlt stores the path of this module."""

from dlt.common.destination import DestinationCapabilitiesContext
from dlt.destinations.impl.postgres.factory import postgres
from dlt.destinations.impl.postgres.postgres import PostgresClient

from destinations.copy_rows import HOP as HOP
from destinations.copy_rows import CopyJob
from destinations.fence import FencedPostgresClient
from destinations.slice_job import BulkClient, BulkDestination
from opendental_pipeline.databases.sessions import prepare_postgres
from opendental_pipeline.planning.slice import FORMAT


class RawSqlClient(FencedPostgresClient):
    """dlt's connection to PostgreSQL, with the session settings of all others."""

    def _reset_connection(self) -> None:
        """Resets the session as dlt does after an error, which forgets its settings."""
        super()._reset_connection()
        prepare_postgres(self.native_connection)


class RawClient(BulkClient, PostgresClient):
    """dlt's client, with the bulk job in place of its own."""

    bulk_job = CopyJob
    fenced_client = RawSqlClient


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
