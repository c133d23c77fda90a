"""What a run has to say for itself when it is over: its tables, and what else to know."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from opendental_pipeline.analysis.structure import structure_of
from opendental_pipeline.databases.table import Catalogue
from opendental_pipeline.runs.table_result import HopResult, SampleResult, TableResult
from opendental_pipeline.settings.table_config import TableConfig


def table_results(
    configs: Iterable[TableConfig],
    copied: Mapping[str, HopResult],
    loaded: Mapping[str, HopResult],
    sampled: Mapping[str, SampleResult],
) -> dict[str, TableResult]:
    """What a run did with each table.

    Args:
        configs: the tables of the run.
        copied: what the first hop did with them.
        loaded: what the second did.
        sampled: what samples of their rows said.
    """
    return {
        config.table_name: TableResult(
            table_name=config.table_name,
            performance_category=config.performance_category,
            processing_priority=config.processing_priority,
            batch_size_used=config.batch_size,
            copy_result=copied.get(config.table_name),
            load_result=loaded.get(config.table_name),
            second_opinion=sampled.get(config.table_name),
        )
        for config in configs
    }


def drifted(configs: Iterable[TableConfig], catalogue: Catalogue) -> tuple[str, ...]:
    """Tables that have other columns, types or key than when tables.yml was written."""
    return tuple(
        config.table_name
        for config in configs
        if config.schema_hash and config.schema_hash != _fingerprint(config, catalogue)
    )


def _fingerprint(config: TableConfig, catalogue: Catalogue) -> str:
    found = catalogue.get(config.table_name)
    return structure_of(found).fingerprint if found else ""


def memory_alerts(
    configs: Iterable[TableConfig], tables: Mapping[str, TableResult], peak: float
) -> tuple[str, ...]:
    """Tables that moved and may not take as much memory as the run did.

    Args:
        configs: the tables of the run that tables.yml knows.
        tables: what the run did with them.
        peak: the most memory that the run had, in MB.
    """
    allowed = {c.table_name: c.monitoring.memory_alert_threshold_mb for c in configs}
    return tuple(
        name
        for name, table in tables.items()
        if table.moved and peak > (allowed.get(name) or float("inf"))
    )


def config_age_days(metadata: Mapping[str, object], now: datetime) -> int:
    """How old tables.yml is; 0 if it does not say.

    Args:
        metadata: its head.
        now: the moment, in UTC.
    """
    generated = metadata.get("generated_at")
    if generated is None:
        return 0
    made = datetime.fromisoformat(str(generated))
    return max(0, (now - (made if made.tzinfo else made.replace(tzinfo=UTC))).days)
