"""What a hop did with a table, and what else the report has to say of a run."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from analysis.structure import structure_of
from runs.moved import Moved
from runs.report import HopResult, TableResult
from sources.opendental.catalogue import Catalogue
from sources.opendental.errors import PipelineError
from sources.opendental.state import TableState
from sources.opendental.tables import TableConfig
from sources.opendental.tables_file import TablesFile


def to_result(moved: Moved) -> HopResult:
    """What a hop did with a table, for the report."""
    plan = moved.plan
    column = plan.cursors[0] if plan.cursors else None
    value = moved.state.watermarks.get(column) if column else None
    return HopResult(
        strategy_used=plan.strategy,
        reason=plan.reason,
        rows=moved.rows,
        deleted=moved.deleted,
        seconds=round(moved.seconds, 3),
        slices=moved.slices,
        force_full_applied=plan.force_full_applied,
        primary_column=column,
        last_primary_value=None if value is None else str(value),
        coercions=dict(moved.coercions),
        **_proofs(moved.state),
        missing=moved.differences.missing,
        changed=moved.differences.changed,
        extra=moved.differences.extra,
        stopped=moved.stopped,
        changes=plan.changes,
        error=str(moved.error) if moved.error else None,
    )


def unchanged_result(state: TableState, where: str, changes: tuple[str, ...] = ()) -> HopResult:
    """The result of a table that a hop had no rows to move of."""
    column, value = next(iter(state.watermarks.items()), (None, None))
    return HopResult(
        strategy_used="unchanged",
        reason=f"nothing changed in {where}",
        changes=changes,
        primary_column=column,
        last_primary_value=None if value is None else str(value),
        **_proofs(state),
    )


def _proofs(state: TableState) -> dict[str, datetime | None]:
    moments = {"rows_proved_at": state.rows_proved_at, "keys_proved_at": state.keys_proved_at}
    return {
        name: datetime.fromisoformat(moment).replace(tzinfo=UTC) if moment else None
        for name, moment in moments.items()
    }


def not_reached(error: PipelineError) -> HopResult:
    """The result of a table that a hop could not even begin with."""
    return HopResult(strategy_used="none", reason="it was not reached", error=str(error))


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
    """Tables that moved and may not take as much memory as the run did, in megabytes."""
    allowed = {c.table_name: c.monitoring.memory_alert_threshold_mb for c in configs}
    return tuple(
        name
        for name, table in tables.items()
        if table.moved and peak > (allowed.get(name) or float("inf"))
    )


def age_in_days(file: TablesFile, now: datetime) -> int:
    """How many days ago tables.yml was written; 0 if it does not say."""
    generated = file.metadata.get("generated_at")
    if generated is None:
        return 0
    made = datetime.fromisoformat(str(generated))
    return max(0, (now - (made if made.tzinfo else made.replace(tzinfo=UTC))).days)
