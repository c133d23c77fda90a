"""Why every row of a table has to be moved, and not only those that changed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from opendental_pipeline.databases.clock import Clock
from opendental_pipeline.databases.table import Table
from opendental_pipeline.databases.type_mapping import TransferType, type_rule
from opendental_pipeline.planning.delete_guard import DeleteGuard
from opendental_pipeline.planning.slice import NO_ALTER, PendingAlter
from opendental_pipeline.planning.table_state import TableState
from opendental_pipeline.settings.table_config import ExtractionStrategy, Frequency, TableConfig


@dataclass(frozen=True)
class PlanContext:
    """What the strategy depends on beside tables.yml and the state.

    Attributes:
        clock: the moment the run began, at the server that is read.
        target_has_rows: whether the target table exists with rows in it.
        target_rows: how many, if the source says exactly how many there are; else None.
        force: whether a full load was asked for.
        overlap: seconds that a cursor reaches back behind its watermark.
        slice_rows: rows after which a slice of a pass ends.
        compare_rows: rows from which it is quicker to compare a table than to copy it again.
        brake: stops before too much is deleted or changed; None for never.
        changed: for the raw hop, whether replication changed since the watermark.
        anew: for the raw hop, whether replication itself was made anew.
        replica_rolled_back: for the raw hop, whether replication is older than the watermark.
        source_has_rows: for the raw hop, whether replication has rows of the table.
        pending_alter: for the raw hop, how the table in raw has to change, if at all.
    """

    clock: Clock
    target_has_rows: bool
    target_rows: int | None = None
    force: bool = False
    overlap: int = 0
    slice_rows: int = 200_000
    compare_rows: int = 5_000
    brake: DeleteGuard | None = None
    changed: bool = True
    anew: bool = False
    replica_rolled_back: bool = False
    source_has_rows: bool = True
    pending_alter: PendingAlter = NO_ALTER


def full_refresh_reason(
    config: TableConfig, table: Table, state: TableState, at: PlanContext
) -> str:
    """Why every row must be read, even where the source seems unchanged."""
    if at.force:
        return "a full load was asked for"
    if state.completed_at is None:
        unfinished = state.unfinished is not None
        return "its first copy was interrupted" if unfinished else "it was never copied"
    if state.watermarks and not at.target_has_rows:
        return "replication has no rows of it"
    age = state.age(datetime.now(UTC))
    if age and age > timedelta(days=config.time_gap_threshold_days):
        return f"it was not copied for {age.days} days"
    return reload_reason(table, state)


def cursor_unusable_reason(
    config: TableConfig, table: Table, state: TableState, at: PlanContext, where: str | None
) -> str:
    """Why every row is read in an ordinary night."""
    if config.extraction_strategy is ExtractionStrategy.FULL_TABLE:
        return "tables.yml says full_table"
    if not table.primary_key:
        return "it has no primary key"
    looked_at = config.lookback.columns if config.lookback else ()
    if gone := [n for n in (*config.cursor_columns, *looked_at) if not table.has(n)]:
        return f"its cursor {', '.join(gone)} is not among the source's columns"
    if not usable_cursors(config, table):
        return "it has no usable cursor"
    # in UTC, where no hour comes twice
    if state.read_at is not None and state.read_at > at.clock.utc:
        return "the source's clock was ahead when it was read last, and its watermark marks nothing"
    return "" if where else "there is no watermark to start from"


def full_load_reason(table: Table, state: TableState, at: PlanContext) -> str:
    if at.force:
        return "a full load was asked for"
    if state.completed_at is None:
        unfinished = state.unfinished is not None
        return "its first load was interrupted" if unfinished else "it was never loaded"
    if at.pending_alter:
        return at.pending_alter.reason
    if at.anew and at.changed and table.primary_key:
        return "its copy in replication was made anew"
    if at.replica_rolled_back:
        return "replication is older than what was loaded, as after a restored backup"
    if at.source_has_rows and not at.target_has_rows:
        return "raw has no rows of it"
    if at.target_has_rows and not at.source_has_rows:
        return "replication has no rows of it"
    return reload_reason(table, state)


def reload_reason(table: Table, state: TableState) -> str:
    """Why the last complete pass says nothing of a table: it is another now; empty if it is not.

    Args:
        table: what is read of it.
        state: what the hop remembers of it.
    """
    other = [column.name for column in table.columns if column.identity not in state.columns]
    known = [name for name in other if any(c.startswith(f"{name} ") for c in state.columns)]
    if new := [name for name in other if name not in known]:
        return f"its columns {', '.join(new)} are new"
    if known:
        return f"its columns {', '.join(known)} are defined otherwise now"
    if not set(table.identity) <= set(state.columns):
        return f"its key is {', '.join(table.primary_key)} now"
    if table.created_at and created(table) != state.created_at:
        return "it was altered or made anew at the source"
    return ""


def is_unchanged(config: TableConfig, source: Table, state: TableState, at: PlanContext) -> bool:
    """Whether a MyISAM table's last change is older than its last reading, and its copy complete.

    Only MyISAM keeps that time exactly, to the second, and both times are read in UTC. It is the
    same on every MySQL and MariaDB, as long as the session does not take it from a cache. InnoDB
    keeps it in memory, and other engines not at all.
    """
    if state.read_at is None or state.unfinished or not source.counted:
        return False
    # another time than then may be an earlier one: a file that was put back
    if source.updated_at is None or str(source.updated_at) != state.updated_at:
        return False
    kept = config.reconcile.deletes is not Frequency.NIGHTLY  # rows that the source has no more
    held = at.target_rows or 0
    if held < source.rows or (held > source.rows and not kept):
        return False
    return source.updated_at < datetime.fromisoformat(state.read_at) - timedelta(seconds=2)


def usable_cursors(config: TableConfig, table: Table) -> tuple[str, ...]:
    columns = [table.column(name) for name in config.cursor_columns if table.has(name)]
    usable = [
        c for c in columns if c.temporal or type_rule(c).transfer_type is TransferType.INTEGER
    ]
    return tuple(c.name for c in usable) if len(usable) == len(config.cursor_columns) else ()


def created(table: Table) -> str | None:
    return str(table.created_at) if table.created_at else None
