"""What became of one clinic in a night of all of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opendental_pipeline.notifying.silence import wanted
from opendental_pipeline.programs.clinic_processes import Ended
from opendental_pipeline.settings.clinic import own_folder
from opendental_pipeline.settings.errors import ConfigurationError
from opendental_pipeline.settings.tables_file import load_tables
from opendental_pipeline.settings.tuning import Tuning
from opendental_pipeline.status.model import PipelineStatus, Problem, State


@dataclass(frozen=True)
class ClinicNight:
    """The run of one clinic, and how it stands behind it.

    Attributes:
        name: of the clinic.
        ended: its process.
        status: None where nobody can say.
    """

    name: str
    ended: Ended
    status: PipelineStatus | None

    @property
    def summary(self) -> Mapping[str, Any]:
        """What the run said of itself; empty if it did not."""
        try:
            found = json.loads(self.ended.out)
        except json.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def told(self) -> dict[str, Any]:
        """It in short."""
        done = self.summary.get("processing_results", {})
        return {
            "exit_code": self.ended.code,
            "outcome": self.summary.get("outcome", "failed"),
            "failed_tables": done.get("total_failed", 0),
            "rows_copied": done.get("rows_copied", 0),
            "rows_loaded": done.get("rows_loaded", 0),
            "seconds": self.summary.get("duration_seconds", 0.0),
            "stands": self.status.summary if self.status else "nobody can say",
        }

    @property
    def problems(self) -> list[Problem]:
        """What somebody wants to hear of, with the clinic's name."""
        if self.status is None:
            said = self.ended.err.strip().splitlines()
            text = (
                f"nobody can say how {self.name} stands: {said[-1] if said else 'it said nothing'}"
            )
            return [Problem(state=State.FAILED, tables=(self.name,), text=text)]
        try:
            configs = load_tables(_tables_of(self.name)).tables
        except ConfigurationError:
            configs = {}
        return [self._named(one) for one in wanted(self.status.problems, configs)]

    def _named(self, problem: Problem) -> Problem:
        job, _, more = problem.command.partition(" ")
        return problem.model_copy(
            update={
                "tables": tuple(f"{self.name}.{table}" for table in problem.tables) or (self.name,),
                "command": f"{job} --clinic {self.name} {more}".rstrip() if job else "",
            }
        )


def _tables_of(clinic: str) -> Path:
    own = own_folder(clinic) / "tables.yml"
    return own if own.is_file() else Tuning.load().reading.tables_path
