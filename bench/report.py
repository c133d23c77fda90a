"""What is left of a benchmark: a table for the terminal, a JSON file, and a picture."""

import json
import math
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import pygal
from pygal.style import Style
from rich.table import Table

from bench.figures import FIRST, Line, Ratio, Results, Series

OURS = "ours"


def table(results: Results) -> Table:
    """Every contender with its median and, beside what is asked, the ratio of ours to it."""
    made = Table(title="medians; ratio: ours / theirs")
    for name in ("what", "seconds", "runs", "ratio", "asked", ""):
        made.add_column(name, justify="left" if name in ("what", "") else "right")
    ratios = {ratio.limit.theirs: ratio for ratio in results.ratios()}
    for one in results.series:
        ratio = ratios.get(one.name)
        name = one.name
        if isinstance(one, Line):
            name += f" (reckoned from {one.few.rows:,} and {one.many.rows:,} rows)"
        made.add_row(name, f"{one.seconds:,.2f}", str(len(one.runs)), *_verdict(ratio))
    return made


def _verdict(ratio: Ratio | None) -> tuple[str, str, str]:
    if ratio is None:
        return "", "", ""
    if math.isinf(ratio.limit.at_most):
        return f"{ratio.value:.3f}", "-", ""
    verdict = "[green]kept[/]" if ratio.kept else "[red]missed[/]"
    return f"{ratio.value:.3f}", f"≤ {ratio.limit.at_most:g}", verdict


def details(results: Results) -> Table:
    """What our own runs cost, a column for each thing that was measured, and the single figures."""
    ours = [one for one in results.series if one.name.endswith(f": {OURS}")]
    costs = [_costs(one) for one in ours]
    made = Table("what ours costs")
    for one in ours:
        made.add_column(one.name.removesuffix(f": {OURS}"), justify="right")
    for figure in dict.fromkeys(figure for cost in costs for figure in cost):
        made.add_row(figure, *(_shown(cost[figure]) if figure in cost else "" for cost in costs))
    for figure, value in results.extras.items():
        made.add_row(figure, _shown(value))
    return made


def _costs(series: Series | Line) -> dict[str, float]:
    """Medians; of memory, and of what others feel of it, the most."""
    runs = series.runs
    cpu = {"the pipeline": median(run.usage.cpu_seconds for run in runs)}
    for name in runs[0].servers_cpu_seconds:
        cpu[name] = median(run.servers_cpu_seconds[name] for run in runs)
    by_row = {
        f"CPU s of {name}, per million rows": runs[0].per_million(s) for name, s in cpu.items()
    }
    speed = {"rows per second": median(run.rows_per_second for run in runs)}
    return {
        # A night is about tables more than about rows.
        **(speed | by_row if series.name.startswith(FIRST) else {}),
        **{f"CPU s of {name}": seconds for name, seconds in cpu.items()},
        "peak memory, MB": max(run.usage.peak_mb for run in runs),
        "longest statement at the source, s": max(run.longest_statement_seconds for run in runs),
        "all statements at the source, s": median(run.statements_seconds for run in runs),
        "MB from the source": median(run.bytes_sent for run in runs) / 1e6,
    }


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def to_json(
    results: Results, versions: Mapping[str, str], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything that was measured, where and with what.

    Args:
        results: all of it.
        versions: by the name of tool or server.
        options: how the benchmark was called.
    """
    return {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": dict(versions),
        "options": dict(options),
        "ratios": [_ratio(ratio) for ratio in results.ratios()],
        "series": [_series(one) for one in results.series],
        "extras": dict(results.extras),
    }


def _series(one: Series | Line) -> dict[str, Any]:
    if isinstance(one, Line):
        from_ = [one.few.name, one.many.name]
        return {"name": one.name, "seconds": one.seconds, "rows": one.rows, "reckoned_from": from_}
    runs = [run.to_json() for run in one.runs]
    return {"name": one.name, "median_seconds": one.seconds, "rows": one.rows, "runs": runs}


def _ratio(ratio: Ratio) -> dict[str, Any]:
    free = math.isinf(ratio.limit.at_most)
    return {
        "ours": ratio.limit.ours,
        "theirs": ratio.limit.theirs,
        "ratio": ratio.value,
        "limit": None if free else ratio.limit.at_most,
        "kept": ratio.kept,
    }


def machine() -> dict[str, Any]:
    """The cores and the memory that this process may use, and the system."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2,
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def picture(results: Results) -> bytes:
    """An SVG: how many times as long as ours the others take, and how many times is asked."""
    ratios = results.ratios()[::-1]
    times = [1 / ratio.value for ratio in ratios]
    chart = pygal.HorizontalBar(
        title="times as long as ours",
        style=Style(background="white", plot_background="white", colors=("#c8c8c8", "#2f6f9f")),
        logarithmic=True,
        zero=0.1,
        y_labels=[0.1, 1, 10, 100],
        print_values=True,
        legend_at_bottom=True,
        # No script, which would come from elsewhere.
        js=[],
        height=480,
    )
    chart.x_labels = [ratio.limit.theirs for ratio in ratios]
    chart.value_formatter = lambda value: f"{value:,.3g}"
    asked = [None if math.isinf(r.limit.at_most) else 1 / r.limit.at_most for r in ratios]
    chart.add("asked at least", asked)
    chart.add("measured", times)
    made: bytes = chart.render()
    return made


def write(
    folder: Path, results: Results, versions: Mapping[str, str], options: Mapping[str, Any]
) -> tuple[Path, Path]:
    """Write `bench.json` and `bench.svg` into a folder; their paths."""
    figures, drawing = folder / "bench.json", folder / "bench.svg"
    content = to_json(results, versions, options)
    figures.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    drawing.write_bytes(picture(results))
    return figures, drawing
