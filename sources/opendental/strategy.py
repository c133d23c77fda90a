"""What one table needs in one run, and why: the plan of its pass in either hop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sources.opendental.catalogue import Table
from sources.opendental.contract import REPLICATED_AT
from sources.opendental.reasons import (
    Circumstances,
    created,
    reason_to_copy_all,
    reason_to_load_all,
    reason_to_skip_the_cursor,
    usable_cursors,
)
from sources.opendental.slices import AS_IT_IS, Reshape, Write
from sources.opendental.sql import ident, literal
from sources.opendental.state import FULL, Pass, TableState, Value
from sources.opendental.tables import ExtractionStrategy, IncrementalStrategy, TableConfig


@dataclass(frozen=True)
class TablePlan:
    """One table's pass in one run of one hop.

    Attributes:
        config: its entry in tables.yml.
        table: its structure where it is read, without excluded columns.
        strategy: what is done: full_table, incremental or incremental_chunked.
        reason: why, as a sentence.
        write: what the rows mean for the target.
        where: the condition on changed rows; None for all rows.
        cursors: the columns whose highest values become the watermarks.
        begin: where the pass stands before this run's first slice.
        expected_rows: rows to move, as far as it can be known without reading.
        slice_rows: rows after which a slice ends; None for a pass in one slice.
        reshape: how the target table has to change together with the rows, if at all.
        changes: what was done to the target table already, as sentences.
    """

    config: TableConfig
    table: Table
    strategy: ExtractionStrategy
    reason: str
    write: Write
    where: str | None
    cursors: tuple[str, ...]
    begin: Pass
    expected_rows: int
    slice_rows: int | None = None
    force_full_applied: bool = False
    watermarks: Mapping[str, Value] = field(default_factory=dict)
    reshape: Reshape = AS_IT_IS
    changes: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """The primary key's columns; empty for a table without one."""
        return self.table.primary_key

    @property
    def changes_are_indexed(self) -> bool:
        """Whether the server finds the changed rows without looking at all."""
        looked_at = self.config.lookback.columns if self.config.lookback else ()
        columns = {*self.cursors, *looked_at} if self.watermarks else set()
        return bool(columns) and columns <= self.table.indexed


def plan_copy(
    config: TableConfig, table: Table, state: TableState, at: Circumstances
) -> TablePlan | None:
    """Plans a table's pass from the source to replication; None where nothing changed.

    Args:
        config: its entry in tables.yml.
        table: what is read of it at the source.
        state: what the hop remembers of it.
        at: what else matters.
    """
    full = reason_to_copy_all(config, table, state, at)
    if not full and _is_unchanged(table, state, at):
        return None
    slice_rows = _slice_rows(table, at)
    cursors = usable_cursors(config, table)
    where = _changed_since(config, table, state.watermarks, at.overlap) if cursors else None
    full = full or reason_to_skip_the_cursor(config, table, where)
    if full:
        return TablePlan(
            config=config,
            table=table,
            strategy=ExtractionStrategy.FULL_TABLE,
            reason=full,
            write=Write.SNAPSHOT if table.primary_key else Write.REWRITE,
            where=None,
            cursors=cursors,
            begin=_begin(FULL, table, state, at),
            expected_rows=table.rows,
            slice_rows=slice_rows,
            force_full_applied=at.force,
        )
    return TablePlan(
        config=config,
        table=table,
        strategy=config.extraction_strategy,
        reason=f"tables.yml says {config.extraction_strategy}",
        write=Write.UPSERT,
        where=where,
        cursors=config.cursor_columns,
        begin=_begin(config.extraction_strategy, table, state, at),
        expected_rows=0,
        slice_rows=slice_rows,
        watermarks=state.watermarks,
    )


def plan_load(
    config: TableConfig, table: Table, state: TableState, at: Circumstances
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
    full = reason_to_load_all(table, state, at)
    if not full and not at.changed:
        return None
    if not full and (not table.primary_key or REPLICATED_AT not in state.watermarks):
        full = "it has no primary key" if not table.primary_key else "raw was empty until now"
    strategy = ExtractionStrategy.FULL_TABLE if full else ExtractionStrategy.INCREMENTAL
    upto = f"{ident(REPLICATED_AT)} <= {literal(at.clock.local)}"
    if full:
        # a table that gets another shape gets it with all its rows, in one transaction
        whole = at.reshape or not table.primary_key
        write, where = Write.REWRITE if whole else Write.SNAPSHOT, upto
    else:
        since = literal(state.watermarks[REPLICATED_AT])
        write, where = Write.UPSERT, f"{ident(REPLICATED_AT)} > {since} AND {upto}"
    return TablePlan(
        config=config,
        table=table,
        strategy=strategy,
        reason=full or "replication changed since the last load",
        write=write,
        where=where,
        cursors=(REPLICATED_AT,),
        begin=_begin(strategy, table, state, at),
        expected_rows=table.rows if full else 0,
        slice_rows=None if write is Write.REWRITE else _slice_rows(table, at),
        force_full_applied=at.force,
        watermarks={} if full else state.watermarks,
        reshape=at.reshape,
    )


def _is_unchanged(source: Table, state: TableState, at: Circumstances) -> bool:
    """Whether a MyISAM table's last change is older than its last reading.

    Only MyISAM keeps that time exactly, to the second, and both times are read in UTC.
    """
    if state.read_at is None or state.unfinished or not source.counted:
        return False
    if source.updated_at is None or not (at.target_has_rows or source.rows == 0):
        return False
    return source.updated_at < datetime.fromisoformat(state.read_at) - timedelta(seconds=2)


def _changed_since(
    config: TableConfig, table: Table, watermarks: Mapping[str, Value], overlap: int
) -> str | None:
    """The source's WHERE for rows that changed, or None if a watermark is missing."""
    if not config.cursor_columns:
        return None
    conditions = []
    for name in config.cursor_columns:
        start = _start(watermarks.get(name), overlap)
        if start is None:
            return None
        unset = f" OR {ident(name)} IS NULL" if table.column(name).nullable else ""
        conditions.append(f"({ident(name)} >= {literal(start)}{unset})")
    every = config.incremental_strategy is IncrementalStrategy.AND_LOGIC
    changed = (" AND " if every else " OR ").join(conditions)
    if config.lookback is None:
        return changed
    since = f"CURDATE() - INTERVAL {config.lookback.days} DAY"
    looked_at = [f"{ident(name)} >= {since}" for name in config.lookback.columns]
    return " OR ".join([f"({changed})", *looked_at])


def _start(watermark: Value | None, overlap: int) -> Value | None:
    if watermark is None or isinstance(watermark, int):
        return watermark
    try:
        return str(datetime.fromisoformat(watermark) - timedelta(seconds=overlap))
    except (ValueError, OverflowError):  # a zero or partial date marks nothing
        return None


def _slice_rows(table: Table, at: Circumstances) -> int | None:
    # only integer keys are ordered alike in both engines, and a slice is a range of keys
    ordered = [table.column(name).integer for name in table.primary_key]
    return at.slice_rows if ordered and all(ordered) else None


def _begin(strategy: str, table: Table, state: TableState, at: Circumstances) -> Pass:
    fresh = Pass(
        strategy,
        at.clock.local,
        at.clock.utc,
        columns=table.identity,
        created_at=created(table),
    )
    unfinished = state.unfinished
    if unfinished is None or at.force or at.reshape:
        return fresh
    same = (unfinished.strategy, unfinished.columns, unfinished.created_at)
    return unfinished if same == (strategy, fresh.columns, fresh.created_at) else fresh
