"""The first hop of a run: what to copy from the source, and copying it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

import dlt

from destinations import replication
from destinations.evolve_replication import evolve_replica, prepare_replication
from opendental_pipeline.analysis.analyzer import recommend_all
from opendental_pipeline.analysis.rules import Recommendation
from opendental_pipeline.databases.catalog import read_catalogue, read_collations
from opendental_pipeline.databases.clock import Clock, in_utc, read_clock
from opendental_pipeline.databases.engines import Connections, connect, non_empty_tables, run_sql
from opendental_pipeline.databases.sql import conjunction, ident
from opendental_pipeline.databases.table import Catalogue, Table
from opendental_pipeline.planning.copy_planner import plan_copy, plan_source_table
from opendental_pipeline.planning.delete_guard import DeleteGuard
from opendental_pipeline.planning.plan_context import PlanContext, reload_reason
from opendental_pipeline.planning.source_contract import at_source, check_contract
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_state import TableState
from opendental_pipeline.reconcile.row_counts import count_rows
from opendental_pipeline.reconcile.source_diff_reader import SourceDiffReader
from opendental_pipeline.runs.count_check import RowCounts
from opendental_pipeline.runs.dlt_hop import Hop
from opendental_pipeline.runs.report import HopResult
from opendental_pipeline.runs.results import to_result, unchanged_result
from opendental_pipeline.runs.server_access import replica_access, source_access
from opendental_pipeline.runs.slice_cache import SliceCache
from opendental_pipeline.runs.status_tables import StatusTable
from opendental_pipeline.runs.table_progress import TableProgress
from opendental_pipeline.settings.environment import DatabaseType, Settings
from opendental_pipeline.settings.errors import (
    ConfigurationError,
    LockLostError,
    PipelineError,
    RunRefusedError,
    SchemaError,
)
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tuning import Tuning
from sources.opendental.domain import upgrading_computer
from sources.opendental.load_window import LoadWindow
from sources.opendental.slice_reader import SliceReader
from sources.opendental.table_query import TooLongError

PIPELINE = "opendental_replication"


@dataclass
class CopyPlans:
    """What a run is going to copy.

    Attributes:
        plans: tables to copy, in order.
        unchanged: tables that did not change since they were copied.
        failed: tables that cannot be copied, and why.
    """

    plans: list[TablePlan] = field(default_factory=list)
    unchanged: dict[str, HopResult] = field(default_factory=dict)
    failed: dict[str, PipelineError] = field(default_factory=dict)


class CopyHop:
    """Copies tables from the source to replication.

    Args:
        settings: the databases.
        tuning: the tunables.
        connections: to the databases.
        workers: tables read or written at once.
        confirmed: whether a person said that much may be deleted or changed.
    """

    def __init__(
        self,
        settings: Settings,
        tuning: Tuning,
        connections: Connections,
        workers: int,
        *,
        confirmed: bool,
    ) -> None:
        self._confirmed = confirmed
        self._tuning = tuning
        self._source_config = settings.connection(DatabaseType.SOURCE)
        self._target_config = settings.connection(DatabaseType.REPLICATION)
        self._source = connections.engine(DatabaseType.SOURCE)
        self._target = connections.engine(DatabaseType.REPLICATION)
        self.status = StatusTable(self._target, "copy")
        self._hop = Hop(
            replication.HOP,
            dlt.pipeline(
                PIPELINE,
                destination=replication.replication(credentials=self._target),
                dataset_name=self._target_config.database,
            ),
            self._read,
            self._check_target,
            workers,
        )
        self._place = source_access(settings, tuning, connections, replication.HOP)
        self._there = replica_access(tuning, connections, replication.HOP, workers)
        self._counts = RowCounts(self._hop, self._place, self._there, self._circumstances)
        runs = tuning.runs
        self._courtesy = LoadWindow.begin(runs.window_minutes, runs.busy_statements)
        self._clock = Clock("", "")
        self._states: Callable[[str], TableState] = lambda _: TableState()
        self._catalogue: Catalogue = {}
        self._replicas: Catalogue = {}
        self._collations: frozenset[str] = frozenset()
        self._filled: set[str] = set()
        self._rows: dict[str, int] = {}

    def look(self) -> None:
        """Reads dlt's state and both catalogues.

        Raises:
            ConfigurationError: the replication server does not take LOAD DATA LOCAL.
        """
        self._hop.look()
        self._look()

    @property
    def lost(self) -> LockLostError | None:
        """Why nothing more may be copied; None if it may."""
        return self._hop.lost

    @property
    def catalogue(self) -> Catalogue:
        """The source's tables, as they were when they were looked at last."""
        return self._catalogue

    def choices(self, tables: Iterable[Table]) -> dict[str, Recommendation]:
        """How the analyzer would have some tables copied."""
        with self._source.connect() as connection:
            return recommend_all(connection, tables, datetime.now(UTC))

    def refuse_during_upgrade(self) -> None:
        """Sees that OpenDental is not being upgraded, when its tables may be half empty.

        Raises:
            RunRefusedError: it is.
        """
        with self._source.connect() as connection:
            if upgrading_computer(connection, self._catalogue):
                raise RunRefusedError(
                    "OpenDental is being upgraded: its preference UpdateInProgressOnComputerName is"
                    " not empty; run again when the upgrade is over"
                )

    def look_again(self) -> set[str]:
        """Reads both catalogues once more, and tells which tables of the source are others now."""
        before = self._catalogue
        self._look()
        after = self._catalogue
        return {
            name
            for name in before.keys() | after.keys()
            if name not in before or name not in after or after[name].differs_from(before[name])
        }

    def _look(self) -> None:
        self._states = self._hop.states()
        with self._source.connect() as connection:
            self._clock = read_clock(connection).not_after(datetime.now(UTC))
            with in_utc(connection):
                self._catalogue = read_catalogue(connection, self._source_config.database)
        with self._target.connect() as connection:
            if not run_sql(connection, "SELECT @@GLOBAL.local_infile").scalar():
                raise ConfigurationError(
                    "the replication server does not take LOAD DATA LOCAL;"
                    " set local_infile=ON in its configuration"
                )
            self._collations = read_collations(connection)
            self._replicas = read_catalogue(connection, self._target_config.database)
            names = [ident(name) for name in self._replicas if name in self._catalogue]
            self._filled = non_empty_tables(connection, names)

    def plan(
        self, configs: Iterable[TableConfig], *, force: bool, prove: bool, align: bool
    ) -> CopyPlans:
        """Decides what each table needs.

        Args:
            configs: the tables of the run, in order.
            force: copy all of them in full.
            prove: compare all their rows.
            align: make and alter tables in replication where they differ from the source.
        """
        if align:
            prepare_replication(self._target, self._tuning.runs.history_days)
            self.status.prepare()
        configs = list(configs)
        self._rows = self._count_copies(config.table_name for config in configs)
        plans = CopyPlans()
        for config in configs:
            name = config.table_name
            try:
                plan = self._plan_one(config, force=force, prove=prove, align=align)
            except LockLostError:
                raise
            except PipelineError as error:
                error.table, error.hop = name, replication.HOP
                plans.failed[name] = error
                continue
            if isinstance(plan, HopResult):
                plans.unchanged[name] = plan
            else:
                plans.plans.append(plan)
        return plans

    def _count_copies(self, names: Iterable[str]) -> dict[str, int]:
        """The rows of the copies of tables that may be unchanged, for all that MyISAM tells."""
        copied = self._catalogue.keys() & self._replicas.keys()
        tables = [self._catalogue[name] for name in names if name in copied]
        unmoved = [
            table
            for table in tables
            if table.has_exact_count
            and str(table.updated_at) == self._states(table.name).updated_at
        ]
        with self._target.connect() as connection:
            return count_rows(lambda sql: run_sql(connection, sql).all(), unmoved)

    def _plan_one(
        self, config: TableConfig, *, force: bool, prove: bool, align: bool
    ) -> TablePlan | HopResult:
        """The pass that a table needs, or the result of one that needs none."""
        source = self._catalogue.get(config.table_name)
        if source is None:
            raise SchemaError("the source has no such table; remove it from tables.yml or check it")
        changes = check_contract(config, source)
        wanted = at_source(config, source, self._place.hash_key)
        state = self._states(config.table_name)
        if align:
            aligned = evolve_replica(
                self._target,
                config,
                wanted,
                self._replicas,
                self._collations,
                altered=bool(reload_reason(wanted, state)),
            )
            changes += aligned.changes
            if aligned.emptied:
                self._filled.discard(ident(config.table_name))
                self._rows.pop(config.table_name, None)
        at = self._circumstances(config, force=force)
        plan = plan_source_table(config, wanted, state, at, datetime.now(UTC), prove=prove)
        if plan is None:
            return unchanged_result(state, "the source", changes)
        return replace(plan, changes=changes)

    def _circumstances(self, config: TableConfig, *, force: bool = False) -> PlanContext:
        return PlanContext(
            clock=self._clock,
            target_has_rows=ident(config.table_name) in self._filled,
            target_rows=self._rows.get(config.table_name),
            force=force,
            overlap=self._tuning.reading.overlap_seconds,
            slice_rows=self._tuning.runs.slice_rows,
            compare_rows=self._tuning.runs.compare_rows,
            brake=DeleteGuard.of(config, self._tuning.runs.brake_share, confirmed=self._confirmed),
        )

    def move(
        self, plans: Sequence[TablePlan], tell: Callable[[Sequence[TableProgress]], None]
    ) -> list[TableProgress]:
        """Copies a group of tables and mirrors their watermarks.

        A table whose rows are all older than its watermark is copied in full at once.

        Args:
            plans: their passes.
            tell: told every slice as soon as replication has it.
        """

        def told(moved: Sequence[TableProgress]) -> None:
            self.handover.offer(moved)
            tell(moved)

        self.handover.expect(plans)
        moved = {one.table: one for one in self._hop.move(plans, told)}
        outdated = [one for one in moved.values() if one.outdated]
        for again in self._hop.move([self._in_full(one) for one in outdated], told):
            moved[again.table] = replace(moved[again.table].merge(again), plan=again.plan)
        if not self.lost:
            self._counts.hold(moved, told)
            self.status.record((name, to_result(one)) for name, one in moved.items())
        return list(moved.values())

    def _in_full(self, moved: TableProgress) -> TablePlan:
        plan = moved.plan
        at = self._circumstances(plan.config)
        full = plan_copy(plan.config, plan.table, moved.state, at) or plan
        reason = "no row is as new as its watermark, as after a restored backup"
        return replace(full, reason=reason, changes=plan.changes)

    @cached_property
    def handover(self) -> SliceCache:
        """What keeps the files of this hop for the second one."""
        return SliceCache(self._target, self._hop.scratch(), self._tuning.runs.handover_rows)

    def count(self, plan: TablePlan) -> int | None:
        """Counts the rows that a plan would read; None if the source would be too long at it."""
        if plan.where is None:
            return plan.expected_rows
        query = f"SELECT COUNT(*) FROM {ident(plan.table.name)}{conjunction(plan.where)}"
        try:
            return int(SliceReader(plan, self._place).query(query)[0][0])
        except TooLongError:
            return None

    def _read(self, plan: TablePlan) -> SliceReader:
        if plan.is_comparison:
            return SourceDiffReader(plan, self._place, replica=self._there, courtesy=self._courtesy)
        return SliceReader(plan, self._place)

    def _check_target(self) -> None:
        with connect(self._target, self._tuning.connections[DatabaseType.REPLICATION]):
            pass
