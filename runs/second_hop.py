"""The second hop of a run, in a thread of its own beside the first."""

import queue
import threading
from collections.abc import Iterable

from runs.loading import Loading
from runs.progress import RunProgress
from runs.report import HopResult
from runs.results import not_reached
from sources.opendental.connections import told_plainly
from sources.opendental.errors import PipelineError
from sources.opendental.tables import TableConfig


class SecondHop:
    """Loads the groups that the first hop has copied.

    As a context manager it ends when everything that was handed to it is loaded.
    """

    def __init__(
        self,
        loading: Loading,
        progress: RunProgress,
        *,
        force: bool,
    ) -> None:
        self._loading = loading
        self._progress = progress
        self._force = force
        self._handed: queue.SimpleQueue[list[TableConfig] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="second-hop", daemon=True)
        self.results: dict[str, HopResult] = {}

    def __enter__(self) -> "SecondHop":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._handed.put(None)
        self._thread.join()

    def expect(self, tables: Iterable[str]) -> None:
        """Marks tables as not loaded yet."""
        self._loading.status.pending(tables)

    def take(self, configs: list[TableConfig]) -> None:
        """Hands over tables that replication has in full."""
        if configs:
            self._handed.put(configs)

    def _work(self) -> None:
        while (configs := self._handed.get()) is not None:
            try:
                with told_plainly("raw"):
                    self._load(configs)
            except PipelineError as error:
                self.results.update((c.table_name, not_reached(error)) for c in configs)
                self._progress.say(f"failed: {error}", style="red")

    def _load(self, configs: list[TableConfig]) -> None:
        moved, results = self._loading.load(configs, force=self._force)
        self.results.update(results)
        self._progress.done("raw", moved)
        self._progress.unchanged("raw", len(configs) - len(moved))
