"""A run that cannot be right does not begin: its exit code, one clear message, nothing written."""

import fcntl
import socket

import pytest

from opendental_pipeline.databases.engines import run_sql
from tests.conftest import Clinic
from tests.programs import environment, nightly, start, tables_made

HARD = "@/:%# ?\"'\\$"


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    """A clinic of one table."""
    clinic.sql(
        "CREATE TABLE patient (PatNum bigint PRIMARY KEY) ENGINE=MyISAM",
        "INSERT INTO patient VALUES (1)",
    )
    return clinic


def test_every_missing_setting_is_named_at_once(practice: Clinic) -> None:
    variables = environment(practice)
    lost = ["OPENDENTAL_SOURCE_HOST", "MYSQL_REPLICATION_USER", "POSTGRES_ANALYTICS_PASSWORD"]
    for name in lost:
        del variables[name]
    done = start("nightly.py", environ=variables, cwd=practice.home)
    assert (done.code, done.out) == (2, "")
    assert [name for name in lost if f"{name} is missing" in done.err] == lost
    assert "Traceback" not in done.err
    assert tables_made(practice) == []


def test_every_server_that_cannot_be_reached_is_named(practice: Clinic) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, and not listening
        port = str(closed.getsockname()[1])
        done = nightly(practice, MYSQL_REPLICATION_PORT=port, POSTGRES_ANALYTICS_PORT=port)
    assert done.code == 2
    assert f"replication (demo@127.0.0.1:{port}/{practice.name})" in done.err
    assert f"analytics (demo@127.0.0.1:{port}/{practice.name})" in done.err
    assert "source (" not in done.err
    assert "Traceback" not in done.err
    assert tables_made(practice) == []


def test_a_wrong_password_is_told_and_never_printed(practice: Clinic) -> None:
    wrong = {
        name: f"Wrong-{number}-secret"
        for number, name in enumerate(n for n in practice.environ if n.endswith("PASSWORD"))
    }
    done = nightly(practice, **wrong)
    assert done.code == 2
    for database in ("source", "replication", "analytics"):
        assert f"{database} (" in done.err
    assert "secret" not in done.err + done.out
    assert "Traceback" not in done.err
    assert tables_made(practice) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tables:\n  patient:\n    extraction_strategy: sometimes\n", "bad.yml:3: table patient"),
        ("tables:\n  patient: [\n", "bad.yml:"),
        (None, "python pipelines/analyze.py --output"),
    ],
    ids=["wrong", "not YAML", "missing"],
)
def test_a_bad_tables_file_is_refused(practice: Clinic, text: str | None, message: str) -> None:
    file = practice.home.parent / "bad.yml"
    if text:
        file.write_text(text)
    done = nightly(practice, SOURCES__OPENDENTAL__TABLES_FILE=str(file))
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.err
    assert tables_made(practice) == []


def test_an_unknown_table_or_category_is_refused_with_similar_names(practice: Clinic) -> None:
    done = nightly(practice, "--table", "patiemt", "--category", "smal")
    assert done.code == 2
    assert "no table patiemt (did you mean patient?)" in done.err
    assert "no category smal (did you mean small?)" in done.err
    by_variable = nightly(practice, SOURCES__OPENDENTAL__TABLES="patiemt")
    assert by_variable.code == 2
    assert "patient" in by_variable.err
    assert tables_made(practice) == []


def test_a_replication_server_without_local_infile_is_refused(practice: Clinic) -> None:
    with practice.replication.connect() as connection:
        connection.exec_driver_sql("SET GLOBAL local_infile = 0")
        try:
            done = nightly(practice)
        finally:
            connection.exec_driver_sql("SET GLOBAL local_infile = 1")
    assert done.code == 2, done.err
    assert "local_infile=ON" in done.err
    assert "Traceback" not in done.err
    assert (done.report["outcome"], done.report["tables"]) == ("failed", {})
    assert tables_made(practice) == []


def test_a_run_waits_for_no_other_and_refuses(practice: Clinic) -> None:
    with practice.analytics.connect() as connection:
        got = connection.exec_driver_sql("SELECT pg_try_advisory_lock(hashtext('opendental:raw'))")
        assert got.scalar()
        in_raw = nightly(practice)
    with practice.replication.connect() as connection:
        got = connection.exec_driver_sql(f"SELECT GET_LOCK('opendental:{practice.name}', 0)")
        assert got.scalar()
        in_replication = nightly(practice)
    folder = practice.home / "pipelines"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "opendental.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        on_this_machine = nightly(practice)

    for done, place in (
        (in_raw, "on the schema raw"),
        (in_replication, f"on the replication database {practice.name}"),
        (on_this_machine, "on this machine"),
    ):
        assert (done.code, done.out) == (3, "")
        assert f"another run holds the lock {place}" in done.err
        assert "Traceback" not in done.err
        assert (done.report["outcome"], done.report["tables"]) == ("refused", {})
    assert tables_made(practice) == []
    assert nightly(practice).code == 0


def test_passwords_may_hold_any_character(practice: Clinic) -> None:
    name = f"hard_{practice.name}"
    quoted = HARD.replace("\\", "\\\\").replace("'", "''")
    places = (practice.source, practice.replication)
    for engine in places:
        with engine.connect() as connection:
            run_sql(connection, f"CREATE USER {name}@'%' IDENTIFIED BY '{quoted}'")
            run_sql(connection, f"GRANT ALL ON {practice.name}.* TO {name}@'%'")
    with practice.analytics.begin() as connection:
        secret = HARD.replace("'", "''")
        run_sql(connection, f"CREATE ROLE {name} LOGIN SUPERUSER PASSWORD '{secret}'")
    variables: dict[str, str] = {}
    for server in ("OPENDENTAL_SOURCE", "MYSQL_REPLICATION", "POSTGRES_ANALYTICS"):
        variables |= {f"{server}_USER": name, f"{server}_PASSWORD": HARD}
    try:
        done = nightly(practice, **variables)
        assert done.code == 0, done.err
        assert practice.differences() == []
    finally:
        for engine in places:
            with engine.connect() as connection:
                run_sql(connection, f"DROP USER {name}@'%'")
        with practice.analytics.begin() as connection:
            run_sql(connection, f"REASSIGN OWNED BY {name} TO CURRENT_USER")
            run_sql(connection, f"DROP ROLE {name}")
