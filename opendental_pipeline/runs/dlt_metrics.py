"""What dlt measures of a package, and what it forgets."""

from collections.abc import Mapping
from datetime import datetime

from dlt.common.pipeline import LoadInfo, NormalizeInfo


def count_imported(info: NormalizeInfo | None, rows: Mapping[str, int]) -> None:
    """Puts the rows of files into dlt's trace, which forgets them when it imports a file.

    Args:
        info: of the step, which the trace holds.
        rows: of each file, by dlt's name for the table.
    """
    for package in info.metrics.values() if info else ():
        for step in package:
            tables = step["table_metrics"]
            known = rows.keys() & tables.keys()
            tables.update({name: tables[name]._replace(items_count=rows[name]) for name in known})


def load_seconds(info: LoadInfo) -> dict[str, float]:
    """Seconds that each table's load job took, by dlt's name for the table."""
    seconds: dict[str, float] = {}
    for package in info.metrics.values():
        for step in package:
            for job, metrics in step["job_metrics"].items():
                took = _between(metrics.started_at, metrics.finished_at)
                table = job.split(".")[0]
                seconds[table] = seconds.get(table, 0.0) + took
    return seconds


def _between(start: datetime, end: datetime | None) -> float:
    return (end - start).total_seconds() if end else 0.0
