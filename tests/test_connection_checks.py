"""Trying the servers before the night: what a night needs is tried, and nothing is left behind."""

import json
import socket
from typing import Any

import pytest

from tests import programs
from tests.conftest import Clinic


def tried(clinic: Clinic, **variables: str) -> tuple[int, dict[tuple[str, str], dict[str, Any]]]:
    """The exit code, and each check by server and what was checked."""
    environ = {**programs.environment(clinic), **variables}
    place = clinic.home.parent
    done = programs.start("test_connections.py", "--json", environ=environ, cwd=place)
    assert done.err == ""
    document = json.loads(done.out)
    assert document["usable"] == (done.code == 0)
    password = clinic.environ["OPENDENTAL_SOURCE_PASSWORD"]
    assert password not in done.out
    return done.code, {(one["server"], one["what"]): one for one in document["checks"]}


def outcomes(checks: dict[tuple[str, str], dict[str, Any]]) -> dict[tuple[str, str], str]:
    return {key: one["outcome"] for key, one in checks.items() if one["outcome"] != "ok"}


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    clinic.sql("CREATE TABLE preference (PrefName varchar(99), ValueString text)")
    return clinic


def test_servers_that_a_night_can_use_are_usable_and_stay_as_they_are(practice: Clinic) -> None:
    environ = programs.environment(practice)
    before = programs.tables_made(practice)
    code, checks = tried(practice)
    assert code == 0
    assert set(outcomes(checks).values()) <= {"warning"}
    assert {server for server, _ in checks} == {"source", "replication", "analytics"}
    assert checks["source", "privileges"]["outcome"] == "ok"
    assert (
        checks["replication", "tables"]["text"] == "a table was made, altered, filled and dropped"
    )
    assert programs.tables_made(practice) == before
    query = "SELECT 1 FROM pg_namespace WHERE nspname = 'raw'"
    assert practice.rows(practice.analytics, query) == []
    # of a schema that is there already, too
    assert programs.nightly(practice).code == 0
    before = programs.tables_made(practice)
    assert tried(practice)[0] == 0
    assert programs.tables_made(practice) == before
    shown = programs.start("test_connections.py", environ=environ, cwd=practice.home.parent)
    assert shown.code == 0
    assert "statement limit" in shown.out


def test_each_server_fails_for_itself(practice: Clinic) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        code, checks = tried(
            practice,
            OPENDENTAL_SOURCE_PORT=str(nobody.getsockname()[1]),
            MYSQL_REPLICATION_HOST="no.such.host.invalid",
            POSTGRES_ANALYTICS_PASSWORD="wrong",
        )
    assert code == 2
    assert outcomes(checks) == {
        ("source", "network"): "failed",
        ("replication", "name"): "failed",
        ("analytics", "login"): "failed",
    }
    assert "Connection refused" in checks["source", "network"]["text"]
    assert "nobody knows no.such.host.invalid" in checks["replication", "name"]["text"]
    assert "check user and password" in checks["analytics", "login"]["text"]


def test_what_is_worth_a_look_is_a_warning_and_an_upgrade_is_none(practice: Clinic) -> None:
    server = practice.cluster.replication
    writer = {
        "OPENDENTAL_SOURCE_USER": server.user,
        "OPENDENTAL_SOURCE_PASSWORD": server.password,
        "OPENDENTAL_SOURCE_HOST": server.host,
        "OPENDENTAL_SOURCE_PORT": str(server.port),
    }
    environ = {**programs.environment(practice), **writer, "OPENDENTAL_SOURCE_DB": "mysql"}
    done = programs.start(
        "test_connections.py", "--json", environ=environ, cwd=practice.home.parent
    )
    checks = {(c["server"], c["what"]): c for c in json.loads(done.out)["checks"]}
    assert checks["source", "privileges"]["outcome"] == "warning"
    assert "more than SELECT" in checks["source", "privileges"]["text"]

    practice.sql("INSERT INTO preference VALUES ('UpdateInProgressOnComputerName', 'FRONTDESK')")
    code, found = tried(practice)
    assert code == 2
    assert outcomes(found)["source", "upgrade"] == "failed"


def test_an_option_that_a_night_needs_is_named(practice: Clinic) -> None:
    with practice.replication.connect() as admin:
        admin.exec_driver_sql("SET GLOBAL local_infile = OFF")
        try:
            code, checks = tried(practice)
        finally:
            admin.exec_driver_sql("SET GLOBAL local_infile = ON")
    assert code == 2
    assert "local_infile=ON" in checks["replication", "options"]["text"]


def test_a_role_that_may_make_nothing_is_told_the_statement_that_helps(practice: Clinic) -> None:
    name = f"reader_{practice.name}"
    practice.execute(practice.analytics, f"CREATE ROLE {name} LOGIN PASSWORD 'x'")
    code, checks = tried(practice, POSTGRES_ANALYTICS_USER=name, POSTGRES_ANALYTICS_PASSWORD="x")
    practice.execute(practice.analytics, f"DROP ROLE {name}")
    assert code == 2
    assert (
        f"GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {practice.name}"
        in (checks["analytics", "tables"]["text"])
    )
