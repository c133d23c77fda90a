"""Compares source, replication and raw row by row, and on demand mends what differs."""

from opendental_pipeline.runs.process import run_process

if __name__ == "__main__":
    run_process("opendental_pipeline.programs.verify")
