"""How everything stands: each state made by its real cause, and told where somebody looks."""

import json
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from markupsafe import escape
from pydantic import SecretStr

from opendental_pipeline.analysis.changes import Changelog
from opendental_pipeline.notifying.notifier import Notifier
from opendental_pipeline.page.page import render
from opendental_pipeline.runs import nightly as nightly_run
from opendental_pipeline.settings.notification_settings import NotificationSettings
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tuning import RunTuning, Tuning
from opendental_pipeline.status.facts import Facts, HopFacts, LoadFacts, RunFacts
from opendental_pipeline.status.judge import judge
from opendental_pipeline.status.model import PipelineStatus, State
from opendental_pipeline.status.prometheus import metrics
from tests import programs, sinks
from tests.conftest import Clinic
from tests.programs import at_work
from tests.promtool import promtool_at_work
from tests.statuses import UPGRADE


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    return programs.two_tables(clinic)


def look(clinic: Clinic, *arguments: str, **variables: str) -> tuple[int, PipelineStatus, str]:
    """Exit code, document and what is shown on a terminal."""
    environ = {**programs.environment(clinic), **variables}
    place = clinic.home.parent
    done = programs.start("status.py", "--json", *arguments, environ=environ, cwd=place)
    shown = programs.start("status.py", *arguments, environ=environ, cwd=place)
    assert (done.code, done.err, shown.err) == (shown.code, "", ""), done.err
    assert "secret" not in done.out + shown.out
    status = PipelineStatus.model_validate_json(done.out)
    on_the_page(status)
    in_metrics(status)
    as_one_message(status)
    return done.code, status, shown.out


def on_the_page(status: PipelineStatus) -> None:
    page = render(status)
    assert "secret" not in page
    assert [one for one in status.problems if str(escape(one.text)) not in page] == []
    assert str(escape(status.summary)) in page


def in_metrics(status: PipelineStatus) -> None:
    lines = list(metrics(status))
    with promtool_at_work() as promtool:
        done = promtool.run("check", "metrics", given="\n".join(lines) + "\n")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert f'opendental_well{{schema="raw"}} {int(status.well)}' in lines


def as_one_message(status: PipelineStatus) -> None:
    with sinks.mail() as mail, sinks.web() as chat:
        to = SecretStr(f"{mail.url()} json://127.0.0.1:{chat.port}/hook")
        notifier = Notifier.of(None, Tuning(), NotificationSettings(urls=to))
        assert notifier.check(status) == ()
    wrong = [one for one in status.problems if one.state is not State.DRIFTED]
    assert len(mail.taken) == len(chat.taken) == bool(wrong)
    if wrong:
        text = mail.taken[0].get_content().replace("\r\n", "\n")
        assert json.loads(chat.taken[0][2])["message"].strip() == text.strip()
        assert [one for one in wrong if f"{one.state}:" not in text] == []
        assert "secret" not in text


def states(status: PipelineStatus) -> dict[str, list[State]]:
    return {table.table_name: list(table.states) for table in status.tables}


def set_back(clinic: Clinic, days: int) -> None:
    """As if all that happened had happened before."""
    span = f"interval '{days} days'"
    for table, columns in {
        "etl_runs": ("started_at", "finished_at"),
        "etl_table_runs": ("started_at", "rows_proved_at"),
        "etl_load_status": ("last_loaded_at", "last_loaded"),
    }.items():
        sets = ", ".join(f"{column} = {column} - {span}" for column in columns)
        clinic.execute(clinic.analytics, f"UPDATE raw.{table} SET {sets}")


def test_before_the_first_night_nothing_ever_ran(practice: Clinic) -> None:
    code, status, shown = look(practice)
    assert code == 1
    assert states(status) == {name: [State.NEVER] for name in ("fee", "visit")}
    assert [problem.state for problem in status.problems] == [State.NEVER, State.NEVER]
    assert "no run was ever recorded" in shown


def test_after_a_night_all_is_well_and_the_clinic_s_server_need_not_be_there(
    practice: Clinic, tmp_path: Path
) -> None:
    assert programs.nightly(practice).code == 0
    file = tmp_path / "opendental.prom"
    code, status, shown = look(
        practice, "--prometheus", str(file), "--runs", "3", OPENDENTAL_SOURCE_PORT="1"
    )
    assert code == 0
    assert shown.splitlines()[0] == "all well; the last run began 0 min ago"
    assert states(status) == {"fee": [], "visit": []}
    assert status.problems == ()
    visit = next(table for table in status.tables if table.table_name == "visit")
    assert visit.rows == 300
    assert visit.last_loaded and visit.last_changed and visit.proved_at
    assert [run.status for run in status.runs] == ["success"]
    assert status.summary == "all well"
    assert {"pipeline", "PostgreSQL", "its server at the last analysis"} <= status.versions.keys()
    assert file.stat().st_mode & 0o777 == 0o640
    assert f'opendental_well{{schema="{status.schema_name}"}} 1' in file.read_text().splitlines()
    assert next(metrics(status)).startswith("# HELP opendental_status_timestamp_seconds")


def test_a_table_that_fails_is_named_with_the_command_to_run(practice: Clinic) -> None:
    assert programs.nightly(practice).code == 0
    practice.execute(practice.analytics, 'ALTER TABLE raw.fee ADD CONSTRAINT odd CHECK ("n" < 301)')
    practice.sql("INSERT INTO fee VALUES (301, 'secret')")
    assert programs.nightly(practice).code == 1
    code, status, shown = look(practice, "--problems")
    assert code == 1
    assert states(status) == {"fee": [State.FAILED], "visit": []}
    (problem,) = status.problems
    assert problem.tables == ("fee",)
    assert problem.command == "nightly.py --table fee"
    assert shown.splitlines()[0].startswith("1 table failed; the last run began")
    assert "    nightly.py --table fee" in shown.splitlines()
    assert look(practice, "--table", "visit")[0] == 1
    only = look(practice, "--table", "visit")[1]
    assert (list(states(only)), only.problems) == (["visit"], ())


def test_a_brake_is_told_as_one(practice: Clinic) -> None:
    assert programs.nightly(practice).code == 0
    practice.sql("DELETE FROM visit WHERE n > 9")
    assert programs.nightly(practice).code == 1
    code, status, _ = look(practice)
    assert code == 1
    assert states(status)["visit"] == [State.BRAKED]
    (problem,) = status.problems
    assert "nightly.py --table visit --yes-i-mean-it" in problem.text


def test_a_run_that_was_killed_has_crashed_and_one_at_work_has_not(practice: Clinic) -> None:
    with practice.source.connect() as holder, at_work(practice) as job:
        holder.exec_driver_sql("LOCK TABLES visit WRITE")
        end = time.monotonic() + 30
        while not (facts := look(practice)[1]).running:
            assert time.monotonic() < end
        assert facts.running.status == "running"
        assert "running for 0 min" in facts.verdict
        job.process.send_signal(signal.SIGKILL)
        job.process.wait()
        while (after := look(practice)[1]).running:
            assert time.monotonic() < end
    assert after.problems[0].state is State.CRASHED
    assert "the last run crashed" in after.verdict


def test_a_night_that_could_not_be_recorded_is_no_secret(practice: Clinic) -> None:
    assert programs.nightly(practice).code == 0
    assert programs.nightly(practice, OPENDENTAL_SOURCE_PORT="1").code == 2
    code, status, shown = look(practice)
    assert code == 1
    assert [run.status for run in status.runs] == ["failed", "success"]
    assert status.problems[0].state is State.FAILED
    assert "cannot connect to" in shown
    assert programs.nightly(practice).code == 0
    assert look(practice)[0] == 0


def test_nothing_that_runs_for_two_days_is_overdue_and_stale(practice: Clinic) -> None:
    assert programs.nightly(practice).code == 0
    set_back(practice, 2)
    code, status, shown = look(practice)
    assert code == 1
    assert states(status) == {"fee": [State.STALE], "visit": [State.STALE]}
    assert [problem.state for problem in status.problems] == [State.OVERDUE, State.STALE]
    assert shown.startswith("a run is overdue; 2 tables stale; the last run began 48 h ago")
    assert look(practice, "--max-age", "72")[0] == 0
    environ = {**programs.environment(practice), "RUNS__HISTORY_DAYS": "1"}
    done = programs.start("status.py", "--prune", environ=environ, cwd=practice.home.parent)
    assert done.err == "forgot 1 runs and 4 moves of tables, older than 1 days\n"
    assert practice.rows(practice.analytics, "SELECT count(*) FROM raw.etl_runs") == [(0,)]


def test_what_nobody_compared_for_long_is_unproved(practice: Clinic) -> None:
    assert programs.nightly(practice).code == 0
    practice.execute(
        practice.analytics,
        "UPDATE raw.etl_table_runs SET rows_proved_at = now() - interval '20 days'"
        " WHERE table_name = 'fee'",
    )
    code, status, _ = look(practice)
    assert code == 1
    assert states(status) == {"fee": [State.UNPROVED], "visit": []}
    assert status.problems[0].command == "verify.py --table fee"
    environ, place = programs.environment(practice), practice.home.parent
    assert programs.start("verify.py", "--table", "fee", environ=environ, cwd=place).code == 0
    assert look(practice)[0] == 0
    practice.execute(practice.analytics, "UPDATE raw.visit SET \"Note\" = 'other' WHERE n < 4")
    assert programs.start("verify.py", environ=environ, cwd=place).code == 1
    query = "SELECT kind, status, exit_code, compared FROM raw.etl_runs ORDER BY started_at"
    assert practice.rows(practice.analytics, query)[1:] == [
        ("verify", "success", 0, []),
        (
            "verify",
            "partial",
            1,
            [{"table": "visit", "hop": "raw", "missing": 0, "changed": 3, "extra": 0}],
        ),
    ]
    # a look is no move, and no night
    seen = look(practice)[1]
    assert [run.kind for run in seen.runs] == ["nightly"]
    assert {table.rows for table in seen.tables} == {300}


def test_a_table_that_is_not_as_tables_yml_says_has_drifted(practice: Clinic) -> None:
    file = practice.home.parent / "before.yml"
    file.write_bytes(practice.write_tables().read_bytes())
    analysis = practice.home / "tables.analysis.json"
    (practice.home.parent / "before.analysis.json").write_bytes(analysis.read_bytes())
    practice.sql("ALTER TABLE fee ADD COLUMN Amount double")
    variables = {"SOURCES__OPENDENTAL__TABLES_FILE": str(file)}
    assert programs.nightly(practice, **variables).code == 0
    code, status, _ = look(practice, **variables)
    assert states(status) == {"fee": [State.DRIFTED], "visit": []}
    assert (code, status.problems[0].command) == (0, "analyze.py")
    assert (status.schema_log, status.remarks) == ((), ())
    changelog = practice.home.parent / "before.changes.json"
    changelog.write_text(Changelog(entries=(UPGRADE,) * 9).to_json())
    assert look(practice, **variables)[1].schema_log == (UPGRADE,) * 5
    changelog.write_text("[]")
    (remark,) = look(practice, **variables)[1].remarks
    assert "before.changes.json is not a changelog" in remark


def test_how_far_a_run_is_can_be_read_while_it_goes_on(
    practice: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly_run, "_TOLD_SECONDS", 0.05)
    practice.tuning = Tuning(runs=RunTuning(slice_rows=20, group_tables=1))
    assert practice.run().failed == []
    query = "SELECT progress FROM raw.etl_runs"
    ((progress,),) = practice.rows(practice.analytics, query)
    copied = progress["hops"]["replication"]
    assert copied["tables"] == 2
    assert copied["expected_rows"] == 600
    assert 0 <= copied["rows"] <= 600
    assert copied["done"] <= 2


def test_bad_arguments_write_nothing(practice: Clinic, tmp_path: Path) -> None:
    environ = programs.environment(practice)
    for arguments, words in (
        (["--max-age", "-1"], "must be a number of hours above 0"),
        (["--max-age", "nan"], "must be a number of hours above 0"),
        (["--runs", "0"], "must be a whole number of at least 1"),
        (["--table", "vist"], "there is no table vist (did you mean visit?)"),
        (["--prometheus", str(tmp_path / "no" / "file.prom")], "cannot be written"),
    ):
        done = programs.start("status.py", *arguments, environ=environ, cwd=tmp_path)
        assert (done.code, done.out) == (2, ""), (arguments, done.out, done.err)
        assert words in done.err
        assert "Traceback" not in done.err


def test_an_unreachable_postgresql_is_told_in_one_message(practice: Clinic) -> None:
    environ = {**programs.environment(practice), "POSTGRES_ANALYTICS_PORT": "1"}
    done = programs.start("status.py", environ=environ, cwd=practice.home.parent)
    assert (done.code, done.out) == (2, "")
    assert "Connection refused" in done.err
    assert "Traceback" not in done.err


# what real nights would take too long to make

NOW = datetime(2026, 3, 1, 7, tzinfo=UTC)


def of_paces(*runs: tuple[int, float]) -> Facts:
    """A table whose last runs moved so many rows in so many seconds, the latest first."""
    hops = tuple(
        HopFacts(
            table_name="claim",
            hop="raw",
            started_at=NOW - timedelta(days=number),
            status="success",
            rows=rows,
            seconds=seconds,
            rows_proved_at=NOW,
        )
        for number, (rows, seconds) in enumerate(runs)
    )
    return Facts(
        at=NOW,
        runs=(RunFacts(run_id="1", started_at=NOW, finished_at=NOW, status="success"),),
        loads={"claim": LoadFacts(table_name="claim", load_status="success", last_loaded=NOW)},
        hops={("claim", "raw"): hops, ("claim", "replication"): hops[:1]},
    )


def is_slow(facts: Facts, pace: float | None = None) -> bool:
    monitoring = {"performance_threshold_records_per_second": pace}
    config = TableConfig(
        table_name="claim", extraction_strategy="full_table", monitoring=monitoring
    )
    status = judge(facts, {"claim": config}, schema="raw")
    assert status.well
    return status.tables[0].states == (State.SLOW,)


def test_a_table_is_slow_from_two_runs_of_many_rows_on() -> None:
    usual = [(50_000, 40.0)] * 10
    assert not is_slow(of_paces(*usual))
    assert not is_slow(of_paces((50_000, 200.0), *usual))
    assert is_slow(of_paces((50_000, 200.0), (50_000, 190.0), *usual))
    # thrice its own time, but no minute
    assert not is_slow(of_paces((50_000, 50.0), (50_000, 50.0), *[(50_000, 10.0)] * 10))
    assert not is_slow(of_paces((9_000, 900.0), (9_000, 900.0), *usual))


def test_the_pace_of_tables_yml_counts_from_ten_thousand_rows_on() -> None:
    assert is_slow(of_paces((10_000, 20.0), (10_000, 20.0)), pace=600.0)
    assert not is_slow(of_paces((10_000, 20.0), (10_000, 20.0)), pace=400.0)
    assert not is_slow(of_paces((9_999, 20.0), (9_999, 20.0)), pace=600.0)
    assert not is_slow(of_paces((10_000, 20.0)), pace=600.0)


def test_a_run_that_was_refused_while_another_was_at_work_hides_nothing() -> None:
    facts = of_paces((10, 1.0))
    good = replace_run(facts.runs[0], "2", began=-60, ended=-10, status="success")
    refused = replace_run(facts.runs[0], "3", began=-30, ended=-30, status="refused")
    config = TableConfig(table_name="claim", extraction_strategy="full_table")
    seen = judge(
        facts.model_copy(update={"runs": (refused, good)}), {"claim": config}, schema="raw"
    )
    assert seen.well
    alone = judge(facts.model_copy(update={"runs": (refused,)}), {"claim": config}, schema="raw")
    assert [problem.state for problem in alone.problems] == [State.FAILED]


def replace_run(run: RunFacts, number: str, *, began: int, ended: int, status: str) -> RunFacts:
    return run.model_copy(
        update={
            "run_id": number,
            "status": status,
            "started_at": NOW + timedelta(minutes=began),
            "finished_at": NOW + timedelta(minutes=ended),
        }
    )


def test_what_is_gone_new_or_drifted_is_known_from_the_last_run_of_all_tables() -> None:
    facts = of_paces((10, 1.0))
    gone, new = {"sheet": "gone since 2026-02-01, 5 rows are kept"}, {"wiki": "moved"}
    night = facts.runs[0].model_copy(
        update={
            "gone_tables": gone,
            "new_tables": new,
            "schema_drift": ("claim",),
            "tables_succeeded": 3,
        }
    )
    single = night.model_copy(
        update={"gone_tables": {}, "schema_drift": (), "options": {"tables": ["claim"]}}
    )
    old = {
        name: LoadFacts(table_name=name, load_status="failed", error="gone", last_loaded=NOW)
        for name in ("sheet", "off")
    }
    wiki = {"wiki": LoadFacts(table_name="wiki", load_status="success", last_loaded=NOW)}
    seen = judge(
        facts.model_copy(update={"runs": (single, night), "loads": {**facts.loads, **old, **wiki}}),
        {"claim": TableConfig(table_name="claim", extraction_strategy="full_table")},
        schema="raw",
    )
    assert seen.well
    assert states(seen) == {"claim": [State.DRIFTED], "wiki": []}
    assert seen.gone == gone


def test_a_run_that_was_stopped_on_its_way_is_told_though_its_tables_only_wait() -> None:
    facts = of_paces((10, 1.0))
    stopped = facts.runs[0].model_copy(
        update={"status": "partial", "error": "the lock was lost", "tables_failed": 1}
    )
    config = TableConfig(table_name="claim", extraction_strategy="full_table")
    seen = judge(facts.model_copy(update={"runs": (stopped,)}), {"claim": config}, schema="raw")
    assert [problem.state for problem in seen.problems] == [State.FAILED]
    assert seen.problems[0].text == "the run of 2026-03-01 07:00 UTC was stopped: the lock was lost"


def test_the_document_has_a_schema_that_others_can_check() -> None:
    schema = PipelineStatus.model_json_schema()
    assert schema["properties"]["schema_version"]["const"] == 1
    assert json.loads(judge(Facts(at=NOW), {}, schema="raw").model_dump_json())["well"] is False
