"""What a run did with one table: in each hop, and what a second look at its rows said."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import Field

from opendental_pipeline.settings.frozen import Frozen

VERIFIED = "verify"
"""The strategy of tables that were compared, and not moved."""


class HopResult(Frozen):
    """What one hop did with one table.

    Attributes:
        strategy_used: full_table, incremental, incremental_chunked, reconcile_keys,
            reconcile_rows, or unchanged.
        reason: why, as a sentence.
        rows: rows moved.
        deleted: keys that travelled as deleted.
        seconds: spent reading and writing it.
        began_at: when its first slice was begun to be read; None if none was.
        ended_at: when its last slice was read, or written.
        slices: load packages that carried it.
        coercions: values changed for PostgreSQL, by column.
        changes: what is different about the table itself, and what was done, as sentences.
        missing: rows that a comparison found missing in the target, and copied.
        changed: rows that it found to be others, and replaced.
        extra: rows that only the target had, and that were removed.
        stopped: why a comparison goes on another night; empty if it does not.
        rows_proved_at: when the target was last known to have all rows as they are.
        keys_proved_at: when it was last known to have just these rows.
        gone: of a table that the source no longer has, since when and how many rows are kept; empty
            where that was told before and nothing is kept; None for all others.
        braked: whether that is the brake, which asks a person before much is deleted or changed.
        error: what went wrong; None if nothing did.
    """

    strategy_used: str
    reason: str
    rows: int = 0
    deleted: int = 0
    seconds: float = 0.0
    began_at: datetime | None = None
    ended_at: datetime | None = None
    slices: int = 0
    force_full_applied: bool = False
    primary_column: str | None = None
    last_primary_value: str | None = None
    coercions: Mapping[str, int] = Field(default_factory=dict)
    changes: tuple[str, ...] = ()
    missing: int = 0
    changed: int = 0
    extra: int = 0
    stopped: str = ""
    rows_proved_at: datetime | None = None
    keys_proved_at: datetime | None = None
    gone: str | None = None
    braked: bool = False
    error: str | None = None


class SampleResult(Frozen):
    """What a sample of a table's rows, read from source and raw by other means, said.

    Attributes:
        rows: how many rows were looked at.
        mended: rows that were not the same at first, and were when the table was moved once more.
        skipped: why it said nothing; empty if it did.
        error: what raw has otherwise than the source; None if nothing.
    """

    rows: int = 0
    mended: int = 0
    skipped: str = ""
    error: str | None = None


class TableResult(Frozen):
    """What a run did with one table, in both hops; a hop that was not reached is None.

    Attributes:
        second_opinion: what a sample of its rows said; None if there was none.
    """

    table_name: str
    performance_category: str
    processing_priority: str
    batch_size_used: int
    copy_result: HopResult | None = None
    load_result: HopResult | None = None
    second_opinion: SampleResult | None = None

    def hops(self) -> Iterator[tuple[str, HopResult]]:
        """The result of each hop that was reached, by its name."""
        for name, result in (("replication", self.copy_result), ("raw", self.load_result)):
            if result:
                yield name, result

    @property
    def rows_proved_at(self) -> datetime | None:
        """When both targets were last known to have all rows as they are; None if never."""
        moments = [result.rows_proved_at for _, result in self.hops()]
        return min((m for m in moments if m), default=None) if all(moments) else None

    @property
    def error(self) -> str | None:
        """What failed, if anything did."""
        if self.disagrees and self.second_opinion:
            return self.second_opinion.error
        return next((result.error for _, result in self.hops() if result.error), None)

    @property
    def disagrees(self) -> bool:
        """Whether raw was seen to have something else than the source: the worst that can be."""
        return self.second_opinion is not None and self.second_opinion.error is not None

    @property
    def changes(self) -> tuple[str, ...]:
        """What is different about the table, in either hop."""
        return tuple(dict.fromkeys(change for _, hop in self.hops() for change in hop.changes))

    @property
    def moved(self) -> bool:
        """Whether any rows of it were read."""
        return any(result.slices for _, result in self.hops())

    @property
    def succeeded(self) -> bool:
        """Whether the table arrived in raw."""
        return self.error is None and self.load_result is not None
