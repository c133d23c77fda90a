"""What an analysis found, as one line of JSON for an orchestrator."""

from collections.abc import Iterator
from typing import Literal

from opendental_pipeline.analysis.changes import Change
from opendental_pipeline.settings.frozen import Frozen
from opendental_pipeline.settings.orchestrator import fitting


class AnalysisReport(Frozen):
    """What an analysis found.

    Attributes:
        tables_file: the tables.yml that it wrote or compared with.
        total_tables: its entries.
        database_version: OpenDental's, as the source has it now; None for another database.
        has_changes: whether the source is not as the last analysis saw it, or as tables.yml says.
        has_breaking_changes: whether something that reads raw may fail or read other values.
        change_details: what changed since the last analysis, what breaks something first.
        changes_left_off: how many more there are, which the changelog has.
        differences: where tables.yml and the source differ, as sentences; of a comparison alone.
        differences_left_off: how many more there are.
        backup_path: where the text before is kept; None if it stayed as it was.
    """

    schema_version: Literal[1] = 1
    tables_file: str
    total_tables: int
    database_version: str | None
    has_changes: bool
    has_breaking_changes: bool
    change_details: tuple[Change, ...] = ()
    changes_left_off: int = 0
    differences: tuple[str, ...] = ()
    differences_left_off: int = 0
    backup_path: str | None = None

    def one_line(self) -> str:
        """The report in as many bytes as an orchestrator takes; where it is long, a part of it."""
        return fitting(self._lines())

    def _lines(self) -> Iterator[str]:
        """It as a line, and again with half of its lists, until they are empty."""
        changes = sorted(self.change_details, key=lambda change: not change.breaking)
        differences = list(self.differences)
        while True:
            short = self.model_copy(
                update={
                    "change_details": tuple(changes),
                    "changes_left_off": len(self.change_details) - len(changes),
                    "differences": tuple(differences),
                    "differences_left_off": len(self.differences) - len(differences),
                }
            )
            yield short.model_dump_json()
            if not (changes or differences):
                return
            changes = changes[: len(changes) // 2]
            differences = differences[: len(differences) // 2]
