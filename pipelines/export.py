"""Brings what changed in replication to DuckDB, to Parquet files, or elsewhere by dlt."""

from opendental_pipeline.commands.export import EXPORT

if __name__ == "__main__":
    EXPORT.start()
