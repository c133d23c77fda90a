"""Reads and changes tables.yml, one value at a time."""

from opendental_pipeline.commands.config import CONFIG

if __name__ == "__main__":
    CONFIG.start()
