"""Plain dlt, run as a program: what one gets without this pipeline's sources and destinations."""

import shutil
import sys
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from bench.data import TABLE
from bench.others import address
from bench.programs import Workplace
from bench.servers import Route, connect_to, execute, remake
from bench.watch import Took

# As dlt makes it, but for the last type: 410 tables are a longer schema than dlt's TEXT can hold,
# and without this it could not do even the first night.
ITS_SCHEMAS = """
    CREATE TABLE _dlt_version (
        version bigint NOT NULL, engine_version bigint NOT NULL, inserted_at datetime(6) NOT NULL,
        schema_name text NOT NULL, version_hash text NOT NULL, `schema` longtext NOT NULL
    )
"""

PROGRAM = Path(__file__).with_name("plain_dlt.py")


@dataclass(frozen=True)
class Plain:
    """dlt's own sql_table, sqlalchemy destination and postgres destination, in two hops."""

    place: Workplace
    name: str = "plain dlt, two hops"
    loaded: str = f"raw.{TABLE}"

    def version(self) -> str:
        """dlt's."""
        return version("dlt")

    def prepare(self) -> None:
        """Nothing to do: it is the dlt of this project."""

    def first_load(self, route: Route) -> Took:
        """Load one table with default settings."""
        self._forget(route)
        return self._run(route, "load", TABLE)

    def first_night(self, route: Route) -> None:
        """Load all tables."""
        self._forget(route)
        # Where dlt merges, it has a second database.
        staging = replace(route.replication, database=f"{route.target_database}_staging")
        remake(route.cluster.replication, staging.database)
        for server in (route.replication, staging):
            execute(connect_to(server), ITS_SCHEMAS)
        self._run(route, "night")

    def night(self, route: Route) -> Took:
        """A night of all tables."""
        return self._run(route, "night")

    def _forget(self, route: Route) -> None:
        shutil.rmtree(self._home(route), ignore_errors=True)

    def _run(self, route: Route, *arguments: str) -> Took:
        environ = {
            "DLT_DATA_DIR": str(self._home(route)),
            # One table after another: in turns, dlt would hold a connection for every table.
            "EXTRACT__NEXT_ITEM_MODE": "fifo",
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "PLAIN_SOURCE": address("mysql+pymysql", route.reader),
            "PLAIN_REPLICATION": address("mysql+pymysql", route.replication),
            "PLAIN_ANALYTICS": address("postgresql", route.analytics),
        }
        # -P: the modules beside the program are not on its path.
        command = [sys.executable, "-P", str(PROGRAM), *arguments]
        return Took(self.place.run("plain-dlt", command, environ), {})

    def _home(self, route: Route) -> Path:
        return self.place.scratch / f"plain-{route.target_database}"
