"""Compares source, replication and raw row by row, and on demand mends what differs."""

from opendental_pipeline.commands.verify import VERIFY

if __name__ == "__main__":
    VERIFY.start()
