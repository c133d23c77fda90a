"""Looks at a source once, and says how each of its tables is best copied."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection

from opendental_pipeline.analysis.decisions import decisions, observations
from opendental_pipeline.analysis.rules import DEFAULTS, Recommendation, recommend
from opendental_pipeline.analysis.sampling import sample
from opendental_pipeline.analysis.snapshot import Snapshot, TableSnapshot
from opendental_pipeline.analysis.structure import Structure, structure_of
from opendental_pipeline.databases.catalog import read_catalogue
from opendental_pipeline.databases.clock import in_utc
from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.table import Catalogue, Table
from opendental_pipeline.settings.tables_file import TablesFile
from sources.opendental.domain import database_version, semantic_types

if TYPE_CHECKING:
    from opendental_pipeline.analysis.dbt import DbtProject

VERSION = "1"
"""Of the rules: changes when the same source would be analyzed otherwise."""


@dataclass(frozen=True)
class Analysis:
    """What one look at a source found.

    Attributes:
        generated_at: the moment, in UTC.
        environment: production or test.
        server_version: of the source's server.
        database_version: of OpenDental's schema; None for another database.
        catalogue: the tables.
        recommendations: how to copy them.
    """

    generated_at: datetime
    environment: str
    server_version: str
    database_version: str | None
    catalogue: Catalogue
    recommendations: Mapping[str, Recommendation]

    @property
    def moment(self) -> str:
        """When, as ISO text."""
        return self.generated_at.isoformat(timespec="seconds")

    @property
    def structures(self) -> dict[str, Structure]:
        """The columns and keys of all tables, by name."""
        return {name: structure_of(table) for name, table in sorted(self.catalogue.items())}

    @property
    def metadata(self) -> dict[str, Any]:
        """What tables.yml says of itself."""
        return {
            "generated_at": self.moment,
            "analyzer_version": VERSION,
            "environment": self.environment,
            "server_version": self.server_version,
            "database_version": self.database_version,
        }

    @property
    def draft(self) -> Snapshot:
        """What tables.yml could say if nobody edited it, with the reasons."""
        return Snapshot(
            generated_at=self.moment,
            analyzer_version=VERSION,
            server_version=self.server_version,
            database_version=self.database_version,
            defaults=DEFAULTS,
            tables={
                name: TableSnapshot(
                    structure=structure_of(self.catalogue[name]),
                    changed_at=_in_utc(self.catalogue[name].updated_at),
                    observed=observations(one.config),
                    chosen=decisions(one.config),
                    comments=one.reasons,
                )
                for name, one in self.recommendations.items()
            },
        )

    @property
    def tables(self) -> TablesFile:
        """A tables.yml that nobody edited."""
        configs = {name: one.config for name, one in sorted(self.recommendations.items())}
        return TablesFile(metadata=self.metadata, tables=configs)


def analyze(
    connection: Connection, database: str, *, environment: str, dbt: "DbtProject | None" = None
) -> Analysis:
    """Analyzes a source: its catalogue in one pass, and a few rows of tables with a doubt.

    Args:
        connection: to the source; nothing is locked or written.
        database: whose tables.
        environment: production or test, for the record.
        dbt: the project that reads raw, if there is one.
    """
    now = datetime.now(UTC)
    with in_utc(connection):
        catalogue = read_catalogue(connection, database)
    return Analysis(
        generated_at=now,
        environment=environment,
        server_version=str(run_sql(connection, "SELECT VERSION()").scalar()),
        database_version=database_version(connection, catalogue),
        catalogue=catalogue,
        recommendations=recommend_all(connection, catalogue.values(), now, dbt),
    )


def _in_utc(moment: datetime | None) -> datetime | None:
    """A moment of the catalogue, which was read in UTC."""
    return moment and moment.replace(tzinfo=UTC)


def recommend_all(
    connection: Connection, tables: Iterable[Table], now: datetime, dbt: "DbtProject | None" = None
) -> dict[str, Recommendation]:
    """Recommends how to copy some tables, by name.

    Args:
        connection: to the source.
        tables: as the catalogue describes them.
        now: the moment, in UTC.
        dbt: the project that reads raw, if there is one.
    """
    analyzed = now.isoformat(timespec="seconds")
    return {
        table.name: recommend(
            table,
            sample(connection, table, semantic_types(table)),
            analyzed=analyzed,
            dbt=dbt.uses(table.name) if dbt else None,
        )
        for table in tables
    }
