"""The second hop of a run: what changed in replication, and loading it into raw."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

import dlt

from destinations import raw
from destinations.raw_tables import align_raw, read_raw
from proofs.loaded import ProvingReader
from proofs.policy import due
from proofs.stamps import same_stamps
from runs.handover import Handover
from runs.hop import Hop
from runs.moved import Moved
from runs.places import at_replication
from runs.report import HopResult
from runs.results import to_result, unchanged_result
from runs.tracking import StatusTable
from sources.opendental.catalogue import Table, read_catalogue
from sources.opendental.connections import Connections, connect, have_rows
from sources.opendental.contract import REPLICATED_AT, at_replica
from sources.opendental.errors import LoadingError, PipelineError
from sources.opendental.handed import HandedReader, HandedSlice
from sources.opendental.naming import in_raw
from sources.opendental.reading import SliceReader
from sources.opendental.reasons import Circumstances
from sources.opendental.replica import ReplicaReader, read_changes
from sources.opendental.settings import ConnectionConfig, DatabaseType, PostgresSchema, Settings
from sources.opendental.slices import Write
from sources.opendental.state import Clock, Proof, TableState
from sources.opendental.strategy import TablePlan, plan_full_load, plan_load
from sources.opendental.tables import Deletes, ExtractionStrategy, TableConfig
from sources.opendental.tuning import Tuning

PIPELINE = "opendental"


class Loading:
    """Loads tables from replication into raw.

    Args:
        settings: the databases.
        tuning: the tunables.
        connections: to the databases.
        workers: tables read or written at once.
        handover: files that need not be read from replication.
        prove: whether all rows are compared.
        confirmed: whether a person said that much may be deleted.
    """

    def __init__(
        self,
        settings: Settings,
        tuning: Tuning,
        connections: Connections,
        workers: int,
        handover: Handover,
        *,
        prove: bool,
        confirmed: bool,
    ) -> None:
        self._prove = prove
        self._confirmed = confirmed
        self._handover = handover
        self._handed: dict[str, Sequence[HandedSlice]] = {}
        self._tuning = tuning
        self._source_config = settings.connection(DatabaseType.REPLICATION)
        self._schema = settings.schema_name(PostgresSchema.RAW)
        self._source = connections.engine(DatabaseType.REPLICATION)
        self._target = connections.engine(DatabaseType.ANALYTICS)
        self.status = StatusTable(self._target, "load", self._schema)
        self._hop = Hop(
            raw.HOP,
            dlt.pipeline(
                PIPELINE,
                destination=raw.raw(
                    credentials=_credentials(settings.connection(DatabaseType.ANALYTICS))
                ),
                dataset_name=self._schema,
            ),
            self._read,
            self._check_target,
            workers,
        )
        self._place = at_replication(tuning, connections, raw.HOP, workers)
        self._moved: dict[str, Moved] = {}

    def look(self) -> None:
        """Reads dlt's state."""
        self._hop.look()

    def load(
        self,
        configs: Sequence[TableConfig],
        *,
        ahead: Collection[str],
        force: bool,
        tell: Callable[[Sequence[Moved]], None],
    ) -> dict[str, HopResult]:
        """Loads what changed of some tables, and mirrors their watermarks.

        Args:
            configs: the tables.
            ahead: those of which replication has only a part yet; they will come again.
            force: load all their rows.
            tell: told every slice as soon as raw has it.

        Returns:
            the result of every table that replication has in full, unchanged ones too.
        """
        plans, results = self._plan(configs, ahead=ahead, force=force)
        for one in self._hop.move(plans, tell):
            before = self._moved.get(one.table)
            self._moved[one.table] = before.and_then(one) if before else one
        self._handover.discard(chain(*self._handed.values()))
        self._handed = {}
        whole = [c.table_name for c in configs if c.table_name not in ahead]
        moved = [self._moved.pop(name) for name in whole if name in self._moved]
        results |= {one.table: to_result(one) for one in self._healed(moved, tell)}
        results = {name: result for name, result in results.items() if name not in ahead}
        self.status.record(results.items())
        return results

    def _healed(
        self, moved: Iterable[Moved], tell: Callable[[Sequence[Moved]], None]
    ) -> list[Moved]:
        """Sees that raw has the rows that replication has, and loads all where it has not."""
        by_name = {one.table: one for one in moved}
        lacking = [one for one in by_name.values() if not one.error and self._lacks(one)]
        for again in self._hop.move([self._all_of(one) for one in lacking], tell):
            healed = by_name[again.table].and_then(again)
            if not again.error and self._lacks(again):
                error = LoadingError(
                    "raw does not have the rows that replication has, even after all were loaded",
                    table=again.table,
                    hop=raw.HOP,
                )
                healed = replace(healed, error=error)
            by_name[again.table] = healed
        return list(by_name.values())

    def _lacks(self, moved: Moved) -> bool:
        with self._source.connect() as replication, self._target.connect() as analytics:
            marked = moved.plan.config.deletes is Deletes.MARK
            same = same_stamps(
                replication, analytics, self._schema, moved.plan.table, marked=marked
            )
        return not same

    def _all_of(self, moved: Moved) -> TablePlan:
        plan = moved.plan
        now = str(datetime.now(UTC).replace(tzinfo=None))
        at = Circumstances(
            clock=Clock(plan.begin.started_at, now),
            target_has_rows=True,
            slice_rows=2 * self._tuning.runs.slice_rows,
            brake=plan.brake,
        )
        reason = "raw did not have the rows that replication has"
        return plan_full_load(plan.config, plan.table, moved.state, at, reason)

    def _plan(
        self, configs: Sequence[TableConfig], *, ahead: Collection[str], force: bool
    ) -> tuple[list[TablePlan], dict[str, HopResult]]:
        """The passes to make, and the results of the tables that need none or cannot have one."""
        names = [config.table_name for config in configs]
        with self._source.connect() as connection:
            replicas = read_catalogue(connection, self._source_config.database, names)
            changes = read_changes(connection, names)
        with self._target.connect() as connection:
            existing = read_raw(connection, self._schema)
            places = {
                f"{raw.ident(self._schema)}.{raw.ident(in_raw(n))}": n
                for n in names
                if in_raw(n) in existing
            }
            filled = {places[p] for p in have_rows(connection, places)}
        now = str(datetime.now(UTC).replace(tzinfo=None))
        states = self._hop.states()
        plans, settled = [], {}
        for config in configs:
            name = config.table_name
            state, change = states(name), changes[name]
            watermark = state.watermarks.get(REPLICATED_AT)
            wanted = at_replica(config, replicas[name])
            try:
                told, reshape = align_raw(self._target, self._schema, config, wanted, existing)
            except PipelineError as error:
                settled[name] = HopResult(
                    strategy_used="none", reason="its table cannot be made", error=str(error)
                )
                continue
            at = Circumstances(
                clock=Clock(change.latest or now, now),
                target_has_rows=name in filled,
                force=force and name not in self._moved,
                # what the first hop committed is one package here
                slice_rows=2 * self._tuning.runs.slice_rows,
                changed=change.since(watermark),
                anew=change.made_anew_since(watermark),
                went_back=change.before(watermark),
                source_has_rows=change.has_rows,
                reshape=reshape,
                brake=self._tuning.runs.brake(config, confirmed=self._confirmed),
            )
            plan = plan_load(config, wanted, state, at)
            if name not in ahead:
                plan = self._with_proof(plan, config, wanted, state, at)
            if plan is None:
                settled[name] = unchanged_result(state, "replication", told)
            elif name in ahead and name in filled and plan.write is not Write.UPSERT:
                # what replication does not have yet would be taken for deleted
                continue
            else:
                upto = None if name in ahead else change.latest
                if handed := self._take(plan, upto):
                    at = replace(at, clock=Clock(handed[-1].stamp, now))
                    plan = replace(plan_load(config, wanted, state, at) or plan, then=plan.then)
                plans.append(replace(plan, changes=told))
        return plans, settled

    def _with_proof(
        self,
        plan: TablePlan | None,
        config: TableConfig,
        table: Table,
        state: TableState,
        at: Circumstances,
    ) -> TablePlan | None:
        """A pass, and the comparison of all rows that follows it or stands in its place, if any."""
        if plan and plan.strategy is ExtractionStrategy.FULL_TABLE and not plan.resumed:
            return plan
        proof = due(config, state, datetime.now(UTC), changed=False)
        if not (proof is Proof.ROWS or self._prove or (plan and plan.resumed)):
            return plan
        reason = "its rows are due to be compared"
        comparison = plan_full_load(config, table, state, at, reason, compared=True)
        return replace(plan, then=comparison) if plan else comparison

    def _take(self, plan: TablePlan, upto: str | None) -> Sequence[HandedSlice]:
        """The files that are all rows of a pass, if there are any and they reach up to a stamp."""
        if plan.begin.after is not None or plan.compares:
            return ()
        since = plan.watermarks.get(REPLICATED_AT)
        with self._source.connect() as connection:
            handed = self._handover.take(connection, plan.table, since)
        if handed and upto not in (None, handed[-1].stamp):
            self._handover.discard(handed)
            return ()
        self._handed[plan.table.name] = handed
        return handed

    def _read(self, plan: TablePlan) -> SliceReader:
        if plan.compares:
            return ProvingReader(plan, self._place, analytics=self._target, schema=self._schema)
        if handed := self._handed.get(plan.table.name):
            return HandedReader(plan, self._place, handed=handed)
        return ReplicaReader(plan, self._place)

    def _check_target(self) -> None:
        with connect(self._target, self._tuning.connections[DatabaseType.ANALYTICS]):
            pass


def _credentials(config: ConnectionConfig) -> dict[str, object]:
    return {
        "host": config.host,
        "port": config.port,
        "database": config.database,
        "username": config.user,
        "password": config.password.get_secret_value(),
        "query": {name: str(value) for name, value in config.connect_args().items()},
    }
