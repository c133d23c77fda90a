"""Compares all tiers, table by table, with the settings and the locks of a night."""

from datetime import UTC, datetime
from pathlib import Path

from dlt.common.pipeline import get_dlt_pipelines_dir
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from destinations import replication
from opendental_pipeline.databases.catalog import read_catalogue, respell
from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.reconcile.verify import Verifier, VerifyResult
from opendental_pipeline.runs.nightly import NightlyRun, Options
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.run_header import RunHeader
from opendental_pipeline.runs.server_access import replica_access, source_access
from opendental_pipeline.runs.signals import run_interruptibly
from opendental_pipeline.runs.status_tables import StatusTable
from opendental_pipeline.runs.verify_record import VerifyRecord
from opendental_pipeline.runs.working_folder import scratch
from opendental_pipeline.settings.environment import DatabaseType, PostgresSchema, Settings
from opendental_pipeline.settings.tables_file import TablesFile
from opendental_pipeline.settings.tuning import Tuning


def verify(
    options: Options | None = None,
    *,
    since: str | None = None,
    settings: Settings | None = None,
    tuning: Tuning | None = None,
    tables: TablesFile | None = None,
    console: Console | None = None,
) -> list[VerifyResult]:
    """Compares the source with replication, and replication with raw; writes its history alone.

    Args:
        options: which tables.
        since: only rows whose cursor is at least this, where a table has one.
        settings, tuning, tables: as those of a night.
        console: where progress goes; standard error if not given.

    Returns:
        two results for each table.

    Raises:
        ConfigurationError, ConnectionFailedError: nothing was compared.
        RunRefusedError: a run is at work.
        KeyboardInterrupt: somebody interrupted it.
    """
    options = options or Options()
    night = NightlyRun.prepare(options, settings, tuning, tables)
    asked = {**options.asked, **({"since": since} if since else {})}
    record = VerifyRecord(night, RunHeader.begin("verify", asked), proves=since is None)
    home = Path(get_dlt_pipelines_dir())

    def compare() -> list[VerifyResult]:
        with night.connections, redact_driver_errors():
            night.connections.check()
            with (
                night.locked() as locks,
                scratch(home, "opendental_verify") as folder,
                record.kept(locks),
            ):
                shown = console or Console(stderr=True)
                return _compare(night, since, Path(folder), shown, record)

    ending = night.tuning.runs.ending_seconds
    return run_interruptibly(compare, night.connections.sessions.interrupt, ending)


def _compare(
    night: NightlyRun,
    since: str | None,
    scratch: Path,
    console: Console,
    record: VerifyRecord,
) -> list[VerifyResult]:
    settings, tuning, connections = night.settings, night.tuning, night.connections
    catalogues = {}
    for database in (DatabaseType.SOURCE, DatabaseType.REPLICATION):
        with connections.engine(database).connect() as connection:
            name = settings.connection(database).database
            catalogues[database] = read_catalogue(connection, name)
    if connections.server(DatabaseType.REPLICATION).folds_names:
        copies = catalogues[DatabaseType.REPLICATION]
        catalogues[DatabaseType.REPLICATION] = respell(copies, catalogues[DatabaseType.SOURCE])
    verifying = Verifier(
        source=source_access(settings, tuning, connections, replication.HOP),
        replica=replica_access(tuning, connections, replication.HOP, at_once=1),
        analytics=connections.engine(DatabaseType.ANALYTICS),
        schema=settings.schema_name(PostgresSchema.RAW),
        tables=catalogues[DatabaseType.SOURCE],
        copies=catalogues[DatabaseType.REPLICATION],
        scratch=scratch,
        since=since,
    )
    source = catalogues[DatabaseType.SOURCE]
    noted = StatusTable(connections.engine(DatabaseType.REPLICATION), "copy").gone()
    gone = [name for name in noted if name not in source]
    if gone:
        text = f"the source no longer has {', '.join(gone)}; not compared"
        say(console, text)
    selection = [config for config in night.selection if config.table_name not in gone]
    results: list[VerifyResult] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("comparing", total=len(selection))
        for config in selection:
            progress.update(task, description=config.table_name)
            began = datetime.now(UTC)
            found = list(verifying.verify(config))
            record.add(found, began)
            results += found
            connections.sessions.check()
            progress.advance(task)
    return results
