"""The second hop of a run, in a thread of its own beside the first."""

import queue
import threading
from collections.abc import Iterable, Mapping
from contextlib import closing

from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.runs.load_hop import LoadHop
from opendental_pipeline.runs.results import skipped_result
from opendental_pipeline.runs.shown_progress import RunProgress
from opendental_pipeline.runs.table_result import HopResult
from opendental_pipeline.settings.errors import PipelineError, RunStoppedError
from opendental_pipeline.settings.faults import fault_of
from opendental_pipeline.settings.table_config import TableConfig


class LoadThread:
    """Loads the tables that the first hop has copied, and large ones while it copies them.

    As a context manager it ends when everything that was handed to it is loaded.

    Attributes:
        results: by table.
        stopped: why nothing more is loaded; None if more is.
    """

    def __init__(
        self,
        loading: LoadHop,
        progress: RunProgress,
        *,
        force: bool,
    ) -> None:
        self._loading = loading
        self._progress = progress
        self._force = force
        self._waiting: queue.SimpleQueue[tuple[TableConfig, bool] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="second-hop", daemon=True)
        self.results: dict[str, HopResult] = {}
        self.stopped: PipelineError | None = None

    def __enter__(self) -> "LoadThread":
        self._thread.start()
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, PipelineError):
            self.stop(error)
        elif error is not None:
            self.stop(PipelineError("the first hop ended"))
        self._waiting.put(None)
        self._thread.join()

    def stop(self, cause: PipelineError) -> None:
        """Loads nothing more after the slices that are under way."""
        self.stopped = self.stopped or cause

    def expect(self, tables: Iterable[str]) -> None:
        """Marks tables as not loaded yet."""
        self._loading.status.pending(tables)

    def enqueue(self, configs: Iterable[TableConfig]) -> None:
        """Hands over tables that replication has in full."""
        for config in configs:
            self._waiting.put((config, True))

    def enqueue_partial(self, configs: Iterable[TableConfig]) -> None:
        """Hands over tables that replication has a part of; they will come again."""
        for config in configs:
            self._waiting.put((config, False))

    def _work(self) -> None:
        """Loads all that waits at a time, so that one package carries many tables."""
        more = True
        while more:
            waiting = [self._waiting.get()]
            while not self._waiting.empty():
                waiting.append(self._waiting.get())
            more = None not in waiting
            handed = [one for one in waiting if one is not None]
            if handed:
                self._try(
                    {config.table_name: config for config, _ in handed},
                    whole={config.table_name for config, is_whole in handed if is_whole},
                )

    def _try(self, configs: dict[str, TableConfig], whole: set[str]) -> None:
        if self.stopped:
            self.results.update((table, skipped_result(self.stopped)) for table in configs)
            return
        results: dict[str, HopResult] = {}
        try:
            with redact_driver_errors("raw"):
                self._load(configs, whole, results)
        except RunStoppedError as error:
            self.stop(error)
            self._note(configs, results, error)
        except PipelineError as error:
            self._note(configs, results, error)
            self._progress.say(f"failed: {error}", style="red")
        except Exception as error:  # noqa: BLE001  the last resort: nobody else would see it
            fault = fault_of(error, "the second hop")
            self.stop(fault)
            self._note(configs, results, fault)

    def _note(
        self, tables: Iterable[str], found: Mapping[str, HopResult], error: PipelineError
    ) -> None:
        """Notes of tables what is known, or that they were not reached."""
        for table in tables:
            self.results[table] = found.get(table) or self._loading.cut_short(table, error)

    def _load(
        self, configs: dict[str, TableConfig], whole: set[str], results: dict[str, HopResult]
    ) -> None:
        ahead = configs.keys() - whole
        loading = self._loading.load(
            list(configs.values()), results, ahead=ahead, force=self._force
        )
        with closing(loading):
            for slices in loading:
                self._progress.moved("raw", slices, ahead=ahead)
        self.results.update(results)
        self.stopped = self.stopped or self._loading.lost
        unchanged = sum(result.slices == 0 for result in results.values())
        self._progress.unchanged("raw", unchanged)
