"""dbt reads raw through the sources.yml that is written for it, and we read what dbt knows."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.servers import Cluster
from opendental_pipeline.analysis.dbt import DbtProject, DbtUse
from opendental_pipeline.analysis.dbt_sources import dbt_sources
from opendental_pipeline.analysis.sql_columns import columns_named
from opendental_pipeline.databases.catalog import read_catalogue
from opendental_pipeline.databases.clock import in_utc
from opendental_pipeline.databases.table import Column, Table
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.settings.table_config import TableConfig
from tests.conftest import Clinic, new_clinic

EXAMPLE = CHECKOUT / "demo" / "dbt"
STAMP = "timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()"
NOW = datetime(2026, 5, 4, 6)

MODELS = {
    "staging/stg_families.sql": "select * from {{ source('opendental', 'patient') }}",
    "intermediate/int_visits.sql": (
        "select a.appointment_id, p.patient_id, p.last_name"
        " from {{ ref('stg_opendental__appointment') }} a"
        " join {{ ref('stg_opendental__patient') }} p using (patient_id)"
    ),
    "marts/visits.sql": "select count(*) as visits from {{ ref('int_visits') }}",
    "billing/dues.sql": (
        'select p."LName", c."Fee" from {{ source("opendental", "patient") }} p'
        ' join {{ source("opendental", "providerclinic") }} c on c."ClinicNum" = p."ClinicNum"'
    ),
}
"""Models beside the example's own, by path."""


@dataclass(frozen=True)
class Built:
    """A clinic after a night, and a project that dbt built on it.

    Attributes:
        freshness: how `dbt source freshness` ended.
        build: how `dbt build` ended.
    """

    clinic: Clinic
    project: Path
    freshness: subprocess.CompletedProcess[str]
    build: subprocess.CompletedProcess[str]

    @property
    def manifest(self) -> dict[str, Any]:
        """What dbt wrote of it."""
        manifest: dict[str, Any] = json.loads((self.project / "target/manifest.json").read_text())
        return manifest


def dbt(clinic: Clinic, project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the dbt of this virtual environment."""
    silent = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    program = Path(sys.executable).with_name("dbt")
    places = ("--project-dir", project, "--profiles-dir", project, "--log-path", project / "logs")
    return subprocess.run(
        [program, "--no-use-colors", "--show-all-deprecations", *arguments, *places],
        env={**clinic.variables(), **silent},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def sources_of(clinic: Clinic) -> str:
    """The sources.yml of a clinic as it is now."""
    with clinic.source.connect() as connection, in_utc(connection):
        catalogue = read_catalogue(connection, clinic.name)
    now = datetime.now(UTC).replace(tzinfo=None)
    return dbt_sources(catalogue, clinic.tables().tables.values(), schema="raw", now=now)


@pytest.fixture(scope="module")
def built(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """dbt takes seconds to start, so the tests share one build."""
    place = tmp_path_factory.mktemp("dbt")
    project = place / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("target", "logs"))
    for path, sql in MODELS.items():
        (project / "models" / path).parent.mkdir(exist_ok=True)
        (project / "models" / path).write_text(sql)
    with pytest.MonkeyPatch.context() as patch, new_clinic(cluster, place, patch) as clinic:
        clinic.sql(
            "CREATE TABLE patient (PatNum bigint AUTO_INCREMENT PRIMARY KEY,"
            " LName varchar(100), FName varchar(100), PatStatus tinyint unsigned NOT NULL,"
            " Birthdate date NOT NULL DEFAULT '0001-01-01', Guarantor bigint NOT NULL,"
            " PriProv bigint NOT NULL, DateFirstVisit date NOT NULL DEFAULT '0001-01-01',"
            f" ClinicNum bigint NOT NULL, DateTStamp {STAMP}) ENGINE=MyISAM",
            "INSERT INTO patient (LName, FName, Birthdate, Guarantor) VALUES"
            " ('Ng', 'Ann', '1980-02-29', 1), ('Ng', 'Bob', '0001-01-01', 0)",
            "CREATE TABLE appointment (AptNum bigint AUTO_INCREMENT PRIMARY KEY,"
            " PatNum bigint NOT NULL, AptStatus tinyint unsigned NOT NULL, Pattern varchar(255),"
            " ProvNum bigint NOT NULL, AptDateTime datetime NOT NULL DEFAULT '0001-01-01 00:00:00',"
            " ClinicNum bigint NOT NULL, DateTimeArrived datetime NOT NULL,"
            f" DateTStamp {STAMP}) ENGINE=MyISAM",
            "INSERT INTO appointment (PatNum, Pattern, AptDateTime, DateTimeArrived) VALUES"
            " (1, '/XX/', '2026-01-05 08:30:00', '0001-01-01 00:00:00')",
            "CREATE TABLE providerclinic (ProvNum bigint, ClinicNum bigint, Fee double,"
            " PRIMARY KEY (ProvNum, ClinicNum)) ENGINE=MyISAM",
            "INSERT INTO providerclinic VALUES (1, 1, 10), (1, 2, 20), (2, 1, 30)",
            "CREATE TABLE recall (RecallNum bigint PRIMARY KEY) ENGINE=MyISAM",
            'CREATE TABLE `my"table` (`the "key"` int PRIMARY KEY, `on` int, `null` int,'
            " `a: b` int, `{{ x }}` int, `{% if %}` int) ENGINE=MyISAM",
            'INSERT INTO `my"table` VALUES (1, 2, 3, 4, 5, 6)',
            "CREATE TABLE `old notes` (`{# key #}` int, `it's` int, n int,"
            " PRIMARY KEY (`{# key #}`, `it's`)) ENGINE=MyISAM",
        )
        report = clinic.run()
        assert report.failed == [], [report.tables[name].error for name in report.failed]
        (project / "models/staging/sources.yml").write_text(sources_of(clinic))
        # in this order: source freshness leaves a manifest without compiled SQL
        freshness = dbt(clinic, project, "source", "freshness")
        yield Built(clinic, project, freshness, dbt(clinic, project, "build"))


def test_dbt_builds_the_example_and_all_keys_pass_its_tests(built: Built) -> None:
    assert built.build.returncode == 0, built.build.stdout
    assert "Deprecat" not in built.build.stdout
    shown = 'select * from staging.stg_opendental__patient order by "patient_id"'
    rows = [row[:-2] for row in built.clinic.rows(built.clinic.analytics, shown)]
    birth = datetime(1980, 2, 29).date()
    assert rows == [
        (1, 1, None, None, "Ng", "Ann", 0, birth, None),
        (2, None, None, None, "Ng", "Bob", 0, None, None),
    ]
    starts = "select starts_at, minutes, arrived_at from staging.stg_opendental__appointment"
    assert built.clinic.rows(built.clinic.analytics, starts) == [
        (datetime(2026, 1, 5, 8, 30), 20, None)
    ]


def test_dbt_finds_a_fresh_night_fresh_and_says_nothing_of_empty_tables(built: Built) -> None:
    assert built.freshness.returncode == 0, built.freshness.stdout
    results = json.loads((built.project / "target/sources.json").read_text())["results"]
    found = {result["unique_id"].split(".", 3)[3]: result["status"] for result in results}
    odd = next(name for name in found if name.startswith("my_table_"))
    busy = ("appointment", "etl_load_status", odd, "patient", "providerclinic")
    assert found == dict.fromkeys(busy, "pass")


@pytest.mark.parametrize("table", ["patient", "providerclinic"])
def test_a_key_that_comes_twice_fails_its_test_in_dbt(built: Built, table: str) -> None:
    """The statement of dbt's test, run without dbt's seconds."""
    [statement] = [
        node["compiled_code"]
        for node in built.manifest["nodes"].values()
        if node["resource_type"] == "test"
        and node["test_metadata"]["name"] == "unique"
        and f"source.opendental_example.opendental.{table}" in node["depends_on"]["nodes"]
    ]
    with built.clinic.analytics.connect() as connection:
        assert connection.exec_driver_sql(statement).all() == []
        connection.exec_driver_sql(f"ALTER TABLE raw.{table} DROP CONSTRAINT {table}_pkey")
        connection.exec_driver_sql(
            f"INSERT INTO raw.{table} SELECT * FROM raw.{table} ORDER BY 1 LIMIT 1"
        )
        assert len(connection.exec_driver_sql(statement).all()) == 1
        connection.rollback()


def test_a_manifest_tells_the_layers_that_read_a_table(built: Built) -> None:
    project = DbtProject.read(built.project)
    assert project.uses("patient") == DbtUse(True, ("staging", "intermediate", "marts", "billing"))
    assert project.uses("appointment") == DbtUse(True, ("staging", "intermediate", "marts"))
    assert project.uses("providerclinic") == DbtUse(True, ("billing",))
    for unread in ("recall", 'my"table', "unknown"):
        assert project.uses(unread) == DbtUse(False)
    assert DbtProject.read(built.project, ("other",)).uses("patient") == DbtUse(False)


def test_a_manifest_tells_the_models_that_name_a_column(built: Built) -> None:
    project = DbtProject.read(built.project)
    everyone = ("dues", "stg_families", "stg_opendental__patient")
    assert project.models_naming("patient", "LName") == everyone
    assert project.models_naming("patient", "ClinicNum") == everyone
    assert project.models_naming("patient", "SSN") == ("stg_families",)
    assert project.models_naming("appointment", "Pattern") == ("stg_opendental__appointment",)
    assert project.models_naming("appointment", "Note") == ()
    assert project.models_naming("providerclinic", "Fee") == ("dues",)
    assert project.models_naming("providerclinic", "ProvNum") == ()
    assert project.models_naming("recall", "RecallNum") == ()


def test_without_a_manifest_only_the_declared_tables_are_known(
    built: Built, tmp_path: Path
) -> None:
    uncompiled = tmp_path / "uncompiled"
    shutil.copytree(built.project, uncompiled, ignore=shutil.ignore_patterns("target", "logs"))
    project = DbtProject.read(uncompiled)
    for table in ("patient", "recall", 'my"table', "old notes"):
        assert project.uses(table) == DbtUse(True)
    assert project.uses("unknown") == DbtUse(False)
    assert project.models_naming("patient", "LName") == ()


def test_sources_by_hand_count_by_their_schema_and_identifier(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: clinic\nmodel-paths: [sql]\n")
    (tmp_path / "sql/deep/er").mkdir(parents=True)
    (tmp_path / "sql/deep/er/_sources.yaml").write_text(
        "sources:\n"
        "  - {name: raw, tables: [{name: patient}, {name: visits, identifier: appointment}]}\n"
        "  - {name: dental, schema: raw, tables: [{name: recall}]}\n"
        "  - {name: raw, schema: \"{{ var('schema') }}\", tables: [{name: provider}]}\n"
        "  - {name: other, tables: [{name: claim}]}\n"
        "  - {name: none, schema: raw}\n"
    )
    (tmp_path / "sql/_models.yml").write_text("models: [{name: stg_fee}]\n")
    (tmp_path / "sql/empty.yml").write_text("")
    project = DbtProject.read(tmp_path)
    declared = {
        name
        for name in ("patient", "appointment", "recall", "provider", "visits", "claim")
        if project.uses(name).is_modeled
    }
    assert declared == {"patient", "appointment", "recall", "provider"}


def test_what_is_no_dbt_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"is no dbt project: it has no dbt_project\.yml"):
        DbtProject.read(tmp_path)
    (tmp_path / "dbt_project.yml").write_text("name: clinic\n")
    assert DbtProject.read(tmp_path).uses("patient") == DbtUse(False)
    (tmp_path / "models").mkdir()
    sources = tmp_path / "models" / "sources.yml"
    for text, told in (
        ("sources:\n  - name: 'raw\n", r"sources\.yml is no YAML, see line 3"),
        ("sources: [{tables: []}]", r"sources\.yml .*sources.0.name: Field required"),
        ("- sources", r"sources\.yml cannot be understood"),
        ("sources", r"sources\.yml cannot be understood"),
    ):
        sources.write_text(text)
        with pytest.raises(ValidationError, match=told):
            DbtProject.read(tmp_path)
    (tmp_path / "target").mkdir()
    manifest = tmp_path / "target" / "manifest.json"
    relation = {"sources": {"s": {"relation_name": "a b c ("}}, "nodes": {}}
    for text, told in (
        ('{"nodes": {', r"manifest\.json .*Invalid JSON"),
        ("{}", r"manifest\.json .*nodes: Field required"),
        (json.dumps(relation), r"manifest\.json .*is no name of a table"),
    ):
        manifest.write_text(text)
        with pytest.raises(ValidationError, match=told):
            DbtProject.read(tmp_path)
    manifest.write_bytes(b"\xff")
    with pytest.raises(ValidationError, match="must be a text file in UTF-8"):
        DbtProject.read(tmp_path)


def test_a_model_that_cannot_be_understood_names_every_column(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: clinic\n")
    (tmp_path / "target").mkdir()
    codes = {
        "clear": ("sql", 'select "LName" from "db"."raw"."patient"'),
        "dynamic": ("sql", "select * from dblink('somewhere') as t(n int)"),
        "garbled": ("sql", "selec (from"),
        "pandas": ("python", "def model(dbt, spark): ..."),
        "uncompiled": ("sql", None),
    }
    nodes = {
        f"model.clinic.{name}": {
            "name": name,
            "resource_type": "model",
            "path": f"{name}.sql",
            "language": language,
            "compiled_code": code,
            "depends_on": {"nodes": ["source.clinic.raw.patient"]},
        }
        for name, (language, code) in codes.items()
    }
    sources = {"source.clinic.raw.patient": {"relation_name": '"db"."raw"."patient"'}}
    manifest = {"nodes": nodes, "sources": sources}
    (tmp_path / "target/manifest.json").write_text(json.dumps(manifest))
    project = DbtProject.read(tmp_path)
    assert project.uses("patient") == DbtUse(True)
    assert project.models_naming("patient", "LName") == tuple(codes)
    assert project.models_naming("patient", "FName") == tuple(codes)[1:]


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ('select "PatNum" from raw.patient', {"PatNum"}),
        ('select "c"."raw"."patient"."PatNum" from "c"."raw"."patient"', {"PatNum"}),
        ("select PATNUM, p.LNAME from RAW.Patient P", {"patnum", "lname"}),
        ('select a."AptNum", p."LName" from raw.patient p, raw.appointment a', {"LName"}),
        ('select 1 from raw.patient p join raw.appointment a using ("PatNum")', {"PatNum"}),
        ("select count(*) from raw.patient", set()),
        ('select count(*) from raw.patient having max("Birthdate") > now()', {"Birthdate"}),
        ('select rank() over (order by "Birthdate") from raw.patient', {"Birthdate"}),
        (
            'with a as (select "AptNum" from raw.appointment),'
            ' p as (select "LName" from raw.patient) select "SSN" from a, p',
            {"LName"},
        ),
        (
            'select exists (select * from raw.appointment a where a."PatNum" = p."PatNum")'
            " from raw.patient p",
            {"PatNum"},
        ),
        ('select "FName" from raw.patient union table raw.recall', {"FName"}),
        ('select 1 as "A" from raw.patient union select "B" from raw.patient', {"B"}),
        ("select * from raw.patient", None),
        ("select a.*, p.* from raw.patient p, raw.appointment a", None),
        ("select to_jsonb(p) from raw.patient p", None),
        ('select (p)."SSN" from raw.patient p', None),
        ("select 1 from raw.patient natural join raw.appointment", None),
        ("select n from raw.patient as p (n)", None),
        ("table raw.patient", None),
        ('with p as (select "LName" from raw.patient) table p', {"LName"}),
        ('select "FName" from raw.patient except all (table raw.recall)', {"FName"}),
        ("select 'é' as table, \"FName\" from raw.patient", {"FName"}),
        ('with p as (select * from raw.patient) select "LName" from p', None),
    ],
)
def test_a_query_names_the_columns_that_it_may_need(sql: str, named: set[str] | None) -> None:
    assert columns_named(sql)["raw", "patient"] == named


def table(name: str, *columns: str, rows: int = 1, updated_at: datetime | None = NOW) -> Table:
    """A table of numbers whose first column is its key."""
    return Table(
        name=name,
        engine="MyISAM",
        rows=rows,
        size=0,
        updated_at=updated_at,
        columns=tuple(Column(n, "int", "int(11)", nullable=False) for n in columns),
        primary_key=columns[:1],
    )


def declared(*tables: Table, **fields: Any) -> list[dict[str, Any]]:
    """The tables of a sources.yml for some tables, the status table left out."""
    configs = [
        TableConfig(
            table_name=t.name,
            primary_key=t.primary_key,
            extraction_strategy="full_table",
            **fields,
        )
        for t in tables
    ]
    text = dbt_sources({t.name: t for t in tables}, configs, schema="raw", now=NOW)
    assert text.startswith("# Generated by pipelines/analyze.py; not to be edited")
    found: list[dict[str, Any]] = yaml.safe_load(text)["sources"][0]["tables"]
    assert found[-1]["name"] == "etl_load_status"
    return found[:-1]


@pytest.mark.parametrize(
    ("age", "rows", "warn", "error"),
    [
        (timedelta(hours=1), 1, 5, 10),
        (timedelta(days=2), 1, 5, 10),
        (timedelta(days=3), 1, 60, None),
        (timedelta(days=30), 1, 60, None),
        (timedelta(days=31), 1, None, None),
        (timedelta(hours=1), 0, None, None),
        (None, 1, None, None),
    ],
)
def test_a_table_is_expected_to_change_as_it_did_before(
    age: timedelta | None, rows: int, warn: int | None, error: int | None
) -> None:
    updated_at = None if age is None else NOW - age
    [found] = declared(table("recall", "RecallNum", rows=rows, updated_at=updated_at))
    freshness = found["config"]["freshness"]
    if warn is None:
        assert freshness is None
        return
    days = {"warn_after": warn} | ({"error_after": error} if error else {})
    assert freshness == {k: {"count": count, "period": "day"} for k, count in days.items()}


def test_tables_come_by_name_with_their_columns_in_order() -> None:
    patient = table("patient", "PatNum", "SSN", "_loaded_at", "LName")
    found = declared(patient, table("fee", "FeeNum"), columns={"SSN": {"exclude": True}})
    assert [t["name"] for t in found] == ["fee", "patient"]
    assert "identifier" not in found[1]
    renamed = "_loaded_at_cdb8edcf"
    assert [c["name"] for c in found[1]["columns"]] == ["PatNum", renamed, "LName", "_loaded_at"]
    tests = {c["name"]: c["data_tests"] for c in found[1]["columns"] if "data_tests" in c}
    assert tests == {"PatNum": ["unique", "not_null"]}


def test_disabled_tables_and_the_pipelines_own_are_left_out() -> None:
    assert declared(table("fee", "FeeNum"), enabled=False) == []
    assert declared(table("etl_load_status", "id")) == []


def test_the_same_tables_give_the_same_text() -> None:
    tables = {name: table(name, "id") for name in ("fee", "patient", "recall")}
    configs = [
        TableConfig(table_name=name, primary_key="id", extraction_strategy="full_table")
        for name in tables
    ]
    texts = {
        dbt_sources(tables, order, schema="raw", now=NOW) for order in (configs, configs[::-1])
    }
    assert len(texts) == 1
