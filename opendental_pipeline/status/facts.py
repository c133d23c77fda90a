"""What raw knows of runs and tables; that tables of an earlier version lack columns is no fault.

Nothing but PostgreSQL is asked, so it works while the clinic's server is off or a run goes on.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.engine import Connection

from opendental_pipeline.databases.identifiers import postgres_ident
from opendental_pipeline.runs.progress_now import ProgressNow
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.frozen import Frozen

REMEMBERED = 15
"""Runs of a table that are looked at: the last one, and those that it is held against."""


class RunFacts(Frozen):
    """A row of `etl_runs`."""

    run_id: str
    environment: str | None = None
    kind: str | None = None
    status: str | None = None
    started_at: datetime
    finished_at: datetime | None = None
    seconds: float | None = None
    exit_code: int | None = None
    error: str | None = None
    tables_succeeded: int | None = None
    tables_failed: int | None = None
    rows_copied: int | None = None
    rows_loaded: int | None = None
    peak_memory_mb: float | None = None
    host: str | None = None
    version: str | None = None
    orchestrator_run_id: str | None = None
    options: Mapping[str, Any] | None = None
    progress: ProgressNow | None = None
    schema_drift: tuple[str, ...] | None = None
    schema_changes: Mapping[str, tuple[str, ...]] | None = None
    new_tables: Mapping[str, str] | None = None
    gone_tables: Mapping[str, str] | None = None
    compared: Sequence[Mapping[str, Any]] | None = None
    coercions: Mapping[str, Mapping[str, int]] | None = None

    @property
    def over_at(self) -> datetime:
        """When it ended; of one that never said so, when it began.

        A run that was refused began after the one that was at work, and ended before it.
        """
        return self.finished_at or self.started_at


def of_report(report: RunReport) -> RunFacts:
    """The same of a run that is not recorded yet.

    Args:
        report: as it was kept on this machine.
    """
    shared = report.model_dump(include=set(RunFacts.model_fields) & set(RunReport.model_fields))
    return RunFacts(
        **shared,
        status=report.outcome,
        error=report.stopped or None,
        seconds=report.seconds,
        tables_succeeded=len(report.tables) - len(report.failed),
        tables_failed=len(report.failed),
        rows_copied=report.rows_copied,
        rows_loaded=report.rows_loaded,
    )


class LoadFacts(Frozen):
    """A row of `etl_load_status`."""

    table_name: str
    load_status: str
    last_loaded: datetime | None = None
    error: str | None = None


class HopFacts(Frozen):
    """A row of `etl_table_runs`."""

    table_name: str
    hop: str
    started_at: datetime
    status: str
    strategy_used: str | None = None
    rows: int | None = None
    seconds: float | None = None
    rows_proved_at: datetime | None = None
    braked: bool | None = None
    error: str | None = None

    @property
    def rows_per_second(self) -> float | None:
        """Its pace; None where nothing was moved."""
        return self.rows / self.seconds if self.rows and self.seconds else None


class Facts(Frozen):
    """All that raw knows.

    Attributes:
        at: the server's moment.
        server_version: its version.
        is_running: whether a run holds the lock.
        runs: the one that began last first.
        loads: by table.
        hops: the latest runs of each table in each hop, the latest first.
        changed: when rows of a table reached raw last, by table.
    """

    at: datetime
    server_version: str = ""
    is_running: bool = False
    runs: tuple[RunFacts, ...] = ()
    loads: Mapping[str, LoadFacts] = Field(default_factory=dict)
    hops: Mapping[tuple[str, str], tuple[HopFacts, ...]] = Field(default_factory=dict)
    changed: Mapping[str, datetime] = Field(default_factory=dict)


_RUNNING = """
    SELECT EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND ((classid::bigint << 32) | objid::bigint) = hashtext(:name)::bigint)"""
_RUNS = """
    SELECT to_jsonb(r) FROM {schema}.etl_runs r
    WHERE coalesce(to_jsonb(r) ->> 'kind', 'nightly') IN ('nightly', 'repair')
    ORDER BY started_at DESC LIMIT :count"""
_LOADS = """
    SELECT to_jsonb(s) || jsonb_build_object('last_loaded', last_loaded_at)
    FROM {schema}.etl_load_status s"""
_HOPS = """
    SELECT to_jsonb(h) FROM {schema}.etl_load_status s
    CROSS JOIN (VALUES ('replication'), ('raw')) AS hops (hop)
    CROSS JOIN LATERAL (
        SELECT * FROM {schema}.etl_table_runs r
        WHERE r.table_name = s.table_name AND r.hop = hops.hop
        ORDER BY r.started_at DESC LIMIT :count) h"""
_CHANGED = """
    SELECT table_name, max(started_at) FROM {schema}.etl_table_runs
    WHERE hop = 'raw' AND (rows > 0 OR deleted > 0) GROUP BY table_name"""


def read_facts(connection: Connection, schema: str, runs: int) -> Facts:
    """Reads all that raw knows, in one snapshot.

    Args:
        connection: to PostgreSQL, in UTC.
        schema: of raw.
        runs: how many at most.

    Raises:
        sqlalchemy.exc.DBAPIError: the role may not read it, or the server is lost.
    """

    def rows(query: str, **parameters: Any) -> list[Any]:
        text = sa.text(query.format(schema=postgres_ident(schema)))
        return list(connection.execute(text, parameters))

    made = {name for (name,) in rows(_MADE, schema=schema)}
    moment = f"SELECT now(), current_setting('server_version'), ({_RUNNING})"
    ((at, server_version, is_running),) = rows(moment, name=f"opendental:{schema}")
    found: dict[tuple[str, str], list[HopFacts]] = defaultdict(list)
    both = {"etl_load_status", "etl_table_runs"} <= made
    for (row,) in rows(_HOPS, count=REMEMBERED) if both else ():
        one = HopFacts.model_validate(row)
        found[one.table_name, one.hop].append(one)
    loads = [
        LoadFacts.model_validate(_in_utc(row))
        for (row,) in (rows(_LOADS) if "etl_load_status" in made else ())
    ]
    return Facts(
        at=at,
        server_version=server_version,
        is_running=is_running,
        runs=tuple(
            RunFacts.model_validate(row)
            for (row,) in (rows(_RUNS, count=runs) if "etl_runs" in made else ())
        ),
        loads={one.table_name: one for one in loads},
        hops={key: tuple(some) for key, some in found.items()},
        changed=dict(map(tuple, rows(_CHANGED))) if "etl_table_runs" in made else {},
    )


_MADE = """
    SELECT table_name FROM information_schema.tables
    WHERE table_schema = :schema AND table_name LIKE 'etl%'"""


def _in_utc(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row whose moment says its zone; in a column that a view shows, it does not."""
    moment = row["last_loaded"]
    if moment is None or moment.endswith(("Z", "+00:00")):
        return row
    return {**row, "last_loaded": f"{moment}+00:00"}
