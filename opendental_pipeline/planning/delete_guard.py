"""When a run stops before a table because too much of it would go, and what it says then."""

from dataclasses import dataclass

from opendental_pipeline.settings.table_config import TableConfig

_LEAST_ROWS = 100
"""Rows up to which no share is too much: of ten rows, three are deleted on an ordinary day."""


@dataclass(frozen=True)
class DeleteGuard:
    """The share of a table's rows that one night may delete or change without asking a person.

    An empty source is more often an accident than the truth.
    """

    share: float

    @classmethod
    def of(cls, config: TableConfig, share: float, *, confirmed: bool) -> "DeleteGuard | None":
        """The guard of a table in a run; None where nothing stops it.

        Args:
            config: its entry in tables.yml.
            share: of its rows.
            confirmed: whether a person said that they may go.
        """
        return None if confirmed or not config.reconcile.brake else cls(share)

    def stops(self, count: int, of: int) -> bool:
        """Whether so many rows are too many, of those that there are."""
        return count > _LEAST_ROWS and count > self.share * of

    def exceeds_for_deletion(self, count: int, of: int) -> bool:
        """Whether so many deletions are too many; all rows of a table always are."""
        return self.stops(count, of) or count == of > 0


def question(table: str, what: str, count: int, of: int) -> str:
    """What a person is told.

    Args:
        table: its name.
        what: `deleted` or `changed`.
        count: rows that it would be.
        of: rows that there are.
    """
    return (
        f"{count:,} of {of:,} rows would be {what}, too many without asking; if that is right,"
        f" run nightly.py --table {table} --yes-i-mean-it"
    )
