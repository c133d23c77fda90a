"""The file that a run leaves for whoever reads its report."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.text_file import replace_text, unwritable_reason


@dataclass
class ReportFile:
    """The report as JSON, whatever the ending.

    Attributes:
        path: of the file; None if nobody wants one.
        errors: where is said that it could not be written.
        report: the last that was to be written; None while the run goes on.
    """

    path: Path | None
    errors: Console
    report: RunReport | None = field(default=None, init=False)

    def check(self) -> None:
        """Sees that the file can be written, before anything is done.

        Raises:
            ValidationError: it cannot.
        """
        if self.path and (reason := unwritable_reason(self.path)):
            fault = f"--report {self.path} cannot be written: {reason}"
            self.path = None
            raise ValidationError(fault)

    def write_first(self, report: RunReport) -> None:
        """Writes the report, unless one was written already."""
        if self.report is None:
            self.write(report)

    def write(self, report: RunReport) -> None:
        """Writes the report; one that is there already knows less."""
        self.report = report
        if self.path is None:
            return
        try:
            replace_text(self.path, json.dumps(report.to_json(), indent=2) + "\n", 0o640)
        except OSError as error:
            text = f"--report {self.path} could not be written: {error.strerror}"
            say(self.errors, text)
