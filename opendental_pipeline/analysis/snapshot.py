"""What an analysis saw and chose, kept beside tables.yml for the next one to compare with.

Without it the next analysis could not tell what a person changed in tables.yml from what an earlier
analysis wrote there, nor what changed in the source's schema.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pydantic
from pydantic import Field

from opendental_pipeline.analysis.structure import Structure
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.frozen import Frozen
from opendental_pipeline.settings.observations import Observations

_INNERMOST = re.compile(r"\{[^{}]*\}|\[[^\[\]]*\]")


class Comments(Frozen):
    """The comments that were written into an entry, by field, and by column for its hints."""

    fields: Mapping[str, str] = Field(default_factory=dict)
    columns: Mapping[str, str] = Field(default_factory=dict)


class TableSnapshot(Frozen):
    """One table.

    Attributes:
        structure: its columns and key; None where the source has no such table.
        changed_at: when a row of it last changed, in UTC; None where the server forgot.
        observed: what a run is told of it.
        chosen: the fields as the rules have them, or, once they are written, those of its entry
            that are the analysis's own.
        comments: the reasons, as they were written.
    """

    structure: Structure | None = None
    changed_at: datetime | None = None
    observed: Observations = Observations()
    chosen: Mapping[str, Any] = Field(default_factory=dict)
    comments: Comments = Comments()


class Snapshot(Frozen):
    """All tables of one analysis.

    Attributes:
        generated_at: the moment, as ISO text; None if there was no analysis.
        database_version: OpenDental's.
        defaults: what holds for tables that do not say otherwise.
    """

    generated_at: str | None = None
    analyzer_version: str | None = None
    server_version: str | None = None
    database_version: str | None = None
    defaults: TableSnapshot = TableSnapshot()
    tables: Mapping[str, TableSnapshot] = Field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Snapshot":
        """The snapshot in a file; an empty one if there is no such file.

        Raises:
            ValidationError: the file is not a snapshot.
        """
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeError, pydantic.ValidationError):
            raise ValidationError(
                f"{path} cannot be read; restore it, or delete it to have every edit of tables.yml"
                " kept and the changelog begin anew"
            ) from None

    @property
    def structures(self) -> dict[str, Structure]:
        """The columns and keys of the tables that the source had."""
        return {name: seen.structure for name, seen in self.tables.items() if seen.structure}

    def age(self, table: TableSnapshot) -> timedelta | None:
        """How long no row of a table had changed by then; None for one without rows, too.

        Args:
            table: one of these.
        """
        if not (self.generated_at and table.changed_at and table.observed.estimated_rows):
            return None
        return datetime.fromisoformat(self.generated_at) - table.changed_at

    def to_json(self) -> str:
        """Its text: a line for each column, so that version control shows what changed."""
        values = self.model_dump(mode="json", exclude_defaults=True)
        text = json.dumps(values, indent=1, ensure_ascii=False)
        return _INNERMOST.sub(_in_one_line, text) + "\n"


def _in_one_line(found: re.Match[str]) -> str:
    # no text in JSON holds a line break, so only the layout changes
    return re.sub(r"\n *", "", re.sub(r",\n *", ", ", found.group()))
