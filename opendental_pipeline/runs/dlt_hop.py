"""One hop of a run: a dlt pipeline that moves groups of tables, each failure kept to its table."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dlt
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema import Schema
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.pipeline.state_sync import load_pipeline_state_from_destination
from sqlalchemy.engine import Engine

from opendental_pipeline.databases.driver_errors import as_ours
from opendental_pipeline.databases.engines import connect
from opendental_pipeline.databases.identifiers import dlt_identifier
from opendental_pipeline.databases.run_sessions import RunSessions
from opendental_pipeline.planning.slice import FORMAT
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.planning.table_state import TableState
from opendental_pipeline.runs.dlt_metrics import count_imported, load_seconds
from opendental_pipeline.runs.fault_isolation import FaultIsolation, Faults, Slices
from opendental_pipeline.runs.prefetch import ReadAhead
from opendental_pipeline.runs.working_folder import scratch
from opendental_pipeline.runs.write_pace import WritePace
from opendental_pipeline.settings.errors import LockHeldError, PipelineError, RunStoppedError
from opendental_pipeline.settings.faults import fault_of
from opendental_pipeline.settings.tuning import ConnectionTuning, RunTuning
from sources.opendental.slice_reader import Reader
from sources.opendental.translator import SOURCE, to_source


class Hop:
    """Moves tables through one dlt pipeline.

    Args:
        name: `replication` or `raw`, as in errors.
        pipeline: dlt's; its state in the destination is the only watermark.
        source: the server that is read.
        target: the server that is written to.
        tuning: how often a lost connection to it is tried again.
        runs: how much a load package carries.
        workers: tables read or written at once.
        sessions: of the run.

    Attributes:
        in_part: whether a load package failed of which some slices may be committed, since each is
            a transaction of its own.
    """

    def __init__(
        self,
        name: str,
        pipeline: dlt.Pipeline,
        source: Engine,
        target: Engine,
        tuning: ConnectionTuning,
        runs: RunTuning,
        workers: int,
        sessions: RunSessions,
    ) -> None:
        self.name = name
        self._pipeline = pipeline
        self._source = source
        self._target = target
        self._tuning = tuning
        self._runs = runs
        self._workers = workers
        self._reading: ReadAhead
        self._stored: Mapping[str, Any] = {}
        self._restored = False
        self._sessions = sessions
        self._lost: RunStoppedError | None = None
        self._isolation = FaultIsolation(self._package, self._failed, lambda: self.lost)
        self.in_part = False

    @property
    def lost(self) -> RunStoppedError | None:
        """Why nothing more is moved: the run lost its lock, or was interrupted; else None."""
        return self._lost or self._sessions.interrupted

    def read_state(self) -> None:
        """Reads dlt's state in the destination, which is the only one that counts."""
        pipeline = self._pipeline
        # a run that was killed leaves rows on the disk
        if any(Path(pipeline.working_dir).rglob(f"*.{FORMAT}")):
            pipeline.drop()
        # dlt's own way reads and checks the whole schema first, which takes a second
        place: Any = pipeline.destination.spec()
        place._bind_dataset_name(pipeline.dataset_name)
        client: Any = pipeline.destination.client(Schema(SOURCE), place)
        try:
            with client:
                found = load_pipeline_state_from_destination(pipeline.pipeline_name, client)
        except DestinationUndefinedEntity:
            return
        self._stored = found or {}

    def scratch(self) -> "TemporaryDirectory[str]":
        """An empty folder for rows."""
        return scratch(Path(self._pipeline.pipelines_dir), self._pipeline.pipeline_name)

    def _restore(self) -> None:
        """Forgets what this machine knows and takes state and schema from the destination.

        A run that was killed and a package that failed leave rows on this disk and a state ahead
        of the data; a machine that never ran leaves nothing. All begin alike. A night in which
        nothing changed does without.
        """
        self._pipeline.drop()
        self._pipeline.sync_destination()
        self._restored = True

    def states(self) -> Callable[[str], TableState]:
        """What dlt remembers of a table by its name; an empty state for one that never moved."""
        state = self._pipeline.state if self._restored else self._stored
        sources = state.get("sources", {})
        resources = sources.get(SOURCE, {}).get("resources", {})
        return lambda table: TableState.read(resources.get(dlt_identifier(table), {}))

    def move(
        self, plans: Sequence[TablePlan], read: Callable[[TablePlan], Reader]
    ) -> Generator[Slices, None, None]:
        """Moves all tables to the end of their passes, slice by slice.

        Args:
            plans: their passes.
            read: makes the reader of a slice.

        Yields:
            slices as soon as they are committed, or have failed; their files are removed then,
            unless somebody took them.

        Raises:
            ConnectionFailedError: the destination is gone; nothing more can be done.
        """
        pending = list(plans)
        if pending and not self._restored:
            self._restore()
        limits, most = self._runs.slice_limits, self._runs.group_tables
        pace = WritePace(limits, [plan.table for plan in plans], self._workers)
        with (
            self.scratch() as scratch,
            ReadAhead(read, Path(scratch), self._workers, pace) as self._reading,
        ):
            while pending:
                some, pending = pending, []
                if not self.lost:
                    # a table that takes its time keeps no other one waiting
                    some, pending = self._reading.ready(some, most, limits.seconds)
                last: dict[str, TableProgress] = {}
                for slices in self._load_with_followup(some):
                    yield slices
                    for one in slices:
                        last[one.table] = one
                        if one.path:
                            one.path.unlink(missing_ok=True)
                pending += [one.next for one in last.values() if one.next]

    def _load_with_followup(self, plans: Sequence[TablePlan]) -> Generator[Slices, None, None]:
        """One slice of each table; then of those whose keys were compared and are not the same.

        What is committed is told, even where an error ends the hop right behind it.
        """
        moved: Slices = []
        compared: dict[str, TableProgress] = {}
        try:
            for one in self._isolation.load(plans):
                moved.append(one)
            following = [one.next for one in moved if one.next and one.next.skip_if_equal]
            for one in self._isolation.load(following):
                compared[one.table] = one
        except Exception:
            yield from self._told(moved, compared)
            raise
        yield from self._told(moved, compared)

    def _told(
        self, moved: Slices, compared: Mapping[str, TableProgress]
    ) -> Generator[Slices, None, None]:
        equal = {name: one for name, one in compared.items() if not one.slices and one.finished}
        yield [one.merge(equal[one.table]) if one.table in equal else one for one in moved]
        if others := [one for name, one in compared.items() if name not in equal]:
            yield others

    def _package(self, plans: Sequence[TablePlan]) -> tuple[Slices, Faults]:
        """Loads one package; on a fault nothing of it is committed, and the faults are told.

        A fault that names none of the tables stands under the empty name.
        """
        slices = self._reading.read(plans)
        faults: Faults = {one.table: one.error for one in slices if one.error}
        if faults:
            # where that is gone, no other table can be read either
            with connect(self._source, self._tuning):
                return [], faults
        try:
            self._load([one for one in slices if not one.idle])
            return self._with_state(slices), {}
        except PipelineStepFailed as failure:
            fault = self._fault(failure)
            self.in_part |= failure.step == "load" and self._in_part(slices, fault)
            if isinstance(fault, RunStoppedError):
                self._lost = fault
            else:
                named = any(fault.table == one.table for one in slices)
                faults = {fault.table if named else "": fault}
                if isinstance(fault, LockHeldError) and not named:
                    faults = dict.fromkeys((one.table for one in slices), fault)
        with connect(self._target, self._tuning):
            pass
        self._restore()
        return [], faults

    def _load(self, slices: Slices) -> None:
        """Loads slices in one package."""
        if not slices:
            return
        self._pipeline.extract(to_source(slices, self._source, self.states()))
        for one in slices:
            self._reading.done(one)
        rows = {dlt_identifier(one.table): one.order.rows for one in slices if one.order}
        count_imported(self._pipeline.normalize(), rows)
        seconds = load_seconds(self._pipeline.load(workers=self._workers))
        for one in slices:
            took = seconds.get(dlt_identifier(one.table), 0.0)
            self._reading.pace.took(one, took)
            one.seconds += took
            one.slices = 1
            one.ended()

    def _with_state(self, slices: Slices) -> Slices:
        """Adds what dlt remembers of the tables now, or also what needs no remembering."""
        states = self.states()
        for one in slices:
            stored = states(one.table)
            one.state = one.after(stored) if one.idle else stored
            one.deleted += one.differences.extra
            if one.idle and one.path:
                one.path.unlink()
                one.path = None
        return slices

    def _in_part(self, slices: Slices, fault: PipelineError) -> bool:
        """Whether some slices of a package that failed may be committed."""
        done = any(Path(self._pipeline.working_dir).rglob(f"completed_jobs/*.{FORMAT}"))
        # a slice behind the fence is refused, and so says itself that it was not
        return done or (len(slices) > 1 and not isinstance(fault, RunStoppedError))

    def _fault(self, failure: PipelineStepFailed) -> PipelineError:
        """The error of ours that dlt wrapped, or one that says what kind of error it was."""
        error: BaseException | None = failure
        cause: BaseException = failure
        while error is not None:
            for candidate in (error, getattr(error, "client_exception", None)):
                if found := as_ours(candidate, self.name):
                    return found
            cause = error
            error = error.__cause__ or error.__context__ or getattr(error, "exception", None)
        fault = fault_of(cause, f"dlt's step {failure.step}")
        fault.hop = self.name
        return fault

    def _failed(self, plan: TablePlan, error: PipelineError) -> TableProgress:
        # what stops the run is said once and not table by table
        if not isinstance(error, RunStoppedError):
            error.table, error.hop = plan.table.name, error.hop or self.name
        state = self.states()(plan.table.name)
        return TableProgress(plan, plan.checkpoint, state=state, error=error)


def collect(
    slices: Iterable[Slices], moved: dict[str, TableProgress]
) -> Generator[Slices, None, None]:
    """Passes slices on, and adds each to what was moved of its table before.

    Args:
        slices: as a hop yields them.
        moved: by table.
    """
    for some in slices:
        for one in some:
            before = moved.get(one.table)
            moved[one.table] = before.merge(one) if before else one
        yield some
