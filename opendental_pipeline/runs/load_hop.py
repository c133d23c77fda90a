"""The second hop of a run: what changed in replication, and loading it into raw."""

from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

from sqlalchemy.engine import Connection

from destinations import raw
from destinations.evolve_raw import RawTables, evolve_raw_table, read_raw
from opendental_pipeline.databases.catalog import read_catalogue, respell
from opendental_pipeline.databases.clock import Clock
from opendental_pipeline.databases.engines import Connections, non_empty_tables
from opendental_pipeline.databases.identifiers import postgres_ident, postgres_identifier
from opendental_pipeline.planning.compare_schedule import is_to_be_checked
from opendental_pipeline.planning.delete_guard import DeleteGuard
from opendental_pipeline.planning.load_planner import plan_load, plan_replica_table
from opendental_pipeline.planning.plan_context import PlanContext
from opendental_pipeline.planning.source_contract import REPLICATED_AT, at_replica
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.reconcile.raw_checksums import out_of_sync
from opendental_pipeline.reconcile.raw_diff import read_raw_diff
from opendental_pipeline.runs.dlt_hop import Hop, collect
from opendental_pipeline.runs.fault_isolation import Slices
from opendental_pipeline.runs.load_candidate import LoadCandidate
from opendental_pipeline.runs.results import cut_short, to_result, unchanged_result
from opendental_pipeline.runs.server_access import replica_access
from opendental_pipeline.runs.slice_cache import SliceCache
from opendental_pipeline.runs.status_tables import StatusTable
from opendental_pipeline.runs.table_result import HopResult
from opendental_pipeline.runs.working_folder import open_pipeline
from opendental_pipeline.settings.environment import (
    DatabaseType,
    PostgresSchema,
    Settings,
)
from opendental_pipeline.settings.errors import LoadingError, PipelineError, RunStoppedError
from opendental_pipeline.settings.table_config import Deletes, TableConfig
from opendental_pipeline.settings.tuning import Tuning
from sources.opendental.file_rows import CachedSlice
from sources.opendental.slice_reader import Reader, read_files, read_replica
from sources.opendental.tombstones import Change, read_changes

PIPELINE = "opendental"


class LoadHop:
    """Loads tables from replication into raw.

    Args:
        settings: the databases.
        tuning: the tunables.
        connections: to the databases.
        workers: tables read or written at once.
        slice_cache: files that need not be read from replication.
        prove: whether all rows are compared.
        confirmed: whether a person said that much may be deleted.
    """

    def __init__(
        self,
        settings: Settings,
        tuning: Tuning,
        connections: Connections,
        workers: int,
        slice_cache: SliceCache,
        *,
        prove: bool,
        confirmed: bool,
    ) -> None:
        self._prove = prove
        self._confirmed = confirmed
        self._slice_cache = slice_cache
        self._cached: dict[str, tuple[CachedSlice, ...]] = {}
        self._tuning = tuning
        self._schema = settings.schema_name(PostgresSchema.RAW)
        self._source = connections.engine(DatabaseType.REPLICATION)
        self._target = connections.engine(DatabaseType.ANALYTICS)
        self.status = StatusTable(self._target, "load", self._schema)
        config = settings.connection(DatabaseType.ANALYTICS)
        destination = raw.raw(
            credentials=raw.credentials(config, tuning.raw), run_token=connections.run_token
        )
        destination.sessions = connections.raw_sessions
        self._hop = Hop(
            raw.HOP,
            open_pipeline(PIPELINE, destination, self._schema),
            self._source,
            self._target,
            tuning.connections[DatabaseType.ANALYTICS],
            tuning.runs,
            workers,
            connections.sessions,
        )
        self._replica_access = replica_access(tuning, connections, raw.HOP, workers)
        self._moved: dict[str, TableProgress] = {}

    @property
    def lost(self) -> RunStoppedError | None:
        """Why nothing more may be loaded; None if it may."""
        return self._hop.lost

    @property
    def in_part(self) -> bool:
        """Whether more may have reached raw than the results say."""
        return self._hop.in_part

    def read_state(self) -> None:
        """Reads dlt's state."""
        self._hop.read_state()

    def load(
        self,
        configs: Sequence[TableConfig],
        results: dict[str, HopResult],
        *,
        ahead: Collection[str],
        force: bool,
    ) -> Generator[Slices, None, None]:
        """Loads what changed of some tables, and mirrors their watermarks.

        Args:
            configs: the tables.
            results: gets that of every table that replication has in full, unchanged ones too.
            ahead: those of which replication has only a part yet; they will come again.
            force: load all their rows.

        Yields:
            slices as soon as raw has them.
        """
        found, failed = self._candidates(configs, ahead=ahead, force=force)
        results |= failed
        plans = [one.plan for one in found if one.plan]
        yield from collect(self._hop.move(plans, self._read), self._moved)
        self._slice_cache.discard(chain(*self._cached.values()))
        self._cached = {}
        whole = [one for one in found if one.name not in ahead]
        checked = self._to_check(whole, self._moved)
        now = datetime.now(UTC)
        yield from self._reload_out_of_sync(checked, self._moved)
        for one in whole:
            if one.name in self._moved:
                result = to_result(self._moved.pop(one.name))
            else:
                result = unchanged_result(one.state, "replication", one.changes)
            proved = one.name in checked and not result.error
            results[one.name] = (
                result.model_copy(update={"keys_proved_at": now}) if proved else result
            )
        if not self.lost:
            self.status.record(results.items())

    def cut_short(self, table: str, error: PipelineError) -> HopResult:
        """The result of a table that was being loaded when an error ended that.

        Args:
            table: its name.
            error: what ended it.
        """
        return cut_short(self._moved.get(table), error)

    def _to_check(
        self, whole: Sequence[LoadCandidate], moved: Mapping[str, TableProgress]
    ) -> dict[str, LoadCandidate]:
        """The tables of which raw must have the rows that replication has, by name."""
        now = datetime.now(UTC)
        return {
            one.name: one
            for one in whole
            if not (one.name in moved and moved[one.name].error)
            and (one.name in moved or is_to_be_checked(one.config, now))
        }

    def _reload_out_of_sync(
        self, checked: Mapping[str, LoadCandidate], moved: dict[str, TableProgress]
    ) -> Generator[Slices, None, None]:
        """Sees that raw has the rows that replication has, and loads all where it has not.

        Args:
            checked: the tables, by name.
            moved: those that were loaded; gets those that are loaded now.
        """
        lacking = [checked[name] for name in self._out_of_sync(checked.values())]
        states = self._hop.states()
        with self._source.connect() as connection:
            changes = read_changes(connection, [one.name for one in lacking])
        plans = [one.all_rows(states(one.name), changes[one.name].latest) for one in lacking]
        yield from collect(self._hop.move(plans, self._read), moved)
        reloaded = [one for one in lacking if not moved[one.name].error]
        for name in self._out_of_sync(reloaded):
            text = "raw does not have the rows that replication has, even after all were loaded"
            moved[name].error = LoadingError(text, table=name, hop=raw.HOP)

    def _out_of_sync(self, some: Iterable[LoadCandidate]) -> list[str]:
        tables = [(one.table, one.config.deletes is Deletes.MARK) for one in some]
        with self._source.connect() as replication, self._target.connect() as analytics:
            return out_of_sync(replication, analytics, self._schema, tables)

    def _candidates(
        self, configs: Sequence[TableConfig], *, ahead: Collection[str], force: bool
    ) -> tuple[list[LoadCandidate], dict[str, HopResult]]:
        """What each table needs, and the results of those that cannot be made."""
        names = [config.table_name for config in configs]
        with self._source.connect() as connection:
            replicas = read_catalogue(connection, str(self._source.url.database), names)
            if self._replica_access.kind.folds_names:
                replicas = respell(replicas, names)
            changes = read_changes(connection, names)
        with self._target.connect() as connection:
            existing = read_raw(connection, self._schema)
            filled = self._filled(connection, existing, names)
        states = self._hop.states()
        found, failed = [], {}
        for config in configs:
            name = config.table_name
            wanted = at_replica(config, replicas[name])
            try:
                told, alter = evolve_raw_table(self._target, self._schema, config, wanted, existing)
            except RunStoppedError:
                raise
            except PipelineError as error:
                failed[name] = HopResult(
                    strategy_used="none", reason="its table cannot be made", error=str(error)
                )
                continue
            state, again = states(name), name in self._moved
            at = replace(
                self._context(config, changes[name], state.watermarks.get(REPLICATED_AT)),
                target_has_rows=name in filled,
                force=force and not again,
                pending_alter=alter,
            )
            one = LoadCandidate(config, wanted, state, at, told)
            found.append(replace(one, plan=self._plan(one, ahead=name in ahead)))
        return found, failed

    def _filled(
        self, connection: Connection, existing: RawTables, names: Iterable[str]
    ) -> set[str]:
        """The tables of which raw has any rows."""
        quoted = {
            f"{postgres_ident(self._schema)}.{postgres_ident(postgres_identifier(n))}": n
            for n in names
            if postgres_identifier(n) in existing.by_name.keys() - existing.denied.keys()
        }
        return {quoted[one] for one in non_empty_tables(connection, quoted)}

    def _context(self, config: TableConfig, change: Change, watermark: object) -> PlanContext:
        now = str(datetime.now(UTC).replace(tzinfo=None))
        runs = self._tuning.runs
        return PlanContext(
            clock=Clock(change.latest or now, now),
            target_has_rows=False,
            # what the first hop committed is one package here
            slice_limits=replace(runs.slice_limits, rows=2 * runs.slice_rows),
            changed=change.since(watermark),
            rebuilt=change.rebuilt_since(watermark),
            replica_rolled_back=change.before(watermark),
            source_has_rows=change.has_rows,
            brake=DeleteGuard.of(config, runs.brake_share, confirmed=self._confirmed),
        )

    def _plan(self, one: LoadCandidate, *, ahead: bool) -> TablePlan | None:
        """The pass that a table needs; None for none, or none yet."""
        plan = plan_replica_table(
            one.config,
            one.table,
            one.state,
            one.at,
            datetime.now(UTC),
            prove=self._prove,
            partial=ahead,
        )
        if plan is None:
            return None
        latest = one.at.clock.local
        if handed := self._take(plan, None if ahead else latest):
            at = replace(one.at, clock=Clock(handed[-1].stamp, one.at.clock.utc))
            plan = replace(
                plan_load(one.config, one.table, one.state, at) or plan, followup=plan.followup
            )
        return replace(plan, changes=one.changes)

    def _take(self, plan: TablePlan, upto: str | None) -> tuple[CachedSlice, ...]:
        """The files that are all rows of a pass, if there are any and they reach up to a stamp."""
        if plan.checkpoint.last_key is not None or plan.is_comparison:
            return ()
        since = plan.watermarks.get(REPLICATED_AT)
        with self._source.connect() as connection:
            handed = self._slice_cache.pop(connection, plan.table, since)
        if handed and upto not in (None, handed[-1].stamp):
            self._slice_cache.discard(handed)
            return ()
        self._cached[plan.table.name] = handed
        return handed

    def _read(self, plan: TablePlan) -> Reader:
        if plan.is_comparison:
            return read_raw_diff(plan, self._replica_access, self._target, self._schema)
        if handed := self._cached.get(plan.table.name):
            return read_files(plan, self._replica_access, handed)
        return read_replica(plan, self._replica_access)
