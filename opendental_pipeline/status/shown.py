"""The status on a terminal; its first line is the verdict."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table

from opendental_pipeline.runs.naming import some
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.progress_now import ARROWS, in_words
from opendental_pipeline.status.facts import RunFacts
from opendental_pipeline.status.judge import is_crashed
from opendental_pipeline.status.model import PipelineStatus, Problem, State, TableStatus
from opendental_pipeline.status.words import ago, moment


def show(console: Console, status: PipelineStatus, *, tables: bool, runs: int) -> None:
    """Prints how everything stands.

    Args:
        console: where.
        status: what is printed.
        tables: whether tables are listed that are well, too.
        runs: how many of the latest runs are listed.
    """
    for line in _lines(status):
        say(console, line)
    if tables and status.tables:
        console.print(_tables(status))
    if runs and status.runs:
        console.print(_runs(status, status.runs[:runs]))


def _lines(status: PipelineStatus) -> Iterator[str]:
    yield status.verdict
    if status.running and status.running.progress:
        for hop, now in status.running.progress.hops.items():
            if now.tables:
                yield f"  {ARROWS.get(hop, hop)}: {in_words(now)}"
    for problem in status.problems:
        yield _problem(problem)
        if problem.command:
            yield f"    {problem.command}"
    for name, since in status.gone.items():
        yield f"gone: {name}: {since}"
    yield from status.remarks


def _problem(problem: Problem) -> str:
    names = some(problem.tables)
    # an error names its table itself
    told = names if names and names not in problem.text else ""
    return f"{problem.state}: {told}{': ' if told else ''}{problem.text}"


def _tables(status: PipelineStatus) -> Table:
    shown = Table()
    numbers = ("rows", "rows/s")
    for name in ("table", "state", "looked at", "last changed", *numbers, "all rows proved"):
        shown.add_column(name, justify="right" if name in numbers else "left")
    for table in status.tables:
        shown.add_row(*_row(table, status.at))
    return shown


def _row(table: TableStatus, now: datetime) -> Sequence[str]:
    def since(at: datetime | None) -> str:
        return f"{ago(now - at)} ago" if at else "never"

    return (
        table.table_name,
        ", ".join(table.states) or "well",
        since(table.last_loaded),
        since(table.last_changed),
        "" if table.rows is None else f"{table.rows:,}",
        "" if table.rows_per_second is None else f"{table.rows_per_second:,.0f}",
        since(table.proved_at),
    )


def _runs(status: PipelineStatus, runs: Sequence[RunFacts]) -> Table:
    shown = Table()
    for name in ("run", "began", "kind", "ended", "seconds", "failed", "copied", "loaded"):
        numbers = ("seconds", "failed", "copied", "loaded")
        shown.add_column(name, justify="right" if name in numbers else "left")
    for run in runs:
        at_work = status.running is not None and run.run_id == status.running.run_id
        ended = State.CRASHED if is_crashed(run) and not at_work else run.status or ""
        counts = (run.seconds, run.tables_failed, run.rows_copied, run.rows_loaded)
        texts = ("" if count is None else f"{count:,.0f}" for count in counts)
        shown.add_row(run.run_id, moment(run.started_at), run.kind or "", ended, *texts)
    return shown
