"""What is done around a run, however it ends: people and a monitor are told, a page written."""

from dataclasses import dataclass, field

from rich.console import Console

from opendental_pipeline.notifying.notifier import Notifier
from opendental_pipeline.notifying.sending import Sending
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.errors import ConfigurationError, PipelineError
from opendental_pipeline.settings.faults import fault_of
from opendental_pipeline.settings.tuning import Tuning
from opendental_pipeline.status.model import PipelineStatus
from opendental_pipeline.status.pipeline_status import pipeline_status


@dataclass
class AroundRun:
    """Tells of a run; what fails is a line, and changes no exit code.

    Attributes:
        errors: where such a line goes.
    """

    errors: Console
    _notifier: Notifier | None = field(default=None, init=False)
    _beginning: Sending | None = field(default=None, init=False)

    def begin(self, run_id: str) -> None:
        """Sees who is told and what is started, and tells the monitor that a run begins.

        Args:
            run_id: names it.

        Raises:
            ConfigurationError: an address, the command or a tunable is wrong.
        """
        _ = Tuning.load().after.arguments
        self._notifier = Notifier.of(_settings())
        self._beginning = self._notifier.begin(run_id)

    def end(self, report: RunReport) -> None:
        """Writes the page, and tells how the run ended.

        Args:
            report: of the run.
        """
        try:
            self._end(report)
        except ConfigurationError:
            # the run ended by the same, and said so
            return
        except Exception as error:  # noqa: BLE001  the last resort
            self._say(str(fault_of(error, "telling how the run ended")))

    def _end(self, report: RunReport) -> None:
        tuning, settings = Tuning.load(), _settings()
        page, notifier = tuning.status.page_path, self._notifier
        wanted = page or (notifier and notifier.names)
        status = self._status(settings, tuning) if wanted and settings else None
        if page and status:
            # its templates take a while
            from opendental_pipeline.page.page import write_page  # noqa: PLC0415

            try:
                write_page(page, status)
            except OSError as error:
                self._say(f"{page} could not be written: {error.strerror}")
        if notifier:
            begun = self._beginning
            unsent = begun.end(tuning.notifications.send_seconds) if begun else {}
            for name, reason in unsent.items():
                self._say(f"not told: {name}: {reason}")
            for text in notifier.tell(report, status):
                self._say(f"not told: {text}")

    def _status(self, settings: Settings, tuning: Tuning) -> PipelineStatus | None:
        """How everything stands; PostgreSQL may be what ended the run."""
        hurried = tuning.hurried(tuning.notifications.send_seconds)
        try:
            return pipeline_status(settings=settings, tuning=hurried)
        except PipelineError as error:
            if tuning.status.page_path:
                self._say(f"the page could not be written: {error}")
            return None

    def _say(self, text: str) -> None:
        line = " ".join(text.split())
        say(self.errors, line)


def _settings() -> Settings | None:
    """The databases; None where they are wrong, which the run says."""
    try:
        return Settings.load()
    except ConfigurationError:
        return None
