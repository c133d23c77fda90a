"""What an orchestrator is and takes that starts a program of this project."""

from collections.abc import Iterable

RUN_ID = "AIRFLOW_CTX_DAG_RUN_ID"
"""The variable in which Airflow names its own run."""

LONGEST_LINE = 48_000
"""Bytes that Airflow passes from task to task, whatever its database."""


def fitting(lines: Iterable[str]) -> str:
    """The first line that an orchestrator takes, else the last.

    Args:
        lines: one at least, each shorter than the one before; made only as far as needed.
    """
    line = ""
    for line in lines:
        if len(line.encode()) <= LONGEST_LINE:
            break
    return line
