"""One hop of a run: a dlt pipeline that moves groups of tables, each failure kept to its table."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

import dlt
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.pipeline import LoadInfo
from dlt.common.schema import Schema
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.pipeline.state_sync import load_pipeline_state_from_destination

from opendental_pipeline.databases.identifiers import dlt_identifier
from opendental_pipeline.planning.slice import FORMAT
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_state import TableState
from opendental_pipeline.runs.prefetch import ReadAhead
from opendental_pipeline.runs.table_progress import TableProgress, add
from opendental_pipeline.settings.errors import LockLostError, PipelineError
from sources.opendental.slice_reader import SliceReader
from sources.opendental.translator import SOURCE, to_source


class Hop:
    """Moves tables through one dlt pipeline.

    Args:
        name: `replication` or `raw`, as in errors.
        pipeline: dlt's; its state in the destination is the only watermark.
        read: makes the reader of a plan.
        alive: connects to the destination; raises ConnectionFailedError if it cannot.
        workers: tables read or written at once.

    Attributes:
        lost: why nothing more is moved, once the run has lost its lock; until then None.
    """

    def __init__(
        self,
        name: str,
        pipeline: dlt.Pipeline,
        read: Callable[[TablePlan], SliceReader],
        alive: Callable[[], None],
        workers: int,
    ) -> None:
        self.name = name
        self._pipeline = pipeline
        self._read = read
        self._alive = alive
        self._workers = workers
        # on the disk of dlt's own, so that a file is moved and not copied
        self._scratches = Path(pipeline.pipelines_dir)
        self._scratch_prefix = f".{pipeline.pipeline_name}-slices-"
        self._reading: ReadAhead
        self._stored: Mapping[str, Any] = {}
        self._restored = False
        self.lost: LockLostError | None = None

    def look(self) -> None:
        """Reads dlt's state in the destination, which is the only one that counts."""
        pipeline = self._pipeline
        # a run that was killed leaves rows on the disk
        for left in self._scratches.glob(self._scratch_prefix + "*"):
            rmtree(left)
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
        """An empty directory for rows; `look` removes it after a run that was killed."""
        return TemporaryDirectory(prefix=self._scratch_prefix, dir=self._scratches)

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
        self, plans: Sequence[TablePlan], tell: Callable[[Sequence[TableProgress]], None]
    ) -> list[TableProgress]:
        """Moves all tables to the end of their passes, slice by slice.

        Args:
            plans: their passes.
            tell: told every slice as soon as it is committed, or has failed.

        Raises:
            ConnectionFailedError: the destination is gone; nothing more can be done.
        """
        done: dict[str, TableProgress] = {}
        pending = list(plans)
        if pending and not self._restored:
            self._restore()
        with (
            self.scratch() as scratch,
            ReadAhead(self._read, Path(scratch), self._workers) as self._reading,
        ):
            while pending:
                last: dict[str, TableProgress] = {}
                for moved in self._load_with_followup(pending):
                    tell(moved)
                    for slice_ in moved:
                        add(done, slice_)
                        last[slice_.table] = slice_
                        if slice_.file:
                            slice_.file.unlink(missing_ok=True)
                pending = [slice_.next for slice_ in last.values() if slice_.next]
        return [done[plan.table.name] for plan in plans]

    def _load_with_followup(self, plans: Sequence[TablePlan]) -> Iterator[list[TableProgress]]:
        """One slice of each table; then of those whose keys were compared and are not the same."""
        moved = self._load_isolating_faults(plans)
        following = [one.next for one in moved if one.next and one.next.skip_if_equal]
        compared = {one.table: one for one in self._load_isolating_faults(following)}
        equal = {name: one for name, one in compared.items() if not one.slices and one.finished}
        yield [one.merge(equal[one.table]) if one.table in equal else one for one in moved]
        if others := [one for name, one in compared.items() if name not in equal]:
            yield others

    def _load_isolating_faults(self, plans: Sequence[TablePlan]) -> list[TableProgress]:
        """One slice of each table, in one package; without the tables that break it, if any do."""
        if not plans:
            return []
        moved, faults = self._package(plans) if not self.lost else ([], {})
        if self.lost:
            return [self._failed(plan, self.lost) for plan in plans]
        if not faults:
            return moved
        if len(plans) == 1:
            return [self._failed(plans[0], next(iter(faults.values())))]
        broken = [plan for plan in plans if plan.table.name in faults]
        if not broken:
            return self._bisect(plans)
        others = [plan for plan in plans if plan not in broken]
        return self._load_isolating_faults(others) + [
            one for plan in broken for one in self._load_isolating_faults([plan])
        ]

    def _bisect(self, plans: Sequence[TablePlan]) -> list[TableProgress]:
        """Finds the table behind a fault that names none; gives up if any three have it."""
        probes = {0, len(plans) // 2, len(plans) - 1}
        tried = [one for n in sorted(probes) for one in self._load_isolating_faults([plans[n]])]
        rest = [plan for n, plan in enumerate(plans) if n not in probes]
        errors = {one.error.message if one.error else None for one in tried}
        if len(tried) == 3 and len(errors) == 1 and None not in errors:
            return tried + [replace(tried[0], plan=plan) for plan in rest]
        middle = len(rest) // 2
        return (
            tried
            + self._load_isolating_faults(rest[:middle])
            + self._load_isolating_faults(rest[middle:])
        )

    def _package(
        self, plans: Sequence[TablePlan]
    ) -> tuple[list[TableProgress], dict[str | None, PipelineError]]:
        """Loads one package; on a fault nothing of it is committed, and the faults are told.

        A fault that names none of the tables stands under the empty name.
        """
        readers = self._reading.read(plans)
        faults: dict[str | None, PipelineError] = {
            name: reader.fault for name, reader in readers.items() if reader.fault
        }
        if faults:
            return [], faults
        idle = [reader for reader in readers.values() if reader.idle]
        busy = [reader for reader in readers.values() if not reader.idle]
        try:
            return self._moved(busy, self._load(busy)) + self._moved(idle, {}), {}
        except PipelineStepFailed as failure:
            if isinstance(failure.exception, KeyboardInterrupt):
                raise failure.exception from None
            fault = self._fault(failure)
            if isinstance(fault, LockLostError):
                self.lost = fault
            else:
                faults = {fault.table if fault.table in readers else "": fault}
        self._alive()
        self._restore()
        return [], faults

    def _load(self, readers: Sequence[SliceReader]) -> dict[str, float]:
        """Loads slices in one package; the seconds of each, by dlt's name for the table."""
        if not readers:
            return {}
        self._pipeline.extract(to_source(readers))
        for reader in readers:
            self._reading.done(reader)
        self._pipeline.normalize()
        return _load_seconds(self._pipeline.load(workers=self._workers))

    def _fault(self, failure: PipelineStepFailed) -> PipelineError:
        """The error of ours that dlt wrapped, or one that says what kind of error it was."""
        error: BaseException | None = failure
        cause: BaseException = failure
        while error is not None:
            for candidate in (error, getattr(error, "client_exception", None)):
                if isinstance(candidate, PipelineError):
                    return candidate
            cause = error
            error = error.__cause__ or error.__context__ or getattr(error, "exception", None)
        return PipelineError(
            f"dlt's step {failure.step} failed ({type(cause).__name__})", hop=self.name
        )

    def _moved(
        self, readers: Iterable[SliceReader], written: Mapping[str, float]
    ) -> list[TableProgress]:
        states = self.states()
        return [
            TableProgress(
                plan=reader.plan,
                rows=reader.rows,
                deleted=reader.deleted + reader.differences.extra,
                seconds=reader.seconds + written.get(dlt_identifier(reader.plan.table.name), 0.0),
                slices=0 if reader.idle else 1,
                coercions=tuple(reader.coercions.items()),
                differences=reader.differences,
                compared=reader.plan.is_comparison and reader.complete,
                stopped=reader.stopped,
                file=None if reader.idle else reader.path,
                key_bounds=reader.key_bounds,
                state=_state(reader, states(reader.plan.table.name)),
            )
            for reader in readers
        ]

    def _failed(self, plan: TablePlan, error: PipelineError) -> TableProgress:
        # a lost lock is the run's fault, said once and not table by table
        if error is not self.lost:
            error.table, error.hop = plan.table.name, error.hop or self.name
        return TableProgress(plan=plan, state=self.states()(plan.table.name), error=error)


def _state(reader: SliceReader, stored: TableState) -> TableState:
    """What is known of a table: what dlt remembers, or also what needs no remembering."""
    return stored.after_slice(reader.progress, complete=True) if reader.idle else stored


def _load_seconds(info: LoadInfo) -> dict[str, float]:
    """Seconds that each table's load job took, by dlt's name for the table."""
    seconds: dict[str, float] = {}
    for package in info.metrics.values():
        for step in package:
            for job, metrics in step["job_metrics"].items():
                took = _between(metrics.started_at, metrics.finished_at)
                table = job.split(".")[0]
                seconds[table] = seconds.get(table, 0.0) + took
    return seconds


def _between(start: datetime, end: datetime | None) -> float:
    return (end - start).total_seconds() if end else 0.0
