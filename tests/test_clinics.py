"""Many clinics: each by itself, none stops another, and views over all of them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from demo.servers import Cluster
from destinations.union_views import UnionView, common_type
from opendental_pipeline.settings.clinic import clinics
from opendental_pipeline.settings.clinic_group import ClinicGroup, refuse_shared
from opendental_pipeline.settings.errors import EnvironmentSettingError
from opendental_pipeline.settings.home import CHECKOUT
from tests import programs, sinks
from tests.groups import Group, new_group
from tests.promtool import promtool_at_work

NAMES = ("north", "south")


@pytest.fixture
def group(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Group]:
    with new_group(cluster, tmp_path, monkeypatch, NAMES) as made:
        yield made


def fill(group: Group) -> None:
    for number, (name, clinic) in enumerate(group.clinics.items()):
        clinic.sql(
            "CREATE TABLE patient (PatNum int NOT NULL PRIMARY KEY, LName varchar(20))",
            f"INSERT INTO patient SELECT seq, 'secret {name}' FROM seq_1_to_{10 + number}",
        )
    north, south = group.clinics.values()
    for table in ("old", "etl_notes"):
        north.sql(f"CREATE TABLE {table} (n int PRIMARY KEY)", f"INSERT INTO {table} VALUES (1)")
    south.sql(
        "ALTER TABLE patient ADD COLUMN Phone varchar(20) NOT NULL DEFAULT '1',"
        " MODIFY LName text, ADD COLUMN Age bigint"
    )
    for name, clinic in group.clinics.items():
        (group.place / "clinics" / name / "tables.yml").write_bytes(
            clinic.write_tables().read_bytes()
        )


@dataclass
class Told:
    """Who is told of all clinics, and by what variables."""

    mail: sinks.Mail
    monitor: sinks.Web

    @property
    def variables(self) -> dict[str, str]:
        return {
            "ETL_NOTIFY_URLS": self.mail.url(),
            "ETL_HEARTBEAT_URL": f"http://127.0.0.1:{self.monitor.port}/all",
            "AFTER__COMMAND": "touch after",
        }


@pytest.fixture
def told() -> Iterator[Told]:
    with sinks.mail() as mail, sinks.web() as monitor:
        yield Told(mail, monitor)


def night(group: Group, told: Told, *arguments: str) -> tuple[int, dict[str, Any]]:
    """A night of all clinics: its exit code, and its line."""
    done = group.start("nightly.py", "--all-clinics", "--summary", *arguments, **told.variables)
    assert "all well" in done.err
    return done.code, json.loads(done.out)


def test_clinics_are_moved_each_by_itself_and_seen_as_one(
    group: Group, told: Told, tmp_path: Path
) -> None:
    fill(group)
    report = tmp_path / "all.json"
    code, document = night(group, told, "--report", str(report))
    assert (code, document) == (0, json.loads(report.read_text()))
    assert {n: one["rows_loaded"] for n, one in document["clinics"].items()} == {
        "north": 12,
        "south": 11,
    }
    assert (group.place / "after").exists()
    assert told.mail.taken == []
    asked = [path.split("?")[0] for _, path, _ in told.monitor.taken]
    assert asked == ["/all/start", "/all/0"]
    assert group.rows("SELECT _clinic, count(*) FROM raw.patient GROUP BY 1 ORDER BY 1") == [
        ("north", 10),
        ("south", 11),
    ]
    for table in ("old", "etl_notes"):
        assert group.rows(f"SELECT _clinic, n FROM raw.{table}") == [("north", 1)]
    loaded = "SELECT _clinic, table_name FROM raw.etl_load_status ORDER BY 1, 2"
    assert group.rows(loaded) == [
        *(("north", table) for table in ("etl_notes", "old", "patient")),
        ("south", "patient"),
    ]
    views = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'raw'"
    assert group.rows(views) == [(4,)]
    query = 'SELECT _clinic, "Phone" FROM raw.patient WHERE "PatNum" = 1 ORDER BY 1'
    assert group.rows(query) == [("north", None), ("south", "1")]
    # where a scheduler starts clinics one by one
    group.common.execute(group.common.analytics, "DROP VIEW raw.patient, raw.old")
    group.common.execute(group.common.analytics, "CREATE TABLE raw.old (n int)")
    done = group.start("union_views.py")
    said = "failed: raw.old is there already and none of ours"
    assert (done.code, done.err.startswith(said)) == (1, True), done.err
    assert group.rows(query) == [("north", None), ("south", "1")]


def test_a_clinic_that_is_down_stops_no_other_and_one_message_tells(
    group: Group, told: Told, tmp_path: Path
) -> None:
    fill(group)
    assert night(group, told)[0] == 0
    # views of dbt's stand on those over all clinics
    group.common.execute(
        group.common.analytics,
        "CREATE SCHEMA marts",
        'CREATE VIEW marts.p AS SELECT _clinic, "PatNum" FROM raw.patient',
    )
    column = "ALTER TABLE patient ADD COLUMN Email varchar(9) NOT NULL DEFAULT 'x'"
    group.clinics["north"].sql(column)
    own = group.place / "clinics/south/.env_production"
    text = own.read_text()
    own.write_text(text + "OPENDENTAL_SOURCE_PORT=1\n")
    (group.place / "after").unlink()
    code, document = night(group, told)
    codes = {name: one["exit_code"] for name, one in document["clinics"].items()}
    assert (code, codes) == (1, {"north": 0, "south": 2})
    assert not (group.place / "after").exists()
    (message,) = told.mail.taken
    assert "failed: south: the run of " in message.get_content()
    assert "  run: nightly.py --clinic south" in message.get_content()
    assert told.monitor.taken[-1][1].startswith("/all/1?")
    assert group.rows('SELECT count("Email"), count(*) FROM raw.patient') == [(10, 21)]
    assert group.rows("SELECT count(*) FROM marts.p") == [(21,)]

    look_at_all(group, tmp_path)
    # which was told by the run
    done = group.start("notify.py", "--check", "--all-clinics", **told.variables)
    assert (done.code, len(told.mail.taken)) == (1, 1)
    own.write_text(text)
    assert group.start("nightly.py", "--clinic", "south").code == 0
    done = group.start("notify.py", "--check", "--all-clinics", **told.variables)
    assert (done.code, done.out) == (0, "0 of 2 clinics need somebody\n")
    assert told.mail.taken[1]["Subject"] == "OpenDental, all clinics: recovered: all well"


def look_at_all(group: Group, place: Path) -> None:
    """How all stand, while south is down."""
    page, metrics = place / "all.html", place / "all.prom"
    files = ["--html", str(page), "--prometheus", str(metrics)]
    done = group.start("status.py", "--all-clinics", "--problems", *files)
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    assert lines[0] == "1 of 2 clinics need somebody"
    assert lines[1].startswith("south: the last run failed; ")
    assert lines[-1] == "    nightly.py --clinic south"
    assert "1 of 2 clinics need somebody" in page.read_text()
    assert "all well" in (place / "all_north.html").read_text()
    with promtool_at_work() as promtool:
        checked = promtool.run("check", "metrics", given=metrics.read_text())
    assert (checked.returncode, checked.stdout) == (0, "")
    assert 'opendental_well{schema="raw_north"} 1' in metrics.read_text()
    done = group.start("status.py", "--all-clinics", "--json", "--jobs", "1")
    assert [*json.loads(done.out)["clinics"]] == ["north", "south"]


def test_one_clinic_is_named_to_every_program(group: Group) -> None:
    fill(group)
    (group.place / "clinics/north/tables.yml").unlink()
    assert group.start("analyze.py", "--clinic", "north").code == 0
    done = group.start("nightly.py", "--clinic", "north")
    assert done.code == 0, done.err
    assert group.start("verify.py", ETL_CLINIC="north").code == 0
    done = group.start("status.py", "--clinic", "north", "--json")
    assert (done.code, json.loads(done.out)["schema_name"]) == (0, "raw_north")
    assert (group.place / "dlt/clinics/north/pipelines/opendental").is_dir()
    done = group.start("status.py", "--clinic", "nort")
    assert (done.code, done.out) == (2, "")
    assert "there is no clinic nort (did you mean north?)" in done.err
    for job, *wrong in (
        ("nightly.py", "--dry-run"),
        ("nightly.py", "--clinic", "north"),
        ("status.py", "--table", "patient"),
        ("status.py", "--clinic", "north"),
        ("notify.py", "--test"),
        ("analyze.py", "--clinic", "north"),
        ("analyze.py", "--output", "tables.yml"),
        ("analyze.py", "--json"),
    ):
        done = group.start(job, "--all-clinics", *wrong)
        assert (done.code, done.out) == (2, "")
        assert "exclude each other" in done.err


def test_all_are_analyzed_each_by_itself_and_their_views_declared_to_dbt(group: Group) -> None:
    fill(group)
    for name in NAMES:
        (group.own_file(name).parent / "tables.yml").unlink()
    sources = group.place / "models/sources.yml"
    # which an analysis of one clinic would write of its own schema
    named = {"ANALYSIS__DBT_SOURCES": str(sources)}
    own = group.own_file("south")
    text = own.read_text()
    own.write_text(text + "OPENDENTAL_SOURCE_PORT=1\n")
    done = group.start("analyze.py", "--all-clinics", **named)
    assert done.code == 1
    assert f"south: never analyzed, so {sources} knows none of its tables" in done.err
    assert {line.split(":")[0] for line in done.out.splitlines()} == {"north"}
    assert declared(sources) == {"etl_notes", "old", "patient"}

    own.write_text(text)
    group.clinics["south"].sql("CREATE TABLE new (n int PRIMARY KEY)")
    assert group.start("analyze.py", "--all-clinics", **named).code == 0
    assert declared(sources) == {"etl_notes", "new", "old", "patient"}
    assert "Phone" in (own.parent / "tables.analysis.json").read_text()
    group.clinics["north"].sql("CREATE TABLE newest (n int PRIMARY KEY)")
    assert group.start("analyze.py", "--all-clinics", "--check", **named).code == 1
    # one that has none of its own is held against the one that its runs take
    tables = group.own_file("south").parent / "tables.yml"
    common = group.place / "config/tables.yml"
    for name in ("tables.yml", "tables.analysis.json"):
        tables.with_name(name).rename(common.with_name(name))
    done = group.start("analyze.py", "--clinic", "south", "--check")
    assert (done.code, done.out) == (0, f"{common}: no difference\n"), done.err
    for name in ("tables.yml", "tables.analysis.json"):
        common.with_name(name).rename(tables.with_name(name))
    # one that is down is known from before
    own.write_text(text + "OPENDENTAL_SOURCE_PORT=1\n")
    assert group.start("analyze.py", "--all-clinics", **named).code == 1
    assert declared(sources) == {"etl_notes", "new", "newest", "old", "patient"}

    written = sources.read_text()
    (own.parent / "tables.analysis.json").write_text("{")
    done = group.start("analyze.py", "--all-clinics", **named)
    assert (done.code, sources.read_text()) == (1, written)
    assert f"{sources} stays as it is: {own.parent}/tables.analysis.json cannot be read" in done.err


def declared(sources: Path) -> set[str]:
    """The tables of all clinics that dbt is told of."""
    (source,) = yaml.safe_load(sources.read_text())["sources"]
    assert source["schema"] == "raw"
    return {table["name"] for table in source["tables"]} - {"etl_load_status"}


def test_sources_of_views_that_cannot_be_are_refused(group: Group) -> None:
    fill(group)
    before = (group.own_file("south").parent / "tables.yml").read_text()
    asked = ("analyze.py", "--all-clinics", "--dbt-sources")
    done = group.start(*asked, str(group.place))
    assert (done.code, done.out) == (2, "")
    assert f"dbt's sources {group.place} cannot be written: it is a folder" in done.err
    own = group.own_file("north")
    own.write_text(own.read_text() + "POSTGRES_ANALYTICS_SCHEMA=raw\n")
    done = group.start(*asked, str(group.place / "sources.yml"))
    assert (done.code, done.out) == (2, "")
    assert "schema raw is a clinic's own, so no views over all of them are made" in done.err
    assert (group.own_file("south").parent / "tables.yml").read_text() == before


def test_models_that_read_all_clinics_count_at_each(group: Group, tmp_path: Path) -> None:
    fill(group)
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: group")
    text = "sources: [{name: all, schema: raw, tables: [{name: patient}]}]"
    (tmp_path / "models/sources.yml").write_text(text)
    done = group.start("analyze.py", "--all-clinics", "--dbt-project", str(tmp_path))
    assert done.code == 0, done.err
    for name in NAMES:
        analysis = (group.own_file(name).parent / "tables.analysis.json").read_text()
        seen = {n: one["observed"] for n, one in json.loads(analysis)["tables"].items()}
        assert [n for n in seen if seen[n].get("is_modeled")] == ["patient"]


def test_a_night_that_names_no_clinic_is_told_so_where_the_views_of_all_are(group: Group) -> None:
    common = group.common
    common.sql("CREATE TABLE patient (PatNum int PRIMARY KEY)", "INSERT INTO patient VALUES (1)")
    (group.place / "config/tables.yml").write_bytes(common.write_tables().read_bytes())
    view = "CREATE VIEW raw.etl_load_status AS SELECT 'north' AS _clinic"
    common.execute(common.analytics, "CREATE SCHEMA raw", view)
    done = group.start("nightly.py")
    assert done.code == 2
    assert "raw.etl_load_status is a view, and no table of this pipeline's" in done.err
    assert "of several clinics, name one: --clinic NAME" in done.err


def test_who_interrupts_all_interrupts_each(group: Group) -> None:
    fill(group)
    holders = [clinic.source.connect() for clinic in group.clinics.values()]
    for holder in holders:
        holder.exec_driver_sql("LOCK TABLES patient WRITE")
    job = subprocess.Popen(
        [sys.executable, str(CHECKOUT / "pipelines/nightly.py"), "--all-clinics"],
        env={**group.environ(), "PYTHONPATH": str(CHECKOUT)},
        cwd=group.place,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    waits = "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for%%lock%%'"
    end = time.monotonic() + 60
    while len(group.common.rows(group.common.source, waits)) < len(holders):
        assert time.monotonic() < end
        time.sleep(0.1)
    job.send_signal(signal.SIGTERM)
    _, said = job.communicate(timeout=60)
    for holder in holders:
        holder.invalidate()
    assert job.returncode == 130, said
    assert said.count("interrupted; what was committed stays, and the next run") == len(holders)


# settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt/config.toml").touch()
    monkeypatch.setenv("OPENDENTAL_HOME", str(tmp_path))
    common = {
        f"{server}_{name}": f"{server}.{name}".lower()
        for server in ("OPENDENTAL_SOURCE", "MYSQL_REPLICATION", "POSTGRES_ANALYTICS")
        for name in ("HOST", "DB", "USER", "PASSWORD")
    }
    text = "".join(f"{name}={value}\n" for name, value in common.items())
    (tmp_path / ".env_production").write_text(text)
    return tmp_path


def clinic_of(home: Path, name: str, text: str = "") -> None:
    (home / "clinics" / name).mkdir(parents=True)
    (home / "clinics" / name / ".env_production").write_text(text)


def test_what_is_common_gets_the_clinic_s_name_and_what_is_its_own_stays(home: Path) -> None:
    clinic_of(home, "a", "OPENDENTAL_SOURCE_HOST=a.example\n")
    clinic_of(home, "b", "OPENDENTAL_SOURCE_HOST=b.example\nMYSQL_REPLICATION_DB=mine\n")
    settings = ClinicGroup.read({}).settings
    assert [one.source.host for one in settings.values()] == ["a.example", "b.example"]
    databases = [one.replication.database for one in settings.values()]
    assert databases == ["mysql_replication.db_a", "mine"]
    assert [one.analytics.schemas.raw for one in settings.values()] == ["raw_a", "raw_b"]


def test_clinics_that_share_a_database_are_refused_and_named(home: Path) -> None:
    clinic_of(home, "a")
    clinic_of(home, "b")
    with pytest.raises(EnvironmentSettingError) as raised:
        ClinicGroup.read({})
    assert str(raised.value).splitlines()[1:] == [
        "  source opendental_source.host:3306/opendental_source.db: a, b"
    ]


def test_a_clinic_by_itself_is_refused_what_another_has(home: Path) -> None:
    clinic_of(home, "a", "OPENDENTAL_SOURCE_HOST=a.example\n")
    clinic_of(home, "b")
    clinic_of(home, "c", "OPENDENTAL_SOURCE_PORT=x\n")
    refuse_shared({"ETL_CLINIC": "b"})
    clinic_of(home, "d")
    refuse_shared({"ETL_CLINIC": "a"})
    refuse_shared({})
    shared = "source opendental_source.host:3306/opendental_source.db: b, d"
    for clinic in "bd":
        with pytest.raises(EnvironmentSettingError, match=shared):
            refuse_shared({"ETL_CLINIC": clinic})
    environ = {"OPENDENTAL_HOME": str(home), "PATH": os.environ["PATH"], "ETL_CLINIC": "d"}
    for job in ("validate", "nightly", "verify", "export"):
        asked = ("--to", "duckdb") if job == "export" else ()
        done = programs.start(f"{job}.py", *asked, environ=environ, cwd=home)
        assert (done.code, shared in done.err) == (2, True), (job, done.err)


def test_a_clinic_whose_settings_are_wrong_keeps_no_other_back(home: Path) -> None:
    clinic_of(home, "a", "OPENDENTAL_SOURCE_PORT=x\n")
    clinic_of(home, "b")
    group = ClinicGroup.read({})
    assert (group.names, [*group.settings], [*group.faults]) == (("a", "b"), ["b"], ["a"])


def test_a_name_that_no_schema_can_have_is_refused(home: Path) -> None:
    (home / "clinics/Main St").mkdir(parents=True)
    with pytest.raises(EnvironmentSettingError, match="begins with a small letter"):
        clinics()


def test_all_clinics_are_validated_each_by_itself(home: Path) -> None:
    clinic_of(home, "a", "OPENDENTAL_SOURCE_HOST=a.example\n")
    clinic_of(home, "b", "OPENDENTAL_SOURCE_HOST=b.example\n")
    (home / "config").mkdir()
    (home / "config/tables.yml").write_text("metadata: {}\ntables: {}\n")
    files = [home / ".env_production", *home.glob("clinics/*/.env_production")]
    for file in files:
        file.chmod(0o600)
    environ = {"OPENDENTAL_HOME": str(home), "PATH": os.environ["PATH"]}

    def validate() -> programs.Done:
        return programs.start("validate.py", "--all-clinics", environ=environ, cwd=home)

    done = validate()
    assert (done.code, done.err) == (0, "")
    assert [line.split(": ")[0] for line in done.out.splitlines()] == ["a", "b"]
    files[-1].chmod(0o644)
    files[-1].write_text(files[-1].read_text() + "OPENDENTAL_SOURCE_PORT=x\n")
    name = files[-1].parent.name
    done = validate()
    assert done.code == 2
    assert f"{name}:   OPENDENTAL_SOURCE_PORT must be" in done.err
    assert f"{files[-1]} has passwords, and others on this machine may read it" in done.err


# views


def test_clinics_without_a_place_in_common_have_no_views_and_that_is_no_fault(home: Path) -> None:
    environ = {"OPENDENTAL_HOME": str(home), "PATH": os.environ["PATH"]}
    clinic_of(home, "a", "OPENDENTAL_SOURCE_DB=a\nPOSTGRES_ANALYTICS_SCHEMA=raw\n")
    clinic_of(home, "b", "OPENDENTAL_SOURCE_DB=b\n")
    done = programs.start("union_views.py", environ=environ, cwd=home)
    assert (done.code, done.err) == (0, "")
    assert done.out == "schema raw is a clinic's own, so no views over all of them are made\n"
    clinic_of(home, "c", "OPENDENTAL_SOURCE_DB=c\nPOSTGRES_ANALYTICS_HOST=elsewhere\n")
    done = programs.start("union_views.py", environ=environ, cwd=home)
    assert (done.code, done.err) == (0, "")
    assert "have no PostgreSQL in common" in done.out
    clinic_of(home, "d", "OPENDENTAL_SOURCE_PORT=x\n")
    done = programs.start("union_views.py", environ=environ, cwd=home)
    assert done.code == 1
    assert "the settings of d are wrong" in done.err


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["integer"], "integer"),
        (["smallint", "bigint"], "bigint"),
        (["bigint", "numeric(10,2)"], "numeric"),
        (["numeric(10,2)", "numeric(12,4)"], "numeric"),
        (["numeric(10,2)", "double precision"], "text"),
        (["bigint", "double precision"], "text"),
        (["integer", "double precision"], "double precision"),
        (["date", "timestamp without time zone"], "timestamp without time zone"),
        (["boolean", "smallint"], "text"),
        (["character varying(20)", "text"], "text"),
    ],
)
def test_a_type_of_all_clinics_holds_the_values_of_each(kinds: list[str], expected: str) -> None:
    assert common_type(kinds) == common_type(kinds[::-1]) == expected


def test_a_view_is_known_by_what_it_is_made_of() -> None:
    tables = {"a": {"n": "integer"}, "b": {"n": "integer"}}
    schemas = {"a": "raw_a", "b": "raw_b"}
    one = UnionView("t", tables, schemas)
    assert one.mark == UnionView("t", tables, schemas).mark
    assert one.mark != UnionView("t", {**tables, "b": {"n": "bigint"}}, schemas).mark
    assert one.mark != UnionView("t", {"a": tables["a"]}, schemas).mark
    assert isinstance(sa.text(one.query), sa.TextClause)


def test_the_views_keep_the_rows_of_a_clinic_whose_settings_went_wrong(
    group: Group, told: Told
) -> None:
    fill(group)
    assert night(group, told)[0] == 0
    own = group.place / "clinics/south/.env_production"
    own.write_text(own.read_text() + "OPENDENTAL_SOURCE_PORT=x\n")
    code, document = night(group, told)
    assert code == 1
    assert "settings of south are wrong" in document["views_failed"][0]
    assert group.rows("SELECT _clinic, count(*) FROM raw.patient GROUP BY 1 ORDER BY 1") == [
        ("north", 10),
        ("south", 11),
    ]
    north = group.place / "clinics/north/.env_production"
    north.write_text(north.read_text() + "OPENDENTAL_SOURCE_PORT=x\n")
    done = group.start("nightly.py", "--all-clinics", **told.variables)
    assert done.code == 2
    assert "fault of this program" not in done.err
