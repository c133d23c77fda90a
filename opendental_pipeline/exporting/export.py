"""Exports what changed in replication to a destination of dlt's, with the locks of a night."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import dlt
from dlt.extract import DltResource
from dlt.pipeline.exceptions import PipelineStepFailed

from opendental_pipeline.databases.catalog import read_catalogue, respell
from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.databases.identifiers import dlt_identifier
from opendental_pipeline.exporting.destination import (
    can_merge,
    check_target,
    fault_of_step,
    open_destination,
    reopen,
    takes_parquet,
)
from opendental_pipeline.exporting.report import ExportReport, Outcome, TableExport
from opendental_pipeline.exporting.table_export import Remembered, TablePlan
from opendental_pipeline.planning.source_contract import TOMBSTONES, at_replica
from opendental_pipeline.runs.batching import batch_tables
from opendental_pipeline.runs.nightly import NightlyRun, Options
from opendental_pipeline.runs.server_access import replica_access
from opendental_pipeline.runs.signals import run_interruptibly
from opendental_pipeline.settings.environment import DatabaseType, Settings
from opendental_pipeline.settings.errors import ConfigurationError, PipelineError, SchemaError
from opendental_pipeline.settings.tables_file import TablesFile
from opendental_pipeline.settings.tuning import Tuning
from sources.opendental.tombstones import read_changes
from sources.opendental.translator import SOURCE, opendental

HOP = "export"
"""Its name in errors."""

_ABSENT = SchemaError("replication has no such table")
_ALIKE = SchemaError(
    "another table's name differs in case only, which is the same name in most destinations"
)


def export(
    to: str,
    dataset: str,
    tables: Sequence[str] = (),
    *,
    settings: Settings | None = None,
    tuning: Tuning | None = None,
    file: TablesFile | None = None,
) -> ExportReport:
    """Brings what changed in replication to another place.

    Args:
        to: dlt's name of the destination.
        dataset: the schema or folder there.
        tables: only these; all of tables.yml if none are given.
        settings: the databases; from the environment and files if not given.
        tuning: the tunables; from dlt's configuration if not given.
        file: the contract; the configured tables.yml if not given.

    Raises:
        ConfigurationError, ConnectionFailedError: nothing was written.
        RunRefusedError: a run is at work.
        KeyboardInterrupt: somebody interrupted it.
    """
    began = perf_counter()
    night = NightlyRun.prepare(Options(tables=tables), settings, tuning, file)
    check_target(to, dataset, night.settings)

    def work() -> ExportReport:
        with night.connections, redact_driver_errors(), night.locked():
            done = sorted(Export.begin(night, to, dataset).run(), key=lambda one: one.table)
        seconds = round(perf_counter() - began, 3)
        return ExportReport(to=to, dataset=dataset, seconds=seconds, tables=tuple(done))

    ending = night.tuning.runs.ending_seconds
    return run_interruptibly(work, night.connections.sessions.interrupt, ending)


@dataclass
class Export:
    """An export at work.

    Attributes:
        night: whose settings, tunables, tables and connections it uses.
        to: dlt's name of the destination.
        pipeline: dlt's; its state in the destination is the only watermark.
    """

    night: NightlyRun
    to: str
    pipeline: dlt.Pipeline

    @classmethod
    def begin(cls, night: NightlyRun, to: str, dataset: str) -> "Export":
        """Connects to both ends."""
        return cls(night, to, open_destination(to, dataset))

    def run(self) -> Iterator[TableExport]:
        """Writes all tables, and tells what came of each."""
        plans, refused = self._plans()
        yield from refused
        by_outcome: dict[Outcome, list[TablePlan]] = {outcome: [] for outcome in Outcome}
        for plan in plans:
            by_outcome[plan.outcome].append(plan)
        for plan in by_outcome.pop(Outcome.UNCHANGED):
            yield TableExport(table=plan.name, outcome=plan.outcome)
        self._forget([plan.name for plan in plans if plan.forgets])
        tuning, workers = self.night.tuning.runs, self.night.workers
        for some in by_outcome.values():
            for batch in batch_tables(some, tuning, workers):
                yield from self._write(batch)

    def _plans(self) -> tuple[list[TablePlan], list[TableExport]]:
        """What is done with each table, and those with which nothing can be done."""
        night, merges = self.night, can_merge(self.pipeline)
        configs = {config.table_name: config for config in night.selection}
        engine = night.connections.engine(DatabaseType.REPLICATION)
        with engine.connect() as connection:
            copies = read_catalogue(connection, str(engine.url.database))
            if TOMBSTONES not in copies:
                raise ConfigurationError("replication has no tables yet: no night has run")
            if night.connections.server(DatabaseType.REPLICATION).folds_names:
                copies = respell(copies, configs)
            names = [name for name in configs if name in copies]
            changes = read_changes(connection, names)
        asked = [name for name in night.options.tables if name not in copies]
        refused = [_failed(name, _ABSENT) for name in asked]
        alike = Counter(name.lower() for name in names)
        refused += [_failed(name, _ALIKE) for name in names if alike[name.lower()] > 1]
        states = self._states()
        plans = []
        for name in (name for name in names if alike[name.lower()] == 1):
            table = at_replica(configs[name], copies[name])
            known = Remembered.of(states.get(dlt_identifier(name), {}))
            keyed = merges and bool(table.primary_key)
            plans.append(TablePlan(table, changes[name], known, can_merge=keyed))
        return plans, refused

    def _states(self) -> Mapping[str, dict[str, Any]]:
        """What dlt's state has of each table."""
        sources: Mapping[str, Any] = self.pipeline.state.get("sources", {})
        found: Mapping[str, dict[str, Any]] = sources.get(SOURCE, {}).get("resources", {})
        return found

    def _forget(self, names: Sequence[str]) -> None:
        """Makes the destination forget tables before they are written whole.

        A crash between emptying and filling one would else be mended by nothing.
        """
        if not names:
            return
        with self.pipeline.managed_state(extract_state=True) as state:
            for name in names:
                state["sources"][SOURCE]["resources"].pop(dlt_identifier(name))
        try:
            self.pipeline.normalize()
            self.pipeline.load()
        except PipelineStepFailed as failure:
            raise fault_of_step(failure, self.to) from None

    def _options(self, outcome: Outcome) -> dict[str, Any]:
        """How dlt runs a package."""
        options: dict[str, Any] = {}
        if outcome is Outcome.MADE_ANEW:
            options["refresh"] = "drop_resources"
        if takes_parquet(self.pipeline):
            options["loader_file_format"] = "parquet"
        return options

    def _write(self, plans: Sequence[TablePlan]) -> Iterator[TableExport]:
        """Writes tables of one outcome in one package, or each alone if that fails."""
        tuning, connections = self.night.tuning, self.night.connections
        server = replica_access(tuning, connections, HOP, self.night.workers)
        read = {plan.name: plan.reading(server) for plan in plans}
        error = self._package(plans[0].outcome, [plan.resource(read[plan.name]) for plan in plans])
        if error is None:
            for plan in plans:
                rows, deleted = read[plan.name].rows, read[plan.name].deleted
                yield TableExport(table=plan.name, outcome=plan.outcome, rows=rows, deleted=deleted)
        elif len(plans) == 1:
            yield _failed(plans[0].name, error)
        else:
            for plan in plans:
                yield from self._write([plan])

    def _package(self, outcome: Outcome, resources: list[DltResource]) -> PipelineError | None:
        """Runs one package; what went wrong, if anything did."""
        try:
            self.pipeline.run(opendental(resources), **self._options(outcome))
        except PipelineStepFailed as failure:
            error = fault_of_step(failure, self.to)
            # where the destination is gone, nothing else can be written either
            self.pipeline = reopen(self.to, self.pipeline)
            return error
        return None


def _failed(table: str, error: PipelineError) -> TableExport:
    return TableExport(table=table, outcome=Outcome.FAILED, error=error.message)
