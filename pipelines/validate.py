"""Checks the whole configuration, and says all faults at once; connects to nothing."""

from opendental_pipeline.commands.validate import VALIDATE

if __name__ == "__main__":
    VALIDATE.start()
