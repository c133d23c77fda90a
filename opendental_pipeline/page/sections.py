"""What the page says of the last nights together: the schema, comparisons, changed values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from opendental_pipeline.page.chart import NIGHTS
from opendental_pipeline.status.facts import RunFacts
from opendental_pipeline.status.model import PipelineStatus


@dataclass(frozen=True)
class SchemaChange:
    """What a run found, and did, with the structure of a table.

    Attributes:
        at: when the run began.
        table: its name.
        text: a sentence.
    """

    at: datetime
    table: str
    text: str


def schema_changes(status: PipelineStatus) -> Iterator[SchemaChange]:
    """What the last runs found changed, the latest first.

    Args:
        status: with the runs.
    """
    for run in _runs(status):
        for table, texts in (run.schema_changes or {}).items():
            yield from (SchemaChange(run.started_at, table, text) for text in texts)
        for table, text in (run.new_tables or {}).items():
            yield SchemaChange(run.started_at, table, f"new: {text}")


@dataclass(frozen=True)
class Compared:
    """What comparing a table found, and mended.

    Attributes:
        at: when the run began.
        table: its name.
        hop: whose target was compared.
        missing: rows that the target lacked.
        changed: rows that were others there.
        extra: rows that only the target had.
    """

    at: datetime
    table: str
    hop: str
    missing: int
    changed: int
    extra: int


def compared(status: PipelineStatus) -> Iterator[Compared]:
    """What comparing found in the last runs, the latest first.

    Args:
        status: with the runs.
    """
    for run in _runs(status):
        for found in run.compared or ():
            counts = (found.get(name, 0) for name in ("missing", "changed", "extra"))
            yield Compared(run.started_at, found["table"], found["hop"], *counts)


@dataclass(frozen=True)
class Coercion:
    """Values of a column that PostgreSQL could not hold as they were.

    Attributes:
        at: when the last run began that changed any.
        table: whose column.
        column: its name.
        values: how many that run changed.
    """

    at: datetime
    table: str
    column: str
    values: int


def coercions(status: PipelineStatus) -> Iterator[Coercion]:
    """The columns whose values were changed in the last runs, each once, the latest first.

    Args:
        status: with the runs.
    """
    told: set[tuple[str, str]] = set()
    for run in _runs(status):
        for table, columns in (run.coercions or {}).items():
            for column, values in columns.items():
                if (table, column) not in told:
                    told.add((table, column))
                    yield Coercion(run.started_at, table, column, values)


def _runs(status: PipelineStatus) -> tuple[RunFacts, ...]:
    return status.runs[:NIGHTS]
