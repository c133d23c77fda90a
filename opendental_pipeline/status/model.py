"""How the pipeline stands, as a document: what programs print, and others read."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from opendental_pipeline.analysis.changes import ChangelogEntry
from opendental_pipeline.settings.frozen import Frozen
from opendental_pipeline.status.facts import RunFacts


class State(StrEnum):
    """What may be wrong; the order is that of urgency."""

    CRASHED = "crashed"
    """A run never said how it ended: it was killed, or its machine was."""
    FAILED = "failed"
    BRAKED = "braked"
    """A run would have deleted or changed much of a table, and asks a person first."""
    OVERDUE = "overdue"
    """No run began for too long."""
    NEVER = "never"
    """A table never arrived."""
    STALE = "stale"
    """A table was not looked at for too long."""
    UNPROVED = "unproved"
    """Nobody compared all rows of a table for longer than its interval and two days."""
    SLOW = "slow"
    DRIFTED = "drifted"
    """A table has another structure than when tables.yml was written."""


NOTICES = frozenset({State.SLOW, State.DRIFTED})
"""What is worth a look, and makes nothing wrong."""


class Problem(Frozen):
    """Something that a person should know, or do something about.

    Attributes:
        state: what it is.
        tables: which have it; none where it is the pipeline's as a whole.
        text: a sentence.
        command: what to run next; empty where nothing helps but waiting.
    """

    state: State
    tables: tuple[str, ...] = ()
    text: str
    command: str = ""


class TableStatus(Frozen):
    """How a table stands.

    Attributes:
        states: all that is wrong, the most urgent first; empty if it is well.
        last_loaded: when it was looked at last, and well.
        last_changed: when rows of it reached raw last.
        rows, seconds: of the last run that moved any, in the second hop.
        proved_at: when both copies were last known to have all rows as they are.
        recent_seconds: of the last runs, the oldest first.
        error: of the last run.
    """

    table_name: str
    performance_category: str = ""
    processing_priority: str = ""
    states: tuple[State, ...] = ()
    last_loaded: datetime | None = None
    last_changed: datetime | None = None
    rows: int | None = None
    seconds: float | None = None
    rows_per_second: float | None = None
    proved_at: datetime | None = None
    recent_seconds: tuple[float, ...] = ()
    error: str | None = None


class PipelineStatus(Frozen):
    """How everything stands.

    Attributes:
        schema_version: of this document.
        at: the moment, by PostgreSQL's clock.
        schema_name: raw's.
        max_age_hours: after which a table is stale, and a run overdue.
        verdict: one sentence.
        summary: the same without what is another a minute later.
        well: whether nobody needs to do anything.
        running: the run that is at work.
        runs: the latest first.
        tables: all that tables.yml moves, and others that raw has.
        problems: the most urgent first.
        gone: tables that the source no longer has, with since when.
        remarks: what kept something from being judged.
        schema_log: what analyses found changed in the source's schema, the latest first.
        versions: of whatever has one.
    """

    schema_version: Literal[1] = 1
    at: datetime
    environment: str = ""
    schema_name: str
    max_age_hours: float
    verdict: str
    summary: str
    well: bool
    running: RunFacts | None = None
    runs: tuple[RunFacts, ...] = ()
    tables: tuple[TableStatus, ...] = ()
    problems: tuple[Problem, ...] = ()
    gone: dict[str, str] = Field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    schema_log: tuple[ChangelogEntry, ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)
