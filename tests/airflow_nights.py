"""Nights that a real Airflow starts: `make airflow`. The import of the DAGs is in the suite."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.servers import Cluster
from opendental_pipeline.programs.init import lay_down
from opendental_pipeline.settings.choices import Scheduler
from tests import sinks
from tests.airflow_servers import (
    Airflow,
    airflow,
    command_of,
    descendants,
    environ_of,
    kill_tree,
    redis,
    wait,
    working,
)
from tests.conftest import Clinic, new_clinic, write_tables
from tests.programs import write_settings
from tests.test_window import around_now

NIGHTLY, WEEKLY = "opendental_nightly", "opendental_weekly"
TABLES = ("appointment", "preference", "procedurelog")


@dataclass
class House:
    """A home, its clinics, and the Airflow that starts their nights."""

    place: Path
    airflow: Airflow
    clinics: dict[str, Clinic]

    @property
    def clinic(self) -> Clinic:
        """The only one, or the first."""
        return next(iter(self.clinics.values()))

    def settle(self, **more: str) -> None:
        """Writes the settings, some in the place of the clinic's."""
        write_settings(self.place, {**self.clinic.environ, **more})

    def dags(self, **replaced: str) -> None:
        """Puts the DAGs into their folder, with some of their constants replaced."""
        text = (self.place / "airflow/opendental_dags.py").read_text()
        usual = {
            'WINDOW = "21:00-06:00"': f'WINDOW = "{around_now(-2, 2)}"',
            "timedelta(minutes=5)": "timedelta(seconds=2)",
            '"TZ": ': '"PYTHONPATH": "", "TZ": ',
        }
        for old, new in {**usual, **replaced}.items():
            assert old in text, old
            text = text.replace(old, new)
        (self.airflow.dags / "opendental_dags.py").write_text(text)

    def night(self) -> tuple[str, dict[str, str]]:
        """A run that is started by hand: how it ended, and its tasks."""
        run_id = self.airflow.trigger(NIGHTLY)
        return self.airflow.ended(run_id), self.airflow.tasks(run_id)

    def ended_by_schedule(self) -> set[str]:
        """The runs that the scheduler began, and that are over."""
        query = (
            "SELECT run_id FROM dag_run WHERE run_type = 'scheduled'"
            " AND state IN ('success', 'failed')"
        )
        return {str(name) for (name,) in self.airflow.rows(query)}

    def runs(self, clinic: Clinic) -> list[tuple[str, int | None]]:
        """The runs of the pipeline so far: outcome and exit code."""
        if clinic.rows(clinic.analytics, "SELECT to_regclass('raw.etl_runs')") == [(None,)]:
            return []
        query = "SELECT status, exit_code FROM raw.etl_runs ORDER BY started_at"
        return [(str(status), code) for status, code in clinic.rows(clinic.analytics, query)]

    def at_work(self, worker: "subprocess.Popen[bytes]") -> list[str]:
        """The clinics whose rows a worker moves now, if one has begun."""
        found = {
            environ[b"ETL_CLINIC"].decode()
            for pid in descendants(worker.pid)
            if b"run" in command_of(pid) and (environ := environ_of(pid))
        }
        return sorted(name for name in found if self.runs(self.clinics[name]))


def fill(clinic: Clinic, rows: int = 300) -> None:
    for name in ("appointment", "procedurelog"):
        clinic.sql(
            f"CREATE TABLE {name} (n int NOT NULL PRIMARY KEY, Note varchar(40)) ENGINE=MyISAM",
            f"INSERT INTO {name} SELECT seq, concat('note ', seq) FROM seq_1_to_{rows}",
        )
    clinic.sql(
        "CREATE TABLE preference (PrefNum int PRIMARY KEY, PrefName varchar(255), ValueString text)"
        " ENGINE=MyISAM",
        "INSERT INTO preference VALUES (1, 'UpdateInProgressOnComputerName', '')",
    )


@pytest.fixture(scope="module")
def house(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One clinic, and an Airflow whose tasks run on this machine; nothing of it runs yet."""
    folder = tmp_path_factory.mktemp("airflow")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        clinic = stack.enter_context(new_clinic(cluster, folder, patch))
        fill(clinic)
        patch.setenv("DLT_DATA_DIR", str(clinic.home))
        place = folder / "a home"
        lay_down(place, [Scheduler.AIRFLOW])
        write_tables(clinic.tables(), place / "config/tables.yml")
        made = stack.enter_context(airflow(folder / "airflow", cluster.analytics))
        house = House(place, made, {"": clinic})
        house.settle()
        house.dags()
        yield house


@pytest.fixture(scope="module")
def busy(house: House) -> Iterator[House]:
    """The same with its servers at work."""
    with working(house.airflow):
        for name in (NIGHTLY, WEEKLY):
            house.airflow.call("dags", "unpause", name)
        # Airflow begins at once with what it has missed
        wait(lambda: len(house.ended_by_schedule()) == 2)
        yield house


def test_both_dags_run_without_a_scheduler(house: House) -> None:
    house.airflow.call("dags", "test", NIGHTLY)
    assert house.clinic.differences() == []
    house.clinic.sql("CREATE TABLE recall (n int PRIMARY KEY)")
    house.airflow.call("dags", "test", WEEKLY)
    query = "SELECT value FROM xcom WHERE task_id = 'schema.changes' AND key = 'return_value'"
    ((told,),) = house.airflow.rows(query)
    assert {*told} == {"has_changes", "has_breaking_changes", "change_details", "backup_path"}
    assert "recall" in {change["table"] for change in told["change_details"]}
    assert Path(told["backup_path"]).exists()


def test_what_breaks_those_who_read_raw_makes_the_weekly_run_red(busy: House) -> None:
    busy.clinic.sql("DROP TABLE recall")
    run_id = busy.airflow.trigger(WEEKLY)
    assert busy.airflow.ended(run_id) == "failed"
    tasks = busy.airflow.tasks(run_id)
    assert tasks == {
        "analyze 0": "success",
        "backup 0": "success",
        "changes 0": "failed",
        "clinics": "success",
    }
    assert "tables.changes.md" in busy.airflow.log(run_id, "changes")


WELL = {
    "clinics": "success",
    "dbt": "skipped",
    "drift 0": "success",
    "move 0": "success",
    "report": "success",
    "validate 0": "success",
    "views": "skipped",
    "well": "success",
}


def test_a_night_that_is_due_is_started_by_the_scheduler_and_dbt_behind_it(busy: House) -> None:
    built = busy.place / "built"
    busy.dags(**{"30 21 * * *": "* * * * *", 'DBT = ""': f"DBT = \"touch '{built}'\""})
    missed = busy.ended_by_schedule()
    wait(lambda: busy.ended_by_schedule() > missed)
    busy.dags()
    run_id = min(busy.ended_by_schedule() - missed)
    assert busy.airflow.tasks(run_id) == WELL | {"dbt": "success"}
    assert built.exists()
    assert busy.clinic.differences() == []
    found = busy.clinic.rows(
        busy.clinic.analytics,
        f"SELECT status FROM raw.etl_runs WHERE orchestrator_run_id = '{run_id}'",
    )
    assert found == [("success",)]
    # no other one is due any more
    wait(lambda: not busy.airflow.rows("SELECT 1 FROM dag_run WHERE state IN ('running','queued')"))


def test_a_table_that_fails_makes_the_night_red_and_is_told(busy: House) -> None:
    clinic = busy.clinic
    clinic.execute(
        clinic.analytics, 'ALTER TABLE raw.procedurelog ADD CONSTRAINT odd CHECK ("n" < 301)'
    )
    clinic.sql("INSERT INTO procedurelog VALUES (301, 'hunter2')")
    clinic.sql("INSERT INTO appointment VALUES (301, '')")
    with sinks.mail() as mail:
        busy.settle(ETL_NOTIFY_URLS=mail.url())
        state, tasks = busy.night()
    busy.settle()
    assert state == "failed"
    bad = {"move 0": "failed", "dbt": "upstream_failed", "report": "failed"}
    assert tasks == WELL | bad | {"well": "upstream_failed"}
    assert "procedurelog" in mail.taken[0].get_content()
    assert {one.table for one in clinic.differences()} == {"procedurelog"}
    clinic.execute(clinic.analytics, "ALTER TABLE raw.procedurelog DROP CONSTRAINT odd")
    assert busy.night() == ("success", WELL)
    assert clinic.differences() == []


def test_a_password_that_is_wrong_makes_the_night_red_and_is_in_no_log(busy: House) -> None:
    busy.settle(OPENDENTAL_SOURCE_PASSWORD="hunter2")
    run_id = busy.airflow.trigger(NIGHTLY)
    assert busy.airflow.ended(run_id) == "failed"
    busy.settle()
    bad = {"drift 0": "skipped", "move 0": "failed", "dbt": "upstream_failed"}
    tasks = busy.airflow.tasks(run_id)
    assert tasks | {"report": ""} == WELL | bad | {"well": "upstream_failed", "report": ""}
    said = busy.airflow.log(run_id, "move")
    assert "access denied" in said.lower()
    logs = "".join(file.read_text() for file in busy.airflow.home.rglob("logs/**/*.log"))
    assert not any(secret in logs for secret in ("hunter2", *passwords(busy.clinic)))


def passwords(clinic: Clinic) -> list[str]:
    return [value for name, value in clinic.environ.items() if name.endswith("PASSWORD") and value]


def test_a_night_during_an_upgrade_is_skipped(busy: House) -> None:
    clinic = busy.clinic
    clinic.sql("UPDATE preference SET ValueString = 'FRONTDESK'")
    state, tasks = busy.night()
    clinic.sql("UPDATE preference SET ValueString = ''")
    # nothing was moved, and somebody has to know
    red = {"move 0": "skipped", "report": "failed", "well": "upstream_failed"}
    assert (state, tasks) == ("failed", WELL | red)
    assert busy.night() == ("success", WELL)
    # which the next run brings to PostgreSQL
    assert busy.runs(clinic)[-2:] == [("refused", 3), ("success", 0)]
    assert clinic.differences() == []


def test_a_move_that_is_ended_frees_its_locks_and_the_next_try_mends(busy: House) -> None:
    clinic, airflow = busy.clinic, busy.airflow
    before = len(busy.runs(clinic))
    clinic.sql("INSERT INTO appointment VALUES (400, '')")
    with clinic.source.connect() as connection:
        connection.exec_driver_sql("LOCK TABLES appointment WRITE")
        run_id = airflow.trigger(NIGHTLY)
        wait(lambda: len(busy.runs(clinic)) > before)
        # as somebody does who clicks on Clear while it runs
        airflow.clear(NIGHTLY, run_id, "night.move")
        wait(
            lambda: busy.runs(clinic)[before:][:1] == [("interrupted", 130)],
            lambda: str(busy.runs(clinic)[before:]),
        )
    assert airflow.ended(run_id) == "success"
    assert [*busy.runs(clinic)[before:]] == [("interrupted", 130), ("success", 0)]
    assert clinic.differences() == []


def test_of_two_workers_one_is_killed_and_all_six_clinics_are_exact(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        clinics = {
            f"clinic_{number}": stack.enter_context(new_clinic(cluster, tmp_path, monkeypatch))
            for number in range(1, 7)
        }
        place = tmp_path / "group"
        monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
        lay_down(place, [Scheduler.AIRFLOW])
        for name, clinic in clinics.items():
            fill(clinic, rows=200_000)
            write_settings(place / "clinics" / name, clinic.environ)
            write_tables(clinic.tables(), place / "clinics" / name / "tables.yml")
        write_tables(clinic.tables(), place / "config/tables.yml")
        broker = stack.enter_context(redis(tmp_path))
        made = stack.enter_context(
            airflow(
                tmp_path / "airflow",
                cluster.analytics,
                CORE__EXECUTOR="CeleryExecutor",
                CELERY__BROKER_URL=broker,
            )
        )
        house = House(place, made, clinics)
        house.dags(**{"AT_ONCE = 2": "AT_ONCE = 4"})
        servers = stack.enter_context(working(made, "first", "second"))
        # Airflow begins at once with the night that it has missed
        made.call("dags", "unpause", NIGHTLY)
        begun: list[str] = []

        def begins() -> bool:
            begun.extend(house.at_work(servers["first"]))
            return bool(begun)

        wait(begins)
        kill_tree(servers["first"])
        ((run_id,),) = made.rows("SELECT run_id FROM dag_run")
        assert made.ended(run_id) == "success"
        moves = {name: state for name, state in made.tasks(run_id).items() if "move" in name}
        assert moves == {f"move {number}": "success" for number in range(6)}
        for name, clinic in clinics.items():
            assert clinic.differences() == []
            # what was killed did not end, and what took its place did
            ended = [("crashed", None)] if name in begun else []
            assert house.runs(clinic) == [*ended, ("success", 0)], name
