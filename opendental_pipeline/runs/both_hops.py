"""Both hops of a run, at work at once on different groups of tables."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property

from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.runs.batching import batch_tables
from opendental_pipeline.runs.copy_hop import CopyHop, CopyPlans
from opendental_pipeline.runs.load_hop import LoadHop
from opendental_pipeline.runs.load_thread import LoadThread
from opendental_pipeline.runs.progress_now import HOPS
from opendental_pipeline.runs.results import cut_short, skipped_result, to_result
from opendental_pipeline.runs.shown_progress import RunProgress
from opendental_pipeline.runs.table_result import HopResult
from opendental_pipeline.settings.errors import PipelineError, RunStoppedError
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tuning import RunTuning

_LOOKS = 3
"""How often tables that are altered while the run goes on are copied again in the same run."""


@dataclass
class BothHops:
    """Takes tables through the first hop and, as soon as replication has them, the second.

    Args:
        copying: the first hop.
        loading: the second.
        progress: shows both.
        tuning: how tables are grouped.
        workers: tables read or written at once.
        force: move every row.
        prove: compare all rows in the first hop.

    Attributes:
        copied: what the first hop did, by table.
        stopped: why the run did not go on to its end; None if it did.
    """

    copying: CopyHop
    loading: LoadHop
    progress: RunProgress
    tuning: RunTuning
    workers: int
    force: bool
    prove: bool
    copied: dict[str, HopResult] = field(default_factory=dict)
    stopped: PipelineError | None = None

    @property
    def loaded(self) -> dict[str, HopResult]:
        """What the second hop did, by table."""
        return self._second.results

    @cached_property
    def _second(self) -> LoadThread:
        return LoadThread(self.loading, self.progress, force=self.force)

    def run(
        self, selection: Sequence[TableConfig], find_new: Callable[[], list[TableConfig]]
    ) -> None:
        """Moves tables, and those again that are altered meanwhile.

        Args:
            selection: the tables.
            find_new: looks for further ones that the source has had since the last call.
        """
        known = list(selection)
        try:
            shown, files = self.progress.shown(), self.copying.slice_cache
            with shown, files, self._second, redact_driver_errors():
                self._copy_all(known, find_new)
            failed = [(name, result) for name, result in self.copied.items() if result.error]
            with redact_driver_errors():
                self.loading.status.record(failed)
                self.copying.gone.note()
        except PipelineError as error:
            self.stopped = error
        self.stopped = self.copying.lost or self._second.stopped or self.stopped
        if self.stopped:
            self._note_not_reached(known, self.stopped)
            self.progress.say(f"stopped: {self.stopped}", style="red")

    def _note_not_reached(self, configs: Sequence[TableConfig], cause: PipelineError) -> None:
        for name in (config.table_name for config in configs):
            if self.copied.setdefault(name, skipped_result(cause)).error is None:
                self.loaded.setdefault(name, skipped_result(cause))

    def _copy_all(
        self, known: list[TableConfig], find_new: Callable[[], list[TableConfig]]
    ) -> None:
        selection = list(known)
        for _ in range(_LOOKS):
            found = find_new()
            known += found
            results: dict[str, HopResult] = {}
            try:
                self._copy([*selection, *found], results)
            finally:
                self.copied |= results
            if not any(result.slices or result.error for result in results.values()):
                break
            # an upgrade may go on while we read
            others = self.copying.read_again()
            selection = [config for config in known if config.table_name in others]
            if not selection:
                break

    def _copy(self, selection: Sequence[TableConfig], results: dict[str, HopResult]) -> None:
        """Takes some tables through the first hop, and hands them to the second.

        Args:
            selection: the tables.
            results: gets what was done with each, also when the run loses a lock.

        Raises:
            RunStoppedError: it did.
        """
        copying, second = self.copying, self._second
        plans = copying.plan(selection, force=self.force, prove=self.prove, align=True)
        configs = {config.table_name: config for config in selection}
        self._announce(configs, plans)
        unmoved = plans.unchanged | plans.gone
        unmoved |= {n: skipped_result(error) for n, error in plans.failed.items()}
        results |= unmoved
        for group in batch_tables(plans.plans, self.tuning, self.workers):
            if stopped := copying.lost or second.stopped:
                raise stopped
            moved: dict[str, TableProgress] = {}
            try:
                self._copy_group(group, configs, moved)
            except PipelineError as error:
                whole = {name: one for name, one in moved.items() if one.finished}
                names = {plan.table.name for plan in group} - whole.keys()
                cut = {name: cut_short(moved.get(name), error) for name in names}
                results |= cut | {name: to_result(one) for name, one in whole.items()}
                if isinstance(error, RunStoppedError):
                    raise
                self.progress.say(f"failed: {error}", style="red")
                unmoved |= cut
                moved = whole
            results.update((name, to_result(one)) for name, one in moved.items())
            second.enqueue([configs[name] for name, one in moved.items() if one.error is None])
        copying.status.record(unmoved.items())

    def _announce(self, configs: Mapping[str, TableConfig], plans: CopyPlans) -> None:
        """Says what is going to be copied, and hands over what need not be."""
        self.copying.status.pending(configs)
        self._second.expect(configs)
        rows = sum(plan.expected_rows for plan in plans.plans)
        for hop in HOPS:
            self.progress.expect(hop, len(configs), rows)
        self.progress.unchanged("replication", len(plans.unchanged))
        self._second.enqueue([configs[name] for name in plans.unchanged])
        self._second.results |= {n: one for n, one in plans.gone.items() if one.error is None}
        for hop in HOPS:
            self.progress.unchanged(hop, len(plans.gone))
        for result in plans.gone.values():
            if result.error:
                self.progress.say(f"failed: {result.error}", style="red")
        for error in plans.failed.values():
            self.progress.say(f"failed: {error}", style="red")

    def _copy_group(
        self,
        group: Sequence[TablePlan],
        configs: Mapping[str, TableConfig],
        moved: dict[str, TableProgress],
    ) -> None:
        """Copies tables that share packages; what is done of a large one is handed over at once.

        Args:
            group: their passes.
            configs: their entries in tables.yml.
            moved: gets what was done with each.
        """
        self.progress.begin("replication", [plan.table.name for plan in group])
        hop = self.copying.move(group, moved)
        # an interrupted run may have left raw behind replication
        self._second.enqueue_partial([configs[p.table.name] for p in group if p.resumed])
        with redact_driver_errors("replication"), closing(hop):
            for slices in hop:
                self.progress.moved("replication", slices)
                partial = [configs[one.table] for one in slices if not one.finished]
                self._second.enqueue_partial(partial)
