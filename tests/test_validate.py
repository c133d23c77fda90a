"""Checking before the night: all faults at once, and nothing is connected to."""

import os
from pathlib import Path

import pytest

from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.settings.unknown_keys import known_keys, unknown_in_files
from tests import programs

SECRET = "hunter2"
VARIABLES = {
    **{
        f"{server}_{name}": value
        for server in ("OPENDENTAL_SOURCE", "MYSQL_REPLICATION", "POSTGRES_ANALYTICS")
        for name, value in {
            "HOST": f"{server.lower()}.example",
            "DB": f"{server.lower()}_test",
            "USER": "etl",
            "PASSWORD": SECRET,
        }.items()
    },
}
TABLES = """
metadata: {}
tables:
  visit: {table_name: visit, extraction_strategy: full_table}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A home whose configuration is right."""
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt/config.toml").write_bytes((CHECKOUT / ".dlt/config.toml").read_bytes())
    (tmp_path / "config").mkdir()
    (tmp_path / "config/tables.yml").write_text(TABLES)
    file = tmp_path / ".env_production"
    file.write_text("".join(f"{name}={value}\n" for name, value in VARIABLES.items()))
    file.chmod(0o600)
    return tmp_path


def validate(place: Path, **variables: str) -> programs.Done:
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environ = {**bare, "OPENDENTAL_HOME": str(place), **variables}
    done = programs.start("validate.py", environ=environ, cwd=place)
    assert "Traceback" not in done.err
    assert SECRET not in done.out + done.err
    return done


def test_a_right_configuration_is_said_to_be_one(place: Path) -> None:
    done = validate(place)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{place}: valid; 1 tables are moved\n"


def test_the_files_of_this_project_have_no_unknown_key() -> None:
    assert list(unknown_in_files(CHECKOUT)) == []
    example = (CHECKOUT / ".dlt/secrets.toml.example").read_text()
    names = [key.rpartition(".")[2] for key in known_keys() if ".credentials." in key]
    assert {name for name in names if name not in example} == set()


def test_all_faults_are_said_at_once(place: Path) -> None:
    config = place / ".dlt/config.toml"
    text = config.read_text().replace("max_workers = 5", "max_worker = 5")
    config.write_text(text.replace("slice_rows = 200000", 'slice_rows = "many"') + "[run]\na = 1\n")
    (place / ".dlt/secrets.toml").write_text("[destination.raw]\ndatset_name = 'hunter2'\n")
    (place / ".env_production").chmod(0o644)
    with (place / ".env_production").open("a") as file:
        file.write("OPENDENTAL_SOURCE_PORT=hunter2\n")
    (place / "config/tables.yml").write_text(TABLES.replace("full_table", "ful_table"))
    done = validate(place, RUNS__SLICE_ROW=SECRET)
    assert (done.code, done.out) == (2, "")
    for words in (
        "OPENDENTAL_SOURCE_PORT must be",
        "extraction_strategy",
        "[runs] in .dlt/config.toml or its variables has a value of the wrong type",
        ".dlt/config.toml: nobody reads runs.max_worker (did you mean max_workers?)",
        ".dlt/config.toml: nobody reads [run] (did you mean runs?)",
        ".dlt/secrets.toml: nobody reads destination.raw.datset_name (did you mean dataset_name",
        "the variable RUNS__SLICE_ROW: nobody reads it (did you mean slice_rows",
        ".env_production has passwords, and others on this machine may read it: chmod 600",
        ".dlt/secrets.toml has passwords, and others on this machine may read it: chmod 600",
    ):
        assert words in done.err, (words, done.err)


def test_tables_that_hash_columns_need_a_key(place: Path) -> None:
    hashing = TABLES.replace("full_table}", "full_table, columns: {SSN: {hash: true}}}")
    (place / "config/tables.yml").write_text(hashing)
    done = validate(place)
    assert done.code == 2
    assert "ETL_HASH_KEY is missing, and tables.yml hashes columns of visit" in done.err
    assert validate(place, ETL_HASH_KEY="0123456789abcdef").code == 0


@pytest.mark.parametrize("text", [b"password = hunter2\n", b"a = '\xff hunter2'\n"])
@pytest.mark.parametrize("name", [".dlt/config.toml", ".dlt/secrets.toml"])
def test_a_file_that_is_no_toml_is_told_by_every_program(
    place: Path, name: str, text: bytes
) -> None:
    (place / name).write_bytes(text)
    done = validate(place)
    assert (done.code, done.out) == (2, "")
    assert "is .dlt/secrets.toml or .dlt/config.toml valid TOML?" in done.err
    environ = {**os.environ, "OPENDENTAL_HOME": str(place)}
    for program in ("nightly.py", "status.py", "verify.py", "analyze.py"):
        other = programs.start(program, environ=environ, cwd=place)
        assert (other.code, other.out, other.err) == (2, "", done.err), program


def test_a_missing_tables_yml_is_named(place: Path) -> None:
    (place / "config/tables.yml").unlink()
    done = validate(place)
    assert done.code == 2
    assert f"{place / 'config/tables.yml'}" in done.err
