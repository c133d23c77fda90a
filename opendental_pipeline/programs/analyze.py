"""Writes tables.yml from the source's catalogue: an entry for every table, and why."""

import os
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from opendental_pipeline.analysis.analyzer import Analysis, analyze
from opendental_pipeline.analysis.changes import ChangelogEntry
from opendental_pipeline.analysis.dbt import DbtProject
from opendental_pipeline.analysis.dbt_sources import dbt_sources
from opendental_pipeline.analysis.files import (
    AnalysisPaths,
    Outcome,
    changes_since,
    differences,
    prepare_sources,
    write_files,
)
from opendental_pipeline.analysis.report import AnalysisReport
from opendental_pipeline.analysis.snapshot import Snapshot
from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.databases.engines import Connections, connect
from opendental_pipeline.programs.analyze_all import analyze_all
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.process import exit_code_of
from opendental_pipeline.runs.signals import interruptible
from opendental_pipeline.settings.choices import Category
from opendental_pipeline.settings.clinic import VARIABLE, chosen
from opendental_pipeline.settings.environment import (
    DatabaseType,
    PostgresSchema,
    Settings,
)
from opendental_pipeline.settings.table_config import ExtractionStrategy
from opendental_pipeline.settings.tables_file import TablesFile, load_tables
from opendental_pipeline.settings.text_file import replace_text
from opendental_pipeline.settings.tuning import Tuning

SUCCESS, DIFFERENT = 0, 1


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""
    interrupted = "interrupted; every file is as it was before, or whole"

    def listening() -> int:
        if args.all_clinics:
            return analyze_all(args)
        with interruptible():
            return work(args, Console(stderr=args.json))

    return exit_code_of(listening, Console(stderr=True), interrupted)


def work(args: Namespace, console: Console) -> int:
    """Analyzes, and writes or compares; returns the exit code.

    Args:
        args: of the command line.
        console: where is said what was found.
    """
    settings, tuning = Settings.load(), Tuning.load()
    schema = settings.schema_name(PostgresSchema.RAW)
    project = args.dbt_project or tuning.analysis.project_path
    dbt = DbtProject.read(project, _schemas_read(schema)) if project else None
    if args.check:
        path = args.output or tuning.reading.tables_path
        tables = load_tables(path)
        analysis = look(settings, tuning, dbt)
        found = check(analysis, tables, path, console)
        if args.json:
            changes = changes_since(Snapshot.read(AnalysisPaths(path).analysis), analysis, dbt)
            print(report_of(path, analysis, tables, changes, differences=found).one_line())
        return DIFFERENT if found else SUCCESS
    path = args.output or tuning.reading.own_tables_path
    sources = args.dbt_sources or tuning.analysis.sources_path
    if sources:
        prepare_sources(sources)
    analysis = look(settings, tuning, dbt)
    outcome = write_files(analysis, AnalysisPaths(path), dbt)
    if sources:
        write_sources(analysis, outcome.tables, schema, sources)
    print_outcome(console, path, outcome)
    if args.json:
        report = report_of(path, analysis, outcome.tables, outcome.changes, backup=outcome.backup)
        print(report.one_line())
    return SUCCESS


def _schemas_read(own: str) -> frozenset[str]:
    """Where dbt finds the tables of this clinic: of one of several, in the views over all, too."""
    common = {Settings.common_raw({**os.environ, VARIABLE: ""})} if chosen() else set()
    return frozenset({own, *common})


def look(settings: Settings, tuning: Tuning, dbt: DbtProject | None) -> Analysis:
    """Analyzes the configured source."""
    config = settings.connection(DatabaseType.SOURCE)
    with redact_driver_errors(), Connections(settings, tuning) as connections:
        connections.server(DatabaseType.SOURCE)
        engine = connections.engine(DatabaseType.SOURCE)
        with connect(engine, tuning.connections[DatabaseType.SOURCE]) as connection:
            return analyze(connection, config.database, environment=settings.environment, dbt=dbt)


def check(analysis: Analysis, tables: TablesFile, path: Path, console: Console) -> list[str]:
    """Tells where tables.yml and the source differ, and returns it."""
    found = differences(analysis, tables)
    for difference in found:
        say(console, difference)
    verdict = f"{len(found)} differences" if found else "no difference"
    say(console, f"{path}: {verdict}")
    return found


def report_of(
    path: Path,
    analysis: Analysis,
    tables: TablesFile,
    changes: ChangelogEntry | None,
    *,
    differences: Sequence[str] = (),
    backup: Path | None = None,
) -> AnalysisReport:
    """What an orchestrator is told."""
    details = changes.changes if changes else ()
    return AnalysisReport(
        tables_file=str(path),
        total_tables=len(tables.tables),
        database_version=analysis.database_version,
        has_changes=bool(details or differences),
        has_breaking_changes=any(change.breaking for change in details),
        change_details=details,
        differences=tuple(differences),
        backup_path=str(backup) if backup else None,
    )


def write_sources(analysis: Analysis, tables: TablesFile, schema: str, path: Path) -> None:
    """Writes dbt's sources.yml, whose folder is there."""
    now = analysis.generated_at.replace(tzinfo=None)
    text = dbt_sources(analysis.catalogue, tables.tables.values(), schema=schema, now=now)
    replace_text(path, text)


def print_outcome(console: Console, path: Path, outcome: Outcome) -> None:
    """Prints what was written: the differences, and the tables by category and strategy."""

    for line in outcome.diff:
        say(console, line)
    summary = Table()
    strategies = (strategy.replace("incremental_", "") for strategy in ExtractionStrategy)
    for name in ("category", *strategies, "off", "rows", "MB"):
        summary.add_column(name, justify="left" if name == "category" else "right")
    for category in Category:
        of_it = [t for t in outcome.tables.tables.values() if t.performance_category == category]
        on = [table for table in of_it if table.enabled]
        summary.add_row(
            category,
            *(str(sum(t.extraction_strategy == s for t in on)) for s in ExtractionStrategy),
            str(len(of_it) - len(on)),
            f"{sum(table.estimated_rows for table in of_it):,}",
            f"{sum(table.estimated_size_mb for table in of_it):,.0f}",
        )
    console.print(summary)
    if outcome.changes:
        say(console, outcome.changes.to_markdown())
    say(console, f"{path}: {len(outcome.tables.tables)} tables")
    if outcome.backup:
        say(console, f"the file before: {outcome.backup}")
