"""What a person sees at the end of a run: a table, and what is to be known beside it."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from opendental_pipeline.runs.naming import NAMED, some, table_options
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.runs.table_result import HopResult, TableResult

_COUNTED = ("category", "tables", "success", "failed", "rows copied", "rows loaded")


def print_report(console: Console, report: RunReport, *, coercions: bool = False) -> None:
    """The end of a run: the verdict, what failed and what to run then, what else is to be known.

    Args:
        console: where.
        report: of the run.
        coercions: whether values that became others are listed by column.
    """
    for line in (verdict(report), *_failures(report), *_remarks(report)):
        say(console, line)
    if coercions:
        console.print(_coercions(report))
    console.print(_summary(report))
    console.print(f"{report.seconds:.1f} seconds, {report.peak_memory_mb:.0f} MB of memory")


def verdict(report: RunReport) -> str:
    """How a run ended, in one sentence."""
    rows = f"{report.rows_copied:,} rows copied, {report.rows_loaded:,} loaded"
    failed, total = len(report.failed), len(report.tables)
    if report.stopped:
        return f"the run was stopped after {rows}: {report.stopped}"
    if not failed:
        return f"all well: {total:,} tables, {rows}"
    others = sum(report.tables[name].disagrees for name in report.failed)
    worst = f"raw has something else than the source in {others:,} of them; " if others else ""
    return f"{failed:,} of {total:,} tables failed; {worst}{rows}"


def _summary(report: RunReport) -> Table:
    summary = Table(title=f"run {report.run_id} ({report.environment})", title_justify="left")
    for name in (*_COUNTED, "all rows proved"):
        summary.add_column(name, justify="left" if name == "category" else "right")
    for name, category in report.by_category().items():
        if category.total:
            results = [t for t in report.tables.values() if t.performance_category == name]
            copied = sum(_rows(t.copy_result) for t in results)
            loaded = sum(_rows(t.load_result) for t in results)
            counts = (category.total, len(category.success), len(category.failed), copied, loaded)
            summary.add_row(name, *(f"{count:,}" for count in counts), _proved(report, results))
    summary.add_section()
    failed, total = len(report.failed), len(report.tables)
    sums = (total, total - failed, failed, report.rows_copied, report.rows_loaded)
    proved = _proved(report, list(report.tables.values()))
    summary.add_row("all", *(f"{count:,}" for count in sums), proved)
    return summary


def _by_value(told: Mapping[str, str]) -> dict[str, list[str]]:
    """The tables of which the same is told."""
    found: dict[str, list[str]] = {}
    for name, text in told.items():
        found.setdefault(text, []).append(name)
    return found


def _proved(report: RunReport, tables: Sequence[TableResult]) -> str:
    """How old the oldest last proof of some tables is."""
    moments = [table.rows_proved_at for table in tables]
    if not all(moments):
        return f"{moments.count(None):,} never"
    days = (report.finished_at - min(m for m in moments if m)).days if moments else 0
    return {0: "today", 1: "1 day ago"}.get(days, f"{days:,} days ago")


def _remarks(report: RunReport) -> Iterator[str]:
    """What somebody should know beside the numbers, a line each."""
    results = [(n, hop, r) for n, table in report.tables.items() for hop, r in table.hops()]
    if report.source_change:
        yield report.source_change
    yield from _compared(results)
    for fate, names in _by_value(report.new_tables).items():
        yield f"{some(names)} {'is' if len(names) == 1 else 'are'} not in tables.yml: {fate}"
    for since, names in _by_value(report.gone).items():
        yield f"{since}: {some(names)}"
    for name, table in report.tables.items():
        if table.changes:
            yield f"{name}: {'; '.join(table.changes)}"
    yield from _coerced(results)
    if report.without_md5:
        yield f"rows are compared by SHA2: no MD5() in {' and '.join(report.without_md5)}"
    yield from _second_opinion(report)
    if report.memory_alerts:
        alerts = ", ".join(report.memory_alerts)
        yield (
            f"the run took {report.peak_memory_mb:.0f} MB of memory, more than"
            f" memory_alert_threshold_mb of {alerts}"
        )


def _coerced(results: Sequence[tuple[str, str, HopResult]]) -> Iterator[str]:
    """How many values are not what the source has, by a rule."""
    counts = {
        hop: sum(sum(result.coercions.values()) for _, of, result in results if of == hop)
        for hop in ("raw", "replication")
    }
    if count := counts["raw"]:
        yield f"{count:,} values that PostgreSQL cannot hold became NULL, or text without them"
    if count := counts["replication"]:
        yield f"{count:,} values have bytes that are no character, now '?'"


def _coercions(report: RunReport) -> Table:
    """The same by column."""
    shown = Table(title="values that became others", title_justify="left")
    for name in ("table", "column", "in", "values"):
        shown.add_column(name, justify="right" if name == "values" else "left")
    for name, table in report.tables.items():
        for hop, result in table.hops():
            for column, count in result.coercions.items():
                shown.add_row(name, column, hop, f"{count:,}")
    return shown


def _failures(report: RunReport) -> Iterator[str]:
    """Why tables did not arrive; what many share is said once. Then what to run next."""
    behind = []
    for name in report.failed:
        error = report.tables[name].error or "not reached"
        if error == report.stopped:
            behind.append(name)
        else:
            yield f"failed: {error}"
    if behind:
        yield f"not reached because of that: {some(behind)}"
    braked = {n for n in report.failed for _, r in report.tables[n].hops() if r.braked}
    again = [name for name in report.failed if name not in braked]
    if again:
        yield f"run them again: nightly.py{table_options(again)}"


def _compared(results: Sequence[tuple[str, str, HopResult]]) -> Iterator[str]:
    """What comparisons found, the most first; and which of them could not end."""
    found = {}
    for name, hop, result in results:
        counts = {"missing": result.missing, "changed": result.changed, "extra": result.extra}
        if total := sum(counts.values()):
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
            found[f"{name}, {hop}: {kinds}"] = total
    if found:
        most = sorted(found, key=lambda told: -found[told])
        yield f"found by comparing, and mended, {sum(found.values()):,} rows:"
        yield from (f"  {told}" for told in most[:NAMED])
        if len(most) > NAMED:
            yield f"  and {len(most) - NAMED:,} more"
    for name, hop, result in results:
        if result.stopped:
            yield f"{name}, {hop}: the comparison goes on in the next run: {result.stopped}"


def _second_opinion(report: RunReport) -> Iterator[str]:
    """What samples of rows said, and where there was none."""
    samples = report.samples
    rows = sum(sample.rows for sample in samples.values())
    if rows:
        others = sum(sample.error is not None for sample in samples.values())
        mended = sum(sample.mended for sample in samples.values())
        said = f"{others:,} of the tables not the same" if others else "all the same"
        if mended:
            said += f", {mended:,} of them only when their tables were moved once more"
        yield (
            f"second opinion: {rows:,} rows of {len(samples):,} tables read from source and"
            f" raw, {said}"
        )
    for name, table in report.tables.items():
        if table.second_opinion and table.second_opinion.skipped:
            yield f"{name}: no second opinion: {table.second_opinion.skipped}"
    if report.no_second_opinion:
        yield f"no second opinion: {report.no_second_opinion}"


def _rows(result: HopResult | None) -> int:
    return result.rows if result else 0
