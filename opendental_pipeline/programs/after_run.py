"""What is done when a run is over, however it ended."""

from dataclasses import replace

from rich.console import Console

from opendental_pipeline.settings.environment import DatabaseType, Settings
from opendental_pipeline.settings.errors import ConfigurationError, PipelineError
from opendental_pipeline.settings.faults import fault_of
from opendental_pipeline.settings.tuning import Tuning

_SECONDS = 10
"""How long PostgreSQL may be silent: it may be what ended the run."""


def after_run(errors: Console) -> None:
    """Does what is wanted after every run; what fails is a line, and changes no exit code.

    Args:
        errors: where such a line goes.
    """
    try:
        settings, tuning = Settings.load(), Tuning.load()
    except ConfigurationError:
        # the run ended by the same, and said so
        return
    try:
        write_page(settings, tuning)
    except PipelineError as error:
        _tell(errors, f"the page could not be written: {error}")
    except OSError as error:
        _tell(errors, f"{tuning.status.page_file} could not be written: {error.strerror}")
    except Exception as error:  # noqa: BLE001  the last resort
        _tell(errors, str(fault_of(error, "writing the page")))


def write_page(settings: Settings, tuning: Tuning) -> None:
    """Writes the page where the tunables say, if they do.

    Args:
        settings: the databases.
        tuning: the tunables.

    Raises:
        PipelineError, OSError: it cannot be written.
    """
    path = tuning.status.page_path
    if path is None:
        return
    # a run that shall write none has no need of them
    from opendental_pipeline.page.page import write_page as write  # noqa: PLC0415
    from opendental_pipeline.status.pipeline_status import pipeline_status  # noqa: PLC0415

    write(path, pipeline_status(settings=settings, tuning=_impatient(tuning)))


def _impatient(tuning: Tuning) -> Tuning:
    hurried = tuning.connections[DatabaseType.ANALYTICS].copy()
    hurried.attempts = 1
    hurried.connect_timeout_seconds = min(hurried.connect_timeout_seconds, _SECONDS)
    hurried.read_timeout_seconds = min(hurried.read_timeout_seconds, _SECONDS)
    return replace(tuning, connections={**tuning.connections, DatabaseType.ANALYTICS: hurried})


def _tell(errors: Console, text: str) -> None:
    line = " ".join(text.split())
    errors.print(line, markup=False, highlight=False, soft_wrap=True)
