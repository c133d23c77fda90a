"""Libraries whose insides are used have ceilings, and a program says so when one is above it."""

import re
import tomllib
from pathlib import Path

import dlt
import pytest
import sqlglot
from dlt.common.schema.typing import TTableSchemaColumns
from dlt.dataset.lineage import compute_columns_schema, create_sqlglot_schema
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from opendental_pipeline.settings.errors import ConfigurationError
from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.settings.libraries import TESTED_VERSIONS, check_libraries
from tests.programs import start

LOCK = (CHECKOUT / "requirements.lock").read_text()


def test_the_versions_that_are_checked_are_those_that_pyproject_limits() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    requirements = [Requirement(text) for text in project["dependencies"]]
    limited = {
        one.name: one.specifier
        for one in requirements
        if any(part.operator in ("<", "==") for part in one.specifier)
    }
    assert limited == {name: SpecifierSet(text) for name, text in TESTED_VERSIONS.items()}


def test_the_lock_has_such_versions_and_no_addresses() -> None:
    locked = dict(line.split("==") for line in LOCK.splitlines() if not line.startswith("#"))
    for name, tested in TESTED_VERSIONS.items():
        assert locked[name] in SpecifierSet(tested), name
    assert not re.search(r"[/@]", LOCK)


def test_what_is_installed_here_was_tested() -> None:
    check_libraries()


@pytest.mark.parametrize("job", ["nightly.py", "verify.py", "analyze.py"])
def test_a_program_names_a_library_that_is_too_new_and_does_nothing(
    tmp_path: Path, job: str
) -> None:
    metadata = tmp_path / "PyMySQL-99.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: PyMySQL\nVersion: 99.0\n")
    environ = {"PYTHONPATH": f"{tmp_path}:{CHECKOUT}"}
    done = start(job, environ=environ, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "PyMySQL 99.0 is installed, and this pipeline is known to work with >=1.2,<1.3;"
        " run make setup, or pip install -r requirements.lock\n"
    )


def test_a_library_without_a_version_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TESTED_VERSIONS, "nobodys-library", ">=1")
    with pytest.raises(ConfigurationError, match=r"^nobodys-library of an unknown version is "):
        check_libraries()


def test_dlt_reads_datasets_with_this_sqlglot() -> None:
    """dlt asks sqlglot for the columns of each query that a dataset gets."""
    schema = dlt.Schema("opendental")
    columns: TTableSchemaColumns = {
        "PatNum": {"name": "PatNum", "data_type": "bigint", "nullable": False}
    }
    schema.update_table(dlt.common.schema.utils.new_table("patient", columns=[*columns.values()]))
    query = sqlglot.parse_one("SELECT * FROM patient", dialect="postgres")
    assert isinstance(query, sqlglot.exp.Expression)
    found, _ = compute_columns_schema(
        query,
        create_sqlglot_schema({"raw": [schema]}, "postgres"),
        "postgres",
    )
    assert found.keys() == columns.keys()
