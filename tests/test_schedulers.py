"""Units, crontab and workflow of `init --with` start runs at the right time, and tell of them."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

import pytest
import yaml
from croniter import croniter

from demo import suites
from demo.binaries import Programs
from opendental_pipeline.programs.init import lay_down
from opendental_pipeline.programs.schedulers import SCHEDULERS, filled_in
from opendental_pipeline.settings.choices import Scheduler
from opendental_pipeline.settings.errors import ConfigurationError
from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.settings.window import Window
from tests import programs, sinks
from tests.conftest import Clinic, write_tables
from tests.test_window import around_now

WINDOW = "21:00-06:00"
SUITABLE = {
    "opendental": "/opt/clinic/bin/opendental",
    "python": "/opt/clinic/bin/python",
    "home": "/opt/a clinic",
    "data": "/var/lib/dlt",
    "user": "etl",
    "zone": "America/New_York",
}
UNITS = filled_in(Scheduler.SYSTEMD, SUITABLE)
(CRONTAB,) = filled_in(Scheduler.CRON, SUITABLE).values()
(WORKFLOW,) = filled_in(Scheduler.GITHUB, SUITABLE).values()
(DAGS,) = filled_in(Scheduler.AIRFLOW, SUITABLE).values()


# laid down


def init(*arguments: object, **variables: str) -> programs.Done:
    words = [str(argument) for argument in arguments]
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **variables}
    return programs.start("init.py", *words, environ=environ, cwd=CHECKOUT)


def test_files_are_laid_down_filled_in_and_what_is_there_stays(tmp_path: Path) -> None:
    home, data = tmp_path / "a clinic", tmp_path / "dlt"
    mine = home / "cron/opendental.cron"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine\n")
    done = init(home, "--with", "systemd,cron,github,airflow", DLT_DATA_DIR=str(data))
    assert (done.code, done.err) == (0, "")
    assert f"{mine}: is there, and stays" in done.out
    assert mine.read_text() == "mine\n"
    assert data.is_dir()
    places = {place for files in SCHEDULERS.values() for place in files.places.values()}
    for place in places - {"cron/opendental.cron"}:
        text = (home / place).read_text()
        assert "@{" not in text
        if not place.endswith(".timer"):
            assert str(home) in text
            (script,) = set(re.findall(r'"([^"]*/opendental)"', text))
            assert os.access(script, os.X_OK)


def test_nobody_gets_what_nobody_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    assert len(lay_down(tmp_path / "none")) == 3
    assert len(lay_down(tmp_path / "cron", [Scheduler.CRON])) == 4


def test_what_would_be_read_otherwise_is_refused(tmp_path: Path) -> None:
    for name in ("100%", "a$b", 'a"b', "a\\b", "a`b", "a\nb"):
        with pytest.raises(ConfigurationError, match="schedulers would read '"):
            lay_down(tmp_path / name, [Scheduler.CRON])
    assert list(tmp_path.iterdir()) == []
    assert init(tmp_path / "100%", "--with", "cron").code == 2


def test_a_scheduler_that_nobody_knows_is_told_with_those_that_are(tmp_path: Path) -> None:
    done = init(tmp_path / "x", "--with", "systemd,airlow")
    assert done.code == 2
    told = "argument --with: must be some of systemd, cron, github, airflow, not 'systemd,airlow'"
    assert done.err.splitlines()[-1] == f"init.py: error: {told}"


def test_every_template_belongs_to_a_scheduler_and_ships_with_the_wheel() -> None:
    known = {name for files in SCHEDULERS.values() for name in files.places}
    folder = CHECKOUT / "schedulers"
    there = {path.relative_to(CHECKOUT).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == known
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    shipped = settings["tool"]["setuptools"]["data-files"]
    installed = {
        f"{place}/{path.name}"
        for place, patterns in shipped.items()
        for pattern in patterns
        for path in CHECKOUT.glob(pattern)
    }
    assert {f"share/opendental/{name}" for name in known} <= installed


# systemd


@pytest.fixture(scope="module")
def analyzer() -> Iterator[tuple[Programs, Path]]:
    """Debian's systemd-analyze in a folder of its own, and a folder that it reaches."""
    there = suites.programs(suites.SYSTEMD, "systemd-analyze", print)
    home = suites.make_home(there.account)
    yield there, home
    shutil.rmtree(home)


def verified(analyzer: tuple[Programs, Path], change: Mapping[str, str]) -> tuple[int, str]:
    """The answer of `systemd-analyze verify` to all units, parts of which are replaced."""
    there, home = analyzer
    assert there.account.root is not None
    program = home / "open dental"
    program.touch()
    program.chmod(0o755)
    machine = {**SUITABLE, "opendental": str(program), "home": str(home)}
    for place, text in filled_in(Scheduler.SYSTEMD, machine).items():
        for old, new in change.items():
            text = text.replace(old, new)
        (home / Path(place).name).write_text(text)
    units = sorted(home.glob("opendental*"))
    assert len(units) == len(UNITS)
    clean = ["/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
    # it makes folders in /run
    analyze = ["chroot", str(there.account.root), *clean, str(there.server), "verify"]
    command = [*analyze, *map(str, units)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_systemd_has_nothing_to_say_about_the_units(analyzer: tuple[Programs, Path]) -> None:
    assert verified(analyzer, {}) == (0, "")
    for old, new in {
        "OnFailure=": "OnFalure=",
        "21:30": "25:30",
        "=oneshot": "=once",
        '/open dental"': '/opendental"',
    }.items():
        assert verified(analyzer, {old: new})[1] != "", old


def test_units_name_units_that_are_there() -> None:
    names = {Path(place).name for place in UNITS}
    named = {name for text in UNITS.values() for name in re.findall(r"^OnFailure=(.+)", text, re.M)}
    assert named == {"opendental-check.service"}
    assert named | {name.replace(".timer", ".service") for name in names} <= names


# the time


def minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def cron_lines(text: str) -> dict[str, str]:
    """The times of a crontab's lines, and their commands."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if line and not re.match(r"#|[A-Z_]+=", line):
            *fields, command = line.split(maxsplit=5)
            assert croniter.is_valid(" ".join(fields))
            assert fields[2:] == ["*"] * 3
            found[f"{int(fields[1]):02}:{int(fields[0]):02}"] = command
    return found


def starts() -> dict[str, tuple[str, str]]:
    """When each scheduler starts the run and the check."""
    (run, ran), (check, checked) = cron_lines(CRONTAB).items()
    assert '/opendental" run ' in ran
    assert '/opendental" notify --check' in checked
    run_timer, check_timer = (
        re.findall(r"^OnCalendar=\*-\*-\* (\d\d:\d\d)$", UNITS[f"systemd/{name}.timer"], re.M)
        for name in ("opendental", "opendental-check")
    )
    (schedule,) = yaml.safe_load(WORKFLOW)[True]["schedule"]
    assert schedule["timezone"] == "America/New_York"
    (of_github,) = cron_lines(f"{schedule['cron']} run")
    assert DAGS.count('timezone="America/New_York"') == 1
    (nightly, weekly) = re.findall(r'"(\d+ \d+ \* \* [*\d])"', DAGS)
    (of_airflow,) = cron_lines(f"{nightly} run")
    (look,) = cron_lines(f"{weekly[:-1]}* look")
    return {
        "cron": (run, check),
        "systemd": (run_timer[0], check_timer[0]),
        "github": (of_github, check),
        "airflow": (of_airflow, look),
    }


@pytest.mark.parametrize("scheduler", list(Scheduler))
def test_no_time_is_one_that_a_night_may_lack_and_a_run_begins_within_its_window(
    scheduler: Scheduler,
) -> None:
    run, check = map(minutes, starts()[scheduler])
    delay = 15  # RandomizedDelaySec
    assert "RandomizedDelaySec=15m\n" in UNITS["systemd/opendental.timer"]
    for moment in (run, run + delay, check):
        assert not minutes("01:00") <= moment <= minutes("03:00")
    window = Window.parse(WINDOW)
    texts = [*UNITS.values(), CRONTAB, WORKFLOW, DAGS]
    windows = {
        w for text in texts for w in re.findall(r'(?:--window |WINDOW = ")(\d[\d:-]+)', text)
    }
    assert windows == {WINDOW}
    for moment in (run, run + delay):
        assert time(*divmod(moment, 60)) in window


@pytest.mark.parametrize("scheduler", [Scheduler.SYSTEMD, Scheduler.CRON])
def test_a_night_that_did_not_begin_is_overdue_when_it_is_looked_at(scheduler: Scheduler) -> None:
    run, check = map(minutes, starts()[scheduler])
    text = CRONTAB if scheduler == Scheduler.CRON else UNITS["systemd/opendental-check.service"]
    (hours,) = re.findall(r"STATUS__MAX_AGE_HOURS=(\d+)", text)
    age = (check - run) % (24 * 60)
    # a run of the last night, and the one before it, begun late
    assert age < int(hours) * 60 < age + 24 * 60 - 15


# the clinic


@pytest.fixture
def home(clinic: Clinic, tmp_path: Path) -> Path:
    """A configuration with everything, for a clinic of two tables; its runs may begin now."""
    for name in ("appointment", "procedurelog"):
        clinic.sql(
            f"CREATE TABLE {name} (n int NOT NULL PRIMARY KEY) ENGINE=MyISAM",
            f"INSERT INTO {name} SELECT seq FROM seq_1_to_300",
        )
    place = tmp_path / "a clinic"
    clinic.monkeypatch.setenv("DLT_DATA_DIR", str(clinic.home))
    lay_down(place, list(Scheduler))
    for file in (place / "cron/opendental.cron", place / ".github/workflows/nightly.yml"):
        file.write_text(file.read_text().replace(WINDOW, around_now(-2, 2)))
    write_tables(clinic.tables(), place / "config/tables.yml")
    return place


def settle(home: Path, clinic: Clinic, **more: str) -> None:
    """Writes the settings of a clinic."""
    programs.write_settings(home, {**clinic.environ, **more})


BARE = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def shell(command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {**BARE, "PYTHONPATH": str(CHECKOUT), **variables}
    return subprocess.run(
        command, env=environ, cwd="/", capture_output=True, text=True, timeout=120, check=False
    )


def test_the_lines_of_the_crontab_run_and_tell_of_a_night_that_never_began(
    clinic: Clinic, home: Path
) -> None:
    text = (home / "cron/opendental.cron").read_text()
    variables = "".join(f"export {line}\n" for line in re.findall(r"^[A-Z_]+=.*", text, re.M))
    run, check = cron_lines(text).values()
    with sinks.mail() as mail:
        settle(home, clinic, ETL_NOTIFY_URLS=mail.url())
        done = shell(["sh", "-c", variables + run])
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert "all well: 2 tables" in (home / "nightly.log").read_text()
        done = shell(["sh", "-c", variables + check])
        assert (done.returncode, done.stdout, done.stderr, mail.taken) == (0, "", "", [])
        # at 07:00, two evenings later
        earlier = "started_at = started_at - interval '33.5 hours'"
        clinic.execute(clinic.analytics, f"UPDATE raw.etl_runs SET {earlier}")
        done = shell(["sh", "-c", variables + check])
        assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
        assert "no run began after" in mail.taken[0].get_content()


# GitHub


@dataclass
class Job:
    """A job that is over.

    Attributes:
        codes: the exit codes of the steps that were started.
        said: what GitHub shows of them.
        summary: of its steps.
    """

    codes: dict[str, int] = field(default_factory=dict)
    said: str = ""
    summary: str = ""


def play(workflow: Path, folder: Path, **replaced: str) -> Job:
    """Does the steps of a workflow's job as a runner does."""
    document = yaml.safe_load(workflow.read_text())
    assert document["defaults"] == {"run": {"shell": "bash"}}
    ((_, work),) = document["jobs"].items()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    script, summary = folder / "step.sh", folder / "summary.md"
    files = {"RUNNER_TEMP": str(folder), "GITHUB_STEP_SUMMARY": str(summary)}
    job = Job()
    for step in work["steps"]:
        failed = any(job.codes.values())
        wanted = {"success()": not failed, "failure()": failed, "always()": True}
        if wanted[step.get("if", "success()")]:
            script.write_text(step["run"])
            bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
            done = shell(bash, **work["env"], **files, **replaced)
            job.codes[step["name"].split()[0]] = done.returncode
            job.said += done.stdout + done.stderr
    job.summary = summary.read_text()
    return job


def test_github_knows_every_key_of_the_workflow(tmp_path: Path) -> None:
    schema = ["--builtin-schema", "vendor.github-workflows"]
    command = [sys.executable, "-m", "check_jsonschema", *schema]
    file = tmp_path / "nightly.yml"
    for old, new, code in (("", "", 0), ("runs-on", "run-on", 1), ("timezone", "time_zone", 1)):
        file.write_text(WORKFLOW.replace(old, new) if old else WORKFLOW)
        done = shell([*command, str(file)])
        assert done.returncode == code, done.stdout + done.stderr


def test_the_workflow_runs_alone_with_a_limit_and_hands_nothing_over() -> None:
    document = yaml.safe_load(WORKFLOW)
    (job,) = document["jobs"].values()
    assert document["permissions"] == {}
    assert document["concurrency"] == {"group": "opendental", "cancel-in-progress": False}
    assert job["runs-on"] == ["self-hosted", "opendental"]
    assert 0 < job["timeout-minutes"] <= 24 * 60
    assert [step for step in job["steps"] if "uses" in step] == []


def test_its_steps_move_a_clinic_fail_with_a_table_and_name_none(
    clinic: Clinic, home: Path, tmp_path: Path
) -> None:
    workflow = home / ".github/workflows/nightly.yml"
    with sinks.mail() as mail:
        settle(home, clinic, ETL_NOTIFY_URLS=mail.url())
        good = play(workflow, tmp_path / "runner")
        assert good.codes == {"Check": 0, "Move": 0, "Say": 0}
        assert re.fullmatch(
            r"\*\*success\*\*, exit code 0: 2 of 2 tables, 600 rows copied, 600 loaded, \d+ s\n",
            good.summary,
        )
        assert clinic.differences() == []
        clinic.execute(
            clinic.analytics,
            'ALTER TABLE raw.procedurelog ADD CONSTRAINT odd CHECK ("n" < 301)',
        )
        clinic.sql("INSERT INTO procedurelog VALUES (301)")
        bad = play(workflow, tmp_path / "runner")
        assert bad.codes == {"Check": 0, "Move": 1, "Say": 0, "Tell": 1}
        assert bad.summary.startswith("**partial**, exit code 1: 1 of 2 tables, ")
        assert "procedurelog" in mail.taken[0].get_content()
    assert good.said + bad.said == ""
    assert not re.search("appointment|procedurelog", good.summary + bad.summary)
    log = home / "nightly.log"
    assert "procedurelog" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def pretended(folder: Path, script: str) -> Path:
    """A workflow with a script in the program's place."""
    program = folder / "opendental"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    own = {"opendental": str(program), "python": sys.executable, "home": str(folder)}
    (text,) = filled_in(Scheduler.GITHUB, SUITABLE | own).values()
    workflow = folder / "nightly.yml"
    workflow.write_text(text)
    return workflow


@pytest.mark.parametrize(
    ("faulty", "codes"),
    [
        ("validate", {"Check": 2, "Say": 0, "Tell": 0}),
        ("run", {"Check": 0, "Move": 2, "Say": 0, "Tell": 0}),
    ],
)
def test_a_job_in_which_nothing_ran_says_so_and_tells(
    tmp_path: Path, faulty: str, codes: dict[str, int]
) -> None:
    workflow = pretended(tmp_path, f'echo "table patient: $*" >&2; [ "$1" != {faulty} ] || exit 2')
    job = play(workflow, tmp_path / "runner")
    assert (job.codes, job.said) == (codes, "")
    assert job.summary == "**nothing ran**: nightly.log on the runner says why\n"
    assert "table patient: notify --check" in (tmp_path / "nightly.log").read_text()


def test_the_program_itself_gets_the_signal_of_a_job_that_is_cancelled(tmp_path: Path) -> None:
    workflow = pretended(tmp_path, "echo $$ >&2")
    (job,) = yaml.safe_load(workflow.read_text())["jobs"].values()
    (move,) = (step["run"] for step in job["steps"] if step["name"].startswith("Move"))
    environ = {**BARE, **job["env"], "RUNNER_TEMP": str(tmp_path)}
    script = tmp_path / "step.sh"
    script.write_text(move)
    with subprocess.Popen(["bash", "-eo", "pipefail", script], env=environ) as step:
        assert step.wait(timeout=30) == 0
    assert (tmp_path / "nightly.log").read_text() == f"{step.pid}\n"
