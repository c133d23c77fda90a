"""Slices are read into files while the ones before them are written."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path

from sources.opendental.reading import SliceReader
from sources.opendental.slices import FORMAT
from sources.opendental.strategy import TablePlan


class ReadAhead:
    """Reads slices in threads; as a context manager it ends with those that were begun.

    Args:
        read: makes the reader of a plan.
        scratch: an empty directory for the files, on the disk of dlt's own.
        workers: slices read at once.
    """

    def __init__(
        self, read: Callable[[TablePlan], SliceReader], scratch: Path, workers: int
    ) -> None:
        self._make = read
        self._scratch = scratch
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="reading")
        self._begun: dict[str, Future[SliceReader]] = {}
        self._numbers = count()

    def __enter__(self) -> "ReadAhead":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self, plan: TablePlan) -> None:
        """Begins to read a slice that will be asked for."""
        path = self._scratch / f"{next(self._numbers)}.{FORMAT}"
        reader = self._make(plan)
        self._begun[plan.table.name] = self._pool.submit(reader.write_to, path)

    def read(self, plans: Sequence[TablePlan]) -> dict[str, SliceReader]:
        """Reads the slices of some tables to their ends, or waits for them; by table.

        What was read stays until it is said to be done with, so that one table's fault does not
        make the source answer twice for all others.
        """
        for plan in plans:
            begun = self._begun.get(plan.table.name)
            if begun is None or begun.result().fault or begun.result().plan.begin != plan.begin:
                self.begin(plan)
        return {plan.table.name: self._begun[plan.table.name].result() for plan in plans}

    def done(self, reader: SliceReader) -> None:
        """Forgets a slice that dlt has, and begins to read the one behind it."""
        del self._begun[reader.plan.table.name]
        if reader.path:
            reader.path.unlink()
        if not reader.complete:
            self.begin(replace(reader.plan, begin=reader.progress))
