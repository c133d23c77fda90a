"""The first hop of a run: what to copy from the source, and copying it."""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from destinations import replication
from destinations.copied_column import key_mismatch
from destinations.evolve_replication import evolve_replica, prepare_replication
from opendental_pipeline.analysis.analyzer import recommend_all
from opendental_pipeline.analysis.rules import Recommendation
from opendental_pipeline.databases.engines import Connections
from opendental_pipeline.databases.sql import conjunction, ident
from opendental_pipeline.databases.table import Catalogue, Table
from opendental_pipeline.planning.copy_planner import plan_copy, plan_source_table
from opendental_pipeline.planning.delete_guard import DeleteGuard
from opendental_pipeline.planning.plan_context import (
    PlanContext,
    rebuilt_reason,
    reload_reason,
)
from opendental_pipeline.planning.source_contract import (
    at_source,
    check_contract,
    check_spelled_apart,
    missing,
    respelled,
)
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.planning.table_state import TableState
from opendental_pipeline.reconcile.source_diff import read_source_diff
from opendental_pipeline.runs.copy_catalogs import CopyCatalogs
from opendental_pipeline.runs.count_check import RowCounts
from opendental_pipeline.runs.dlt_hop import Hop, collect
from opendental_pipeline.runs.fault_isolation import Slices
from opendental_pipeline.runs.gone_tables import GoneTables
from opendental_pipeline.runs.results import to_result, unchanged_result
from opendental_pipeline.runs.server_access import replica_access, source_access
from opendental_pipeline.runs.slice_cache import SliceCache
from opendental_pipeline.runs.source_change import source_change
from opendental_pipeline.runs.status_tables import StatusTable
from opendental_pipeline.runs.table_result import HopResult
from opendental_pipeline.runs.working_folder import open_pipeline
from opendental_pipeline.settings.environment import DatabaseType, Settings
from opendental_pipeline.settings.errors import (
    PipelineError,
    RunRefusedError,
    RunStoppedError,
    SchemaError,
)
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tuning import Tuning
from sources.opendental.domain import upgrading_computer
from sources.opendental.load_window import LoadWindow
from sources.opendental.slice_reader import SliceReader, read_source
from sources.opendental.table_query import TableQuery, TooLongError

PIPELINE = "opendental_replication"


@dataclass
class CopyPlans:
    """What a run is going to copy.

    Attributes:
        plans: tables to copy, in order.
        unchanged: tables that did not change since they were copied.
        failed: tables that cannot be copied, and why.
        gone: what is told of tables that the source no longer has.
    """

    plans: list[TablePlan] = field(default_factory=list)
    unchanged: dict[str, HopResult] = field(default_factory=dict)
    failed: dict[str, PipelineError] = field(default_factory=dict)
    gone: dict[str, HopResult] = field(default_factory=dict)


class CopyHop:
    """Copies tables from the source to replication.

    Args:
        settings: the databases.
        tuning: the tunables.
        connections: to the databases.
        workers: tables read or written at once.
        confirmed: whether a person said that much may be deleted or changed.

    Attributes:
        source_change: what happened to the source as a whole since the run before.
        without_md5: the servers because of which rows are compared by SHA2 instead.
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
        self._source = connections.engine(DatabaseType.SOURCE)
        self._target = connections.engine(DatabaseType.REPLICATION)
        self.status = StatusTable(self._target, "copy")
        self.gone = GoneTables(
            self._source,
            self._target,
            tuning.connections[DatabaseType.REPLICATION],
            self.status,
            tuning.runs.brake_share,
            confirmed,
        )
        self._hop = Hop(
            replication.HOP,
            open_pipeline(
                PIPELINE,
                replication.replication(credentials=self._target),
                settings.connection(DatabaseType.REPLICATION).database,
            ),
            self._source,
            self._target,
            tuning.connections[DatabaseType.REPLICATION],
            tuning.runs,
            workers,
            connections.sessions,
        )
        self._source_access = source_access(settings, tuning, connections, replication.HOP)
        self._replica_access = replica_access(tuning, connections, replication.HOP, workers)
        compared = (self._source_access.kind, self._replica_access.kind)
        self.without_md5 = tuple(str(server) for server in compared if not server.has_md5)
        self._counts = RowCounts(
            self._slices, self._source_access, self._replica_access, self._context
        )
        runs = tuning.runs
        self._window = LoadWindow.begin(runs.window_minutes, runs.busy_statements)
        self._states: Callable[[str], TableState] = lambda _: TableState()
        self._catalogs = CopyCatalogs()
        self.source_change = ""

    def read_state(self) -> None:
        """Reads dlt's state and both catalogs.

        Raises:
            ConfigurationError: the replication server's configuration lets nobody copy.
        """
        self._hop.read_state()
        self.read_again()

    @property
    def lost(self) -> RunStoppedError | None:
        """Why nothing more may be copied; None if it may."""
        return self._hop.lost

    @property
    def in_part(self) -> bool:
        """Whether more may have reached replication than the results say."""
        return self._hop.in_part

    @property
    def catalogue(self) -> Catalogue:
        """The source's tables, as they were when they were looked at last."""
        return self._catalogs.source

    def recommendations(self, tables: Iterable[Table]) -> dict[str, Recommendation]:
        """How the analyzer would have some tables copied."""
        with self._source.connect() as connection:
            return recommend_all(connection, tables, datetime.now(UTC))

    def refuse_during_upgrade(self) -> None:
        """Sees that OpenDental is not being upgraded, when its tables may be half empty.

        Raises:
            RunRefusedError: it is.
        """
        with self._source.connect() as connection:
            if upgrading_computer(connection, self.catalogue):
                raise RunRefusedError(
                    "OpenDental is being upgraded: its preference UpdateInProgressOnComputerName is"
                    " not empty; run again when the upgrade is over"
                )

    def read_again(self) -> set[str]:
        """Reads both catalogs once more, and tells which tables of the source are others now."""
        before = self._catalogs
        self._states = self._hop.states()
        place = self._source_access.kind.place
        self._catalogs = CopyCatalogs.read(
            self._source, self._target, place, self._replica_access.kind
        )
        return self._catalogs.changed_since(before)

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
        names = [config.table_name for config in configs]
        self._catalogs.count_copies(self._target, names, self._states)
        self.source_change = self.source_change or source_change(
            self.catalogue, self._states, names
        )
        plans = self._plan_gone(names)
        returned = self.status.gone().keys() & self.catalogue.keys()
        for config in configs:
            name = config.table_name
            if name in plans.gone:
                continue
            try:
                # nobody knows what became of a table while it was away
                prove_one = prove or name in returned
                plan = self._plan_one(config, force=force, prove=prove_one, align=align)
            except RunStoppedError:
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

    def _plan_gone(self, names: Sequence[str]) -> CopyPlans:
        """Tells of tables that the source does not have, but under another spelling."""
        source = self.catalogue
        lacking = [n for n in names if n not in source and not respelled(n, source)]
        if not lacking:
            return CopyPlans()
        return CopyPlans(gone=self.gone.look(lacking, self._catalogs.replica, len(names)))

    def _plan_one(
        self, config: TableConfig, *, force: bool, prove: bool, align: bool
    ) -> TablePlan | HopResult:
        """The pass that a table needs, or the result of one that needs none."""
        source = self._catalogs.source.get(config.table_name)
        if source is None:
            raise SchemaError(missing(config.table_name, self._catalogs.source))
        if self._replica_access.kind.folds_names:
            check_spelled_apart(source.name, self._catalogs.source)
        changes = check_contract(config, source)
        wanted = at_source(config, source, self._source_access.hash_key)
        state = self._states(config.table_name)
        if align:
            aligned = evolve_replica(
                self._target,
                config,
                wanted,
                self._catalogs.replica,
                self._replica_access.kind,
                altered=bool(reload_reason(wanted, state) or rebuilt_reason(wanted, state)),
            )
            changes += aligned.changes
            if aligned.emptied:
                self._catalogs.forget_rows(config.table_name)
        at = self._context(config, force=force)
        if replica := self._catalogs.replica.get(wanted.name):
            at = replace(at, key_mismatch=key_mismatch(wanted, replica), copy_rows=replica.rows)
        plan = plan_source_table(config, wanted, state, at, datetime.now(UTC), prove=prove)
        if plan is None:
            return unchanged_result(state, "the source", changes)
        return replace(plan, changes=changes)

    def _context(self, config: TableConfig, *, force: bool = False) -> PlanContext:
        return PlanContext(
            clock=self._catalogs.clock,
            target_has_rows=config.table_name in self._catalogs.filled,
            target_rows=self._catalogs.copied_rows.get(config.table_name),
            force=force,
            overlap=self._tuning.reading.overlap_seconds,
            slice_limits=self._tuning.runs.slice_limits,
            compare_rows=self._tuning.runs.compare_rows,
            brake=DeleteGuard.of(config, self._tuning.runs.brake_share, confirmed=self._confirmed),
        )

    def move(
        self, plans: Sequence[TablePlan], moved: dict[str, TableProgress]
    ) -> Generator[Slices, None, None]:
        """Copies a group of tables and mirrors their watermarks.

        A table whose rows are all older than its watermark is copied in full at once.

        Args:
            plans: their passes.
            moved: gets what was done with each table.

        Yields:
            slices as soon as replication has them.
        """
        self.slice_cache.begin(plans)
        yield from self._slices(plans, moved)
        outdated = [self._in_full(one) for one in moved.values() if one.outdated]
        yield from self._slices(outdated, moved)
        for plan in outdated:
            moved[plan.table.name].plan = plan
        if not self.lost:
            yield from self._counts.check(moved)
            self.status.record((name, to_result(one)) for name, one in moved.items())

    def _slices(
        self, plans: Sequence[TablePlan], moved: dict[str, TableProgress]
    ) -> Generator[Slices, None, None]:
        # what is committed is noted before anything else is done
        for slices in collect(self._hop.move(plans, self._read), moved):
            self.slice_cache.put(slices)
            yield slices

    def _in_full(self, moved: TableProgress) -> TablePlan:
        plan = moved.plan
        at = self._context(plan.config)
        full = plan_copy(plan.config, plan.table, moved.state, at) or plan
        reason = "no row is as new as its watermark, as after a restored backup"
        return replace(full, reason=reason, changes=plan.changes)

    @cached_property
    def slice_cache(self) -> SliceCache:
        """What keeps the files of this hop for the second one."""
        return SliceCache(self._target, self._hop.scratch(), self._tuning.runs.handover_rows)

    def count(self, plan: TablePlan) -> int | None:
        """Counts the rows that a plan would read; None if the source would be too long at it."""
        if plan.where is None:
            return plan.expected_rows
        query = f"SELECT COUNT(*) FROM {ident(plan.table.name)}{conjunction(plan.where)}"
        try:
            return int(TableQuery(plan.table.name, self._source_access).query(query)[0][0])
        except TooLongError:
            return None

    def _read(self, plan: TablePlan) -> SliceReader:
        if plan.is_comparison:
            return read_source_diff(plan, self._source_access, self._replica_access, self._window)
        return read_source(plan, self._source_access)
