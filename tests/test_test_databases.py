"""Test databases on somebody's own servers: made, dropped, and nothing else is ever touched."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from demo.servers import Cluster, Server
from opendental_pipeline.commands.test_databases import TEST_DATABASES
from opendental_pipeline.databases.catalog import read_catalogue
from opendental_pipeline.runs.marked_database import Marker, State
from opendental_pipeline.runs.test_databases import (
    check_environment,
    create,
    drop,
    look,
    marked_database,
)
from opendental_pipeline.settings.environment import DatabaseType, Settings
from opendental_pipeline.settings.errors import (
    ConnectionFailedError,
    QueryFailedError,
    RefusedError,
)
from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.settings.tuning import Tuning
from tests import programs, sessions
from tests.conftest import Clinic

MISSING, EMPTY, MARKED, UNMARKED = State
ROWS = 300


@dataclass
class Practice:
    """The three databases of a clinic as its owner reaches them, and what was said of them."""

    clinic: Clinic
    changed: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        owner = self.clinic.cluster.source
        rights = {
            "OPENDENTAL_SOURCE_USER": owner.user,
            "OPENDENTAL_SOURCE_PASSWORD": owner.password,
        }
        return {**self.clinic.environ, **rights, **self.changed}

    @property
    def settings(self) -> Settings:
        return Settings.from_dict({**self.environ, "ETL_ENVIRONMENT": "test"})

    def create(self, rows: int = ROWS) -> None:
        create(self.settings, Tuning(), rows, self.said.append)

    def drop(self) -> None:
        drop(self.settings, Tuning(), self.said.append)

    def states(self) -> list[State]:
        return [one.contents.state for one in look(self.settings, Tuning())]

    def program(self, *arguments: str, **variables: str) -> programs.Done:
        named = {f"TEST_{name}": value for name, value in self.environ.items()}
        bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environ = {**bare, "ETL_ENVIRONMENT": "test", **named, **variables}
        done = programs.start(
            "test_databases.py", *arguments, environ=environ, cwd=self.clinic.home.parent
        )
        for password in {v for name, v in named.items() if name.endswith("_PASSWORD")}:
            assert password not in done.out + done.err
        return done


@pytest.fixture
def practice(clinic: Clinic) -> Practice:
    return Practice(clinic)


def owned(server: Server) -> sa.Engine:
    return sessions.engine(server.url()).execution_options(isolation_level="AUTOCOMMIT")


@pytest.fixture
def unmade(practice: Practice, cluster: Cluster) -> Iterator[Practice]:
    """Three databases that are not there."""
    name = f"made_{practice.clinic.name}"
    for key in ("OPENDENTAL_SOURCE_DB", "MYSQL_REPLICATION_DB", "POSTGRES_ANALYTICS_DB"):
        practice.changed[key] = name
    yield practice
    for server in (cluster.source, cluster.replication, cluster.analytics):
        with owned(server).connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")


def counted(practice: Practice) -> int:
    with practice.clinic.source.connect() as connection:
        return int(connection.exec_driver_sql("SELECT COUNT(*) FROM securitylog").scalar_one())


def everything(clinic: Clinic) -> list[list[tuple[Any, ...]]]:
    """What is in the three databases, as their catalogues and a checksum say it."""
    mysql = "SELECT table_name, table_type FROM information_schema.tables"
    mysql += " WHERE table_schema = DATABASE()"
    postgres = "SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
    names = [name for name, _ in clinic.rows(clinic.source, mysql)]
    return [
        *(clinic.rows(engine, mysql) for engine in (clinic.source, clinic.replication)),
        sorted(clinic.rows(clinic.analytics, postgres)),
        sorted(clinic.rows(clinic.analytics, "SELECT nspname FROM pg_namespace")),
        *(clinic.rows(clinic.source, f"CHECKSUM TABLE {name}") for name in names),
    ]


def test_a_clinic_is_made_moved_and_dropped(unmade: Practice) -> None:
    made = unmade.program("create", "--rows", str(ROWS))
    assert (made.code, made.err) == (0, "")
    document = json.loads(unmade.program("status", "--json").out)
    assert document["schema_version"] == 1
    source, replication, analytics = document["databases"]
    assert (source["state"], source["tables"]) == ("marked", 410)
    assert source["rows"] > ROWS
    assert (replication["state"], replication["tables"], replication["rows"]) == ("marked", 0, 0)
    assert (analytics["state"], analytics["tables"], analytics["rows"]) == ("marked", 0, 0)

    named = {f"TEST_{name}": value for name, value in unmade.environ.items()}
    environ = {
        **unmade.clinic.variables(),
        **named,
        "ETL_ENVIRONMENT": "test",
        "SOURCES__OPENDENTAL__TABLES_FILE": str(CHECKOUT / "config/tables.yml"),
    }
    place = unmade.clinic.home.parent
    night = programs.start("nightly.py", "--table", "patient", environ=environ, cwd=place)
    assert night.code == 0, night.err
    with sessions.engine(unmade.clinic.cluster.source.url()).connect() as connection:
        # no run takes the marker for a table of OpenDental's
        assert len(read_catalogue(connection, unmade.environ["OPENDENTAL_SOURCE_DB"])) == 410
    assert unmade.states() == [MARKED] * 3

    gone = unmade.program("drop")
    assert (gone.code, gone.err) == (0, "")
    assert gone.out.count(": dropped\n") == 3
    assert unmade.states() == [MISSING] * 3
    unmade.drop()
    assert [line.rpartition(": ")[2] for line in unmade.said] == [
        "nothing of ours is there (missing)"
    ] * 3


def test_databases_that_were_there_and_empty_are_empty_again(practice: Practice) -> None:
    before = everything(practice.clinic)
    assert practice.states() == [EMPTY] * 3
    # a making that was interrupted is begun again
    config = practice.settings.connection(DatabaseType.SOURCE)
    marked_database(config, Tuning()).mark(Marker(made=False))
    practice.clinic.sql("CREATE TABLE patient (PatNum int)")
    practice.create()
    rows = counted(practice)
    practice.clinic.execute(practice.clinic.analytics, "CREATE TABLE raw.visit (n int)")
    practice.said.clear()
    practice.create(9 * ROWS)
    assert all("is there already" in line for line in practice.said)
    assert counted(practice) == rows
    practice.drop()
    assert practice.states() == [EMPTY] * 3
    assert everything(practice.clinic) == before
    practice.drop()
    assert everything(practice.clinic) == before


SOMEBODY_ELSES = {
    "a table": ("source", "CREATE TABLE visit (n int)", "INSERT INTO visit VALUES (1)"),
    "a view": ("source", "CREATE VIEW etl AS SELECT 1"),
    "a routine": ("replication", "CREATE FUNCTION one() RETURNS int DETERMINISTIC RETURN 1"),
    "a table that is called as the marker": (
        "replication",
        "CREATE TABLE etl_test_database (n int)",
    ),
    "a marker of another kind": (
        "replication",
        "CREATE VIEW etl_test_database AS SELECT 'source' AS tier, 1 AS made, 0 AS filled",
    ),
    "a view that is called as the marker": (
        "replication",
        "CREATE VIEW etl_test_database AS SELECT 'replication'",
    ),
    "a table of PostgreSQL": ("analytics", "CREATE TABLE visit (n int)"),
    "a function of PostgreSQL": (
        "analytics",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ),
    "a schema": ("analytics", "CREATE SCHEMA raw"),
}


@pytest.mark.parametrize("what", SOMEBODY_ELSES)
def test_what_somebody_else_has_is_left_alone(practice: Practice, what: str) -> None:
    tier, *statements = SOMEBODY_ELSES[what]
    practice.clinic.execute(getattr(practice.clinic, tier), *statements)
    before = everything(practice.clinic)
    states = practice.states()
    assert sorted(states) == [EMPTY, EMPTY, UNMARKED]
    config = practice.settings.connection(DatabaseType(tier))
    for do in (practice.create, practice.drop):
        with pytest.raises(RefusedError) as refused:
            do()
        told = str(refused.value)
        assert config.place in told
        assert any(name in told for name in (f"TEST_{key}" for key in practice.environ))
        assert "\n" not in told
    assert everything(practice.clinic) == before
    assert practice.said == []


def test_a_refusal_is_exit_code_3_and_one_sentence(practice: Practice) -> None:
    practice.clinic.sql("CREATE TABLE visit (n int)")
    done = practice.program("drop")
    assert (done.code, done.out) == (3, "")
    assert done.err.count("\n") == 1
    done = practice.program("create", ETL_ENVIRONMENT="production")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("test databases are only made, dropped and looked at with")


@pytest.mark.parametrize("environ", [{}, {"ETL_ENVIRONMENT": "production"}, {"APP_ENV": "test"}])
def test_only_settings_of_tests_are_used(environ: dict[str, str]) -> None:
    with pytest.raises(RefusedError, match="ETL_ENVIRONMENT=test"):
        check_environment(environ)


def test_a_name_without_test_is_refused_before_anything_is_connected_to(
    practice: Practice,
) -> None:
    practice.changed |= {
        "OPENDENTAL_SOURCE_DB": "opendental",
        "MYSQL_REPLICATION_HOST": "no.such.host.invalid",
    }
    for do in (practice.create, practice.drop, practice.states):
        with pytest.raises(
            RefusedError, match=r"/opendental\) has no `test` .*TEST_OPENDENTAL_SOU"
        ):
            do()
    done = practice.program("create", TEST_MYSQL_REPLICATION_DB="opendental_replication")
    assert done.code == 2
    assert "TEST_MYSQL_REPLICATION_DB must have `test` in its name" in done.err


def test_an_account_that_may_only_read_is_told_what_it_needs(practice: Practice) -> None:
    reader = practice.clinic.cluster
    practice.changed |= {
        "OPENDENTAL_SOURCE_USER": reader.reader_user,
        "OPENDENTAL_SOURCE_PASSWORD": reader.reader_password,
    }
    before = everything(practice.clinic)
    with pytest.raises(QueryFailedError) as refused:
        practice.create()
    needed = f"here {reader.reader_user} needs all rights on the database {practice.clinic.name}"
    assert needed in str(refused.value)
    assert everything(practice.clinic) == before
    practice.changed["OPENDENTAL_SOURCE_DB"] = "no_such_test"
    with pytest.raises(QueryFailedError, match="needs all rights on the database no_such_test"):
        practice.create()


def test_a_role_that_may_make_no_database_is_told_so(practice: Practice) -> None:
    name = f"etl_{practice.clinic.name}"
    practice.clinic.execute(practice.clinic.analytics, f"CREATE ROLE {name} LOGIN PASSWORD 'x'")
    practice.changed |= {
        "POSTGRES_ANALYTICS_USER": name,
        "POSTGRES_ANALYTICS_PASSWORD": "x",
        "POSTGRES_ANALYTICS_DB": "no_such_test",
    }
    try:
        assert practice.states() == [EMPTY, EMPTY, MISSING]
        with pytest.raises(QueryFailedError, match=f"here {name} needs all rights"):
            practice.create()
        practice.changed["POSTGRES_ANALYTICS_PASSWORD"] = "wrong"
        with pytest.raises(ConnectionFailedError, match="check user and password"):
            practice.drop()
    finally:
        practice.clinic.execute(practice.clinic.analytics, f"DROP ROLE {name}")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["make"],
        ["create", "--rows", "0"],
        ["create", "--rows", "many"],
        ["drop", "--rows", "1"],
    ],
)
def test_a_wrong_command_line_is_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        TEST_DATABASES.parse(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""
