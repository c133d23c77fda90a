"""What an orchestrator is and takes that starts a program of this project."""

RUN_ID = "AIRFLOW_CTX_DAG_RUN_ID"
"""The variable in which Airflow names its own run."""

LONGEST_LINE = 48_000
"""Bytes that Airflow passes from task to task, whatever its database."""
