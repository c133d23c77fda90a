"""What a server is and what it can do: asked once, and nothing else names a version."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from opendental_pipeline.databases.catalog import read_collations
from opendental_pipeline.databases.table import Table
from opendental_pipeline.settings.connection import DatabaseType
from opendental_pipeline.settings.errors import ConfigurationError


class Flavor(StrEnum):
    """Whose server it is."""

    MYSQL = "MySQL"
    MARIADB = "MariaDB"
    POSTGRES = "PostgreSQL"


Version = tuple[int, ...]

OLDEST: dict[DatabaseType, dict[Flavor, Version]] = {
    DatabaseType.SOURCE: {Flavor.MYSQL: (5, 5, 8), Flavor.MARIADB: (10, 3)},
    DatabaseType.REPLICATION: {Flavor.MYSQL: (8, 0), Flavor.MARIADB: (10, 5)},
    DatabaseType.ANALYTICS: {Flavor.POSTGRES: (13,)},
}
"""The oldest version of each server that each of the three databases may be on.

MySQL has utf8mb4 and SHA2() since 5.5, of which 5.5.8 was the first release.
"""

STATEMENT_LIMITS: dict[Flavor, tuple[Version, str]] = {
    Flavor.MARIADB: ((10, 1, 1), "SET STATEMENT max_statement_time={seconds} FOR SELECT"),
    Flavor.MYSQL: ((5, 7, 8), "SELECT /*+ MAX_EXECUTION_TIME({milliseconds}) */"),
}
"""Since when a server stops a SELECT that takes too long, and what the SELECT then begins with."""

_VERSION = re.compile(r"\d+(?:\.\d+)*")
_OLD_CLIENTS = "5.5.5-"
"""What MariaDB 10 puts before its version, for clients that know no 10."""


_MARIADB_ONLY: Mapping[str, Version] = {
    **{"inet6": (10, 5), "uuid": (10, 7), "inet4": (10, 10), "xmltype": (12, 3)},
    **dict.fromkeys(("geometry", "point", "linestring", "polygon", "geometrycollection"), (5, 1)),
    **dict.fromkeys(("multipoint", "multilinestring", "multipolygon"), (5, 1)),
}
"""Types of which MariaDB alone takes every value, since when: MySQL refuses a line of one point."""

_DIFFERENT = ("json", "vector")
"""Types that flavors share by name only: one shows other numbers, or takes fewer values."""


@dataclass(frozen=True)
class Server:
    """A server as it says of itself.

    Attributes:
        flavor: whose it is.
        version: its numbers.
        has_md5: whether it has MD5(), which MySQL gave up in 9.6.
        collations: those that it knows and compares by as their names say; PostgreSQL has others.
        host: the name of its machine; empty where it was not asked.
        folds_names: whether two tables whose names differ in case only are one to it.
    """

    flavor: Flavor
    version: Version
    has_md5: bool = True
    collations: frozenset[str] = frozenset()
    host: str = ""
    folds_names: bool = False

    def holds(self, data_type: str) -> bool:
        """Whether a column of this type holds here what it holds elsewhere, and shows it alike.

        Args:
            data_type: the bare name, as a catalogue has it.
        """
        if data_type in _DIFFERENT:
            return False
        since = _MARIADB_ONLY.get(data_type)
        return since is None or (self.flavor is Flavor.MARIADB and self.version >= since)

    def divides(self, table: Table) -> bool:
        """Whether it reads a table in ranges of the key without losing a row between two.

        MariaDB sorts a CHAR with its padding, which a collation without padding leaves out where it
        compares: those that are called so, and those that have MySQL's names.
        """
        keys = (table.column(name) for name in table.primary_key)
        padded = (column.collation or "" for column in keys if column.data_type == "char")
        unlike = any("nopad" in name or "_0900_" in name for name in padded)
        return table.divisible and not (unlike and self.flavor is Flavor.MARIADB)

    @property
    def limited_select(self) -> str | None:
        """What a SELECT begins with that the server stops after some `seconds` or `milliseconds`.

        None where it stops none, so that a watchdog has to; see `statement_limit`.
        """
        since, select = STATEMENT_LIMITS.get(self.flavor, ((), None))
        return select if self.version >= since else None

    def __str__(self) -> str:
        return f"{self.flavor} {'.'.join(map(str, self.version))}"

    @property
    def place(self) -> str:
        """What it is and on which machine, as dlt's state keeps it."""
        return f"{self} on {self.host}"


def server_of(shown: str) -> Server:
    """Reads what a server answers to VERSION().

    Args:
        shown: the answer.

    Raises:
        ValueError: it is no answer of MySQL, MariaDB or PostgreSQL.
    """
    flavor = Flavor.MARIADB if "mariadb" in shown.lower() else Flavor.MYSQL
    text = shown.removeprefix(_OLD_CLIENTS) if flavor is Flavor.MARIADB else shown
    if shown.startswith("PostgreSQL "):
        flavor, text = Flavor.POSTGRES, shown.removeprefix("PostgreSQL ")
    numbers = _VERSION.match(text)
    if numbers is None:
        raise ValueError
    return Server(flavor, tuple(map(int, numbers.group().split("."))))


_PATCH = re.compile(r"^(\w+ \d+\.\d+)\S*")


def same_place(one: str, other: str) -> bool:
    """Whether two places are one: a server that was given a patch in place is the same.

    Args:
        one: as `Server.place` says it.
        other: likewise.
    """
    return _PATCH.sub(r"\1", one) == _PATCH.sub(r"\1", other)


def read_server(connection: Connection) -> Server:
    """Asks a server what it is and what it can do.

    Raises:
        ConfigurationError: nobody knows such a server.
    """
    shown = str(connection.exec_driver_sql("SELECT VERSION()").scalar())
    try:
        server = server_of(shown)
    except ValueError:
        raise ConfigurationError("it is neither MySQL, MariaDB nor PostgreSQL") from None
    if server.flavor is Flavor.POSTGRES:
        if connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar():
            raise ConfigurationError("it is a standby, which only reads; name the primary server")
        return server
    host, case = connection.exec_driver_sql("SELECT @@hostname, @@lower_case_table_names").one()
    server = replace(server, host=str(host), folds_names=bool(case))
    collations = read_collations(connection)
    if server.flavor is Flavor.MARIADB:
        # newer ones know MySQL's names, and take them for collations of another Unicode
        collations = frozenset(name for name in collations if "_0900_" not in name)
        return replace(server, collations=collations)
    try:
        connection.exec_driver_sql("SELECT MD5('')")
    except sa.exc.DBAPIError:
        return replace(server, has_md5=False, collations=collations)
    return replace(server, collations=collations)


def check_server(database: DatabaseType, server: Server) -> None:
    """Sees that a server may be used for one of the three databases.

    Raises:
        ConfigurationError: it is of another kind, or too old.
    """
    oldest = OLDEST[database]
    if server.flavor not in oldest:
        raise ConfigurationError(f"{server} is no server for it; use {_served(oldest)}")
    if server.version < oldest[server.flavor]:
        raise ConfigurationError(f"{server} is too old for it; use {_served(oldest)} or later")


def _served(oldest: dict[Flavor, Version]) -> str:
    return " or ".join(f"{f} {'.'.join(map(str, version))}" for f, version in oldest.items())
