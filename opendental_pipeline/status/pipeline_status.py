"""The door to the status for programs in Python."""

from pathlib import Path

from sqlalchemy.engine import Connection

from opendental_pipeline.analysis.changes import Changelog, ChangelogEntry, changelog_path
from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.databases.engines import connect, make_engine, sessions_of
from opendental_pipeline.runs.kept_reports import KeptReports
from opendental_pipeline.runs.run_header import pipeline_version
from opendental_pipeline.settings.environment import DatabaseType, PostgresSchema, Settings
from opendental_pipeline.settings.errors import ConfigurationError
from opendental_pipeline.settings.tables_file import TablesFile, load_tables
from opendental_pipeline.settings.tuning import Tuning
from opendental_pipeline.status.facts import Facts, of_report, read_facts
from opendental_pipeline.status.judge import judge
from opendental_pipeline.status.model import PipelineStatus

_ANALYSES = 5
"""Analyses whose changes are told."""


def pipeline_status(
    *,
    settings: Settings | None = None,
    tuning: Tuning | None = None,
    max_age_hours: float | None = None,
    runs: int = 60,
) -> PipelineStatus:
    """Says how everything stands; takes no lock, and asks PostgreSQL alone.

    Args:
        settings: the databases; from the environment and files if not given.
        tuning: the tunables; from dlt's configuration if not given.
        max_age_hours: after which a table is stale, and a run overdue; the tunable if not given.
        runs: how many of the latest runs are told.

    Raises:
        ConfigurationError: the settings are wrong.
        ConnectionFailedError, QueryFailedError: PostgreSQL cannot be asked.
    """
    settings, tuning = settings or Settings.load(), tuning or Tuning.load()
    schema = settings.schema_name(PostgresSchema.RAW)
    path, remarks = tuning.reading.tables_path, list[str]()
    file, schema_log = _tables(path, remarks), _schema_log(path, remarks)
    configs = {config.table_name: config for config in file.select()}
    facts = _facts(settings, tuning, schema, runs)
    # what ended before it could be recorded
    kept = [of_report(report) for report in KeptReports.of(settings).reports()]
    known = {run.run_id for run in facts.runs}
    of_all = [*facts.runs, *(run for run in kept if run.run_id not in known)]
    latest = sorted(of_all, key=lambda run: run.started_at, reverse=True)
    status = judge(
        facts.model_copy(update={"runs": tuple(latest)}),
        configs,
        schema=schema,
        environment=settings.environment,
        max_age_hours=max_age_hours or tuning.status.max_age_hours,
        remarks=remarks,
    )
    versions = _versions(facts, file)
    return status.model_copy(update={"schema_log": schema_log, "versions": versions})


def _facts(settings: Settings, tuning: Tuning, schema: str, runs: int) -> Facts:
    kind = DatabaseType.ANALYTICS
    engine = make_engine(sessions_of(settings.connection(kind), tuning.connections[kind]))
    with redact_driver_errors():
        try:
            with connect(engine, tuning.connections[kind]) as opened:
                connection: Connection = opened.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                return read_facts(connection, schema, runs)
        finally:
            engine.dispose()


def _tables(path: Path, remarks: list[str]) -> TablesFile:
    """The tables that are moved; none where they are not known, and why then."""
    try:
        return load_tables(path)
    except ConfigurationError as error:
        remarks.append(f"tables.yml cannot be read: {error}")
        return TablesFile(tables={})


def _schema_log(path: Path, remarks: list[str]) -> tuple[ChangelogEntry, ...]:
    """What the latest analyses found changed; nothing where it is not known, and why then."""
    try:
        log = Changelog.read(changelog_path(path))
    except ConfigurationError as error:
        remarks.append(str(error))
        return ()
    return log.entries[:_ANALYSES]


def _versions(facts: Facts, file: TablesFile) -> dict[str, str]:
    found = {
        "pipeline": pipeline_version(),
        "PostgreSQL": facts.server_version,
        "OpenDental at the last analysis": file.metadata.get("database_version"),
        "its server at the last analysis": file.metadata.get("server_version"),
    }
    return {name: str(version) for name, version in found.items() if version}
