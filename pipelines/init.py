"""Lays down a configuration to fill in."""

from opendental_pipeline.commands.init import INIT

if __name__ == "__main__":
    INIT.start()
