"""Exporting: tables of replication in any other place that dlt can write to."""
