"""The report of a run: plain data that becomes JSON, and its summary for an orchestrator."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from opendental_pipeline.runs.process import SOME_FAILED
from opendental_pipeline.runs.run_header import RunHeader, RunOutcome
from opendental_pipeline.runs.signals import INTERRUPTED
from opendental_pipeline.runs.table_result import SampleResult, TableResult
from opendental_pipeline.settings.frozen import Frozen
from opendental_pipeline.settings.orchestrator import fitting

_ROOMS = ((500, 5_000), (100, 1_000), (20, 200))
"""Entries of a list, and characters of a text, in such a line."""


class AfterResult(Frozen):
    """How the command ended that is started after a good load.

    Attributes:
        exit_code: of it; below zero the signal that ended it.
        seconds: that it took.
        error: why it did not end by itself; empty if it did.
        interrupted: whether that was because somebody interrupted it.
    """

    exit_code: int
    interrupted: bool = False
    seconds: float = 0.0
    error: str = ""

    @property
    def fault(self) -> str:
        """What went wrong, in words; empty if nothing did."""
        ended = f"it ended with exit code {self.exit_code}" if self.exit_code else ""
        return self.error or ended

    def code_behind(self, code: int) -> int:
        """The exit code of a run that it follows.

        Args:
            code: of the run itself.
        """
        if self.interrupted:
            return INTERRUPTED
        return SOME_FAILED if self.fault else code


class CategoryResult(Frozen):
    """The tables of one performance category."""

    success: list[str]
    failed: list[str]
    total: int


class RunReport(RunHeader):
    """A whole run.

    Attributes:
        environment: production or test; empty if the run ended before it was known.
        outcome: how it ended.
        exit_code: of its program.
        source_change: what happened to the source as a whole since the run before; empty if nothing
            did.
        schema_drift: tables that are not as they were when tables.yml was written.
        new_tables: what became of tables that tables.yml does not know, as sentences.
        peak_memory_mb: the most memory that the process had.
        stopped: why the run could not go on to its end; empty if it could.
        memory_alerts: tables moved whose memory_alert_threshold_mb is less than that.
        rows_copied: rows that reached replication.
        rows_loaded: rows that reached raw.
        no_second_opinion: why no tables, or not all that should be, were sampled; empty if all.
        in_part: whether a load package failed of which some slices may be committed.
        without_md5: the servers because of which rows are compared by SHA2 instead.
        after: how the command ended that was started then; None if none was.
    """

    environment: str = ""
    finished_at: datetime
    outcome: RunOutcome = RunOutcome.SUCCESS
    exit_code: int = 0
    config_age_days: int = 0
    total_tables_configured: int = 0
    tables: dict[str, TableResult] = Field(default_factory=dict)
    source_change: str = ""
    schema_drift: tuple[str, ...] = ()
    new_tables: Mapping[str, str] = Field(default_factory=dict)
    peak_memory_mb: float = 0.0
    memory_alerts: tuple[str, ...] = ()
    no_second_opinion: str = ""
    stopped: str = ""
    without_md5: tuple[str, ...] = ()
    in_part: bool = False
    after: AfterResult | None = None

    @property
    def gone(self) -> dict[str, str]:
        """Tables that the source no longer has, with since when and how many rows are kept."""
        return {
            name: table.copy_result.gone
            for name, table in self.tables.items()
            if table.copy_result and table.copy_result.gone
        }

    @property
    def failed(self) -> list[str]:
        """The tables that did not arrive; first those of which raw has something else."""
        failed = [name for name, table in self.tables.items() if not table.succeeded]
        return sorted(failed, key=lambda name: not self.tables[name].disagrees)

    @property
    def moved(self) -> bool:
        """Whether anything reached replication or raw."""
        return self.in_part or any(table.moved for table in self.tables.values())

    @property
    def samples(self) -> dict[str, SampleResult]:
        """What samples said, by table, of tables of which any row was looked at."""
        found = {name: table.second_opinion for name, table in self.tables.items()}
        return {name: sample for name, sample in found.items() if sample and sample.rows}

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def rows_copied(self) -> int:
        """Rows that reached replication."""
        return sum(t.copy_result.rows for t in self.tables.values() if t.copy_result)

    @property
    def rows_loaded(self) -> int:
        """Rows that reached raw."""
        return sum(t.load_result.rows for t in self.tables.values() if t.load_result)

    def by_category(self) -> dict[str, CategoryResult]:
        """Success and failure by performance category, large ones first."""
        result = {}
        for category in ("large", "medium", "small", "tiny"):
            tables = [t for t in self.tables.values() if t.performance_category == category]
            result[category] = CategoryResult(
                success=[t.table_name for t in tables if t.succeeded],
                failed=[t.table_name for t in tables if not t.succeeded],
                total=len(tables),
            )
        return result

    def summary(self) -> dict[str, Any]:
        """The run without its tables; small enough to pass between tasks of an orchestrator."""
        total, failed = len(self.tables), self.failed
        return {
            "run_id": self.run_id,
            "kind": self.kind,
            "outcome": self.outcome,
            "exit_code": self.exit_code,
            "host": self.host,
            "version": self.version,
            "orchestrator_run_id": self.orchestrator_run_id,
            "execution_date": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat(),
            "duration_seconds": round(self.seconds, 3),
            "environment": self.environment,
            "peak_memory_mb": self.peak_memory_mb,
            "memory_alerts": list(self.memory_alerts),
            "source_change": self.source_change,
            "stopped": self.stopped,
            "after": self.after.model_dump() if self.after else None,
            "configuration": {
                "total_tables_configured": self.total_tables_configured,
                "config_age_days": self.config_age_days,
                "schema_drift_detected": bool(self.schema_drift or self.new_tables),
                "new_tables": len(self.new_tables),
            },
            "processing_results": {
                "total_processed": total,
                "total_success": total - len(failed),
                "total_failed": len(failed),
                "success_rate": round((total - len(failed)) / total, 4) if total else 1.0,
                "rows_copied": self.rows_copied,
                "rows_loaded": self.rows_loaded,
                "failed": failed,
                "second_opinion": {
                    "tables": len(self.samples),
                    "rows": sum(sample.rows for sample in self.samples.values()),
                    "disagree": [name for name in failed if self.tables[name].disagrees],
                    "skipped": self.no_second_opinion,
                },
                "by_category": {
                    name: {"success": len(c.success), "failed": len(c.failed), "total": c.total}
                    for name, c in self.by_category().items()
                },
            },
        }

    def one_line(self) -> str:
        """The summary as a line that any orchestrator takes: long lists and texts are cut."""
        summary = self.summary()
        return fitting(
            json.dumps(_shortened(summary, *room), separators=(",", ":")) for room in _ROOMS
        )

    def to_json(self) -> dict[str, Any]:
        """The whole report as JSON's own types."""
        report = self.summary()
        report["processing_results"]["by_category"] = {
            name: category.model_dump() for name, category in self.by_category().items()
        }
        report["schema_drift"] = list(self.schema_drift)
        report["without_md5"] = list(self.without_md5)
        report["new_tables"] = self.new_tables
        report["gone_tables"] = self.gone
        report["options"] = dict(self.options)
        report["tables"] = {
            name: {**table.model_dump(mode="json"), "success": table.succeeded}
            for name, table in self.tables.items()
        }
        return report


def _shortened(value: Any, entries: int, characters: int) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(one, entries, characters) for name, one in value.items()}
    if isinstance(value, list):
        return [_shortened(one, entries, characters) for one in value[:entries]]
    return value[:characters] if isinstance(value, str) else value
