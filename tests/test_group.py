"""Six clinics of three versions of OpenDental in one warehouse, moved, seen and built as one."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from demo import clinic as synthetic
from demo.day import live_a_day
from demo.servers import Cluster
from opendental_pipeline.databases.sql import ident
from tests import sinks
from tests.comparison import differences
from tests.groups import Group, new_group
from tests.opendental_versions import CHOSEN, Version, back_to, upgrade_from

CLINICS: dict[str, Version] = {
    "ash": (21, 1),
    "birch": (21, 1),
    "cedar": (24, 1),
    "elm": (24, 1),
    "fir": (25, 1),
    "oak": (25, 1),
}
DOWN, UPGRADED = "cedar", "elm"
ROWS = 1_500

MODELS = {
    "patients.sql": (
        'select _clinic, "PatNum", "LName", "ChartNumber", "SecurityHash"'
        " from {{ source('opendental', 'patient') }}"
    ),
    "production.sql": (
        'select p._clinic, count(*) as procedures, max(l."SecDateEntry") as entered_at'
        " from {{ ref('patients') }} p join {{ source('opendental', 'procedurelog') }} l"
        ' using (_clinic, "PatNum") group by 1'
    ),
    "of_some.sql": (
        'select _clinic, "EFormNum" as n from {{ source("opendental", "eform") }}'
        ' union all select _clinic, "PlannedApptNum" from {{ source("opendental", "plannedappt") }}'
    ),
}
"""What a group asks: of all, of rows that belong together, of tables that only some have."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project of a group, without its sources."""
    place = tmp_path / "project"
    (place / "models").mkdir(parents=True)
    example = Path(__file__).parents[1] / "demo/dbt"
    (place / "profiles.yml").write_bytes((example / "profiles.yml").read_bytes())
    (place / "dbt_project.yml").write_bytes((example / "dbt_project.yml").read_bytes())
    for name, sql in MODELS.items():
        (place / "models" / name).write_text(sql)
    return place


def fill(group: Group) -> None:
    """Gives each clinic its version's tables, with rows of its own under the same keys."""
    for number, (name, version) in enumerate(CLINICS.items()):
        clinic = group.clinics[name]
        owner = sa.create_engine(clinic.cluster.source.url(clinic.name), poolclass=sa.NullPool)
        synthetic.create(owner)
        filled = synthetic.fill(owner, rows=ROWS, seed=number, say=lambda _: None)
        clinic.sql(
            f"DROP TABLE {', '.join(filled.keys() - CHOSEN)}",
            *back_to(version),
        )
        empty = (table for table in tables_of(group, name) if not filled.get(table))
        clinic.sql(*(f"INSERT INTO {ident(table)} () VALUES ()" for table in empty))
    group.clinics[DOWN].sql("CREATE TABLE lab (n int PRIMARY KEY)", "INSERT INTO lab VALUES (1)")
    # what an upgrade drops with rows in it fails the first night after it
    group.clinics[UPGRADED].sql("DELETE FROM plannedappt")


def live(group: Group) -> None:
    """A day in every clinic; one is upgraded, too."""
    for number, (name, clinic) in enumerate(group.clinics.items()):
        owner = sa.create_engine(clinic.cluster.source.url(clinic.name), poolclass=sa.NullPool)
        assert live_a_day(owner, seed=number).inserted_rows > 0
        if name == UPGRADED:
            clinic.sql(*upgrade_from(CLINICS[name]), "INSERT INTO eform () VALUES ()")


def tables_of(group: Group, name: str) -> list[str]:
    clinic = group.clinics[name]
    return [table for (table,) in clinic.rows(clinic.source, "SHOW TABLES")]


def counts_at_sources(group: Group) -> Counter[tuple[str, str]]:
    """The rows of each table of each clinic."""
    found: Counter[tuple[str, str]] = Counter()
    for name, clinic in group.clinics.items():
        each = (f"SELECT '{t}', count(*) FROM {ident(t)}" for t in tables_of(group, name))
        rows = clinic.rows(clinic.source, " UNION ALL ".join(each))
        found.update({(table, name): count for table, count in rows})
    return found


def counts_in_union(group: Group) -> Counter[tuple[str, str]]:
    """The same as the views have it, of everything in the schema but the status of the loads."""
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw'"
    names = {name for (name,) in group.rows(query)} - {"etl_load_status"}
    each = (f"SELECT '{name}', _clinic, count(*) FROM raw.\"{name}\" GROUP BY 2" for name in names)
    return Counter({(t, clinic): n for t, clinic, n in group.rows(" UNION ALL ".join(each))})


def columns_in_union(group: Group) -> dict[str, list[str]]:
    """The columns of each view in order, `_loaded_at` last."""
    found: dict[str, list[str]] = {}
    query = (
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'raw' AND table_name <> 'etl_load_status'"
        " ORDER BY column_name = '_loaded_at', ordinal_position"
    )
    for table, column in group.rows(query):
        found.setdefault(table, []).append(column)
    return found


def columns_in_sources(sources: dict[str, Any]) -> dict[str, list[str]]:
    """The same as dbt is told."""
    return {
        name: [column["name"] for column in table["columns"]]
        for name, table in sources.items()
        if name != "etl_load_status"
    }


def night(group: Group, mail: sinks.Mail) -> tuple[int, dict[str, int]]:
    """A night of all clinics: its exit code, and those of each."""
    jobs = ("--all-clinics", "--jobs", "2", "--summary")
    done = group.start("nightly.py", *jobs, ETL_NOTIFY_URLS=mail.url())
    document = json.loads(done.out)
    assert document["views_failed"] == []
    return done.code, {name: one["exit_code"] for name, one in document["clinics"].items()}


def analyzed(group: Group, project: Path) -> dict[str, Any]:
    """Analyzes all clinics; the sources that this gives a project, by table."""
    file = project / "models/sources.yml"
    done = group.start("analyze.py", "--all-clinics", "--dbt-sources", str(file))
    assert done.code == 0, done.err
    (source,) = yaml.safe_load(file.read_text())["sources"]
    return {table["name"]: table for table in source["tables"]}


def dbt(group: Group, project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    places = ("--project-dir", project, "--profiles-dir", project, "--log-path", project / "logs")
    return subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--no-use-colors", *arguments, *places],
        env={**group.common.variables(), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def check_that_a_doubled_key_is_seen(group: Group, project: Path) -> None:
    """The same key at two clinics is well; twice at one, dbt's test fails."""
    manifest = json.loads((project / "target/manifest.json").read_text())
    [statement] = [
        node["compiled_code"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and node["test_metadata"]["name"] == "unique"
        and node["depends_on"]["nodes"] == ["source.opendental_example.opendental.patient"]
    ]
    with group.common.analytics.connect() as connection:
        assert connection.exec_driver_sql(statement).all() == []
        connection.exec_driver_sql("ALTER TABLE raw_oak.patient DROP CONSTRAINT patient_pkey")
        connection.exec_driver_sql(
            "INSERT INTO raw_oak.patient SELECT * FROM raw_oak.patient LIMIT 1"
        )
        assert len(connection.exec_driver_sql(statement).all()) == 1
        connection.rollback()


def check_that_a_clinic_behind_is_seen(group: Group, project: Path) -> None:
    """dbt sees that one clinic's nights stopped, though those of the others run."""
    aside = (
        f"UPDATE raw_{DOWN}.etl_load_status SET last_loaded_at = last_loaded_at - interval '4 days'"
    )
    group.common.execute(group.common.analytics, aside)
    asked = dbt(group, project, "source", "freshness")
    assert asked.returncode == 1, asked.stdout
    found = json.loads((project / "target/sources.json").read_text())["results"]
    [status] = [one for one in found if one["unique_id"].endswith(".etl_load_status")]
    ((behind,),) = group.rows(f"SELECT max(last_loaded_at) FROM raw_{DOWN}.etl_load_status")
    assert status["max_loaded_at"][:19] == behind.isoformat()[:19]
    assert {one["status"] for one in found if one is not status} == {"pass"}


def test_six_clinics_of_three_versions_are_exact_by_themselves_and_as_one(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    with new_group(cluster, tmp_path, monkeypatch, CLINICS) as group, sinks.mail() as mail:
        fill(group)
        sources = analyzed(group, project)
        assert night(group, mail) == (0, dict.fromkeys(CLINICS, 0))
        assert mail.taken == []
        assert {name for name in CLINICS if differences(group.tiers(name))} == set()
        before = counts_at_sources(group)
        assert counts_in_union(group) == +before
        assert sources.keys() == {table for table, _ in before} | {"etl_load_status"}

        assert columns_in_sources(sources) == columns_in_union(group)
        built = dbt(group, project, "build", "--select", "+production", "+of_some")
        assert built.returncode == 0, built.stdout
        procedures = dict(group.rows("SELECT _clinic, procedures FROM staging.production"))
        assert procedures == {name: before["procedurelog", name] for name in CLINICS}
        check_that_a_doubled_key_is_seen(group, project)
        check_that_a_clinic_behind_is_seen(group, project)

        live(group)
        own = group.own_file(DOWN)
        own.write_text(own.read_text() + "OPENDENTAL_SOURCE_PORT=1\n")
        well = CLINICS.keys() - {DOWN}
        assert night(group, mail) == (1, {**dict.fromkeys(well, 0), DOWN: 2})
        (message,) = mail.taken
        assert f"failed: {DOWN}: the run of " in message.get_content()
        assert {name for name in CLINICS if differences(group.tiers(name))} == {DOWN}
        after = counts_at_sources(group)
        now = {
            (t, name): (before if name == DOWN else after)[t, name] for t, name in before | after
        }
        assert counts_in_union(group) == +Counter(now)
        # dbt's views stand on those of all clinics, which an upgrade makes anew
        procedures = dict(group.rows("SELECT _clinic, procedures FROM staging.production"))
        assert procedures == {name: now["procedurelog", name] for name in CLINICS}
