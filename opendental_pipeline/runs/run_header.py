"""What is known of a run from its first moment, and how a run can end."""

import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from uuid import uuid4

from pydantic import Field

from opendental_pipeline.settings.frozen import Frozen
from opendental_pipeline.settings.orchestrator import RUN_ID


class RunOutcome(StrEnum):
    """How a run stands, or ended."""

    RUNNING = "running"
    SUCCESS = "success"
    PARTIAL = "partial"
    """Something moved, and something that should have did not."""
    FAILED = "failed"
    """Nothing moved that should have."""
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    CRASHED = "crashed"
    """It never said how it ended: its process was killed, or its machine."""


class RunHeader(Frozen):
    """A run that begins.

    Attributes:
        run_id: names it in the history.
        kind: the job: nightly, verify, or repair.
        host: the machine.
        version: of the pipeline.
        options: what a person asked of it.
        orchestrator_run_id: what the scheduler calls it, where one says so.
    """

    run_id: str
    kind: str
    started_at: datetime
    host: str
    version: str
    options: Mapping[str, Any] = Field(default_factory=dict)
    orchestrator_run_id: str | None = None

    @classmethod
    def begin(cls, kind: str, options: Mapping[str, Any] | None = None) -> "RunHeader":
        """The header of a run that begins now.

        Args:
            kind: the job.
            options: what a person asked of it, as JSON's own types.
        """
        now = datetime.now(UTC)
        return cls(
            run_id=f"{now:%Y%m%dT%H%M%S}-{uuid4().hex[:6]}",
            kind=kind,
            started_at=now,
            host=socket.gethostname(),
            version=pipeline_version(),
            options=options or {},
            orchestrator_run_id=os.environ.get(RUN_ID) or None,
        )


def pipeline_version() -> str:
    """The version of this pipeline; `unknown` where it was not installed."""
    try:
        return version("opendental-pipeline")
    except PackageNotFoundError:
        return "unknown"
