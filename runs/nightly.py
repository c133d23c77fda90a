"""A whole run: both hops at work at once on different groups of tables, and the report of it."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from dlt.common.pipeline import get_dlt_pipelines_dir
from rich.console import Console

from runs.copying import Copying
from runs.loading import Loading
from runs.lock import Locks, only_run
from runs.memory import give_back_freed_memory, peak_megabytes
from runs.moved import Moved
from runs.new_tables import NewTables, OnNewTables
from runs.packing import packed
from runs.progress import RunProgress
from runs.report import HopResult, RunReport, TableResult
from runs.results import age_in_days, memory_alerts, not_reached, to_result
from runs.second_hop import SecondHop
from runs.tracking import History
from sources.opendental.connections import Connections, told_plainly
from sources.opendental.errors import EnvironmentSettingError, LockLostError, PipelineError
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
        LockLostError: the run lost its locks before it had moved anything.
    """
    night = Night.prepare(options or Options(), settings, tuning, tables)
    with night.connections, told_plainly():
        night.connections.check()
        with night.alone() as locks:
            return night.move(RunProgress(console or Console(stderr=True)), locks)


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

    def alone(self) -> AbstractContextManager[Locks]:
        """Holds the locks of a run."""
        home = Path(get_dlt_pipelines_dir())
        return only_run(self.settings, self.connections, self.tuning.runs, home)

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
        give_back_freed_memory()
        copying = self.copying()
        copying.refuse_during_upgrade()
        new = NewTables(self.options.on_new_tables)
        schema = self.settings.schema_name(PostgresSchema.RAW)
        analytics = self.connections.engine(DatabaseType.ANALYTICS)
        locks.claim()
        history = History(analytics, schema, self.tuning.runs.history_days)
        history.prepare()
        copied, loaded, lost = self._both_hops(copying, new, progress)
        finished = datetime.now(UTC)
        tables = {
            config.table_name: TableResult(
                table_name=config.table_name,
                performance_category=config.performance_category,
                processing_priority=config.processing_priority,
                batch_size_used=config.batch_size,
                copy_result=copied.get(config.table_name),
                load_result=loaded.get(config.table_name),
            )
            for config in (*self.selection, *new.configs.values())
        }
        peak = peak_megabytes()
        report = RunReport(
            run_id=f"{started:%Y%m%dT%H%M%S}-{uuid4().hex[:6]}",
            environment=self.settings.environment,
            started_at=started,
            finished_at=finished,
            config_age_days=age_in_days(self.tables, started),
            total_tables_configured=len(self.tables.names()),
            schema_drift=copying.drifted(self.selection),
            new_tables=new.fates,
            tables=tables,
            peak_memory_mb=peak,
            memory_alerts=memory_alerts(self.selection, tables, peak),
            stopped=lost.message if lost else "",
        )
        try:
            history.record(report)
        except LockLostError as error:
            return report.model_copy(update={"stopped": report.stopped or error.message})
        return report

    def _both_hops(
        self, copying: Copying, new: NewTables, progress: RunProgress
    ) -> tuple[dict[str, HopResult], dict[str, HopResult], LockLostError | None]:
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
        lost: LockLostError | None = None
        try:
            with progress.shown(), copying.handover, second:
                self._copy_all(copying, new, second, progress, copied)
            loading.status.record((name, result) for name, result in copied.items() if result.error)
        except LockLostError as error:
            lost = error
        lost = lost or second.lost
        if lost:
            known = (*self.selection, *new.configs.values())
            self._stopped(lost, [config.table_name for config in known], copied, second.results)
            progress.say(f"stopped: {lost}", style="red")
        return copied, second.results, lost

    def _stopped(
        self,
        lost: LockLostError,
        names: Iterable[str],
        copied: dict[str, HopResult],
        loaded: dict[str, HopResult],
    ) -> None:
        """Notes which tables a run did not reach before it lost a lock; raises if it moved none."""
        if not any(result.slices for result in (*copied.values(), *loaded.values())):
            raise lost
        for name in names:
            if copied.setdefault(name, not_reached(lost)).error is None:
                loaded.setdefault(name, not_reached(lost))

    def _copy_all(
        self,
        copying: Copying,
        new: NewTables,
        second: SecondHop,
        progress: RunProgress,
        copied: dict[str, HopResult],
    ) -> None:
        """Takes all tables through the first hop, and those again that are altered meanwhile."""
        selection = self.selection
        for _ in range(_LOOKS):
            found = self._new(new, copying)
            now: dict[str, HopResult] = {}
            try:
                self._copy([*selection, *found], copying, second, progress, now)
            finally:
                copied |= now
            if not any(result.slices or result.error for result in now.values()):
                break
            # an upgrade may go on while we read
            others = copying.look_again()
            known = (*self.selection, *new.configs.values())
            selection = tuple(config for config in known if config.table_name in others)
            if not selection:
                break

    def _copy(
        self,
        selection: Sequence[TableConfig],
        copying: Copying,
        second: SecondHop,
        progress: RunProgress,
        copied: dict[str, HopResult],
    ) -> None:
        """Takes some tables through the first hop, and hands them to the second.

        Raises:
            LockLostError: the run lost a lock; `copied` has the results until then.
        """
        plans = copying.plan(
            selection, force=self.options.force_full, prove=self.options.prove, align=True
        )
        copied |= plans.unchanged
        configs = {config.table_name: config for config in selection}
        copying.status.pending(configs)
        second.expect(configs)
        progress.expect("replication", len(configs))
        progress.expect("raw", len(configs))
        progress.unchanged("replication", len(plans.unchanged))
        second.take([configs[name] for name in plans.unchanged])
        failed = {name: not_reached(error) for name, error in plans.failed.items()}
        copied |= failed
        for error in plans.failed.values():
            progress.say(f"failed: {error}", style="red")

        def tell(moved: Sequence[Moved]) -> None:
            progress.moved("replication", moved)
            second.take_ahead([configs[one.table] for one in moved if not one.finished])

        for group in packed(plans.plans, self.tuning.runs, self.workers):
            if lost := copying.lost or second.lost:
                raise lost
            try:
                with told_plainly("replication"):
                    moved = copying.move(group, tell)
            except LockLostError:
                raise
            except PipelineError as error:
                failed.update((plan.table.name, not_reached(error)) for plan in group)
                copied |= failed
                progress.say(f"failed: {error}", style="red")
                continue
            copied.update((one.table, to_result(one)) for one in moved)
            second.take([configs[one.table] for one in moved if one.error is None])
        copying.status.record([*plans.unchanged.items(), *failed.items()])
