"""Plans the second hop: what a table needs tonight, from replication to raw."""

from dataclasses import replace
from datetime import datetime

from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.databases.table import Table
from opendental_pipeline.planning.compare_schedule import compare_due
from opendental_pipeline.planning.plan_context import PlanContext, reload_reason
from opendental_pipeline.planning.slice import WriteMode
from opendental_pipeline.planning.source_contract import REPLICATED_AT
from opendental_pipeline.planning.table_plan import TablePlan, resume_or_begin, slice_limits
from opendental_pipeline.planning.table_state import CompareMode, TableState
from opendental_pipeline.settings.table_config import (
    ExtractionStrategy,
    TableConfig,
)


def plan_replica_table(
    config: TableConfig,
    table: Table,
    state: TableState,
    at: PlanContext,
    now: datetime,
    *,
    prove: bool,
    partial: bool,
) -> TablePlan | None:
    """Plans what a table needs in one night from replication to raw; None for nothing, or not yet.

    Args:
        config: its entry in tables.yml.
        table: what is read of it in replication.
        state: what the hop remembers of it.
        at: what else matters.
        now: the moment, in UTC.
        prove: whether somebody wants all rows compared.
        partial: whether replication has only a part of it yet.
    """
    plan = plan_load(config, table, state, at)
    if partial:
        return _without_deletions(plan, state) if at.target_has_rows else plan
    resumed = plan is not None and plan.resumed
    if plan and plan.strategy is ExtractionStrategy.FULL_TABLE and not resumed:
        return plan
    due = compare_due(config, state, now, changed=False)
    if not (due is CompareMode.ROWS or prove or resumed):
        return plan
    reason = "its rows are due to be compared"
    comparison = plan_full_load(config, table, state, at, reason, compared=True)
    return replace(plan, followup=comparison) if plan else comparison


def _without_deletions(plan: TablePlan | None, state: TableState) -> TablePlan | None:
    """A pass that takes nothing for deleted that replication does not have yet; None for none yet.

    A first load that was interrupted goes on, and is compared with replication in the end.
    """
    if plan is None or plan.write is WriteMode.UPSERT:
        return plan
    begun = plan.resumed and state.completed_at is None
    return replace(plan, write=WriteMode.UPSERT) if begun else None


def plan_load(
    config: TableConfig, table: Table, state: TableState, at: PlanContext
) -> TablePlan | None:
    """Plans a table's pass from replication to raw; None where nothing changed.

    The one cursor is `_replicated_at`. `at.clock` is its highest value, deletions included, so the
    pass covers exactly what lies between the watermark and that moment.

    Args:
        config: its entry in tables.yml.
        table: what is read of it in replication.
        state: what the hop remembers of it.
        at: what else matters.
    """
    full = full_load_reason(table, state, at)
    if not full and not at.changed:
        return None
    if not full and (not table.primary_key or REPLICATED_AT not in state.watermarks):
        full = "it has no primary key" if not table.primary_key else "raw was empty until now"
    if full:
        return plan_full_load(config, table, state, at, full)
    since = literal(state.watermarks[REPLICATED_AT])
    return TablePlan(
        config=config,
        table=table,
        strategy=ExtractionStrategy.INCREMENTAL,
        reason="replication changed since the last load",
        write=WriteMode.UPSERT,
        where=f"{ident(REPLICATED_AT)} > {since} AND {_upto(at)}",
        cursors=(REPLICATED_AT,),
        checkpoint=resume_or_begin(ExtractionStrategy.INCREMENTAL, table, state.in_progress, at),
        expected_rows=0,
        slice_limits=slice_limits(table, at),
        watermarks=state.watermarks,
        brake=at.brake,
    )


def plan_full_load(
    config: TableConfig,
    table: Table,
    state: TableState,
    at: PlanContext,
    reason: str,
    *,
    compared: bool = False,
) -> TablePlan:
    """Plans a pass over all rows from replication to raw; see `plan_load`.

    Args:
        reason: why, as a sentence.
        compared: whether only slices in which raw differs are loaded.
    """
    strategy = CompareMode.ROWS if compared else ExtractionStrategy.FULL_TABLE
    # a table that gets another shape gets it with all its rows, in one transaction
    whole = at.pending_alter or not table.primary_key
    return TablePlan(
        config=config,
        table=table,
        strategy=strategy,
        reason=reason,
        write=WriteMode.REPLACE_TABLE if whole else WriteMode.REPLACE_RANGE,
        where=_upto(at),
        cursors=(REPLICATED_AT,),
        checkpoint=resume_or_begin(
            strategy, table, state.compare_in_progress if compared else state.in_progress, at
        ),
        expected_rows=table.rows,
        slice_limits=None if whole else slice_limits(table, at),
        force_full_applied=at.force,
        pending_alter=at.pending_alter,
        brake=at.brake,
    )


def full_load_reason(table: Table, state: TableState, at: PlanContext) -> str:
    if at.force:
        return "a full load was asked for"
    if state.completed_at is None:
        begun = state.in_progress is not None
        return "its first load was interrupted" if begun else "it was never loaded"
    if at.pending_alter:
        return at.pending_alter.reason
    if at.rebuilt and at.changed and table.primary_key:
        return "its copy in replication was made anew"
    if at.replica_rolled_back:
        return "replication is older than what was loaded, as after a restored backup"
    if at.source_has_rows and not at.target_has_rows:
        return "raw has no rows of it"
    if at.target_has_rows and not at.source_has_rows:
        return "replication has no rows of it"
    return reload_reason(table, state)


def _upto(at: PlanContext) -> str:
    return f"{ident(REPLICATED_AT)} <= {literal(at.clock.local)}"
