"""The command line of what brings tables elsewhere."""

from argparse import ArgumentParser

from opendental_pipeline.commands.command import Command


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--to",
        required=True,
        metavar="NAME",
        help="duckdb, filesystem for Parquet files, or any other destination of dlt's, which is"
        " untested; dlt's own configuration says where it is",
    )
    parser.add_argument(
        "--table", action="append", default=[], help="export this table (repeatable)"
    )
    parser.add_argument(
        "--dataset",
        metavar="NAME",
        help="the schema or folder there that gets the tables; if not given, as raw is called",
    )
    parser.add_argument("--json", action="store_true", help="print one document instead")


EXPORT = Command(
    name="export",
    script="export.py",
    description="Bring what changed in replication to DuckDB, to Parquet files, or elsewhere by"
    " dlt. Only replication is read, and nobody else may write to it meanwhile.",
    codes="0 well, 1 some tables failed, 2 configuration or a connection is bad, 3 a run is at"
    " work, 130 interrupted",
    program="opendental_pipeline.programs.export",
    add_arguments=_add_arguments,
)
