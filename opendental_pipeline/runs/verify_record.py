"""What a comparison of all tiers leaves in the history: how it ended, and what it proved."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from destinations import raw, replication
from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.reconcile.verify import VerifyResult
from opendental_pipeline.runs.lock import Locks
from opendental_pipeline.runs.memory import peak_megabytes
from opendental_pipeline.runs.nightly import NightlyRun
from opendental_pipeline.runs.process import SOME_FAILED, code_of
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.runs.run_header import RunHeader, RunOutcome
from opendental_pipeline.runs.run_history import RunHistory
from opendental_pipeline.runs.run_report import table_results
from opendental_pipeline.runs.table_result import VERIFIED, HopResult
from opendental_pipeline.settings.environment import DatabaseType, PostgresSchema
from opendental_pipeline.settings.errors import PipelineError


@dataclass
class VerifyRecord:
    """A comparison that goes on.

    Attributes:
        night: whose settings and tables it has.
        header: its beginning.
        proves: whether it looks at all rows of a table, and not only at recent ones.
    """

    night: NightlyRun
    header: RunHeader
    proves: bool
    _hops: dict[str, dict[str, HopResult]] = field(default_factory=dict)

    def add(self, results: Sequence[VerifyResult], began: datetime) -> None:
        """Adds what was found in a table.

        Args:
            results: of both tiers.
            began: when it was begun to be read.
        """
        for one in results:
            proved = began if one.equal and self.proves else None
            self._hops.setdefault(one.tier, {})[one.table] = HopResult(
                strategy_used=VERIFIED,
                reason="compared by verify.py",
                began_at=began,
                ended_at=datetime.now(UTC),
                rows_proved_at=proved,
                keys_proved_at=proved,
                error=one.error,
                **asdict(one.found.count),
            )

    @contextmanager
    def kept(self, locks: Locks) -> Iterator[None]:
        """Writes its beginning and its end; nothing where no night ever ran.

        Args:
            locks: of the comparison.

        Raises:
            LockLostError: they are lost.
        """
        history = self._history()
        if history is None:
            yield
            return
        locks.claim()
        history.prepare()
        history.begin(self.header)
        cause: BaseException | None = None
        try:
            yield
        except BaseException as error:
            cause = error
            raise
        finally:
            self._end(history, cause)

    def _history(self) -> RunHistory | None:
        night = self.night
        engine = night.connections.engine(DatabaseType.ANALYTICS)
        schema = night.settings.schema_name(PostgresSchema.RAW)
        if not sa.inspect(engine).has_table("etl_runs", schema):
            return None
        return RunHistory(engine, schema, night.tuning.runs.history_days)

    def _end(self, history: RunHistory, cause: BaseException | None) -> None:
        sessions = self.night.connections.sessions
        if sessions.interrupted:
            cause = KeyboardInterrupt()
            sessions.resume(self.night.tuning.runs.ending_seconds / 4)
        # what ended it is told by its program
        with suppress(PipelineError), redact_driver_errors():
            history.finish(self._report(cause))

    def _report(self, cause: BaseException | None) -> RunReport:
        hops = self._hops
        seen: Mapping[str, HopResult] = hops.get(replication.HOP, {})
        configs = [one for one in self.night.selection if one.table_name in seen]
        all_hops = [result for some in hops.values() for result in some.values()]
        differ = any(one.error or one.missing or one.changed or one.extra for one in all_hops)
        outcome, code = RunOutcome.SUCCESS, 0
        if cause is not None:
            stopped = isinstance(cause, KeyboardInterrupt)
            outcome, code = RunOutcome.FAILED, code_of(cause)
            outcome = RunOutcome.INTERRUPTED if stopped else outcome
        elif differ:
            outcome, code = RunOutcome.PARTIAL, SOME_FAILED
        return RunReport(
            **self.header.model_dump(),
            environment=self.night.settings.environment,
            finished_at=datetime.now(UTC),
            outcome=outcome,
            exit_code=code,
            tables=table_results(configs, seen, hops.get(raw.HOP, {}), {}),
            peak_memory_mb=peak_megabytes(),
            stopped="" if cause is None else str(cause) or "somebody interrupted it",
        )
