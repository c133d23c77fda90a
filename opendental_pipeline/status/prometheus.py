"""The status as a file for Prometheus' textfile collector."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path

from opendental_pipeline.settings.text_file import replace_text
from opendental_pipeline.status.model import PipelineStatus, State


def write_metrics(path: Path, *statuses: PipelineStatus) -> None:
    """Writes the file, at once and as a whole.

    Args:
        path: of the file, whose name has to end in `.prom`.
        statuses: what it says, of one raw schema or of several.

    Raises:
        OSError: it cannot be written.
    """
    lines = together(metrics(status) for status in statuses)
    replace_text(path, "\n".join(lines) + "\n", 0o640)


def together(files: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of several files as those of one, in which a metric has its head only once.

    Args:
        files: their lines.
    """
    samples: dict[str, dict[str, None]] = {}
    head = ""
    for line in chain.from_iterable(files):
        if line.startswith("# HELP"):
            head = line
            samples.setdefault(head, {})
        else:
            samples[head][line] = None
    for head, lines in samples.items():
        yield head
        yield from lines


def metrics(status: PipelineStatus) -> Iterator[str]:
    """The lines of the file.

    Args:
        status: what they say.
    """
    schema = {"schema": status.schema_name}
    yield from _gauge("status_timestamp_seconds", "When this was looked at.")
    yield _sample("status_timestamp_seconds", schema, _seconds(status.at))
    yield from _gauge("well", "Whether nobody needs to do anything.")
    yield _sample("well", schema, float(status.well))
    yield from _gauge("running", "Whether a run is at work.")
    yield _sample("running", schema, float(status.running is not None))
    ended = [run for run in status.runs if run.finished_at]
    if ended:
        last = max(ended, key=lambda run: run.over_at)
        told = {
            "last_run_started_timestamp_seconds": (
                "When the last run that ended began.",
                _seconds(last.started_at),
            ),
            "last_run_seconds": ("How long it took.", last.seconds),
            "last_run_exit_code": ("Its exit code.", last.exit_code),
            "last_run_tables_failed": ("Tables that failed.", last.tables_failed),
            "last_run_rows_copied": ("Rows that reached replication.", last.rows_copied),
            "last_run_rows_loaded": ("Rows that reached raw.", last.rows_loaded),
        }
        for name, (text, value) in told.items():
            if value is not None:
                yield from _gauge(name, text)
                yield _sample(name, schema, float(value))
    yield from _gauge("tables", "How many tables are in a state.")
    for state in State:
        count = sum(state in table.states for table in status.tables)
        yield _sample("tables", {**schema, "state": state}, count)
    for name, text, attribute in (
        ("table_loaded_timestamp_seconds", "When a table was looked at last.", "last_loaded"),
        ("table_changed_timestamp_seconds", "When its rows changed last.", "last_changed"),
        ("table_proved_timestamp_seconds", "When all its rows were proved last.", "proved_at"),
    ):
        yield from _gauge(name, text)
        for table in status.tables:
            moment: datetime | None = getattr(table, attribute)
            if moment:
                labels = {**schema, "table": table.table_name}
                yield _sample(name, labels, _seconds(moment))


def _seconds(moment: datetime) -> float:
    return round(moment.timestamp(), 3)


def _gauge(name: str, text: str) -> Iterator[str]:
    yield f"# HELP opendental_{name} {text}"
    yield f"# TYPE opendental_{name} gauge"


def _sample(name: str, labels: dict[str, str], value: float) -> str:
    told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"opendental_{name}{{{told}}} {value:.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
