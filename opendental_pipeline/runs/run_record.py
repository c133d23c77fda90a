"""What is known of a run while it goes on, of which its report can be made at any moment."""

from dataclasses import dataclass
from datetime import UTC, datetime

from opendental_pipeline.databases.table import Catalogue
from opendental_pipeline.runs.both_hops import BothHops
from opendental_pipeline.runs.copy_hop import CopyHop
from opendental_pipeline.runs.memory import peak_megabytes
from opendental_pipeline.runs.new_tables import NewTables
from opendental_pipeline.runs.process import SOME_FAILED, code_of
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.runs.run_header import RunHeader, RunOutcome
from opendental_pipeline.runs.run_report import (
    config_age_days,
    drifted,
    memory_alerts,
    table_results,
)
from opendental_pipeline.runs.sampling import Sampling
from opendental_pipeline.runs.table_result import HopResult, SampleResult
from opendental_pipeline.settings.errors import RunRefusedError
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tables_file import TablesFile


@dataclass
class RunRecord:
    """A run; each part is added as soon as there is one.

    Attributes:
        header: its beginning.
        environment: production or test.
        tables: tables.yml.
        selection: the tables to move.
        copying: the first hop.
        hops: both.
        new: tables that tables.yml does not know.
        sampling: the second opinion.
    """

    header: RunHeader
    environment: str = ""
    tables: TablesFile | None = None
    selection: tuple[TableConfig, ...] = ()
    copying: CopyHop | None = None
    hops: BothHops | None = None
    new: NewTables | None = None
    sampling: Sampling | None = None

    @property
    def configs(self) -> tuple[TableConfig, ...]:
        """The entries of all tables to move, those that tables.yml does not know too."""
        return (*self.selection, *(self.new.configs.values() if self.new else ()))

    def report(self, cause: BaseException | None) -> RunReport:
        """The report of the run, should it end now.

        Args:
            cause: why it ends before its end; None if it does not.
        """
        copied: dict[str, HopResult] = self.hops.copied if self.hops else {}
        loaded: dict[str, HopResult] = self.hops.loaded if self.hops else {}
        sampled: dict[str, SampleResult] = self.sampling.results if self.sampling else {}
        catalogue: Catalogue = self.copying.catalogue if self.copying else {}
        results = table_results(self.configs if self.hops else (), copied, loaded, sampled)
        peak, metadata = peak_megabytes(), self.tables.metadata if self.tables else {}
        report = RunReport(
            **self.header.model_dump(),
            environment=self.environment,
            finished_at=datetime.now(UTC),
            config_age_days=config_age_days(metadata, self.header.started_at),
            total_tables_configured=len(self.tables.names()) if self.tables else 0,
            schema_drift=drifted(self.selection, catalogue) if catalogue else (),
            tables=results,
            source_change=self.copying.source_change if self.copying else "",
            new_tables=self.new.outcomes if self.new else {},
            peak_memory_mb=peak,
            memory_alerts=memory_alerts(self.selection, results, peak),
            no_second_opinion=self.sampling.skipped if self.sampling else "",
            stopped=_words(cause),
            in_part=self.hops.copying.in_part or self.hops.loading.in_part if self.hops else False,
            without_md5=self.copying.without_md5 if self.copying else (),
        )
        outcome, code = _ending(report, cause)
        return report.model_copy(update={"outcome": outcome, "exit_code": code})


def _words(cause: BaseException | None) -> str:
    if cause is None:
        return ""
    return "somebody interrupted it" if isinstance(cause, KeyboardInterrupt) else str(cause)


def _ending(report: RunReport, cause: BaseException | None) -> tuple[RunOutcome, int]:
    """How a run ended, and the exit code that says so."""
    if cause is None:
        if not report.failed:
            return RunOutcome.SUCCESS, 0
        arrived = len(report.failed) < len(report.tables)
        return (RunOutcome.PARTIAL if arrived else RunOutcome.FAILED), SOME_FAILED
    if isinstance(cause, KeyboardInterrupt):
        return RunOutcome.INTERRUPTED, code_of(cause)
    if report.moved:
        return RunOutcome.PARTIAL, SOME_FAILED
    refused = isinstance(cause, RunRefusedError)
    return (RunOutcome.REFUSED if refused else RunOutcome.FAILED), code_of(cause)
