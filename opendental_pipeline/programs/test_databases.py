"""Makes, describes and drops test databases on somebody's own servers."""

import os
from argparse import Namespace
from collections.abc import Sequence
from typing import Literal

from rich.console import Console

from opendental_pipeline.runs.marked_database import State
from opendental_pipeline.runs.process import exit_code_of
from opendental_pipeline.runs.signals import interruptible
from opendental_pipeline.runs.test_databases import Found, check_environment, create, drop, look
from opendental_pipeline.settings.environment import DatabaseType, Settings
from opendental_pipeline.settings.frozen import Frozen
from opendental_pipeline.settings.tuning import Tuning


class TestDatabase(Frozen):
    """One of the three databases.

    Attributes:
        server: which of them.
        place: account, host, port and name.
        state: missing, empty, marked as a test database, or unmarked: somebody else's.
        tables: in it.
        rows: that it was filled with; None where it was not.
    """

    server: DatabaseType
    place: str
    state: State
    tables: int
    rows: int | None


class TestDatabaseList(Frozen):
    """What `status --json` prints."""

    schema_version: Literal[1] = 1
    databases: tuple[TestDatabase, ...]


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""

    def work() -> int:
        check_environment(os.environ)
        settings, tuning = Settings.load(), Tuning.load()
        with interruptible():
            if args.action == "create":
                create(settings, tuning, args.rows, print)
            elif args.action == "drop":
                drop(settings, tuning, print)
            else:
                show(look(settings, tuning), as_json=args.json)
        return 0

    interrupted = "interrupted; create goes on from here, and drop takes away what is there"
    return exit_code_of(work, Console(stderr=True), interrupted)


def show(found: Sequence[Found], *, as_json: bool) -> None:
    """Prints what the databases are.

    Args:
        found: they.
        as_json: as one document.
    """
    databases = tuple(
        TestDatabase(
            server=one.database.config.type,
            place=one.database.config.describe(),
            state=one.contents.state,
            tables=one.contents.tables,
            rows=one.contents.marker.rows if one.contents.marker else None,
        )
        for one in found
    )
    if as_json:
        print(TestDatabaseList(databases=databases).model_dump_json(indent=2))
        return
    for database in databases:
        filled = "" if database.rows is None else f", filled with {database.rows:,} rows"
        print(
            f"{database.server} ({database.place}): {database.state},"
            f" {database.tables:,} tables{filled}"
        )
