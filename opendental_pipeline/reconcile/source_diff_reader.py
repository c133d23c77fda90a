"""The first hop's comparison: what differs between the source and replication is read, no more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import perf_counter

from opendental_pipeline.databases.sql import KeyRun, among, conjunction
from opendental_pipeline.planning.delete_guard import question
from opendental_pipeline.planning.slice import Slice
from opendental_pipeline.reconcile.range_differ import RangeDiffer
from opendental_pipeline.reconcile.table_diff import RowKey, key_run, runs
from opendental_pipeline.settings.errors import ExtractionError
from sources.opendental.key_ranges import Ranges
from sources.opendental.load_window import LoadWindow
from sources.opendental.slice_reader import SliceReader
from sources.opendental.table_query import ServerAccess, TooLongError

_SLICE_SECONDS = 60.0
_SLICE_RUNS = 5_000
_RUNS_AT_ONCE = 1_000


@dataclass
class SourceDiffReader(SliceReader):
    """Compares a slice of a table with replication, and reads the rows in which they differ.

    Attributes:
        replica: where the copy is asked.
        courtesy: when the source must not be asked any more.
        extra: runs of keys that only replication has.
    """

    replica: ServerAccess | None = None
    courtesy: LoadWindow = field(default_factory=LoadWindow)
    extra: list[KeyRun] = field(default_factory=list)

    @cached_property
    def walk(self) -> RangeDiffer:
        """Goes through both tables."""
        assert self.replica is not None
        return RangeDiffer(self, self.replica)

    @cached_property
    def _fetching(self) -> Ranges:
        """How many of the rows that differ are read at once."""
        return Ranges(self.plan, self.place.limits, self.query)

    def batches(self) -> Iterator[memoryview]:
        """Compares until enough differs, the source has no time, or the table ends; then reads.

        Raises:
            ExtractionError: as those of its parent, or too many rows differ.
        """
        for differing in list(self._differing()):
            yield from self._rows(differing)
        self.refuse()

    def _differing(self) -> Iterator[list[list[RowKey]]]:
        """The keys to read, range by range, those together that follow each other."""
        enough, began, count = self.plan.slice_rows or 0, perf_counter(), 0
        while not self.complete and count < enough and len(self.extra) < _SLICE_RUNS:
            if perf_counter() - began > _SLICE_SECONDS:
                break
            if stopped := self.courtesy.refusal(self.query):
                self.stopped = stopped
                break
            keys, found = self.walk.behind(self.progress.after)
            self.differences += found.count
            self.extra += map(key_run, runs(found.extra, found.copy))
            if found.missing or found.changed:
                count += len(found.missing) + len(found.changed)
                yield list(runs((*found.missing, *found.changed), found.original))
            self.complete = keys.upto is None
            changed = self.progress.changed + len(found.changed)
            self.progress = replace(self.progress, after=keys.upto, changed=changed)
            self._brake()

    def _brake(self) -> None:
        """Stops before much of a table is changed; what is deleted, replication counts itself."""
        brake, rows = self.plan.brake, self.plan.table.rows
        changed = self.progress.changed
        if brake and brake.stops(changed, rows):
            text = question(self.plan.table.name, "changed", changed, rows)
            raise ExtractionError(text, table=self.plan.table.name, hop=self.place.hop)

    def _rows(self, waiting: Sequence[Sequence[RowKey]]) -> Iterator[memoryview]:
        """Reads runs of rows, as many at a time as the source and the memory allow."""
        while waiting:
            some, rest = _first_rows(waiting, self._fetching.rows)
            where = conjunction(among(self.plan.key, map(key_run, some)))
            try:
                if self._fetching.is_heavy(where) and self._fetching.shrink():
                    continue
                parts = self.fetch(where, self._fetching)
            except TooLongError:
                if not self._fetching.shrink():
                    raise
                continue
            waiting = rest
            yield from self.take(parts)

    def order(self) -> Slice:
        """What replication has to do: replace these rows, and remove those keys."""
        return replace(super().order(), extra=tuple(self.extra))


def _first_rows(
    runs: Sequence[Sequence[RowKey]], most: int
) -> tuple[list[Sequence[RowKey]], list[Sequence[RowKey]]]:
    """As many rows of some runs as one statement should read, and those that are left.

    Args:
        runs: of keys that follow each other.
        most: rows.
    """
    some: list[Sequence[RowKey]] = []
    for number, run in enumerate(runs[:_RUNS_AT_ONCE]):
        some.append(run[:most])
        most -= len(some[-1])
        if not most:
            left = [run[len(some[-1]) :]] if len(run) > len(some[-1]) else []
            return some, [*left, *runs[number + 1 :]]
    return some, list(runs[_RUNS_AT_ONCE:])
