"""What is well and what is not: one function, for the terminal, documents, pages and messages."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from opendental_pipeline.runs.naming import table_options
from opendental_pipeline.runs.run_header import RunOutcome
from opendental_pipeline.runs.table_result import VERIFIED
from opendental_pipeline.settings.around_tuning import StatusTuning
from opendental_pipeline.settings.table_config import Frequency, TableConfig
from opendental_pipeline.status.facts import Facts, HopFacts, RunFacts
from opendental_pipeline.status.model import NOTICES, PipelineStatus, Problem, State, TableStatus
from opendental_pipeline.status.words import ago, moment

MAX_AGE_HOURS = StatusTuning.max_age_hours
"""After which a table is stale: a night, and the morning until somebody has looked."""

_SLOW_ROWS, _SLOW_SECONDS, _SLOW_TIMES = 10_000, 60.0, 3.0
_PROOF = {Frequency.NIGHTLY: timedelta(days=7.5), Frequency.WEEKLY: timedelta(days=7.5)}
"""After which a table is compared again; one that did not change, not before a week."""
_GRACE = timedelta(days=2)

_ENDED_ILL = {RunOutcome.FAILED, RunOutcome.REFUSED, RunOutcome.INTERRUPTED}


def judge(
    facts: Facts,
    configs: Mapping[str, TableConfig],
    *,
    schema: str,
    environment: str = "",
    max_age_hours: float = MAX_AGE_HOURS,
    remarks: Iterable[str] = (),
) -> PipelineStatus:
    """Says how everything stands.

    Args:
        facts: what raw knows.
        configs: the tables that are moved, by name; empty where tables.yml cannot be read.
        schema: of raw.
        environment: production or test.
        max_age_hours: after which a table is stale, and a run overdue.
        remarks: what kept something from being judged.
    """
    last, running = _ends_and_run(facts)
    whole = next((run for run in facts.runs if _saw_all(run)), None)
    gone = dict((whole.gone_tables if whole else None) or {})
    drift = frozenset((whole.schema_drift if whole else None) or ())
    added = [name for name in (whole.new_tables if whole else None) or () if name in facts.loads]
    max_age = timedelta(hours=max_age_hours)
    names = dict.fromkeys([*configs, *added] if configs else facts.loads)
    tables = tuple(
        _table(name, facts, configs.get(name), drift, max_age) for name in names if name not in gone
    )
    problems = tuple(
        sorted(
            [*_of_runs(facts, last, running, max_age), *_of_tables(tables)],
            key=lambda problem: list(State).index(problem.state),
        )
    )
    ill = [problem for problem in problems if problem.state not in NOTICES]
    counted = summary(problems)
    return PipelineStatus(
        at=facts.at,
        environment=environment or (last.environment if last else "") or "",
        schema_name=schema,
        max_age_hours=max_age_hours,
        verdict="; ".join(filter(None, (counted, _when(facts, last, running)))),
        summary=counted,
        well=not ill,
        running=running,
        runs=facts.runs,
        tables=tables,
        problems=problems,
        gone=gone,
        remarks=tuple(remarks),
    )


def _ends_and_run(facts: Facts) -> tuple[RunFacts | None, RunFacts | None]:
    """The last run that is over, and the one that is at work."""
    open_ = [run for run in facts.runs if run.status == RunOutcome.RUNNING]
    running = open_[0] if open_ and facts.is_running else None
    ended = [run for run in facts.runs if run is not running]
    return max(ended, key=lambda run: run.over_at, default=None), running


def _saw_all(run: RunFacts) -> bool:
    """Whether a run looked at all tables, and so knows which are gone, new or have drifted."""
    asked = run.options or {}
    of_some = any(asked.get(name) for name in ("tables", "categories", "priorities"))
    return run.gone_tables is not None and not of_some and bool(run.tables_succeeded)


def is_crashed(run: RunFacts) -> bool:
    """Whether a run that is not at work never said how it ended."""
    return run.status in (RunOutcome.RUNNING, RunOutcome.CRASHED)


def _of_runs(
    facts: Facts, last: RunFacts | None, running: RunFacts | None, max_age: timedelta
) -> Iterator[Problem]:
    """What is wrong with the runs, whatever their tables say."""
    if last is None and running is None:
        text = "no run was ever recorded"
        yield Problem(state=State.NEVER, text=text, command="nightly.py")
        return
    if last and running is None and is_crashed(last):
        text = f"the run of {moment(last.started_at)} never said how it ended: it was killed"
        yield Problem(state=State.CRASHED, text=text, command="nightly.py")
    elif last and (last.error or (last.status in _ENDED_ILL and not last.tables_failed)):
        how = "stopped" if last.status == RunOutcome.PARTIAL else last.status
        text = f"the run of {moment(last.started_at)} was {how}: {last.error or ''}"
        yield Problem(state=State.FAILED, text=text.rstrip(": "), command="nightly.py")
    if last and last.after_exit_code:
        text = (
            f"the command after the run of {moment(last.started_at)} ended with exit code"
            f" {last.after_exit_code}; see what it said"
        )
        yield Problem(state=State.FAILED, text=text)
    newest = facts.runs[0]
    if running is None and facts.at - newest.started_at > max_age:
        text = f"no run began after {moment(newest.started_at)}"
        yield Problem(state=State.OVERDUE, text=text, command="nightly.py")


def _table(
    name: str,
    facts: Facts,
    config: TableConfig | None,
    drift: frozenset[str],
    max_age: timedelta,
) -> TableStatus:
    load = facts.loads.get(name)
    hops = {hop: facts.hops.get((name, hop), ()) for hop in ("replication", "raw")}
    proved = _proved(hops)
    # what only looked says nothing of how it moves
    hops = {hop: _moves(some) for hop, some in hops.items()}
    newest = [some[0] for some in hops.values() if some]
    error = load.error if load and load.load_status == "failed" else None
    states = []
    if error:
        last_run = max((one.started_at for one in newest), default=None)
        braked = any(one.braked for one in newest if one.started_at == last_run)
        states.append(State.BRAKED if braked else State.FAILED)
    if load is None or load.last_loaded is None:
        states.append(State.NEVER)
    else:
        if facts.at - load.last_loaded > max_age:
            states.append(State.STALE)
        if _is_unproved(config, proved, facts.changed.get(name), facts.at):
            states.append(State.UNPROVED)
    if any(_is_slow(some, config) for some in hops.values()):
        states.append(State.SLOW)
    if name in drift:
        states.append(State.DRIFTED)
    moved = next((one for one in hops["raw"] if one.rows), None)
    return TableStatus(
        table_name=name,
        performance_category=config.performance_category if config else "",
        processing_priority=config.processing_priority if config else "",
        states=tuple(states),
        last_loaded=load.last_loaded if load else None,
        last_changed=facts.changed.get(name),
        rows=moved.rows if moved else None,
        seconds=moved.seconds if moved else None,
        rows_per_second=moved.rows_per_second if moved else None,
        proved_at=proved,
        recent_seconds=tuple(one.seconds or 0.0 for one in reversed(hops["raw"])),
        error=error,
    )


def _proved(hops: Mapping[str, Sequence[HopFacts]]) -> datetime | None:
    """When both copies were last known to be right; None if one of them never was."""
    latest = [
        max((one.rows_proved_at for one in some if one.rows_proved_at), default=None)
        for some in hops.values()
    ]
    known = [moment for moment in latest if moment]
    return min(known) if len(known) == len(latest) else None


def _moves(runs: Sequence[HopFacts]) -> tuple[HopFacts, ...]:
    return tuple(one for one in runs if one.strategy_used != VERIFIED)


def _is_unproved(
    config: TableConfig | None, proved: datetime | None, changed: datetime | None, now: datetime
) -> bool:
    """Whether nobody compared all rows for longer than tables.yml says, and two days."""
    every = config.reconcile.rows if config else Frequency.WEEKLY
    if every is Frequency.OFF:
        return False
    if proved is None:
        # a first copy proves a table; without a proof since its first run, something is wrong
        return changed is not None and now - changed > _PROOF[every] + _GRACE
    if every is Frequency.NIGHTLY and changed is not None and changed > proved:
        return now - proved > timedelta(days=1) + _GRACE
    return now - proved > _PROOF[every] + _GRACE


def _is_slow(runs: Sequence[HopFacts], config: TableConfig | None) -> bool:
    """Whether a table was slow in two runs in a row; see `_was_slow`."""
    pace = config.monitoring.performance_threshold_records_per_second if config else None
    return len(runs) > 1 and all(_was_slow(run, runs, pace) for run in runs[:2])


def _was_slow(run: HopFacts, runs: Sequence[HopFacts], pace: float | None) -> bool:
    """Whether a run of many rows was below the pace of tables.yml, or far above the usual time."""
    if (run.rows or 0) < _SLOW_ROWS or not run.rows_per_second or not run.seconds:
        return False
    if pace and run.rows_per_second < pace:
        return True
    usual = [one.seconds for one in runs[2:] if one.seconds and (one.rows or 0) >= _SLOW_ROWS]
    return bool(usual) and run.seconds > max(_SLOW_SECONDS, _SLOW_TIMES * median(usual))


_SENTENCES = {
    State.NEVER: ("never arrived in raw", "nightly.py"),
    State.STALE: ("was not looked at, and found well, for too long", "nightly.py"),
    State.UNPROVED: ("was not compared row by row for longer than tables.yml says", "verify.py"),
    State.SLOW: ("was slow in two runs in a row", ""),
    State.DRIFTED: ("is not as it was when tables.yml was written", "analyze.py"),
}


def _of_tables(tables: Sequence[TableStatus]) -> Iterator[Problem]:
    """What is wrong with tables: of many the same is said once."""
    by_state: dict[State, list[TableStatus]] = defaultdict(list)
    by_error: dict[tuple[State, str], list[str]] = defaultdict(list)
    for table in tables:
        for state in table.states:
            if state in (State.FAILED, State.BRAKED):
                by_error[state, table.error or ""].append(table.table_name)
            elif State.FAILED not in table.states or state in NOTICES:
                by_state[state].append(table)
    for (state, error), names in by_error.items():
        command = "" if state is State.BRAKED else f"nightly.py{table_options(names)}"
        yield Problem(state=state, tables=tuple(names), text=error, command=command)
    for state, some in by_state.items():
        said, program = _SENTENCES[state]
        names = [table.table_name for table in some]
        yield Problem(
            state=state,
            tables=tuple(names),
            text=said,
            # which always looks at all of them
            command=program if program in ("", "analyze.py") else program + table_options(names),
        )


def summary(problems: Sequence[Problem]) -> str:
    """What is wrong, counted; or that all is well.

    Args:
        problems: the most urgent first.
    """
    counts: dict[State, int] = defaultdict(int)
    for problem in problems:
        counts[problem.state] += len(problem.tables)
    told = [_counted(state, counts[state]) for state in counts]
    return "; ".join(told if counts.keys() - NOTICES else ["all well", *told])


def _when(facts: Facts, last: RunFacts | None, running: RunFacts | None) -> str:
    if running:
        return _at_work(facts, running)
    return f"the last run began {ago(facts.at - last.started_at)} ago" if last else ""


_OF_ALL = {
    State.CRASHED: "the last run crashed",
    State.FAILED: "the last run failed",
    State.OVERDUE: "a run is overdue",
    State.NEVER: "nothing was ever moved",
}
"""The states that the pipeline as a whole can have, in words."""


def _counted(state: State, count: int) -> str:
    if not count:
        return _OF_ALL[state]
    word = "never arrived" if state is State.NEVER else str(state)
    return f"{count:,} table{'s' if count > 1 else ''} {word}"


def _at_work(facts: Facts, running: RunFacts) -> str:
    text = f"running for {ago(facts.at - running.started_at)}"
    if running.progress:
        hop = running.progress.hops.get("raw")
        text += f", {hop.done:,} of {hop.tables:,} tables" if hop and hop.tables else ""
    return text
