"""Moves what changed at the clinic through replication into PostgreSQL: the job of every night."""

from opendental_pipeline.runs.process import run_process

if __name__ == "__main__":
    run_process("opendental_pipeline.programs.nightly")
