"""What tests share: private servers for the session, a small clinic of its own for each test."""

import io
import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rich.console import Console

from demo import servers, suites
from demo.servers import Cluster
from opendental_pipeline.analysis.analyzer import analyze
from opendental_pipeline.analysis.decisions import decisions, observations
from opendental_pipeline.analysis.rules import DEFAULTS
from opendental_pipeline.analysis.snapshot import Snapshot, TableSnapshot
from opendental_pipeline.analysis.writing import write
from opendental_pipeline.reconcile.verify import VerifyResult
from opendental_pipeline.runs.nightly import Options, run
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.runs.verify import verify
from opendental_pipeline.settings.choices import OnNewTables
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.observations import analysis_path
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tables_file import TablesFile
from opendental_pipeline.settings.tuning import RunTuning, Tuning
from tests import sessions
from tests.comparison import Difference, Tiers, differences

REPLICATION_MODE = "'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'"
_numbers = itertools.count(1)


def pytest_configure() -> None:
    """Refuses a server that there is none of once, and not in every test."""
    try:
        suites.chosen(os.environ)
    except suites.UnknownReleaseError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out tests of what only another kind of server than those of the session has.

    A test says so itself: `@pytest.mark.only_on(source="mariadb")`.
    """
    kinds = suites.kinds(os.environ)
    wanted = {
        item: {
            server: kind
            for mark in item.iter_markers("only_on")
            for server, kind in mark.kwargs.items()
        }
        for item in items
    }
    elsewhere = [item for item in items if not wanted[item].items() <= kinds.items()]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The three servers that are wanted, started for this session and removed after it."""
    directory = tmp_path_factory.mktemp("servers")
    try:
        yield servers.start(directory, releases=suites.chosen(os.environ), say=lambda _: None)
    finally:
        servers.remove(directory)


def draft(file: TablesFile) -> Snapshot:
    """What an analysis would say that came to the entries of a tables.yml in memory."""
    tables = {
        name: TableSnapshot(observed=observations(config), chosen=decisions(config))
        for name, config in file.tables.items()
    }
    return Snapshot(defaults=DEFAULTS, tables=tables)


def tables_text(file: TablesFile) -> str:
    """The text of a tables.yml that is in memory."""
    return write(file.metadata, draft(file))[0]


def write_tables(file: TablesFile, path: Path) -> None:
    """The same as a file with its analysis beside it; reading it gives an equal one."""
    text, analysis = write(file.metadata, draft(file))
    path.write_text(text, encoding="utf-8", newline="")
    analysis_path(path).write_text(analysis.to_json(), encoding="utf-8")


@dataclass
class Clinic:
    """Databases of one test, empty at first, and the pipeline between them.

    Attributes:
        environ: the settings as unprefixed variables.
        home: where dlt keeps its working directory; a new one is a machine that never ran.
    """

    cluster: Cluster
    name: str
    home: Path
    environ: dict[str, str]
    monkeypatch: pytest.MonkeyPatch
    # so that every test that does not say otherwise loads raw from the first hop's files
    tuning: Tuning = field(default_factory=lambda: Tuning(runs=RunTuning(handover_rows=1)))

    @property
    def source(self) -> sa.Engine:
        """The clinic's own server, as somebody who may write there."""
        return sessions.engine(self.cluster.source.url(self.name), sql_mode="''")

    @property
    def replication(self) -> sa.Engine:
        """The copy."""
        return sessions.engine(self.cluster.replication.url(self.name), sql_mode=REPLICATION_MODE)

    @property
    def analytics(self) -> sa.Engine:
        """PostgreSQL."""
        return sessions.engine(self.cluster.analytics.url(self.name))

    @property
    def settings(self) -> Settings:
        """The pipeline's settings for these databases."""
        return Settings.from_dict({**self.environ, "ETL_ENVIRONMENT": "test"})

    def sql(self, *statements: str) -> None:
        """Runs statements at the source."""
        self.execute(self.source, *statements)

    def execute(self, engine: sa.Engine, *statements: str) -> None:
        """Runs statements anywhere."""
        _execute(engine, statements)

    def rows(self, engine: sa.Engine, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query anywhere."""
        with engine.connect() as connection:
            result = connection.execution_options(no_parameters=True).exec_driver_sql(query)
            return [tuple(row) for row in result]

    def tables(self, **overrides: Mapping[str, Any]) -> TablesFile:
        """The analyzer's entries for the source as it is now, with some fields replaced."""
        with self.source.connect() as connection:
            file = analyze(connection, self.name, environment="test").tables
        entries = dict(file.tables)
        for name, fields in overrides.items():
            before = entries[name].model_dump(exclude_defaults=True) if name in entries else {}
            entries[name] = TableConfig(**{**before, "table_name": name, **fields})
        return TablesFile(metadata=file.metadata, tables=entries)

    def write_tables(self, **overrides: Mapping[str, Any]) -> Path:
        """The same as a file."""
        path = self.home / "tables.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_tables(self.tables(**overrides), path)
        return path

    def run(
        self,
        *names: str,
        tables: TablesFile | None = None,
        force_full: bool = False,
        tuning: Tuning | None = None,
        on_new_tables: OnNewTables = OnNewTables.ADD,
        prove: bool = False,
        confirmed: bool = False,
    ) -> RunReport:
        """One night, in this process."""
        self.monkeypatch.setenv("DLT_DATA_DIR", str(self.home))
        return run(
            Options(
                tables=names,
                force_full=force_full,
                on_new_tables=on_new_tables,
                prove=prove,
                confirmed=confirmed,
            ),
            settings=self.settings,
            tuning=tuning or self.tuning,
            tables=tables or self.tables(),
            console=Console(file=io.StringIO()),
        )

    def verify(self, *names: str, since: str | None = None) -> list[VerifyResult]:
        """The pipeline's own comparison, in this process."""
        self.monkeypatch.setenv("DLT_DATA_DIR", str(self.home))
        return verify(
            Options(tables=names),
            since=since,
            settings=self.settings,
            tuning=self.tuning,
            tables=self.tables(),
            console=Console(file=io.StringIO()),
        )

    @property
    def tiers(self) -> Tiers:
        """The three databases, for a comparison."""
        return Tiers(
            self.cluster.source.url(self.name),
            self.cluster.replication.url(self.name),
            self.cluster.analytics.url(self.name),
        )

    def differences(self, *tables: str) -> list[Difference]:
        """What replication and raw do not share with the source."""
        return differences(self.tiers, tables or None)

    def on_a_new_machine(self, home: Path) -> "Clinic":
        """The same databases, seen from a machine that has never run before."""
        return replace(self, home=home)

    def variables(self) -> dict[str, str]:
        """A whole process environment for running the jobs as programs."""
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME")}
        return {**kept, **self.environ, "DLT_DATA_DIR": str(self.home)}


def _execute(engine: sa.Engine, statements: tuple[str, ...]) -> None:
    with engine.connect() as connection:
        for statement in statements:
            connection.execution_options(no_parameters=True).exec_driver_sql(statement)
        connection.commit()


@pytest.fixture
def clinic(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    """Three new databases of the same name, dropped after the test."""
    with new_clinic(cluster, tmp_path, monkeypatch) as made:
        yield made


@contextmanager
def new_clinic(
    cluster: Cluster,
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str | None = None,
    **options: str,
) -> Iterator[Clinic]:
    """The same within a test, for tests that need many.

    Args:
        name: of the databases; None for one that no other clinic of the session has.
        options: of CREATE DATABASE, by the tier whose database has them.
    """
    name = name or f"clinic_test_{next(_numbers)}"
    environ = cluster.environ()
    for key in ("OPENDENTAL_SOURCE_DB", "MYSQL_REPLICATION_DB", "POSTGRES_ANALYTICS_DB"):
        environ[key] = name
    engines = {
        tier: sessions.engine(getattr(cluster, tier).url()).execution_options(
            isolation_level="AUTOCOMMIT"
        )
        for tier in ("source", "replication", "analytics")
    }
    for tier, engine in engines.items():
        _execute(engine, (f"CREATE DATABASE {name} {options.get(tier, '')}",))
    try:
        yield Clinic(cluster, name, directory / name, environ, monkeypatch)
    finally:
        force = {"postgresql": " WITH (FORCE)"}
        for engine in engines.values():
            suffix = force.get(engine.dialect.name, "")
            _execute(engine, (f"DROP DATABASE {name}{suffix}",))
