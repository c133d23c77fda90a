"""The door to the status for programs in Python."""

from sqlalchemy.engine import Connection

from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.databases.engines import connect, make_engine, sessions_of
from opendental_pipeline.runs.kept_reports import KeptReports
from opendental_pipeline.settings.environment import DatabaseType, PostgresSchema, Settings
from opendental_pipeline.settings.errors import ConfigurationError
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tables_file import load_tables
from opendental_pipeline.settings.tuning import Tuning
from opendental_pipeline.status.facts import Facts, of_report, read_facts
from opendental_pipeline.status.judge import MAX_AGE_HOURS, judge
from opendental_pipeline.status.model import PipelineStatus


def pipeline_status(
    *,
    settings: Settings | None = None,
    tuning: Tuning | None = None,
    max_age_hours: float = MAX_AGE_HOURS,
    runs: int = 60,
) -> PipelineStatus:
    """Says how everything stands; takes no lock, and asks PostgreSQL alone.

    Args:
        settings: the databases; from the environment and files if not given.
        tuning: the tunables; from dlt's configuration if not given.
        max_age_hours: after which a table is stale, and a run overdue.
        runs: how many of the latest runs are told.

    Raises:
        ConfigurationError: the settings are wrong.
        ConnectionFailedError, QueryFailedError: PostgreSQL cannot be asked.
    """
    settings, tuning = settings or Settings.load(), tuning or Tuning.load()
    schema = settings.schema_name(PostgresSchema.RAW)
    configs, remarks = _configs(tuning)
    facts = _facts(settings, tuning, schema, runs)
    # what ended before it could be recorded
    kept = [of_report(report) for report in KeptReports.of(settings).reports()]
    known = {run.run_id for run in facts.runs}
    of_all = [*facts.runs, *(run for run in kept if run.run_id not in known)]
    latest = sorted(of_all, key=lambda run: run.started_at, reverse=True)
    return judge(
        facts.model_copy(update={"runs": tuple(latest)}),
        configs,
        schema=schema,
        environment=settings.environment,
        max_age_hours=max_age_hours,
        remarks=remarks,
    )


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


def _configs(tuning: Tuning) -> tuple[dict[str, TableConfig], list[str]]:
    """The tables that are moved; and why they are not known, if so."""
    try:
        chosen = load_tables(tuning.reading.tables_path).select()
    except ConfigurationError as error:
        return {}, [f"tables.yml cannot be read: {error}"]
    return {config.table_name: config for config in chosen}, []
