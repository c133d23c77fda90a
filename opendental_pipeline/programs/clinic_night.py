"""How each of several clinics stands, and what became of it in a night of all of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pydantic

from opendental_pipeline.notifying.silence import wanted
from opendental_pipeline.programs.clinic_processes import ClinicProcesses, Ended
from opendental_pipeline.settings.errors import ConfigurationError
from opendental_pipeline.settings.tables_file import load_tables
from opendental_pipeline.settings.tuning import Tuning
from opendental_pipeline.status.model import PipelineStatus, Problem, State


@dataclass(frozen=True)
class ClinicStanding:
    """How a clinic stands.

    Attributes:
        name: of the clinic.
        status: None where nobody can say.
        said: why not.
    """

    name: str
    status: PipelineStatus | None
    said: str = ""

    @property
    def well(self) -> bool:
        """Whether nobody needs to do anything."""
        return self.status is not None and self.status.well

    @property
    def summary(self) -> str:
        """In a sentence."""
        return self.status.summary if self.status else f"nobody can say: {self.said}"

    @property
    def verdict(self) -> str:
        """The same with the age of the last run."""
        return self.status.verdict if self.status else self.summary

    @property
    def problems(self) -> list[Problem]:
        """What somebody wants to hear of, with the clinic's name."""
        if self.status is None:
            return [Problem(state=State.FAILED, tables=(self.name,), text=self.summary)]
        try:
            configs = load_tables(Tuning.load().reading.tables_path_of(self.name)).tables
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


def look_at_all(names: Iterable[str], jobs: int) -> list[ClinicStanding]:
    """Asks how clinics stand.

    Args:
        names: of them.
        jobs: how many are asked at once.

    Raises:
        KeyboardInterrupt: somebody interrupted it.
    """
    ending = Tuning.load().runs.ending_seconds
    ended = ClinicProcesses(jobs).run({name: ["status", "--json"] for name in names}, ending)
    return [_standing(name, one) for name, one in ended.items()]


def _standing(name: str, ended: Ended) -> ClinicStanding:
    try:
        return ClinicStanding(name, PipelineStatus.model_validate_json(ended.out))
    except pydantic.ValidationError:
        said = " ".join(ended.err.split()) or f"it ended with exit code {ended.code}"
        return ClinicStanding(name, None, said)


def problems_of(standings: Sequence[ClinicStanding]) -> list[Problem]:
    """Those of all clinics, the most urgent first."""
    found = [problem for standing in standings for problem in standing.problems]
    return sorted(found, key=lambda problem: list(State).index(problem.state))


@dataclass(frozen=True)
class ClinicNight:
    """The run of one clinic, and how it stands behind it.

    Attributes:
        ended: its process.
        standing: how it stands.
    """

    ended: Ended
    standing: ClinicStanding

    @property
    def name(self) -> str:
        """Of the clinic."""
        return self.standing.name

    @property
    def told(self) -> dict[str, Any]:
        """It in short."""
        summary = self._summary
        done = summary.get("processing_results", {})
        return {
            "exit_code": self.ended.code,
            "outcome": summary.get("outcome", "failed"),
            "failed_tables": done.get("total_failed", 0),
            "rows_copied": done.get("rows_copied", 0),
            "rows_loaded": done.get("rows_loaded", 0),
            "seconds": summary.get("duration_seconds", 0.0),
            "stands": self.standing.summary,
        }

    @property
    def _summary(self) -> Mapping[str, Any]:
        """What the run said of itself; empty if it did not."""
        try:
            found = json.loads(self.ended.out)
        except json.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}
