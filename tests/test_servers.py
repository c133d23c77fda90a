"""What a server is: asked once, and refused in words where it cannot be used."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from opendental_pipeline.databases import engines, server
from opendental_pipeline.databases.server import (
    Flavor,
    Server,
    check_server,
    read_server,
    server_of,
)
from opendental_pipeline.databases.statement_limit import NO_LIMIT, StatementLimit
from opendental_pipeline.runs.console import print_report
from opendental_pipeline.settings.connection import DatabaseType
from opendental_pipeline.settings.errors import ConfigurationError
from tests import programs
from tests.conftest import Clinic
from tests.releases import KINDS

SHOWN = {
    "5.5.62": Server(Flavor.MYSQL, (5, 5, 62)),
    "5.5.62-log": Server(Flavor.MYSQL, (5, 5, 62)),
    "5.7.44-48-percona": Server(Flavor.MYSQL, (5, 7, 44)),
    "8.0.36-0ubuntu0.22.04.1": Server(Flavor.MYSQL, (8, 0, 36)),
    "9.7.0": Server(Flavor.MYSQL, (9, 7, 0)),
    "10.11.19-MariaDB-0+deb12u1": Server(Flavor.MARIADB, (10, 11, 19)),
    "5.5.5-10.5.8-MariaDB-log": Server(Flavor.MARIADB, (10, 5, 8)),
    "11.8.6-MariaDB-ubu2404": Server(Flavor.MARIADB, (11, 8, 6)),
    "PostgreSQL 13.23 (Debian 13.23-0+deb11u1) on x86_64": Server(Flavor.POSTGRES, (13, 23)),
    "PostgreSQL 18beta1 on x86_64": Server(Flavor.POSTGRES, (18,)),
}


@pytest.mark.parametrize(("shown", "expected"), SHOWN.items(), ids=SHOWN)
def test_a_version_is_read_as_each_server_shows_it(shown: str, expected: Server) -> None:
    assert server_of(shown) == expected


def test_what_is_no_version_is_no_server() -> None:
    with pytest.raises(ValueError):
        server_of("TiDB")


HINT = "SELECT /*+ MAX_EXECUTION_TIME({milliseconds}) */"
PREFIX = "SET STATEMENT max_statement_time={seconds} FOR SELECT"

LIMITS = {
    "5.5.62": None,
    "5.6.51": None,
    "5.7.7-rc": None,
    "5.7.8": HINT,
    "5.7.44-log": HINT,
    "8.0.36": HINT,
    "8.4.5": HINT,
    "9.7.0": HINT,
    "5.5.68-MariaDB": None,
    "10.3.39-MariaDB": PREFIX,
    "11.8.6-MariaDB": PREFIX,
}


@pytest.mark.parametrize(("shown", "expected"), LIMITS.items(), ids=LIMITS)
def test_each_server_is_told_in_its_words_when_to_stop_a_statement(
    shown: str, expected: str | None
) -> None:
    assert server_of(shown).limited_select == expected


def test_a_limit_is_said_in_the_servers_unit_and_only_of_a_select() -> None:
    mysql, mariadb = (StatementLimit(0.25, words) for words in (HINT, PREFIX))
    assert mysql.limited("SELECT 1") == "SELECT /*+ MAX_EXECUTION_TIME(250) */ 1"
    assert mariadb.limited("SELECT 1") == "SET STATEMENT max_statement_time=0.25 FOR SELECT 1"
    assert mysql.limited("SHOW TABLES") == "SHOW TABLES"
    assert NO_LIMIT.limited("SELECT 1") == "SELECT 1"


USED = {
    (DatabaseType.SOURCE, "5.5.62"): "",
    (DatabaseType.SOURCE, "5.6.51-log"): "",
    (DatabaseType.SOURCE, "5.7.44"): "",
    (
        DatabaseType.SOURCE,
        "5.1.73",
    ): "MySQL 5.1.73 is too old for it; use MySQL 5.5.8 or MariaDB 10.3",
    (DatabaseType.SOURCE, "10.2.44-MariaDB"): "MariaDB 10.2.44 is too old",
    (DatabaseType.SOURCE, "5.5.7-rc"): "MySQL 5.5.7 is too old",
    (DatabaseType.REPLICATION, "8.0.36"): "",
    (DatabaseType.REPLICATION, "5.7.44"): "MySQL 5.7.44 is too old for it; use MySQL 8.0",
    (DatabaseType.REPLICATION, "10.5.29-MariaDB"): "",
    (DatabaseType.ANALYTICS, "PostgreSQL 13.0"): "",
    (DatabaseType.ANALYTICS, "PostgreSQL 12.22"): "PostgreSQL 12.22 is too old",
    (DatabaseType.ANALYTICS, "9.7.0"): "MySQL 9.7.0 is no server for it; use PostgreSQL 13",
}


@pytest.mark.parametrize(("use", "refusal"), USED.items(), ids=map(str, USED))
def test_a_server_is_refused_where_it_is_too_old_or_of_another_kind(
    use: tuple[DatabaseType, str], refusal: str
) -> None:
    database, shown = use
    if not refusal:
        check_server(database, server_of(shown))
        return
    with pytest.raises(ConfigurationError, match=refusal):
        check_server(database, server_of(shown))


def test_a_server_without_md5_is_compared_by_sha2_and_the_report_says_so(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.sql(
        "CREATE TABLE visit (VisitNum int PRIMARY KEY, Note text) ENGINE=MyISAM CHARSET=utf8mb4",
        "INSERT INTO visit VALUES (1, 'a'), (2, NULL)",
    )
    # MySQL's newest release, which tests run on, has none
    lacking = [server for server in ("source", "replication") if KINDS[server] == "mysql"]
    assert len(clinic.run().without_md5) == len(lacking)
    monkeypatch.setattr(
        engines, "read_server", lambda connection: replace(read_server(connection), has_md5=False)
    )
    clinic.sql("UPDATE visit SET Note = 'b' WHERE VisitNum = 2")
    report = clinic.run(prove=True)
    source, replication = report.without_md5
    assert report.to_json()["without_md5"] == [source, replication]
    printed = io.StringIO()
    print_report(Console(file=printed), report)
    assert (
        f"rows are compared by SHA2: no MD5() in {source} and {replication}" in printed.getvalue()
    )
    assert (report.failed, clinic.differences()) == ([], [])
    assert all(result.equal for result in clinic.verify())


def test_every_server_that_cannot_be_used_is_named_at_once_and_nothing_is_written(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.sql("CREATE TABLE visit (VisitNum int PRIMARY KEY)")
    for database in (DatabaseType.REPLICATION, DatabaseType.ANALYTICS):
        newest = dict.fromkeys(server.OLDEST[database], (99,))
        monkeypatch.setitem(server.OLDEST, database, newest)
    with pytest.raises(ConfigurationError) as refused:
        clinic.run()
    replication, analytics = str(refused.value).splitlines()
    assert replication.startswith("replication (") and "MariaDB" in replication
    assert (
        analytics.startswith("analytics (") and "is too old for it; use PostgreSQL 99" in analytics
    )
    assert programs.tables_made(clinic) == []
