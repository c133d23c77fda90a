"""The file that a run leaves for whoever reads its report."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.text_file import replace_text, unwritable_reason


@dataclass
class ReportFile:
    """The report as JSON, written once, whatever the ending.

    Attributes:
        path: of the file; None if nobody wants one.
        errors: where is said that it could not be written.
    """

    path: Path | None
    errors: Console
    _written: bool = field(default=False, init=False)

    def check(self) -> None:
        """Sees that the file can be written, before anything is done.

        Raises:
            ValidationError: it cannot.
        """
        if self.path and (reason := unwritable_reason(self.path)):
            # nobody shall take the one of an earlier run for this one's
            self._written = True
            raise ValidationError(f"--report {self.path} cannot be written: {reason}")

    def write(self, report: RunReport) -> None:
        """Writes the report, unless one was written already."""
        if self.path is None or self._written:
            return
        self._written = True
        try:
            replace_text(self.path, json.dumps(report.to_json(), indent=2) + "\n", 0o640)
        except OSError as error:
            text = f"--report {self.path} could not be written: {error.strerror}"
            self.errors.print(text, markup=False, highlight=False, soft_wrap=True)
