"""Statuses to look at: all well, some tables failed, nothing ran for two days; made by hand."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from opendental_pipeline.analysis.changes import Change, Kind, changelog_entry
from opendental_pipeline.runs.progress_now import HopNow, ProgressNow
from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tables_file import load_tables
from opendental_pipeline.status.facts import Facts, HopFacts, LoadFacts, RunFacts
from opendental_pipeline.status.judge import judge
from opendental_pipeline.status.model import PipelineStatus

NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
"""The moment of all of them: a morning."""

_BEGAN = timedelta(hours=6)
_ODD = '</script><script>document.title = "taken over"</script><img src=x onerror=alert(1)>'

UPGRADE = changelog_entry(
    [
        Change(
            table="patient",
            kind=Kind.COLUMN_REMOVED,
            column="Email",
            before="varchar(100) not null",
            breaking=True,
            breaks=("stg_opendental__patient", "mart_patients"),
        ),
        Change(table="task", kind=Kind.COLUMN_ADDED, column="Due", after="date not null"),
    ],
    moment="2026-03-09T08:00:00+00:00",
    before_version="24.4.31",
    after_version="25.1.14",
)


def configs(count: int = 410) -> dict[str, TableConfig]:
    """The first tables of the repository's own tables.yml."""
    tables = load_tables(CHECKOUT / "config/tables.yml").select()
    return {config.table_name: config for config in tables[:count]}


def all_well(tables: int = 410, nights: int = 400) -> PipelineStatus:
    """Every night was well, but for one that was interrupted and two that did not begin."""
    return _judged(_facts(configs(tables), nights), tables)


def some_ill(tables: int = 410, nights: int = 60) -> PipelineStatus:
    """Two tables failed, one with an odd error; one is braked, and two have drifted."""
    known = configs(tables)
    facts = _facts(known, nights)
    failed, odd, braked, *_ = names = list(known)[2:7]
    errors = {
        failed: f"table {failed}, hop raw: cannot be written: no space left on device at analytics"
        " (loader@analytics.example:5432/analytics); make room there",
        odd: f"table {odd}, hop replication: cannot be read: {_ODD}",
        braked: f"table {braked}, hop raw: 41,233 of 96,004 rows would be deleted;"
        f" if that is right: nightly.py --table {braked} --yes-i-mean-it",
    }
    loads = {
        name: facts.loads[name].model_copy(update={"load_status": "failed", "error": error})
        for name, error in errors.items()
    }
    (newest, *others) = facts.hops[braked, "raw"]
    stopped = newest.model_copy(update={"braked": True, "status": "failed"})
    last = facts.runs[0].model_copy(
        update={
            "status": "partial",
            "exit_code": 1,
            "tables_failed": 3,
            "schema_drift": tuple(names[3:]),
            "schema_changes": {names[3]: ("column Due was added",)},
        }
    )
    ill = facts.model_copy(
        update={
            "runs": (last, *facts.runs[1:]),
            "loads": {**facts.loads, **loads},
            "hops": {**facts.hops, (braked, "raw"): (stopped, *others)},
        }
    )
    return _judged(ill, tables)


def silent(tables: int = 410, nights: int = 60) -> PipelineStatus:
    """Nothing ran for two days."""
    facts = _facts(configs(tables), nights)
    return _judged(facts.model_copy(update={"at": NOW + timedelta(days=2)}), tables)


def at_work(tables: int = 410) -> PipelineStatus:
    """A run is at work for twelve minutes, and has done most of it."""
    facts = _facts(configs(tables), 60)
    began = NOW - timedelta(minutes=12)
    hops = {"raw": HopNow(tables=tables, done=tables - 7, rows=41_000)}
    run = RunFacts(
        run_id="now",
        kind="nightly",
        status="running",
        started_at=began,
        progress=ProgressNow(at=NOW, hops=hops),
    )
    update = {"runs": (run, *facts.runs), "is_running": True}
    return _judged(facts.model_copy(update=update), tables)


def _judged(facts: Facts, tables: int) -> PipelineStatus:
    status = judge(facts, configs(tables), schema="raw", environment="production")
    versions = {
        "pipeline": "0.1.0",
        "PostgreSQL": "17.6",
        "OpenDental at the last analysis": "25.1.14.0",
        "its server at the last analysis": "10.11.19-MariaDB",
    }
    return status.model_copy(update={"schema_log": (UPGRADE,), "versions": versions})


def _facts(known: dict[str, TableConfig], nights: int) -> Facts:
    chance = random.Random(1)
    hops = {
        (name, hop): tuple(_hop(name, hop, night, chance) for night in range(15))
        for name in known
        for hop in ("replication", "raw")
    }
    last = NOW - _BEGAN
    loads = {
        name: LoadFacts(
            table_name=name,
            load_status="success",
            last_loaded=last + timedelta(seconds=chance.uniform(60, 900)),
        )
        for name in known
    }
    changed = {name: last - timedelta(days=int(chance.expovariate(0.2))) for name in known}
    runs = [_run(night, len(known), chance) for night in range(nights + 3)]
    # two nights on which none began
    runs = [run for run in runs if run.run_id not in ("night-21", "night-22")][:nights]
    return Facts(at=NOW, runs=tuple(runs), loads=loads, hops=hops, changed=changed)


def _hop(name: str, hop: str, night: int, chance: random.Random) -> HopFacts:
    return HopFacts(
        table_name=name,
        hop=hop,
        started_at=NOW - _BEGAN - timedelta(days=night),
        status="success",
        rows=int(chance.expovariate(1 / 9_000)),
        seconds=round(chance.uniform(0.2, 40.0), 3),
        rows_proved_at=NOW - _BEGAN - timedelta(days=chance.randrange(2)),
    )


def _run(night: int, tables: int, chance: random.Random) -> RunFacts:
    seconds = 9_000.0 if night == 44 else chance.uniform(600, 1_500)
    began = NOW - _BEGAN - timedelta(days=night)
    ending: dict[str, Any] = {"status": "success", "exit_code": 0, "tables_failed": 0}
    if night == 33:
        ending = {"status": "interrupted", "exit_code": 130, "error": "somebody interrupted it"}
    return RunFacts(
        run_id=f"night-{night}",
        kind="nightly",
        started_at=began,
        finished_at=began + timedelta(seconds=seconds),
        seconds=seconds,
        tables_succeeded=tables,
        rows_copied=chance.randrange(400_000),
        rows_loaded=chance.randrange(400_000),
        peak_memory_mb=412.0,
        host="etl-1",
        version="0.1.0",
        gone_tables={"sheetold": "gone since 2026-02-01, 52 rows are kept"},
        compared=[{"table": "claim", "hop": "raw", "missing": 2, "changed": 1, "extra": 0}]
        if night % 20 == 3
        else [],
        coercions={"procnote": {"Signature": 12}} if night == 5 else {},
        schema_changes={"patient": ["column Email is not at the source any more; it is kept"]}
        if night == 2
        else {},
        **ending,
    )
