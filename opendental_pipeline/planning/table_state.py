"""What dlt's state remembers of a table: its watermarks, and where an unfinished pass stands.

It lives in dlt's resource state, so it is committed with the rows it speaks of or not at all. dlt's
own `incremental` stands beside it and says the same of one cursor; it cannot hold several, a pass
that goes on another night, when rows were compared, or a watermark that marks nothing any more.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AliasChoices, Field, TypeAdapter

FULL = "full_table"
"""The strategy of a pass that reads every row."""


class CompareMode(StrEnum):
    """The strategy of a pass that compares the copy with its original and mends what differs."""

    KEYS = "reconcile_keys"
    """Only which rows there are: finds those that vanished or came unseen."""

    ROWS = "reconcile_rows"
    """What is in them, too."""


Value = str | int
"""A cursor's value: an integer, or the text of a date or time as the server shows it."""


def _once(name: str, *earlier: str) -> Any:
    """What a field is called in a stored state, now and by earlier versions."""
    return Field(validation_alias=AliasChoices(name, *earlier))


@dataclass(frozen=True)
class Checkpoint:
    """Where a pass over a table stands, in slices that may span runs.

    Attributes:
        strategy: what the pass does, as in tables.yml.
        started_at: the server's local clock when the pass began, as text.
        started_utc: the same moment in UTC.
        last_key: SQL literals of the last key done, in key order; None at the beginning.
        max_cursor_values: the highest value of each cursor column read so far.
        rows: rows moved so far.
        changed: rows among them that a comparison found to be others.
        columns: the identities of the columns that it moves, and of the key.
        created_at: when the source created the table, as text.
        updated_at: when the source changed its rows last, as text.
        server: what the source is, and where.
    """

    strategy: str
    started_at: str
    started_utc: str
    last_key: Annotated[tuple[str, ...] | None, _once("last_key", "after")] = None
    max_cursor_values: Annotated[Mapping[str, Value], _once("max_cursor_values", "high")] = field(
        default_factory=dict
    )
    rows: int = 0
    changed: int = 0
    columns: tuple[str, ...] = ()
    created_at: str | None = None
    updated_at: str | None = None
    server: str = ""


@dataclass(frozen=True)
class TableState:
    """A table's memory in one hop.

    Attributes:
        watermarks: for each cursor column, the value up to which every row was moved.
        completed_at: when the last complete pass ended, UTC, ISO 8601; None if there was none.
        read_at: the server's clock when that pass began, in UTC.
        in_progress: the pass that a run began and did not end.
        compare_in_progress: likewise a comparison, which keeps no other pass from beginning.
        rows_verified_at: when the last comparison or copy of all rows began, in UTC.
        keys_verified_at: likewise of all keys at least.
        columns: the identities of the columns that the last complete pass moved, and of the key.
        created_at: when the table that it read was created at the source, as text.
        updated_at: when the rows that it read were changed last, as text; a backup that is put back
            brings another time, be it an earlier one.
        server: what it was read from, and where; empty where that was not noted.
    """

    watermarks: Mapping[str, Value] = field(default_factory=dict)
    completed_at: str | None = None
    read_at: str | None = None
    in_progress: Annotated[Checkpoint | None, _once("in_progress", "unfinished")] = None
    compare_in_progress: Annotated[Checkpoint | None, _once("compare_in_progress", "proving")] = (
        None
    )
    rows_verified_at: Annotated[str | None, _once("rows_verified_at", "rows_proved_at")] = None
    keys_verified_at: Annotated[str | None, _once("keys_verified_at", "keys_proved_at")] = None
    columns: tuple[str, ...] = ()
    created_at: str | None = None
    updated_at: str | None = None
    server: str = ""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "TableState":
        """From dlt's resource state; an empty one for a table that was never moved."""
        return _STATE.validate_python(stored)

    def write(self, stored: dict[str, Any]) -> None:
        """Into dlt's resource state, without what there is nothing to say of."""
        stored.clear()
        stored.update((name, value) for name, value in asdict(self).items() if value)

    def age(self, now: datetime) -> timedelta | None:
        """Time since the last complete pass; None if there was none."""
        return now - datetime.fromisoformat(self.completed_at) if self.completed_at else None

    def after_slice(self, progress: Checkpoint, *, complete: bool) -> "TableState":
        """The state after a slice.

        A watermark never passes the moment the pass began: a row edited behind the reader's back
        while the pass went on is found by the next one, and so is every row after a date that
        somebody put into the future.

        Args:
            progress: the pass as the slice left it.
            complete: whether the slice was its last.
        """
        if progress.strategy in set(CompareMode):
            return (
                self._compared(progress)
                if complete
                else replace(self, compare_in_progress=progress)
            )
        if not complete:
            return replace(self, in_progress=progress)
        whole = progress.strategy == FULL
        before = {} if whole else dict(self.watermarks)
        for column, value in progress.max_cursor_values.items():
            reached = min(value, progress.started_at) if isinstance(value, str) else value
            before[column] = _later(before.get(column), reached)
        return TableState(
            watermarks=before,
            completed_at=datetime.now(UTC).isoformat(timespec="seconds"),
            read_at=progress.started_utc,
            compare_in_progress=None if whole else self.compare_in_progress,
            rows_verified_at=progress.started_utc if whole else self.rows_verified_at,
            keys_verified_at=progress.started_utc if whole else self.keys_verified_at,
            columns=progress.columns,
            created_at=progress.created_at,
            updated_at=progress.updated_at,
            server=progress.server,
        )

    def _compared(self, progress: Checkpoint) -> "TableState":
        """The state after a comparison; one of all rows is worth a copy of all rows."""
        began = progress.started_utc
        if progress.strategy == CompareMode.KEYS:
            return replace(self, compare_in_progress=None, keys_verified_at=began)
        # all rows are known as they were when it began, so a later watermark was never reached
        reached = {
            column: min(value, progress.started_at) if isinstance(value, str) else value
            for column, value in self.watermarks.items()
        }
        return replace(
            self,
            watermarks=reached,
            completed_at=datetime.now(UTC).isoformat(timespec="seconds"),
            read_at=began,
            columns=progress.columns,
            created_at=progress.created_at,
            updated_at=progress.updated_at,
            server=progress.server,
            in_progress=None,
            compare_in_progress=None,
            rows_verified_at=began,
            keys_verified_at=began,
        )

    def without_watermarks(self) -> "TableState":
        """The state of a table whose watermarks mark nothing any more; all rows must be read."""
        return replace(self, watermarks={}, read_at=None)


def _later(one: Value | None, other: Value) -> Value:
    # a cursor whose type changed starts again from what was read
    if isinstance(one, str) and isinstance(other, str):
        return max(one, other)
    if isinstance(one, int) and isinstance(other, int):
        return max(one, other)
    return other


_STATE = TypeAdapter(TableState)
