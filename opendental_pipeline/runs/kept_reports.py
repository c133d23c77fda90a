"""Reports that are not in the history yet: kept on this machine until a run can record them.

PostgreSQL may be what ended a run, and a run that was refused has no lock to write with.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pydantic
from dlt.common.pipeline import get_dlt_pipelines_dir

from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.environment import DatabaseType, PostgresSchema, Settings
from opendental_pipeline.settings.text_file import replace_text

if TYPE_CHECKING:
    from opendental_pipeline.runs.run_history import RunHistory

_MOST = 1_000
"""Files that are kept; the oldest go, should nobody ever record them."""


@dataclass(frozen=True)
class KeptReports:
    """The reports that were kept for one raw schema.

    Attributes:
        folder: where; it need not exist.
    """

    folder: Path

    @classmethod
    def of(cls, settings: Settings) -> "KeptReports":
        """Those of the raw schema that some settings name, in dlt's folder."""
        address = settings.connection(DatabaseType.ANALYTICS).address
        schema = settings.schema_name(PostgresSchema.RAW)
        place = "-".join(map(str, (*address, schema))).replace("/", "_")
        return cls(Path(get_dlt_pipelines_dir()).parent / "opendental_runs" / place)

    def keep(self, report: RunReport) -> None:
        """Keeps a report; where the disk takes none, its program has told how it ended."""
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            text = report.model_dump_json()
            replace_text(self.folder / f"{report.run_id}.json", text, 0o600)
            for old in sorted(self.folder.glob("*.json"))[:-_MOST]:
                old.unlink()

    def reports(self) -> list[RunReport]:
        """All of them that can be read, the oldest first."""
        return [report for _, report in self._read() if report is not None]

    def record(self, history: "RunHistory") -> None:
        """Records all of them, and keeps them no longer.

        Args:
            history: of the schema; its run holds the lock.

        Raises:
            LockLostError: the run lost it.
        """
        for path, report in self._read():
            if report is not None:
                history.finish(report)
            path.unlink(missing_ok=True)

    def _read(self) -> Iterator[tuple[Path, RunReport | None]]:
        """Each file with its report; None where a file is damaged, of which nothing can be told."""
        for path in sorted(self.folder.glob("*.json")):
            try:
                yield path, RunReport.model_validate_json(path.read_bytes())
            except (pydantic.ValidationError, OSError):
                yield path, None
