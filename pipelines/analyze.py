"""Writes tables.yml from the source's catalogue: an entry for every table, and why."""

from opendental_pipeline.runs.process import run_process

if __name__ == "__main__":
    run_process("opendental_pipeline.programs.analyze")
