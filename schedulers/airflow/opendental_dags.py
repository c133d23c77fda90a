"""OpenDental to PostgreSQL: a run every night, and every week a look at the source's schema.

For the dags folder of Airflow 3. It imports the standard library and Airflow alone: the pipeline is
called as a program, so home, data and its virtual environment are at the same places on every
worker. Of several clinics each gets tasks of its own, which any executor spreads over its workers;
what they know lies in the databases.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import TriggerRule, dag, task, task_group
from airflow.sdk.exceptions import AirflowFailException
from airflow.timetables.trigger import CronTriggerTimetable

HOME = "@{home}"

NIGHTLY, WEEKLY = "30 21 * * *", "0 20 * * 0"
"""Local times. When the clocks change, the hours from 01:00 to 03:00 are skipped, or come twice."""

WINDOW = "21:00-06:00"
"""When a run may begin: Airflow starts what it missed as soon as it can."""

LONGEST = timedelta(hours=8, minutes=30)
"""After which a run is ended in order; the next one goes on from there."""

AT_ONCE = 2
"""Clinics whose rows are moved at the same time."""

DBT = ""
"""The command that builds what stands on raw; it takes the place of the run's [after] command."""

ENVIRONMENT = {
    "OPENDENTAL": "@{opendental}",
    "OPENDENTAL_HOME": HOME,
    "DLT_DATA_DIR": "@{data}",
    "TZ": "@{zone}",
    "AFTER__COMMAND": "",
}

DRIFT = """
found=$("$OPENDENTAL" analyze --check --json)
# differences stop no night, and a source that cannot be asked is told by the move
[ $? -le 1 ] && [ -n "$found" ] || exit 99
echo "$found"
"""

MOVE = f"""
# one message for all clinics comes in the end
[ -z "$ETL_CLINIC" ] || export ETL_NOTIFY_URLS= ETL_HEARTBEAT_URL=
# the program alone is told to end, and this waits until it has
trap : TERM
"$OPENDENTAL" run --window {WINDOW} --summary
code=$?
# a run that is refused is skipped; behind a try that failed, that would hide the failure
[ $code != 3 ] || [ "$AIRFLOW_CTX_TRY_NUMBER" = 1 ] || exit 1
exit $code
"""

SEVERAL = 'ls -d "$OPENDENTAL_HOME"/clinics/*/ >/dev/null 2>&1'

VIEWS = f"""
{SEVERAL} || exit 99
exec "$OPENDENTAL" union-views
"""

REPORT = f"""
{SEVERAL} && all=--all-clinics
"$OPENDENTAL" status --problems $all
stands=$?
# 2: nobody is named to be told, or PostgreSQL is not there, which status says, too
"$OPENDENTAL" notify --check $all
[ $? != 1 ] || exit 1
exit $stands
"""


def scheduled(cron: str) -> Callable[[Callable[[], None]], Callable[[], Any]]:
    """Makes a DAG that runs by the clock of the clinic, one run at a time."""
    return dag(
        schedule=CronTriggerTimetable(cron, timezone="@{zone}"),
        start_date=datetime(2026, 1, 1),
        catchup=False,
        max_active_runs=1,
        default_args={"owner": "opendental", "retries": 2, "retry_delay": timedelta(minutes=5)},
        tags=["opendental"],
    )


def program(name: str, command: str, clinic: str = "", **more: Any) -> BashOperator:
    """A task that calls the pipeline; Airflow passes SIGTERM on to what bash has started."""
    return BashOperator(
        task_id=name,
        bash_command=command,
        env={**ENVIRONMENT, "ETL_CLINIC": clinic},
        append_env=True,
        do_xcom_push="output_processor" in more,
        map_index_template="{{ task.env['ETL_CLINIC'] or 'the clinic' }}",
        **more,
    )


def each_clinic(tasks: Callable[[str], None]) -> Any:
    """Gives every clinic tasks of its own; one whose tasks fail stops no other's."""

    @task
    def clinics() -> list[str]:
        folders = [path for path in Path(HOME, "clinics").glob("*") if path.is_dir()]
        return sorted(path.name for path in folders) or [""]

    return task_group(tasks).expand(clinic=clinics())


@scheduled(NIGHTLY)
def opendental_nightly() -> None:
    """validate, drift, move; then the views over all clinics, dbt and the report."""

    def night(clinic: str) -> None:
        (
            program("validate", 'exec "$OPENDENTAL" validate', clinic)
            >> program("drift", DRIFT, clinic, output_processor=json.loads)
            >> program(
                "move",
                MOVE,
                clinic,
                output_processor=json.loads,
                skip_on_exit_code=3,
                max_active_tis_per_dagrun=AT_ONCE,
                execution_timeout=LONGEST,
                trigger_rule=TriggerRule.NONE_FAILED,
            )
        )

    moves = each_clinic(night)
    views = program("views", VIEWS, trigger_rule=TriggerRule.ALL_DONE)
    dbt = program("dbt", DBT or "exit 99", trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    report = program("report", REPORT, retries=0, trigger_rule=TriggerRule.ALL_DONE)
    # behind everything: a last task that runs whatever failed would turn a failed night green
    well = EmptyOperator(task_id="well", trigger_rule=TriggerRule.NONE_FAILED)
    moves >> views >> dbt >> report >> well
    moves >> dbt >> well


@scheduled(WEEKLY)
def opendental_weekly() -> None:
    """Keeps tables.yml, brings it up to date, and tells what changed at the source."""

    @task
    def changes(found: dict[str, Any]) -> dict[str, Any]:
        for change in found["change_details"]:
            breaks = ", ".join(change["breaks"])
            print(
                "BREAKING" if change["breaking"] else "not breaking",
                *(change["table"], change["column"] or "", change["kind"]),
                f"breaks dbt models {breaks}" if breaks else "",
            )
        if found["has_breaking_changes"]:
            raise AirflowFailException(
                "what reads raw may break: see tables.changes.md beside tables.yml"
            )
        told = ("has_changes", "has_breaking_changes", "change_details", "backup_path")
        return {name: found[name] for name in told}

    def schema(clinic: str) -> None:
        analyze = program(
            "analyze", 'exec "$OPENDENTAL" analyze --json', clinic, output_processor=json.loads
        )
        program("backup", 'exec "$OPENDENTAL" config backup', clinic) >> analyze
        changes(analyze.output)

    each_clinic(schema)


opendental_nightly()
opendental_weekly()
