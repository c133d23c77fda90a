"""Writes tables.yml from the source's catalogue: an entry for every table, and why."""

from opendental_pipeline.commands.analyze import ANALYZE

if __name__ == "__main__":
    ANALYZE.start()
