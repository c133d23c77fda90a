"""The floor: what the servers' own command-line clients need for both hops, one after another.

Nobody can do it faster without doing two of the four parts at once. Files lie between them:

1. `mariadb --batch --quick` writes the source's rows, a line each, with tabs between the values.
   It writes tab, newline and backslash as `\\t`, `\\n` and `\\\\`, which LOAD DATA and COPY read.
2. LOAD DATA fills an InnoDB table with the source's columns and keys.
3. `mariadb` writes the rows of that table. PostgreSQL has no zero dates: NULLIF makes them NULL.
4. COPY fills a PostgreSQL table with a primary key.

The client writes NULL as the word NULL. LOAD DATA takes an unquoted word NULL for NULL once values
may be quoted at all, so it is told of a quote that never occurs; COPY is told the word. A text
that is the very word NULL would be lost: the check at the end would see it, as it counts the
values of every column and adds up their numbers, lengths and days in all three databases.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.data import TABLE
from bench.programs import Usage, Workplace
from bench.servers import Route, connect_to, execute
from bench.sums import DATES, compare
from bench.tools import printed
from bench.watch import Took
from demo import shape
from demo.servers import Server
from demo.shape import Column

TYPES = {
    "bigint": "bigint",
    "int": "integer",
    "tinyint": "smallint",
    "double": "double precision",
    "float": "real",
    "date": "date",
    "datetime": "timestamp",
    "timestamp": "timestamp",
    "time": "interval",
    "char": "text",
    "varchar": "text",
}
NO_QUOTE = "OPTIONALLY ENCLOSED BY X'01'"


@dataclass(frozen=True)
class Floor:
    """The clients of the two servers."""

    place: Workplace
    name: str = "the clients alone"
    loaded: str = f'public."{TABLE}"'

    def version(self) -> str:
        """Those of both clients."""
        log = self.place.logs / "versions.log"
        return f"{printed(log, 'mariadb', '--version')}; {printed(log, 'psql', '--version')}"

    def prepare(self) -> None:
        """Nothing to do: the clients come with the servers."""

    def first_load(self, route: Route) -> Took:
        """The four parts, timed one by one, and the check, which is not timed."""
        columns = shape.read()[TABLE].columns
        _create_tables(route, columns)
        first, second = self.place.scratch / "hop1.tsv", self.place.scratch / "hop2.tsv"
        load = (
            "SET sql_mode = '';"
            f" LOAD DATA LOCAL INFILE '{first}' INTO TABLE {TABLE} CHARACTER SET utf8mb4"
            f" FIELDS {NO_QUOTE}"
        )
        copy = f"COPY {self.loaded} FROM STDIN WITH (FORMAT text, NULL 'NULL')"
        parts = {
            "read the source": self._mariadb(route.reader, f"SELECT * FROM {TABLE}", first),
            "load replication": self._mariadb(route.replication, load, Path(os.devnull)),
            "read replication": self._mariadb(route.replication, _select(columns), second),
            "load PostgreSQL": self._psql(route.analytics, copy, second),
        }
        first.unlink()
        second.unlink()
        compare(route, self.loaded, columns)
        return Took(_sum(list(parts.values())), {name: one.seconds for name, one in parts.items()})

    def _mariadb(self, server: Server, statement: str, output: Path) -> Usage:
        command = ["mariadb", "--no-defaults", f"--host={server.host}", f"--port={server.port}"]
        command += ["--protocol=tcp", f"--user={server.user}", f"--database={server.database}"]
        command += ["--default-character-set=utf8mb4", "--local-infile=1"]
        command += ["--batch", "--quick", "--skip-column-names", f"--execute={statement}"]
        environ = {"MYSQL_PWD": server.password}
        return self.place.run("clients", command, environ, stdout=output)

    def _psql(self, server: Server, statement: str, rows: Path) -> Usage:
        environ = {
            "PGHOST": server.host,
            "PGPORT": str(server.port),
            "PGUSER": server.user,
            "PGPASSWORD": server.password,
            "PGDATABASE": server.database,
            "PGCLIENTENCODING": "UTF8",
        }
        command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement]
        return self.place.run("clients", command, environ, stdin=rows)


def _sum(usages: Sequence[Usage]) -> Usage:
    whole = usages[0]
    for usage in usages[1:]:
        whole = whole + usage
    return whole


def _create_tables(route: Route, columns: Sequence[Column]) -> None:
    table = shape.read()[TABLE]
    execute(
        connect_to(route.replication),
        "SET sql_mode = ''",
        table.sql.replace("ENGINE=MyISAM", "ENGINE=InnoDB"),
    )
    names = ", ".join(f'"{column.name}" {TYPES[column.base]}' for column in columns)
    execute(
        connect_to(route.analytics),
        f'CREATE TABLE public."{TABLE}" ({names}, PRIMARY KEY ("{table.key}"))',
    )


def _select(columns: Sequence[Column]) -> str:
    values = (
        f"NULLIF(`{column.name}`, 0)" if column.base in DATES else f"`{column.name}`"
        for column in columns
    )
    return f"SELECT {', '.join(values)} FROM {TABLE}"
