"""A whole run: both hops at work at once on different groups of tables, and the report of it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from dlt.common.pipeline import get_dlt_pipelines_dir
from rich.console import Console

from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.databases.engines import Connections
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.runs.both_hops import BothHops
from opendental_pipeline.runs.copy_hop import CopyHop
from opendental_pipeline.runs.kept_reports import KeptReports
from opendental_pipeline.runs.load_hop import LoadHop
from opendental_pipeline.runs.lock import Locks, run_lock
from opendental_pipeline.runs.memory import tune_malloc
from opendental_pipeline.runs.new_tables import NewTables
from opendental_pipeline.runs.options import Options as Options
from opendental_pipeline.runs.progress import told_every
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.runs.run_header import RunHeader
from opendental_pipeline.runs.run_history import RunHistory
from opendental_pipeline.runs.run_record import RunRecord
from opendental_pipeline.runs.sampling import Sampling
from opendental_pipeline.runs.shown_progress import RunProgress
from opendental_pipeline.runs.signals import run_interruptibly
from opendental_pipeline.runs.status_tables import StatusTable
from opendental_pipeline.runs.table_result import HopResult
from opendental_pipeline.settings.backends import check_backends
from opendental_pipeline.settings.clinic_group import refuse_shared
from opendental_pipeline.settings.environment import DatabaseType, PostgresSchema, Settings
from opendental_pipeline.settings.errors import (
    EnvironmentSettingError,
    PipelineError,
)
from opendental_pipeline.settings.faults import fault_of
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tables_file import TablesFile, load_tables
from opendental_pipeline.settings.tuning import Tuning
from sources.opendental.backends import check_stoppable

_TOLD_SECONDS = 10.0
"""How often the history says how far a run is."""


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
        ConfigurationError, ConnectionFailedError, QueryFailedError: nothing was moved.
        RunRefusedError: another run is at work, OpenDental is being upgraded, or it is outside of
            the window in which a run may begin.
        LockLostError: the run lost its locks before it had moved anything.
        KeyboardInterrupt: somebody interrupted it.
    """
    options = options or Options()
    record = RunRecord(RunHeader.begin("nightly", options.asked))
    given = settings, tuning, tables
    report, cause = run_to_end(options, record, *given, console=console)
    raise_if_unmoved(report, cause)
    return report


def raise_if_unmoved(report: RunReport, cause: BaseException | None) -> None:
    """Raises what ended a run before anything had moved, and any interruption.

    Args:
        report: of the run.
        cause: why it ended before its end; None if it did not.
    """
    if cause is not None and (not report.moved or not isinstance(cause, PipelineError)):
        raise cause


def run_to_end(
    options: Options,
    record: RunRecord,
    settings: Settings | None = None,
    tuning: Tuning | None = None,
    tables: TablesFile | None = None,
    *,
    console: Console | None = None,
) -> tuple[RunReport, BaseException | None]:
    """The same, and its report whatever happens.

    Args:
        options: what to move.
        record: gets what is known of the run.
        settings, tuning, tables: as above.
        console: where progress goes; standard error if not given.

    Returns:
        the report, and why the run ended before its end; None if it did not.
    """
    kept: KeptReports | None = None
    cause: BaseException
    try:
        settings = settings or Settings.load()
        record.environment, kept = settings.environment, KeptReports.of(settings)
        night = NightlyRun.prepare(options, settings, tuning, tables)
        record.tables, record.selection = night.tables, night.selection
        progress = RunProgress(console or Console(stderr=True))
        return run_interruptibly(
            partial(night.run, progress, record, kept),
            night.connections.sessions.interrupt,
            night.tuning.runs.ending_seconds,
        )
    except (PipelineError, KeyboardInterrupt) as error:
        cause = error
    except Exception as error:  # noqa: BLE001  the last resort
        cause = fault_of(error, "the run")
    report = record.report(cause)
    if kept:
        kept.keep(report)
    return report, cause


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
            RunRefusedError: it is outside of the window in which a run may begin.
        """
        if options.window:
            options.window.refuse_outside()
        settings = settings or Settings.load()
        refuse_shared()
        tuning = tuning or Tuning.load()
        tables = tables or load_tables(tuning.reading.tables_path)
        names = options.tables or tuning.reading.table_names
        selection = tables.select(names, options.categories, options.priorities)
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
        if options.of_some or reading.table_names:
            new.name(copying, self.tables.names())
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

    def look(self) -> tuple[list[tuple[TablePlan, int | None]], list[PipelineError]]:
        """What a run would copy, with each table's rows, and what would fail; writes nothing.

        Raises:
            PipelineError: it cannot be said.
        """
        with self.connections, redact_driver_errors():
            self.connections.check()
            with self.locked():
                return self._plan()

    def _plan(self) -> tuple[list[tuple[TablePlan, int | None]], list[PipelineError]]:
        copying = self.copying()
        new = NewTables(self.options.on_new_tables)
        configs = [*self.selection, *self._find_new(new, copying)]
        plans = copying.plan(
            configs, force=self.options.force_full, prove=self.options.prove, align=False
        )
        counted = [(plan, copying.count(plan)) for plan in plans.plans]
        return counted, list(plans.failed.values())

    def run(
        self, progress: RunProgress, record: RunRecord, kept: KeptReports
    ) -> tuple[RunReport, BaseException | None]:
        """Connects and moves everything; see `move_to_end`.

        Raises:
            PipelineError: nothing was begun.
        """
        with self.connections, redact_driver_errors():
            self.connections.check()
            with self.locked() as locks:
                return self.move_to_end(progress, locks, record, kept)

    def move_to_end(
        self, progress: RunProgress, locks: Locks, record: RunRecord, kept: KeptReports
    ) -> tuple[RunReport, BaseException | None]:
        """Runs both hops, and records how the run ended, however it does.

        Args:
            progress: shows it.
            locks: of the run.
            record: gets what is known of it.
            kept: keeps reports that cannot be recorded.

        Returns:
            the report, and why the run ended before its end; None if it did not.
        """
        schema = self.settings.schema_name(PostgresSchema.RAW)
        analytics = self.connections.engine(DatabaseType.ANALYTICS)
        history = RunHistory(analytics, schema, self.tuning.runs.history_days)
        cause: BaseException | None = None
        try:
            with redact_driver_errors():
                copying = record.copying = self.copying()
                copying.refuse_during_upgrade()
                locks.claim()
                history.prepare()
                kept.record(history)
                history.begin(record.header)
                tell = partial(history.tell, record.header.run_id)
                with told_every(_TOLD_SECONDS, progress.counts, tell):
                    self._move(progress, record, copying)
            cause = record.hops.stopped if record.hops else None
            if cause is None:
                locks.confirm()
        except PipelineError as error:
            cause = error
        except Exception as error:  # noqa: BLE001  the last resort
            cause = fault_of(error, "the run")
        if self.connections.sessions.interrupted:
            # whatever it met in its last moments
            cause = KeyboardInterrupt()
            self.connections.sessions.resume(self.tuning.runs.ending_seconds / 4)
        report = record.report(cause)
        try:
            with redact_driver_errors():
                history.finish(report)
        except PipelineError:
            # what ended the run may be PostgreSQL itself
            kept.keep(report)
        return report, cause

    def _move(self, progress: RunProgress, record: RunRecord, copying: CopyHop) -> None:
        """Moves all tables, and looks at some rows a second time.

        Raises:
            PipelineError: a server failed before anything was moved.
        """
        tune_malloc()
        new = record.new = NewTables(self.options.on_new_tables)
        analytics = self.connections.engine(DatabaseType.ANALYTICS)
        schema = self.settings.schema_name(PostgresSchema.RAW)
        seconds = self.tuning.runs.second_opinion_seconds
        status = StatusTable(analytics, "load", schema)
        sampling = Sampling.begin(self.settings, seconds, status)
        hops = record.hops = self._both_hops(copying, progress)
        record.sampling = sampling
        hops.run(self.selection, lambda: self._find_new(new, copying))
        if hops.stopped is None:
            rows = {name: table.rows for name, table in copying.catalogue.items()}
            again = partial(self._move_again, progress)
            sampling.sample(record.configs, rows, hops.copied, hops.loaded, again)

    def _move_again(
        self, progress: RunProgress, configs: Sequence[TableConfig]
    ) -> tuple[dict[str, HopResult], dict[str, HopResult]]:
        """Moves some tables once more, all their rows compared."""
        names = [config.table_name for config in configs]
        options = Options(tables=names, max_workers=self.options.max_workers, prove=True)
        options = replace(options, confirmed=self.options.confirmed)
        again = replace(self, options=options, selection=tuple(configs))
        hops = again._both_hops(again.copying(), progress)
        hops.run(configs, lambda: [])
        if hops.stopped:
            raise hops.stopped
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
