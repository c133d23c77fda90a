"""What was told last, so that nobody hears the same every hour; kept in a file on this machine."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pydantic

from opendental_pipeline.runs.kept_reports import KeptReports
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.frozen import Frozen
from opendental_pipeline.settings.text_file import replace_text
from opendental_pipeline.status.model import Problem


class Told(Frozen):
    """The last message.

    Attributes:
        at: when it was sent.
        problems: that it told, by `key`s.
    """

    at: datetime
    problems: frozenset[str] = frozenset()


def keys(problems: Iterable[Problem]) -> frozenset[str]:
    """By what problems are known again in the next night, whose sentences are others.

    Args:
        problems: of the pipeline, or of tables.
    """
    return frozenset(f"{p.state}:{name}" for p in problems for name in p.tables or ("",))


def is_news(
    now: frozenset[str], told: Told | None, at: datetime, repeat: timedelta = timedelta(days=1)
) -> bool:
    """Whether somebody has to be told: of other problems, of none any more, or once more.

    Args:
        now: the problems that there are.
        told: the last message; None if there was none.
        at: the moment.
        repeat: after which the same is told again.
    """
    before = told.problems if told else frozenset()
    if now != before:
        return True
    return bool(now) and told is not None and at - told.at >= repeat


@dataclass(frozen=True)
class ToldFile:
    """Where it is kept.

    Attributes:
        path: of the file; it need not exist.
    """

    path: Path

    @classmethod
    def of(cls, settings: Settings) -> "ToldFile":
        """The one of a raw schema, beside the reports that are kept of it."""
        folder = KeptReports.of(settings).folder
        return cls(folder.with_name(f"{folder.name}.told"))

    def read(self) -> Told | None:
        """The last message; a file that is damaged tells of none."""
        try:
            return Told.model_validate_json(self.path.read_bytes())
        except (OSError, pydantic.ValidationError):
            return None

    def write(self, told: Told) -> None:
        """Keeps it; where the disk takes nothing, the same is told again."""
        with suppress(OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_text(self.path, told.model_dump_json(), 0o600)
