"""The first hop's comparison: what differs between the source and replication is read, no more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from opendental_pipeline.databases.sql import KeyRun, among, conjunction
from opendental_pipeline.planning.delete_guard import question
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.reconcile.range_differ import RangeDiffer
from opendental_pipeline.reconcile.table_diff import RowKey, key_run, runs
from opendental_pipeline.settings.errors import BrakedError
from opendental_pipeline.settings.tuning import SliceLimits
from sources.opendental.load_window import LoadWindow
from sources.opendental.slice_reader import SliceReader, source_rows
from sources.opendental.table_query import ServerAccess, TooLongError
from sources.opendental.table_rows import TableRows

_SLICE_RUNS = 5_000
_RUNS_AT_ONCE = 1_000


@dataclass(frozen=True)
class DifferingRows:
    """The rows of a slice in which a table differs from its copy in replication.

    Attributes:
        table: reads rows at the source.
        differ: goes through both tables.
        window: when the source must not be asked any more.
        deleted: runs of keys that only replication has.
    """

    table: TableRows
    differ: RangeDiffer
    window: LoadWindow
    deleted: list[KeyRun] = field(default_factory=list)

    def batches(self, into: TableProgress) -> Iterator[memoryview]:
        """Compares until enough differs, the source has no time, or the table ends; then reads.

        Raises:
            ExtractionError: a statement failed, or too many rows differ.
        """
        for differing in list(self._differing(into)):
            yield from self._rows(differing, into)
        order = self.table.projection.order(into)
        into.order = replace(order, deleted_key_ranges=tuple(self.deleted))

    def _differing(self, into: TableProgress) -> Iterator[list[list[RowKey]]]:
        """The keys to read, range by range, those together that follow each other."""
        limits, began, count = into.plan.slice_limits or SliceLimits(), monotonic(), 0
        table, ended = into.plan.table, False
        average = table.size // max(1, table.rows)
        while not ended:
            if stopped := self.window.refusal(self.table.query.query):
                into.stopped = stopped
                break
            keys, found = self.differ.behind(into.checkpoint.last_key)
            into.differences += found.count
            self.deleted.extend(map(key_run, runs(found.extra, found.copy)))
            if found.missing or found.changed:
                count += len(found.missing) + len(found.changed)
                yield list(runs((*found.missing, *found.changed), found.original))
            into.complete = keys.upto is None
            changed = into.checkpoint.changed + len(found.changed)
            into.checkpoint = replace(into.checkpoint, last_key=keys.upto, changed=changed)
            _guard(into)
            ended = (
                into.complete
                or len(self.deleted) >= _SLICE_RUNS
                or limits.reached(count, count * average, monotonic() - began)
            )

    def _rows(
        self, waiting: Sequence[Sequence[RowKey]], into: TableProgress
    ) -> Iterator[memoryview]:
        """Reads runs of rows, as many at a time as the source and the memory allow."""
        ranges, projection = self.table.ranges, self.table.projection
        while waiting:
            some, rest = _first_rows(waiting, ranges.rows)
            where = conjunction(among(into.plan.key, map(key_run, some)))
            try:
                if ranges.is_heavy(where) and ranges.shrink():
                    continue
                batches = self.table.rows(where, into)
            except TooLongError:
                if not ranges.shrink():
                    raise
                continue
            waiting = rest
            for rows in batches:
                yield projection.take(rows, into)


def read_source_diff(
    plan: TablePlan, source: ServerAccess, replica: ServerAccess, window: LoadWindow
) -> SliceReader:
    """Makes the reader of what differs between a slice at the source and in replication.

    Args:
        plan: of the comparison.
        source: where the table is.
        replica: where its copy is.
        window: when the source must not be asked any more.
    """
    table = source_rows(plan, source)
    rows = DifferingRows(table, RangeDiffer(plan, table.query, replica), window)
    return SliceReader(plan, table.query, table.projection, (rows,))


def _guard(into: TableProgress) -> None:
    """Stops before much of a table is changed; what is deleted, replication counts itself."""
    guard, rows, changed = into.plan.brake, into.plan.table.rows, into.checkpoint.changed
    if guard and guard.stops(changed, rows):
        raise BrakedError(question(into.table, "changed", changed, rows))


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
