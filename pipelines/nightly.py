"""Moves what changed at the clinic through replication into PostgreSQL: the job of every night."""

from opendental_pipeline.commands.run import RUN

if __name__ == "__main__":
    RUN.start()
