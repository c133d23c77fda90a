"""A whole run: both hops at work at once on different groups of tables, and the report of it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from dlt.common.pipeline import get_dlt_pipelines_dir
from rich.console import Console

from runs.copying import Copying
from runs.loading import Loading
from runs.lock import only_run
from runs.memory import give_back_freed_memory, peak_megabytes
from runs.moved import Moved
from runs.new_tables import NewTables, OnNewTables
from runs.packing import packed
from runs.progress import RunProgress
from runs.report import HopResult, RunReport
from runs.reporting import config_age_days, memory_alerts, table_results
from runs.results import not_reached, to_result
from runs.sampling import Sampling
from runs.second_hop import SecondHop
from runs.tracking import History, StatusTable
from sources.opendental.connections import Connections, told_plainly
from sources.opendental.errors import EnvironmentSettingError, PipelineError
from sources.opendental.settings import DatabaseType, PostgresSchema, Settings
from sources.opendental.strategy import TablePlan
from sources.opendental.tables import TableConfig
from sources.opendental.tables_file import TablesFile, load_tables
from sources.opendental.tuning import Tuning

_LOOKS = 3
"""How often tables that are altered while the run goes on are copied again in the same run."""


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
    """
    night = Night.prepare(options or Options(), settings, tuning, tables)
    with night.connections, told_plainly():
        night.connections.check()
        with night.alone():
            return night.move(RunProgress(console or Console(stderr=True)))


@dataclass(frozen=True)
class Night:
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
    ) -> "Night":
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
        return cls(options, settings, tuning, tables, selection, Connections(settings, tuning))

    def _new(self, new: NewTables, copying: Copying) -> list[TableConfig]:
        """Tables that tables.yml does not know; only a run of all tables takes them."""
        options, reading = self.options, self.tuning.reading
        if options.tables or options.categories or reading.table_names:
            return []
        return new.find(copying, self.tables.names())

    @property
    def workers(self) -> int:
        """Tables read or written at once."""
        return self.options.max_workers or self.tuning.runs.max_workers

    def alone(self) -> AbstractContextManager[None]:
        """Holds the locks of a run."""
        return only_run(self.settings, self.connections, Path(get_dlt_pipelines_dir()))

    def copying(self) -> Copying:
        """The first hop, having looked at state and catalogues."""
        copying = Copying(
            self.settings,
            self.tuning,
            self.connections,
            self.workers,
            confirmed=self.options.confirmed,
        )
        copying.look()
        return copying

    def plan(self) -> tuple[list[tuple[TablePlan, int | None]], list[PipelineError]]:
        """What a run would copy, with each table's rows, and what would fail; writes nothing."""
        copying = self.copying()
        new = NewTables(self.options.on_new_tables)
        configs = [*self.selection, *self._new(new, copying)]
        plans = copying.plan(
            configs, force=self.options.force_full, prove=self.options.prove, align=False
        )
        counted = [(plan, copying.count(plan)) for plan in plans.plans]
        return counted, list(plans.failed.values())

    def move(self, progress: RunProgress) -> RunReport:
        """Runs both hops and records what they did.

        Raises:
            RunRefusedError: OpenDental is being upgraded.
        """
        started = datetime.now(UTC)
        give_back_freed_memory()
        copying = self.copying()
        copying.refuse_during_upgrade()
        new = NewTables(self.options.on_new_tables)
        schema = self.settings.schema_name(PostgresSchema.RAW)
        analytics = self.connections.engine(DatabaseType.ANALYTICS)
        history = History(analytics, schema, self.tuning.runs.history_days)
        history.prepare()
        sampling = Sampling.begin(
            self.settings,
            self.tuning.runs.second_opinion_seconds,
            StatusTable(analytics, "load", schema),
        )
        copied, loaded = self._both_hops(copying, new, progress)
        configs = (*self.selection, *new.configs.values())
        rows = {name: table.rows for name, table in copying.catalogue.items()}
        sampling.sample(configs, rows, copied, loaded, lambda c: self._move_again(c, progress))
        tables = table_results(configs, copied, loaded, sampling.results)
        peak = peak_megabytes()
        report = RunReport(
            run_id=f"{started:%Y%m%dT%H%M%S}-{uuid4().hex[:6]}",
            environment=self.settings.environment,
            started_at=started,
            finished_at=datetime.now(UTC),
            config_age_days=config_age_days(self.tables.metadata, started),
            total_tables_configured=len(self.tables.names()),
            schema_drift=copying.drifted(self.selection),
            new_tables=new.fates,
            tables=tables,
            peak_memory_mb=peak,
            memory_alerts=memory_alerts(self.selection, tables, peak),
            no_second_opinion=sampling.skipped,
        )
        history.record(report)
        return report

    def _move_again(
        self, configs: Sequence[TableConfig], progress: RunProgress
    ) -> tuple[dict[str, HopResult], dict[str, HopResult]]:
        """Moves some tables once more, all their rows compared."""
        names = [config.table_name for config in configs]
        options = replace(self.options, tables=names, categories=(), force_full=False, prove=True)
        again = replace(self, options=options, selection=tuple(configs))
        return again._both_hops(again.copying(), NewTables(OnNewTables.REPORT), progress)

    def _both_hops(
        self, copying: Copying, new: NewTables, progress: RunProgress
    ) -> tuple[dict[str, HopResult], dict[str, HopResult]]:
        loading = Loading(
            self.settings,
            self.tuning,
            self.connections,
            self.workers,
            copying.handover,
            prove=self.options.prove,
            confirmed=self.options.confirmed,
        )
        loading.look()
        loading.status.prepare()
        second = SecondHop(loading, progress, force=self.options.force_full)
        copied: dict[str, HopResult] = {}
        selection = self.selection
        with progress.shown(), copying.handover, second:
            for _ in range(_LOOKS):
                found = self._new(new, copying)
                now = self._copy([*selection, *found], copying, second, progress)
                copied |= now
                if not any(result.slices or result.error for result in now.values()):
                    break
                # an upgrade may go on while we read
                others = copying.look_again()
                known = (*self.selection, *new.configs.values())
                selection = tuple(config for config in known if config.table_name in others)
                if not selection:
                    break
        loading.status.record((name, result) for name, result in copied.items() if result.error)
        return copied, second.results

    def _copy(
        self,
        selection: Sequence[TableConfig],
        copying: Copying,
        second: SecondHop,
        progress: RunProgress,
    ) -> dict[str, HopResult]:
        """Takes some tables through the first hop, and hands them to the second."""
        plans = copying.plan(
            selection, force=self.options.force_full, prove=self.options.prove, align=True
        )
        copied = dict(plans.unchanged)
        configs = {config.table_name: config for config in selection}
        copying.status.pending(configs)
        second.expect(configs)
        progress.expect("replication", len(configs))
        progress.expect("raw", len(configs))
        progress.unchanged("replication", len(plans.unchanged))
        second.take([configs[name] for name in plans.unchanged])
        failed = {name: not_reached(error) for name, error in plans.failed.items()}
        for error in plans.failed.values():
            progress.say(f"failed: {error}", style="red")

        def tell(moved: Sequence[Moved]) -> None:
            progress.moved("replication", moved)
            second.take_ahead([configs[one.table] for one in moved if not one.finished])

        for group in packed(plans.plans, self.tuning.runs, self.workers):
            try:
                with told_plainly("replication"):
                    moved = copying.move(group, tell)
            except PipelineError as error:
                failed.update((plan.table.name, not_reached(error)) for plan in group)
                progress.say(f"failed: {error}", style="red")
                continue
            copied.update((one.table, to_result(one)) for one in moved)
            second.take([configs[one.table] for one in moved if one.error is None])
        copying.status.record([*plans.unchanged.items(), *failed.items()])
        return copied | failed
