"""`make demo`: a clinic on private servers, a night, a day in the clinic, and another night."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from dlt.common.runtime.run_context import switch_context
from rich.console import Console

from demo import clinic, day, servers, suites
from demo.binaries import MissingServersError
from demo.processes import ServerFailedError
from demo.servers import Cluster, Server
from opendental_pipeline.runs.console import print_report
from opendental_pipeline.runs.nightly import run
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.errors import PipelineError
from opendental_pipeline.settings.home import CHECKOUT

DIRECTORY = CHECKOUT / ".demo"
ROWS = 300_000


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    made.add_argument("what", nargs="?", choices=("run", "stop"), default="run")
    made.add_argument(
        "--scale", type=float, default=1.0, help=f"a clinic of so many times {ROWS:,} rows"
    )
    return made


def main() -> int:
    """Runs or stops the demo and returns its exit code."""
    args = parser().parse_args()
    console = Console(soft_wrap=True, highlight=False)
    if args.what == "stop":
        servers.stop(DIRECTORY)
        console.print("the demo's servers are stopped; make demo starts them again on their data")
        return 0
    switch_context(str(CHECKOUT))
    try:
        return show(console, int(ROWS * args.scale))
    except (
        suites.UnknownReleaseError,
        MissingServersError,
        ServerFailedError,
        PipelineError,
    ) as error:
        console.print(f"the demo ended: {error}", style="red", markup=False)
        return 1


def show(console: Console, rows: int) -> int:
    """Makes the clinic if there is none, runs a night, a day and a night, and says how to look."""
    releases = suites.chosen(os.environ)
    cluster = servers.start(DIRECTORY, releases=releases, say=console.print)
    source = sa.create_engine(cluster.source.url())
    if not sa.inspect(source).has_table("patient"):
        console.rule("a clinic moves in")
        clinic.create(source)
        clinic.fill(source, rows=rows, say=console.print)
    settings = Settings.from_dict(cluster.environ())
    os.environ["DLT_DATA_DIR"] = str(DIRECTORY / "dlt")
    failed = 0
    for title in ("the first night", "the second night"):
        if title == "the second night":
            console.rule("a day in the clinic")
            lived = day.live_a_day(source)
            console.print(
                f"{lived.inserted_rows} rows are new, {lived.edited_rows} were edited,"
                f" {lived.deleted_rows} were deleted"
            )
        console.rule(title)
        report = run(settings=settings, console=console)
        print_report(console, report)
        failed += len(report.failed)
    write_access(cluster)
    explain(console)
    return 1 if failed else 0


def write_access(cluster: Cluster) -> None:
    """Leaves files that let psql, mariadb and the jobs in, readable by this account only."""
    exports = "".join(f"export {name}='{v}'\n" for name, v in cluster.environ().items())
    _private(DIRECTORY / "environment", exports + f"export DLT_DATA_DIR='{DIRECTORY / 'dlt'}'\n")
    postgres = cluster.analytics
    service = _section({"[raw]": None, "dbname": postgres.database, **_login(postgres)})
    _private(DIRECTORY / "pg_service.conf", service)
    for name, server in (("source", cluster.source), ("replication", cluster.replication)):
        login = {"[client]": None, **_login(server), "protocol": "tcp", "database": server.database}
        _private(DIRECTORY / f"{name}.cnf", _section(login))


def _login(server: Server) -> dict[str, str]:
    return {
        "host": server.host,
        "port": str(server.port),
        "user": server.user,
        "password": server.password,
    }


def _section(lines: Mapping[str, str | None]) -> str:
    return "".join(f"{k}\n" if value is None else f"{k}={value}\n" for k, value in lines.items())


def _private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def explain(console: Console) -> None:
    """Says what can be looked at now, and how to stop."""
    console.rule("look around")
    console.print(
        "PostgreSQL, with the clinic in the schema raw:\n"
        "  PGSERVICEFILE=.demo/pg_service.conf psql service=raw"
        " -c 'SELECT * FROM raw.etl_load_status LIMIT 5'\n"
        "the clinic's own server, and its copy:\n"
        "  mariadb --defaults-file=.demo/source.cnf\n"
        "  mariadb --defaults-file=.demo/replication.cnf\n"
        "dlt's view of the last load:\n"
        "  . .demo/environment && .venv/bin/dlt pipeline opendental info\n"
        "another night, after changing something at the clinic:\n"
        "  . .demo/environment && .venv/bin/python pipelines/nightly.py\n"
        "stop the servers:\n"
        "  make demo-stop",
        markup=False,
    )


if __name__ == "__main__":
    sys.exit(main())
