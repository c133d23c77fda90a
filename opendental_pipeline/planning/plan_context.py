"""What a plan depends on beside tables.yml and the state, and why a table is moved again."""

from dataclasses import dataclass, field

from opendental_pipeline.databases.clock import Clock
from opendental_pipeline.databases.server import same_place
from opendental_pipeline.databases.table import Table
from opendental_pipeline.planning.delete_guard import DeleteGuard
from opendental_pipeline.planning.slice import NO_ALTER, PendingAlter
from opendental_pipeline.planning.table_state import TableState
from opendental_pipeline.settings.tuning import SliceLimits


@dataclass(frozen=True)
class PlanContext:
    """What the strategy depends on beside tables.yml and the state.

    Attributes:
        clock: the moment the run began, at the server that is read.
        target_has_rows: whether the target table exists with rows in it.
        target_rows: how many, if the source says exactly how many there are; else None.
        copy_rows: how many rows replication has of the table by its server's estimate.
        force: whether a full load was asked for.
        overlap: seconds that a cursor reaches back behind its watermark.
        slice_limits: where a slice of a pass ends.
        compare_rows: rows from which it is quicker to compare a table than to copy it again.
        key_mismatch: for the first hop, how replication compares the key otherwise than the source;
            empty if it does not.
        brake: stops before too much is deleted or changed; None for never.
        changed: for the raw hop, whether replication changed since the watermark.
        rebuilt: for the raw hop, whether replication itself was made anew.
        replica_rolled_back: for the raw hop, whether replication is older than the watermark.
        source_has_rows: for the raw hop, whether replication has rows of the table.
        pending_alter: for the raw hop, how the table in raw has to change, if at all.
    """

    clock: Clock
    target_has_rows: bool
    target_rows: int | None = None
    copy_rows: int = 0
    force: bool = False
    overlap: int = 0
    slice_limits: SliceLimits = field(default_factory=SliceLimits)
    compare_rows: int = 5_000
    key_mismatch: str = ""
    brake: DeleteGuard | None = None
    changed: bool = True
    rebuilt: bool = False
    replica_rolled_back: bool = False
    source_has_rows: bool = True
    pending_alter: PendingAlter = NO_ALTER


def reload_reason(table: Table, state: TableState) -> str:
    """Why the last complete pass says nothing of a table: it is another now; empty if it is not.

    Args:
        table: what is read of it.
        state: what the hop remembers of it.
    """
    other = table.altered_columns(state.columns)
    known = [name for name in other if any(c.startswith(f"{name} ") for c in state.columns)]
    if new := [name for name in other if name not in known]:
        return f"its columns {', '.join(new)} are new"
    if known:
        return f"its columns {', '.join(known)} are defined otherwise now"
    if table.key_identity and table.key_identity not in state.columns:
        return f"its key is {', '.join(table.primary_key)} now"
    return ""


def rebuilt_reason(table: Table, state: TableState) -> str:
    """Why no watermark of a table says anything, though it is defined as it was; empty if they do.

    What stands in it may be anything: it was altered, or came here out of a dump.

    Args:
        table: what is read of it.
        state: what the hop remembers of it.
    """
    if moved(table, state):
        return "the source is another server now"
    if table.created_at and created(table) != state.created_at:
        return "it was altered or made anew at the source"
    return ""


def moved(table: Table, state: TableState) -> bool:
    """Whether a table is read at another server than before, as far as that was noted."""
    return bool(state.server and table.server) and not same_place(state.server, table.server)


def created(table: Table) -> str | None:
    return str(table.created_at) if table.created_at else None
