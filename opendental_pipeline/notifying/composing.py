"""One message: what is wrong or well again, what changed, and the command to run next."""

from collections.abc import Iterator, Mapping, Sequence

from opendental_pipeline.notifying.message import Message
from opendental_pipeline.runs.naming import NAMED, some
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.status.judge import summary
from opendental_pipeline.status.model import Problem

_LONGEST = 600
"""Characters of a sentence, so that a phone shows the whole message."""


def changes_of(report: RunReport | None) -> dict[str, str]:
    """What a run found different about tables, a sentence by table.

    Args:
        report: of the run; None if there was none.
    """
    if report is None:
        return {}
    changed = {name: "; ".join(t.changes) for name, t in report.tables.items() if t.changes}
    new = {name: f"new: {fate}" for name, fate in report.new_tables.items()}
    return {**changed, **new, **report.gone}


def compose(
    name: str,
    problems: Sequence[Problem],
    *,
    recovered: bool = False,
    report: RunReport | None = None,
) -> Message:
    """Says how a pipeline stands.

    Args:
        name: of the pipeline.
        problems: that somebody wants to hear of, the most urgent first.
        recovered: whether there were others, which are no more.
        report: of the run that is told of; None if it is about none.
    """
    changes = changes_of(report)
    verdict = summary(problems)
    if recovered:
        verdict = f"recovered: {verdict}"
    elif changes and not problems:
        verdict += f", {len(changes):,} table{'s' if len(changes) > 1 else ''} changed"
    lines = [verdict, ""]
    for problem in problems:
        lines += [*_of_problem(problem), ""]
    lines += [*_of_changes(changes), *_of_run(report)]
    return Message(f"{name}: {verdict}", "\n".join(lines).rstrip() + "\n", bool(problems))


def _of_problem(problem: Problem) -> Iterator[str]:
    names = f" {some(problem.tables)}:" if problem.tables else ""
    yield _short(f"{problem.state}:{names} {problem.text}")
    if problem.command:
        yield f"  run: {problem.command}"


def _of_changes(changes: Mapping[str, str]) -> Iterator[str]:
    if not changes:
        return
    yield "changed at the source:"
    for name in list(changes)[:NAMED]:
        yield _short(f"  {name}: {changes[name]}")
    if len(changes) > NAMED:
        yield f"  and {len(changes) - NAMED:,} more"
    yield ""


def _of_run(report: RunReport | None) -> Iterator[str]:
    if report is not None:
        yield (
            f"run {report.run_id} on {report.host}: {report.outcome}, exit code"
            f" {report.exit_code}, {report.seconds:,.0f} s, {report.rows_copied:,} rows copied,"
            f" {report.rows_loaded:,} loaded"
        )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
