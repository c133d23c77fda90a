"""What came of an export, as a document."""

from enum import StrEnum
from typing import Literal

from opendental_pipeline.settings.frozen import Frozen


class Outcome(StrEnum):
    """What was done with a table."""

    UNCHANGED = "unchanged"
    MERGED = "merged"
    REPLACED = "replaced"
    MADE_ANEW = "made anew"
    FAILED = "failed"


class TableExport(Frozen):
    """What came of a table.

    Attributes:
        rows: that were written.
        deleted: keys whose rows were deleted, if there were any.
        error: why it failed, as a sentence; None if it did not.
    """

    table: str
    outcome: Outcome
    rows: int = 0
    deleted: int = 0
    error: str | None = None


class ExportReport(Frozen):
    """What came of an export.

    Attributes:
        to: dlt's name of the destination.
        tables: in the order of their names.
    """

    schema_version: Literal[1] = 1
    to: str
    dataset: str
    seconds: float
    tables: tuple[TableExport, ...]

    @property
    def failed(self) -> list[TableExport]:
        """The tables that are as they were before."""
        return [one for one in self.tables if one.outcome is Outcome.FAILED]
