"""Writes tables.yml from the source's catalogue: an entry for every table."""

import argparse
import sys
from pathlib import Path

from dlt.common.runtime.run_context import switch_context
from rich.console import Console

from sources.opendental.analyzer import analyze
from sources.opendental.catalogue import read_catalogue
from sources.opendental.connections import Connections, connect, run_sql
from sources.opendental.errors import ConfigurationError, DatabaseError, tell_no_values
from sources.opendental.settings import PROJECT_ROOT, DatabaseType, Settings
from sources.opendental.tables_file import dump_tables
from sources.opendental.tuning import Tuning


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="analyze.py",
        description="Read the source's catalogue and write an entry of tables.yml for every table.",
        epilog="exit codes: 0 written, 2 configuration or the connection is bad",
    )
    made.add_argument(
        "--output", type=Path, metavar="FILE", help="where to write; by default the tables.yml used"
    )
    return made


def main(arguments: list[str] | None = None) -> int:
    """Runs the job and returns its exit code."""
    asked = parser().parse_args(arguments)
    errors = Console(stderr=True)
    switch_context(str(PROJECT_ROOT))
    try:
        text, count = write_entries()
        output = asked.output or Tuning.load().reading.tables_path
    except (ConfigurationError, DatabaseError) as error:
        errors.print(str(error), markup=False, highlight=False, soft_wrap=True)
        return 2
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    errors.print(f"{output}: {count} tables", markup=False, highlight=False, soft_wrap=True)
    return 0


def write_entries() -> tuple[str, int]:
    """The text of tables.yml for the source as it is, and its number of tables."""
    settings, tuning = Settings.load(), Tuning.load()
    config = settings.connection(DatabaseType.SOURCE)
    with Connections(settings, tuning) as connections:
        engine = connections.engine(DatabaseType.SOURCE)
        with connect(engine, tuning.connections[DatabaseType.SOURCE]) as connection:
            version = str(run_sql(connection, "SELECT VERSION()").scalar())
            catalogue = read_catalogue(connection, config.database)
    file = analyze(catalogue, environment=settings.environment, server_version=version)
    return dump_tables(file), len(catalogue)


if __name__ == "__main__":
    tell_no_values()
    sys.exit(main())
