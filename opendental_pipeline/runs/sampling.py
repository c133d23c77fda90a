"""The second opinion of a run: which tables are sampled, and what becomes of a disagreement.

The clinic works while the night runs, so that a row may have been edited since it was copied. What
disagrees is therefore moved once more, with all rows compared, and looked at again.
"""

import random
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from destinations import raw
from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.reconcile.sample_budget import Budget, BudgetSpentError
from opendental_pipeline.reconcile.second_opinion import Look, SecondOpinion
from opendental_pipeline.runs.results import disagreeing, merged
from opendental_pipeline.runs.status_tables import StatusTable
from opendental_pipeline.runs.table_result import HopResult, SampleResult
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.errors import ConnectionFailedError, LoadingError, PipelineError
from opendental_pipeline.settings.table_config import TableConfig

_UNMOVED_TABLES = 10
"""Tables that did not move and are sampled all the same."""

_KEYS_NAMED = 3

Results = dict[str, HopResult]

MoveAgain = Callable[[Sequence[TableConfig]], tuple[Results, Results]]
"""Moves tables once more through both hops, all rows compared."""


def tables_to_sample(
    configs: Iterable[TableConfig],
    copied: Results,
    loaded: Results,
    unwell: Collection[str],
) -> list[TableConfig]:
    """Chooses the tables of a run to sample: in random order, those first that matter most.

    Args:
        configs: all tables of the run.
        copied: what the first hop did with them.
        loaded: what the second did.
        unwell: tables that were not well the night before.
    """
    arrived = [
        config
        for config in configs
        if all(
            (result := results.get(config.table_name))
            and result.error is None
            and result.gone is None
            for results in (copied, loaded)
        )
    ]
    random.shuffle(arrived)
    first = [config for config in arrived if config.table_name in unwell]
    moved: list[TableConfig] = []
    others: list[TableConfig] = []
    for config in arrived:
        name = config.table_name
        if name not in unwell:
            (moved if copied[name].slices or loaded[name].slices else others).append(config)
    return [*first, *moved, *others[:_UNMOVED_TABLES]]


@dataclass
class Sampling:
    """Samples the tables of a run.

    Attributes:
        settings: the databases.
        seconds: what statements at the source may take together; 0 for no second opinion.
        status: of raw's tables.
        unwell: tables that were not well the night before.
        began: when the run began, on this machine's steady clock.
        rows: by table, how many rows the source's catalogue says there are.
        results: by table, what its sample said.
        skipped: why no tables, or not all that should be, were sampled; empty if all.
    """

    settings: Settings
    seconds: float
    status: StatusTable
    unwell: frozenset[str]
    began: float
    rows: Mapping[str, int] = field(default_factory=dict)
    results: dict[str, SampleResult] = field(default_factory=dict)
    skipped: str = ""

    @classmethod
    def begin(cls, settings: Settings, seconds: float, status: StatusTable) -> "Sampling":
        """Notes, before anything is moved, what has to be known when all is.

        Args:
            settings: the databases.
            seconds: what statements at the source may take together; 0 for no second opinion.
            status: of raw's tables.
        """
        began = time.monotonic()
        status.prepare()
        return cls(settings, seconds, status, status.unwell(), began)

    def sample(
        self,
        configs: Iterable[TableConfig],
        rows: Mapping[str, int],
        copied: Results,
        loaded: Results,
        move_again: MoveAgain,
    ) -> None:
        """Looks at rows of some tables, and again where they disagree.

        Args:
            configs: all tables of the run.
            rows: by table, how many rows the source's catalogue says there are.
            copied: what the first hop did with them; gets what it does once more.
            loaded: what the second did; likewise, and what raw has otherwise than the source.
            move_again: moves tables that disagree.
        """
        self.rows = rows
        chosen = tables_to_sample(configs, copied, loaded, self.unwell)
        if not self.seconds or not chosen:
            self.skipped = "" if self.seconds else "second_opinion_seconds is 0"
            return
        budget, since = Budget(self.seconds), time.monotonic() - self.began
        try:
            with SecondOpinion(self.settings, budget, since) as opinion:
                looks = self._look(opinion, chosen)
        except ConnectionFailedError as error:
            self.skipped = error.message
            return
        others = [c for c in chosen if c.table_name in looks and looks[c.table_name].found]
        if not others:
            return
        reasons = _moved_again(others, copied, loaded, move_again)
        try:
            # in new sessions: moving may take longer than a server keeps an idle one
            with SecondOpinion(self.settings, budget, since) as opinion:
                for config in others:
                    name = config.table_name
                    self._judge(opinion, config, looks[name], reasons[name])
        except ConnectionFailedError as error:
            for config in others:
                self._leave(config, looks[config.table_name], error.message)
        failed = {name: one.error for name, one in self.results.items() if one.error}
        loaded |= {name: disagreeing(loaded[name], error) for name, error in failed.items()}
        self.status.record((name, loaded[name]) for name in failed)

    def _look(self, opinion: SecondOpinion, configs: Sequence[TableConfig]) -> dict[str, Look]:
        looks: dict[str, Look] = {}
        for number, config in enumerate(configs):
            name = config.table_name
            try:
                look = opinion.look(config, self._rows(config))
            except BudgetSpentError as error:
                left = len(configs) - number
                self.skipped = f"of {left:,} of {len(configs):,} tables: {error.message}"
                break
            except ConnectionFailedError as error:
                # what was found until then is asked again, if that can be done
                self.skipped = error.message
                break
            except PipelineError as error:
                self.results[name] = SampleResult(skipped=error.message)
                continue
            if look is not None:
                looks[name] = look
                self.results[name] = SampleResult(rows=look.rows)
        return looks

    def _judge(
        self, opinion: SecondOpinion, config: TableConfig, before: Look, reason: str
    ) -> None:
        """Looks again at the rows of a table that disagreed."""
        if not reason:
            try:
                after = opinion.look_again(config, self._rows(config), before)
            except PipelineError as error:
                reason = error.message
        if reason:
            self._leave(config, before, reason)
            return
        name, count = config.table_name, len(before.found)
        mended = count - len(after.found)
        wrong = _disagreement(name, after.still(before))
        self.results[name] = SampleResult(rows=before.rows, mended=mended, error=wrong)

    def _leave(self, config: TableConfig, before: Look, reason: str) -> None:
        """Says that rows disagreed, and why nobody knows whether they do still."""
        count = len(before.found)
        text = f"{count:,} of its rows differ, and could not be looked at again: {reason}"
        self.results[config.table_name] = SampleResult(rows=before.rows, skipped=text)

    def _rows(self, config: TableConfig) -> int:
        return self.rows.get(config.table_name, 0)


def _moved_again(
    configs: Sequence[TableConfig], copied: Results, loaded: Results, move_again: MoveAgain
) -> dict[str, str]:
    """Moves tables once more, and adds what was done to what was before.

    Returns:
        by table, why its rows may still not be those of the source; empty if they must be.
    """
    names = [config.table_name for config in configs]
    try:
        with redact_driver_errors():
            results = move_again(configs)
    except PipelineError as error:
        return dict.fromkeys(names, error.message)
    reasons = dict.fromkeys(names, "")
    for before, after in zip((copied, loaded), results, strict=True):
        for name, result in after.items():
            before[name] = merged(before.get(name), result)
            reasons[name] = reasons[name] or result.error or result.stopped
    return reasons


def _disagreement(table: str, found: Sequence[str]) -> str | None:
    """What fails a table; None if nothing disagrees still."""
    if not found:
        return None
    named = "; ".join(found[:_KEYS_NAMED])
    more = len(found) - _KEYS_NAMED
    text = (
        f"raw disagrees with the source {named}{f'; and in {more:,} more rows' if more > 0 else ''}"
        " although the table was moved once more, all its rows compared. The rows do not arrive as"
        " they are: see what changed in servers or settings, and do not use the table until then"
    )
    return str(LoadingError(text, table=table, hop=raw.HOP))
