"""What a hop did with a table, as the report has it."""

from datetime import UTC, datetime

from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.planning.table_state import TableState
from opendental_pipeline.runs.table_result import HopResult
from opendental_pipeline.settings.errors import BrakedError, PipelineError


def to_result(moved: TableProgress) -> HopResult:
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
        began_at=moved.began_at,
        ended_at=moved.ended_at,
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
        braked=isinstance(moved.error, BrakedError),
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
    moments = {"rows_proved_at": state.rows_verified_at, "keys_proved_at": state.keys_verified_at}
    return {
        name: datetime.fromisoformat(moment).replace(tzinfo=UTC) if moment else None
        for name, moment in moments.items()
    }


def skipped_result(error: PipelineError) -> HopResult:
    """The result of a table that a hop could not even begin with."""
    return HopResult(strategy_used="none", reason="it was not reached", error=str(error))


def cut_short(moved: TableProgress | None, error: PipelineError) -> HopResult:
    """The result of a table in a hop that ended before its end.

    Args:
        moved: what was done with it until then; None if nothing was.
        error: what ended the hop.
    """
    if moved is None or not moved.slices:
        return skipped_result(error)
    result = to_result(moved)
    return result if result.error else result.model_copy(update={"error": str(error)})


def merged(before: HopResult | None, after: HopResult) -> HopResult:
    """The result of a table that a hop moved twice in one run.

    Args:
        before: of the first time, if it was reached.
        after: of the second.
    """
    if before is None:
        return after
    counts = ("rows", "deleted", "seconds", "slices", "missing", "changed", "extra")
    sums = {name: getattr(before, name) + getattr(after, name) for name in counts}
    columns = before.coercions.keys() | after.coercions.keys()
    return after.model_copy(
        update={
            **sums,
            "began_at": before.began_at or after.began_at,
            "ended_at": after.ended_at or before.ended_at,
            # the same values, seen twice
            "coercions": {
                name: max(before.coercions.get(name, 0), after.coercions.get(name, 0))
                for name in sorted(columns)
            },
            "changes": tuple(dict.fromkeys((*before.changes, *after.changes))),
            "force_full_applied": before.force_full_applied or after.force_full_applied,
        }
    )


def disagreeing(result: HopResult, error: str) -> HopResult:
    """The result of a table in raw of which a sample was not what the source has: nothing proved.

    Args:
        result: what the hop did with it.
        error: what is otherwise.
    """
    unproved = {"rows_proved_at": None, "keys_proved_at": None}
    return result.model_copy(update={"error": error, **unproved})
