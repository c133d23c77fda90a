"""The replication tier for dlt: an exact copy in MySQL; dlt stores the path of this module."""

from typing import Any

import sqlalchemy as sa
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.normalizers.naming import NamingConvention
from dlt.common.schema import TColumnSchema
from dlt.destinations.impl.sqlalchemy.configuration import SqlalchemyClientConfiguration
from dlt.destinations.impl.sqlalchemy.factory import sqlalchemy
from dlt.destinations.impl.sqlalchemy.sqlalchemy_job_client import SqlalchemyJobClient
from dlt.destinations.impl.sqlalchemy.type_mapper import MysqlVariantTypeMapper
from sqlalchemy.dialects.mysql import LONGTEXT
from sqlalchemy.engine import Engine

from destinations.fence import FencedMysqlClient
from destinations.load_data import HOP as HOP
from destinations.load_data import LoadDataJob
from destinations.slice_job import BulkClient, BulkDestination
from opendental_pipeline.databases.engines import make_engine, sessions_of
from opendental_pipeline.planning.slice import FORMAT
from opendental_pipeline.settings.environment import DatabaseType, Settings
from opendental_pipeline.settings.tuning import Tuning


class ReplicationClient(BulkClient, SqlalchemyJobClient):
    """dlt's client, with the bulk job in place of its own."""

    bulk_job = LoadDataJob
    fenced_client = FencedMysqlClient


class _TypeMapper(MysqlVariantTypeMapper):
    """dlt's state and schema outgrow TEXT, which holds 64 KB."""

    def db_type_from_text_type(self, column: TColumnSchema, _: object) -> sa.types.TypeEngine[Any]:
        precision = column.get("precision")
        return sa.String(precision) if precision else LONGTEXT()


class replication(BulkDestination, sqlalchemy):  # noqa: N801  dlt finds a destination by its lower-case name
    """dlt's sqlalchemy destination for the replication tier."""

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities = super()._raw_capabilities()
        capabilities.supported_loader_file_formats = ["typed-jsonl", FORMAT]
        capabilities.supported_merge_strategies = ["upsert"]
        return capabilities

    @classmethod
    def adjust_capabilities(
        cls,
        caps: DestinationCapabilitiesContext,
        config: SqlalchemyClientConfiguration,
        naming: NamingConvention | None,
    ) -> DestinationCapabilitiesContext:
        """Those of MySQL, with columns wide enough for dlt's own tables."""
        adjusted = super().adjust_capabilities(caps, config, naming)
        adjusted.type_mapper = _TypeMapper
        return adjusted

    @staticmethod
    def own_credentials(settings: Settings) -> Engine:
        """An engine by this project's settings, for whoever names none."""
        database, tuning = DatabaseType.REPLICATION, Tuning.load()
        config = settings.connection(database)
        return make_engine(sessions_of(config, tuning.connections[database]))

    @property
    def client_class(self) -> type[ReplicationClient]:
        """The client of this destination."""
        return ReplicationClient
