"""A whole run: both hops at work at once on different groups of tables, and the report of it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from dlt.common.pipeline import get_dlt_pipelines_dir
from rich.console import Console

from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.databases.engines import Connections
from opendental_pipeline.databases.table import Catalogue
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.runs.both_hops import BothHops
from opendental_pipeline.runs.console import RunProgress
from opendental_pipeline.runs.copy_hop import CopyHop
from opendental_pipeline.runs.load_hop import LoadHop
from opendental_pipeline.runs.lock import Locks, run_lock
from opendental_pipeline.runs.memory import peak_megabytes, tune_malloc
from opendental_pipeline.runs.new_tables import NewTables, OnNewTables
from opendental_pipeline.runs.report import HopResult, RunReport, TableResult
from opendental_pipeline.runs.run_report import (
    config_age_days,
    drifted,
    memory_alerts,
    table_results,
)
from opendental_pipeline.runs.sampling import Sampling
from opendental_pipeline.runs.status_tables import History, StatusTable
from opendental_pipeline.settings.environment import DatabaseType, PostgresSchema, Settings
from opendental_pipeline.settings.errors import (
    EnvironmentSettingError,
    LockLostError,
    PipelineError,
)
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tables_file import TablesFile, load_tables
from opendental_pipeline.settings.tuning import Tuning
from sources.opendental.backends import check_backends, check_stoppable


@dataclass(frozen=True)
class Options:
    """What a person asks of one run.

    Args:
        tables: names of the tables to move; all if neither they nor categories are given.
        categories: performance categories to move.
        force_full: move every row, whatever the watermarks say.
        max_workers: tables read or written at once; None for the configured number.
        prove: compare all rows in both hops, whenever they were compared last.
        confirmed: much of a table may be deleted or changed: somebody has looked.
        on_new_tables: whether a run of all tables moves those that tables.yml does not know.
    """

    tables: Sequence[str] = ()
    categories: Sequence[str] = ()
    force_full: bool = False
    max_workers: int | None = None
    prove: bool = False
    confirmed: bool = False
    on_new_tables: OnNewTables = OnNewTables.ADD


def run(
    options: Options | None = None,
    *,
    settings: Settings | None = None,
    tuning: Tuning | None = None,
    tables: TablesFile | None = None,
    console: Console | None = None,
) -> RunReport:
    """Moves what changed from the source through replication into raw.

    Args:
        options: what to move.
        settings: the databases; from the environment and files if not given.
        tuning: the tunables; from dlt's configuration if not given.
        tables: the contract; the configured tables.yml if not given.
        console: where progress goes; standard error if not given.

    Raises:
        ConfigurationError, ConnectionFailedError: nothing was written.
        RunRefusedError: another run is at work.
        LockLostError: the run lost its locks before it had moved anything.
    """
    night = NightlyRun.prepare(options or Options(), settings, tuning, tables)
    with night.connections, redact_driver_errors():
        night.connections.check()
        with night.locked() as locks:
            return night.move(RunProgress(console or Console(stderr=True)), locks)


@dataclass(frozen=True)
class NightlyRun:
    """One run about to happen: everything it needs, and nothing connected yet."""

    options: Options
    settings: Settings
    tuning: Tuning
    tables: TablesFile
    selection: tuple[TableConfig, ...]
    connections: Connections

    @classmethod
    def prepare(
        cls,
        options: Options,
        settings: Settings | None = None,
        tuning: Tuning | None = None,
        tables: TablesFile | None = None,
    ) -> "NightlyRun":
        """Reads and checks the whole configuration.

        Raises:
            ConfigurationError: something is missing, wrong or unknown.
        """
        settings = settings or Settings.load()
        tuning = tuning or Tuning.load()
        tables = tables or load_tables(tuning.reading.tables_path)
        names = options.tables or tuning.reading.table_names
        selection = tables.select(names, options.categories)
        hashed = [config.table_name for config in selection if config.hashed_columns]
        if hashed and settings.hash_key is None:
            raise EnvironmentSettingError(
                f"ETL_HASH_KEY is missing, and tables.yml hashes columns of {', '.join(hashed)};"
                " make one: openssl rand -hex 32"
            )
        check_backends(selection, settings.connection(DatabaseType.SOURCE))
        return cls(options, settings, tuning, tables, selection, Connections(settings, tuning))

    def _find_new(self, new: NewTables, copying: CopyHop) -> list[TableConfig]:
        """Tables that tables.yml does not know; only a run of all tables takes them."""
        options, reading = self.options, self.tuning.reading
        if options.tables or options.categories or reading.table_names:
            return []
        return new.find(copying, self.tables.names())

    @property
    def workers(self) -> int:
        """Tables read or written at once."""
        return self.options.max_workers or self.tuning.runs.max_workers

    def locked(self) -> AbstractContextManager[Locks]:
        """Holds the locks of a run."""
        home = Path(get_dlt_pipelines_dir())
        return run_lock(self.settings, self.connections, self.tuning.runs, home)

    def copying(self) -> CopyHop:
        """The first hop, having looked at state and catalogues."""
        check_stoppable(self.selection, self.connections.server(DatabaseType.SOURCE))
        copying = CopyHop(
            self.settings,
            self.tuning,
            self.connections,
            self.workers,
            confirmed=self.options.confirmed,
        )
        copying.read_state()
        return copying

    def plan(self) -> tuple[list[tuple[TablePlan, int | None]], list[PipelineError]]:
        """What a run would copy, with each table's rows, and what would fail; writes nothing."""
        copying = self.copying()
        new = NewTables(self.options.on_new_tables)
        configs = [*self.selection, *self._find_new(new, copying)]
        plans = copying.plan(
            configs, force=self.options.force_full, prove=self.options.prove, align=False
        )
        counted = [(plan, copying.count(plan)) for plan in plans.plans]
        return counted, list(plans.failed.values())

    def move(self, progress: RunProgress, locks: Locks) -> RunReport:
        """Runs both hops and records what they did.

        Args:
            progress: shows it.
            locks: of the run.

        Raises:
            RunRefusedError: OpenDental is being upgraded.
            LockLostError: the run lost its locks before it had moved anything.
        """
        started = datetime.now(UTC)
        tune_malloc()
        copying = self.copying()
        copying.refuse_during_upgrade()
        new = NewTables(self.options.on_new_tables)
        schema = self.settings.schema_name(PostgresSchema.RAW)
        analytics = self.connections.engine(DatabaseType.ANALYTICS)
        locks.claim()
        history = History(analytics, schema, self.tuning.runs.history_days)
        history.prepare()
        sampling = Sampling.begin(
            self.settings,
            self.tuning.runs.second_opinion_seconds,
            StatusTable(analytics, "load", schema),
        )
        hops = self._both_hops(copying, progress)
        hops.run(self.selection, lambda: self._find_new(new, copying))
        configs = (*self.selection, *new.configs.values())
        if not hops.lost:
            rows = {name: table.rows for name, table in copying.catalogue.items()}
            again = partial(self._move_again, progress)
            sampling.sample(configs, rows, hops.copied, hops.loaded, again)
        tables = table_results(configs, hops.copied, hops.loaded, sampling.results)
        report = self._report(started, copying.catalogue, tables).model_copy(
            update={
                "source_change": copying.source_change,
                "new_tables": new.outcomes,
                "no_second_opinion": sampling.skipped,
                "stopped": hops.lost.message if hops.lost else "",
            }
        )
        try:
            history.record(report)
        except LockLostError as error:
            return report.model_copy(update={"stopped": report.stopped or error.message})
        return report

    def _report(
        self, started: datetime, catalogue: Catalogue, tables: Mapping[str, TableResult]
    ) -> RunReport:
        peak = peak_megabytes()
        return RunReport(
            run_id=f"{started:%Y%m%dT%H%M%S}-{uuid4().hex[:6]}",
            environment=self.settings.environment,
            started_at=started,
            finished_at=datetime.now(UTC),
            config_age_days=config_age_days(self.tables.metadata, started),
            total_tables_configured=len(self.tables.names()),
            schema_drift=drifted(self.selection, catalogue),
            tables=dict(tables),
            peak_memory_mb=peak,
            memory_alerts=memory_alerts(self.selection, tables, peak),
        )

    def _move_again(
        self, progress: RunProgress, configs: Sequence[TableConfig]
    ) -> tuple[dict[str, HopResult], dict[str, HopResult]]:
        """Moves some tables once more, all their rows compared."""
        names = [config.table_name for config in configs]
        options = replace(self.options, tables=names, categories=(), force_full=False, prove=True)
        again = replace(self, options=options, selection=tuple(configs))
        hops = again._both_hops(again.copying(), progress)
        hops.run(configs, lambda: [])
        if hops.lost:
            raise hops.lost
        return hops.copied, hops.loaded

    def _both_hops(self, copying: CopyHop, progress: RunProgress) -> BothHops:
        loading = LoadHop(
            self.settings,
            self.tuning,
            self.connections,
            self.workers,
            copying.slice_cache,
            prove=self.options.prove,
            confirmed=self.options.confirmed,
        )
        loading.read_state()
        loading.status.prepare()
        return BothHops(
            copying,
            loading,
            progress,
            self.tuning.runs,
            self.workers,
            force=self.options.force_full,
            prove=self.options.prove,
        )
