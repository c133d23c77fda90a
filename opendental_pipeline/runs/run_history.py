"""The run history in raw: a row for each run from its beginning on, and one per table and hop."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Engine

from destinations import fence
from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.databases.engines import Connections
from opendental_pipeline.runs.own_tables import MOMENT, make_or_evolve
from opendental_pipeline.runs.progress_now import ProgressNow
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.runs.run_header import RunHeader, RunOutcome
from opendental_pipeline.runs.table_result import HopResult
from opendental_pipeline.settings.environment import DatabaseType, PostgresSchema, Settings
from opendental_pipeline.settings.errors import PipelineError
from opendental_pipeline.settings.tuning import Tuning

_JSON = postgresql.JSONB()
_BY_TABLE = "etl_table_runs_by_table"


def _tables(schema: str) -> tuple[sa.Table, sa.Table]:
    metadata = sa.MetaData(schema=schema)
    runs = sa.Table(
        "etl_runs",
        metadata,
        sa.Column("run_id", sa.Text(), primary_key=True),
        sa.Column("environment", sa.Text()),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("tables_succeeded", sa.Integer()),
        sa.Column("tables_failed", sa.Integer()),
        sa.Column("rows_copied", sa.BigInteger()),
        sa.Column("rows_loaded", sa.BigInteger()),
        sa.Column("status", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("exit_code", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("seconds", sa.Double()),
        sa.Column("peak_memory_mb", sa.Double()),
        sa.Column("host", sa.Text()),
        sa.Column("version", sa.Text()),
        sa.Column("orchestrator_run_id", sa.Text()),
        sa.Column("options", _JSON),
        sa.Column("progress", _JSON),
        sa.Column("schema_drift", _JSON),
        sa.Column("schema_changes", _JSON),
        sa.Column("new_tables", _JSON),
        sa.Column("gone_tables", _JSON),
        sa.Column("coercions", _JSON),
        sa.Column("compared", _JSON),
        sa.Column("after_exit_code", sa.Integer()),
    )
    tables = sa.Table(
        "etl_table_runs",
        metadata,
        sa.Column("run_id", sa.Text(), primary_key=True),
        sa.Column("table_name", sa.Text(), primary_key=True),
        sa.Column("hop", sa.Text(), primary_key=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("began_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("strategy_used", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("rows", sa.BigInteger()),
        sa.Column("deleted", sa.BigInteger()),
        sa.Column("missing", sa.BigInteger()),
        sa.Column("changed", sa.BigInteger()),
        sa.Column("extra", sa.BigInteger()),
        sa.Column("rows_proved_at", MOMENT),
        sa.Column("keys_proved_at", MOMENT),
        sa.Column("seconds", sa.Double()),
        sa.Column("slices", sa.Integer()),
        sa.Column("coerced", sa.BigInteger()),
        sa.Column("changes", _JSON),
        sa.Column("braked", sa.Boolean()),
        sa.Column("error", sa.Text()),
        sa.Index(_BY_TABLE, "table_name", "hop", "started_at"),
    )
    return runs, tables


@dataclass(frozen=True)
class RunHistory:
    """The history of one raw schema; written by the run that holds its lock.

    Args:
        engine: of the analytics database.
        schema: where the tables are.
        days: rows older than that many days are deleted.
    """

    engine: Engine
    schema: str
    days: int

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings, tuning: Tuning) -> Iterator["RunHistory"]:
        """That of some settings, between two runs.

        Args:
            settings: the databases.
            tuning: the tunables.

        Raises:
            ConnectionFailedError, QueryFailedError: PostgreSQL cannot be asked.
        """
        schema = settings.schema_name(PostgresSchema.RAW)
        with redact_driver_errors(), Connections(settings, tuning) as connections:
            engine = connections.engine(DatabaseType.ANALYTICS)
            yield cls(engine, schema, tuning.runs.history_days)

    def prepare(self) -> None:
        """Makes the tables where they are missing, and gives older ones the columns of today.

        Raises:
            LockLostError: the run lost its lock.
        """
        with fence.altering(self.engine, self.schema) as connection:
            runs, tables = _tables(self.schema)
            make_or_evolve(connection, runs, {"kind": "'nightly'", "status": _EARLIER})
            make_or_evolve(connection, tables)

    def begin(self, header: RunHeader) -> None:
        """Adds the row of a run; earlier ones that still seem to run have crashed.

        Raises:
            LockLostError: the run lost its lock.
        """
        runs, _ = _tables(self.schema)
        crashed = runs.update().where(runs.c.status == RunOutcome.RUNNING)
        with fence.begin(self.engine, self.schema) as connection:
            connection.execute(crashed.values(status=RunOutcome.CRASHED))
            connection.execute(
                runs.insert(), {**_shared(header, runs), "status": RunOutcome.RUNNING.value}
            )

    def tell(self, run_id: str, now: ProgressNow) -> None:
        """Writes how far a run is; where that fails, the next time tells more.

        Args:
            run_id: of the run.
            now: how far it is.
        """
        runs, _ = _tables(self.schema)
        written = runs.update().where(runs.c.run_id == run_id)
        lost = suppress(sa.exc.SQLAlchemyError, PipelineError)
        with lost, fence.begin(self.engine, self.schema) as connection:
            connection.execute(written.values(progress=now.model_dump(mode="json")))

    def finish(self, report: RunReport) -> None:
        """Writes how a run ended, and what it did with each table; forgets runs that are too old.

        Raises:
            LockLostError: the run lost its lock.
        """
        runs, tables = _tables(self.schema)
        with fence.begin(self.engine, self.schema) as connection:
            _upsert(connection, runs, [_run_row(report, runs)])
            _upsert(connection, tables, list(_table_rows(report, tables)))
            self._forget(connection, report.started_at)

    def prune(self, now: datetime) -> tuple[int, int]:
        """Forgets runs that are too old, between two runs.

        Args:
            now: the moment.

        Returns:
            how many runs, and how many moves of tables, were forgotten.

        Raises:
            QueryFailedError: they cannot be deleted.
        """
        with self.engine.begin() as connection:
            if not sa.inspect(connection).has_table("etl_table_runs", self.schema):
                return 0, 0
            return self._forget(connection, now)

    def _forget(self, connection: Connection, now: datetime) -> tuple[int, int]:
        runs, tables = (
            connection.execute(
                table.delete().where(table.c.started_at < now - timedelta(days=self.days))
            ).rowcount
            for table in _tables(self.schema)
        )
        return runs, tables

    def note_after(self, report: RunReport) -> None:
        """Adds how the command ended that is started after a run, which holds no lock any more.

        Args:
            report: of the run.

        Raises:
            QueryFailedError: it cannot be written.
        """
        runs, _ = _tables(self.schema)
        of_it = runs.update().where(runs.c.run_id == report.run_id)
        ended = report.after.exit_code if report.after else None
        with self.engine.begin() as connection:
            connection.execute(of_it.values(after_exit_code=ended, exit_code=report.exit_code))


_EARLIER = "CASE tables_failed WHEN 0 THEN 'success' ELSE 'partial' END"
"""What rows of earlier versions say, which were written for runs that came to their end only."""


def _shared(header: RunHeader, table: sa.Table) -> dict[str, Any]:
    """The fields that are columns of the same name."""
    return header.model_dump(include={column.name for column in table.columns})


def _run_row(report: RunReport, table: sa.Table) -> dict[str, Any]:
    hops = [
        (name, hop, result) for name, one in report.tables.items() for hop, result in one.hops()
    ]
    return {
        **_shared(report, table),
        "status": report.outcome.value,
        "error": report.stopped or None,
        "seconds": round(report.seconds, 3),
        "tables_succeeded": len(report.tables) - len(report.failed),
        "tables_failed": len(report.failed),
        "rows_copied": report.rows_copied,
        "rows_loaded": report.rows_loaded,
        "new_tables": dict(report.new_tables),
        "gone_tables": report.gone,
        "schema_drift": list(report.schema_drift),
        "schema_changes": {n: list(one.changes) for n, one in report.tables.items() if one.changes},
        "coercions": {n: dict(r.coercions) for n, hop, r in hops if hop == "raw" and r.coercions},
        "compared": [
            {"table": name, "hop": hop, **found}
            for name, hop, result in hops
            if any((found := _found(result)).values())
        ],
    }


def _found(result: HopResult) -> dict[str, int]:
    """What comparing found."""
    return result.model_dump(include={"missing", "changed", "extra"})


def _table_rows(report: RunReport, table: sa.Table) -> Iterable[dict[str, Any]]:
    columns = {column.name for column in table.columns}
    for name, one in report.tables.items():
        for hop, result in one.hops():
            yield {
                "run_id": report.run_id,
                "table_name": name,
                "hop": hop,
                "started_at": report.started_at,
                "status": "failed" if result.error else "success",
                "coerced": sum(result.coercions.values()),
                **result.model_dump(include=columns),
            }


def _upsert(connection: Connection, table: sa.Table, rows: list[Mapping[str, Any]]) -> None:
    if not rows:
        return
    insert = postgresql.insert(table)
    key = [column.name for column in table.primary_key]
    updates = {name: insert.excluded[name] for name in rows[0] if name not in key}
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_=updates), list(rows))
