"""The DAGs of `init --with airflow`: a real Airflow takes them, and what they ask of the shell."""

import ast
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.airflow_servers import environment
from tests.test_schedulers import DAGS

_LOOK = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
kept = ("trigger_rule", "retries", "bash_command", "max_active_tis_per_dagrun", "skip_on_exit_code")
print(json.dumps({"errors": bag.import_errors, "dags": {
    dag.dag_id: {
        "alone": dag.max_active_runs == 1 and not dag.catchup,
        "zone": str(dag.timetable._timezone),
        "tasks": {
            task.task_id.rpartition(".")[2]: {
                **{name: getattr(task, name, None) for name in kept},
                "behind": sorted(one.rpartition(".")[2] for one in task.upstream_task_ids),
            }
            for task in dag.tasks
        },
    }
    for dag in bag.dags.values()
}}, default=str))
"""

Tasks = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a real Airflow makes of the file."""
    folder = tmp_path_factory.mktemp("airflow")
    file = folder / "opendental_dags.py"
    file.write_text(DAGS)
    done = subprocess.run(
        [environment() / "python", "-c", _LOOK, file],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "AIRFLOW_HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_airflow_takes_both_dags(seen: dict[str, Any]) -> None:
    assert seen["errors"] == {}
    nightly, weekly = seen["dags"]["opendental_nightly"], seen["dags"]["opendental_weekly"]
    for dag in (nightly, weekly):
        assert (dag["alone"], dag["zone"]) == (True, "America/New_York")
    assert {name: task["behind"] for name, task in nightly["tasks"].items()} == {
        "clinics": [],
        "validate": ["clinics"],
        "drift": ["clinics", "validate"],
        "move": ["clinics", "drift"],
        "views": ["move"],
        "dbt": ["move", "views"],
        "report": ["dbt"],
        "well": ["dbt", "report"],
    }
    assert {name: task["behind"] for name, task in weekly["tasks"].items()} == {
        "clinics": [],
        "backup": ["clinics"],
        "analyze": ["backup", "clinics"],
        "changes": ["analyze"],
    }


def test_it_needs_the_standard_library_and_airflow_alone() -> None:
    names = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(DAGS))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {name.split(".")[0] for name in names} - sys.stdlib_module_names == {"airflow"}


def test_no_task_that_runs_whatever_failed_is_the_last(seen: dict[str, Any]) -> None:
    tasks: Tasks = seen["dags"]["opendental_nightly"]["tasks"]
    last = set(tasks) - {name for task in tasks.values() for name in task["behind"]}
    assert last == {"well"}
    assert tasks["well"]["trigger_rule"] == "none_failed"
    whatever = {name for name, task in tasks.items() if task["trigger_rule"] == "all_done"}
    # what is behind them is behind the move by itself, too, and fails with it
    assert whatever == {"views", "report"}
    assert {"move"} <= {*tasks["dbt"]["behind"]}
    assert tasks["dbt"]["trigger_rule"] == "none_failed_min_one_success"


# what the shell is asked


@dataclass
class Shell:
    """The commands of tasks, with a stand-in for the pipeline's program."""

    folder: Path
    tasks: Tasks

    def environ(self, **more: str) -> dict[str, str]:
        usual = {
            "PATH": os.environ["PATH"],
            "OPENDENTAL": str(self.folder / "opendental"),
            "OPENDENTAL_HOME": str(self.folder),
            "ETL_CLINIC": "",
            "AIRFLOW_CTX_TRY_NUMBER": "1",
        }
        return usual | more

    def start(self, task: str, program: str, **more: str) -> "subprocess.Popen[str]":
        file = self.folder / "opendental"
        file.write_text(f"#!/bin/bash\n{program}\n")
        file.chmod(0o755)
        return subprocess.Popen(
            ["bash", "-c", self.tasks[task]["bash_command"]],
            env=self.environ(**more),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, task: str, program: str, **more: str) -> tuple[int, str]:
        process = self.start(task, program, **more)
        said, _ = process.communicate(timeout=30)
        return process.returncode, said


@pytest.fixture
def shell(seen: dict[str, Any], tmp_path: Path) -> Shell:
    return Shell(tmp_path, seen["dags"]["opendental_nightly"]["tasks"])


def test_a_refusal_is_skipped_unless_it_is_behind_a_try_that_failed(shell: Shell) -> None:
    assert shell.tasks["move"]["skip_on_exit_code"] == [3]
    for code, tried, ends in ((0, 1, 0), (1, 1, 1), (3, 1, 3), (3, 2, 1), (0, 2, 0), (130, 1, 130)):
        done = shell.run("move", f"exit {code}", AIRFLOW_CTX_TRY_NUMBER=str(tried))
        assert done == (ends, ""), (code, tried)


def test_a_clinic_of_several_leaves_telling_to_the_report(shell: Shell) -> None:
    program = 'echo "$* ${ETL_NOTIFY_URLS-unset} ${ETL_HEARTBEAT_URL-unset}"'
    asked = "run --window 21:00-06:00 --summary"
    assert shell.run("move", program) == (0, f"{asked} unset unset\n")
    assert shell.run("move", program, ETL_CLINIC="north") == (0, f"{asked}  \n")


def test_a_signal_reaches_the_program_and_its_end_is_waited_for(shell: Shell) -> None:
    program = 'trap "sleep 1; echo ended; exit 130" TERM; echo begun; while :; do sleep 0.1; done'
    with shell.start("move", program) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        # as Airflow ends what it has started
        os.killpg(process.pid, signal.SIGTERM)
        assert process.stdout.readline() == "ended\n"
        assert process.wait(timeout=30) == 130


def test_drift_stops_no_move(shell: Shell) -> None:
    assert shell.tasks["drift"]["skip_on_exit_code"] == [99]
    assert shell.tasks["move"]["trigger_rule"] == "none_failed"
    ends = [shell.run("drift", f"echo '{{}}'; exit {code}") for code in (0, 1, 2, 130)]
    assert [code for code, _ in ends] == [0, 0, 99, 99]
    assert [said for _, said in ends[:2]] == ["{}\n", "{}\n"]
    # a fault of the program ends with 1, too, and Airflow could not read its last line as JSON
    assert shell.run("drift", "echo a fault >&2; exit 1")[0] == 99


@pytest.mark.parametrize(
    ("stands", "told", "ends"),
    [(0, 0, 0), (1, 1, 1), (0, 1, 1), (0, 2, 0), (1, 2, 1), (2, 2, 2), (1, 0, 1)],
)
def test_the_report_is_red_for_what_is_wrong_and_for_what_could_not_be_told(
    shell: Shell, stands: int, told: int, ends: int
) -> None:
    program = f'echo "$*"; [ "$1" = status ] && exit {stands}; exit {told}'
    said = "status --problems{0}\nnotify --check{0}\n"
    assert shell.run("report", program) == (ends, said.format(""))
    (shell.folder / "clinics/north").mkdir(parents=True)
    assert shell.run("report", program) == (ends, said.format(" --all-clinics"))


def test_views_are_made_where_there_are_clinics(shell: Shell) -> None:
    assert shell.run("views", "exit 0") == (99, "")
    (shell.folder / "clinics/north").mkdir(parents=True)
    assert shell.run("views", 'echo "$*"') == (0, "union-views\n")
