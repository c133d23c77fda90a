"""Every number a person may turn, as dlt configuration; the defaults stand in .dlt/config.toml too.

Resolved by dlt, so `[sources.opendental] overlap_seconds` in .dlt/config.toml can also be given as
the variable `SOURCES__OPENDENTAL__OVERLAP_SECONDS`.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.configuration.specs import BaseConfiguration

from opendental_pipeline.settings.around_tuning import AfterTuning, NotificationTuning, StatusTuning
from opendental_pipeline.settings.clinic import chosen, own_folder
from opendental_pipeline.settings.environment import DatabaseType
from opendental_pipeline.settings.errors import EnvironmentSettingError
from opendental_pipeline.settings.home import home


@dataclass(frozen=True)
class Limits:
    """What one statement may take.

    Attributes:
        seconds: aimed at.
        size: bytes aimed at, once they are in memory.
    """

    seconds: float
    size: int


@dataclass(frozen=True)
class SliceLimits:
    """Where a slice of a pass ends: at the next key behind whatever is reached first.

    Attributes:
        rows: in it.
        size: bytes of its lines.
        seconds: since its reading began.
    """

    rows: int = 200_000
    size: int = 128 << 20
    seconds: float = 5.0

    def reached(self, rows: int, size: int, seconds: float) -> bool:
        """Whether a slice that was read so far ends."""
        return rows >= self.rows or size >= self.size or seconds >= self.seconds


@configspec
class ReadingTuning(BaseConfiguration):
    """`[sources.opendental]`: what is read, and how gently."""

    tables_file: str = "config/tables.yml"
    tables: str = ""
    overlap_seconds: int = 3900
    max_concurrent_statements: int = 4
    pause_seconds: float = 0.0
    statement_seconds: float = 1.0
    statement_megabytes: int = 8

    @property
    def tables_path(self) -> Path:
        """Where tables.yml is; a relative path counts from this machine's home.

        One of several clinics has its own beside its settings, or else the common one.

        Raises:
            EnvironmentSettingError: there is no such clinic.
        """
        return self.tables_path_of(chosen())

    def tables_path_of(self, clinic: str) -> Path:
        """Where that of a clinic is.

        Args:
            clinic: its name; empty where there is only one.
        """
        own = own_folder(clinic) / "tables.yml"
        return own if clinic and own.is_file() else home() / self.tables_file

    @property
    def own_tables_path(self) -> Path:
        """Where an analysis writes it: of one of several clinics always its own.

        Raises:
            EnvironmentSettingError: there is no such clinic.
        """
        clinic = chosen()
        return own_folder(clinic) / "tables.yml" if clinic else home() / self.tables_file

    @property
    def limits(self) -> Limits:
        """What one statement may take."""
        return Limits(self.statement_seconds, self.statement_megabytes << 20)

    @property
    def longest_seconds(self) -> float:
        """After how many seconds a statement at the source is stopped."""
        return 2 * self.statement_seconds

    @property
    def table_names(self) -> list[str]:
        """The names in `tables`."""
        return [name.strip() for name in self.tables.split(",") if name.strip()]


@configspec
class ConnectionTuning(BaseConfiguration):
    """`[….connection]`: one SQLAlchemy pool, and how often a lost connection is tried again."""

    pool_size: int = 5
    max_overflow: int = 15
    pool_timeout_seconds: int = 30
    pool_recycle_seconds: int = 1800
    connect_timeout_seconds: int = 10
    read_timeout_seconds: int = 900
    write_timeout_seconds: int = 900
    keepalive_seconds: int = 30
    lock_timeout_seconds: int = 120
    attempts: int = 3
    first_wait_seconds: float = 1.0


@configspec
class SourceConnectionTuning(ConnectionTuning):
    """`[sources.opendental.connection]`: no statement there takes longer than seconds."""

    read_timeout_seconds: int = 60
    write_timeout_seconds: int = 60
    lock_timeout_seconds: int = 30


@configspec
class RawConnectionTuning(ConnectionTuning):
    """`[destination.raw.connection]`: others read there while a run writes."""

    exclusive_lock_seconds: float = 1.0
    idle_in_transaction_seconds: int = 3600


CONNECTIONS: dict[DatabaseType, tuple[type[ConnectionTuning], tuple[str, ...]]] = {
    DatabaseType.SOURCE: (SourceConnectionTuning, ("sources", "opendental", "connection")),
    DatabaseType.REPLICATION: (ConnectionTuning, ("destination", "replication", "connection")),
    DatabaseType.ANALYTICS: (RawConnectionTuning, ("destination", "raw", "connection")),
}
"""The tunables of each server's connections, and their section of .dlt/config.toml."""


def setting_name(database: DatabaseType, name: str) -> str:
    """Names a tunable of a server's connections, for messages."""
    return f"{name} of [{'.'.join(CONNECTIONS[database][1])}] in .dlt/config.toml"


@configspec
class RunTuning(BaseConfiguration):
    """`[runs]`: grouping, parallelism, history and locks."""

    max_workers: int = 5
    group_rows: int = 250_000
    group_tables: int = 150
    slice_rows: int = 200_000
    slice_megabytes: int = 128
    slice_seconds: float = 5.0
    handover_rows: int = 10_000
    compare_rows: int = 5_000
    brake_share: float = 0.2
    window_minutes: float = 0.0
    busy_statements: int = 20
    second_opinion_seconds: float = 2.0
    history_days: int = 400
    lock_seconds: float = 20.0
    lock_wait_seconds: int = 60
    ending_seconds: float = 10.0

    @property
    def slice_limits(self) -> SliceLimits:
        """Where a slice of a pass ends."""
        return SliceLimits(self.slice_rows, self.slice_megabytes << 20, self.slice_seconds)


@configspec
class AnalysisTuning(BaseConfiguration):
    """`[analysis]`: the dbt project that reads raw, and where its sources.yml is written."""

    dbt_project: str = ""
    dbt_sources: str = ""

    @property
    def project_path(self) -> Path | None:
        """Where the dbt project is, if there is one; a relative path counts from home."""
        return home() / self.dbt_project if self.dbt_project else None

    @property
    def sources_path(self) -> Path | None:
        """Where to write sources.yml, if anywhere; likewise."""
        return home() / self.dbt_sources if self.dbt_sources else None


@dataclass(frozen=True)
class Tuning:
    """All tunables of a run."""

    reading: ReadingTuning = field(default_factory=ReadingTuning)
    connections: dict[DatabaseType, ConnectionTuning] = field(
        default_factory=lambda: {database: kind() for database, (kind, _) in CONNECTIONS.items()}
    )
    runs: RunTuning = field(default_factory=RunTuning)
    analysis: AnalysisTuning = field(default_factory=AnalysisTuning)
    status: StatusTuning = field(default_factory=StatusTuning)
    after: AfterTuning = field(default_factory=AfterTuning)
    notifications: NotificationTuning = field(default_factory=NotificationTuning)

    @property
    def raw(self) -> RawConnectionTuning:
        """Those of PostgreSQL's connections."""
        found = self.connections[DatabaseType.ANALYTICS]
        assert isinstance(found, RawConnectionTuning)
        return found

    def hurried(self, seconds: float) -> "Tuning":
        """The same, with one attempt and a short wait for PostgreSQL, which may be gone.

        Args:
            seconds: that it may be silent.
        """
        raw, limit = self.raw.copy(), max(1, round(seconds))
        raw.attempts = 1
        raw.connect_timeout_seconds = min(raw.connect_timeout_seconds, limit)
        raw.read_timeout_seconds = min(raw.read_timeout_seconds, limit)
        return replace(self, connections={**self.connections, DatabaseType.ANALYTICS: raw})

    @classmethod
    def load(cls) -> "Tuning":
        """Resolves all sections through dlt's providers.

        Raises:
            EnvironmentSettingError: a value has the wrong type.
        """
        return cls(
            reading=_resolve(ReadingTuning(), "sources", "opendental"),
            connections={
                database: _resolve(kind(), *sections)
                for database, (kind, sections) in CONNECTIONS.items()
            },
            runs=_resolve(RunTuning(), "runs"),
            analysis=_resolve(AnalysisTuning(), "analysis"),
            status=_resolve(StatusTuning(), "status"),
            after=_resolve(AfterTuning(), "after"),
            notifications=_resolve(NotificationTuning(), "notifications"),
        )


SECTIONS: tuple[tuple[type[BaseConfiguration], tuple[str, ...]], ...] = (
    (ReadingTuning, ("sources", "opendental")),
    *CONNECTIONS.values(),
    (RunTuning, ("runs",)),
    (AnalysisTuning, ("analysis",)),
    (StatusTuning, ("status",)),
    (AfterTuning, ("after",)),
    (NotificationTuning, ("notifications",)),
)
"""All sections, each with what it may have."""


def tuning_faults() -> list[str]:
    """What is wrong with the tunables, a sentence for each section."""
    faults = []
    for spec, sections in SECTIONS:
        try:
            _resolve(spec(), *sections)
        except EnvironmentSettingError as error:
            faults.append(str(error))
    return faults


Spec = TypeVar("Spec", bound=BaseConfiguration)


def _resolve(spec: Spec, *sections: str) -> Spec:
    # an exact section: dlt would otherwise look for `tables` or `pool_size` in every outer one
    try:
        return resolve_configuration(spec, sections=sections)
    except ConfigurationException as error:
        place = ".".join(sections)
        raise EnvironmentSettingError(
            f"[{place}] in .dlt/config.toml or its variables has a value of the wrong type: {error}"
        ) from None
