"""The command line of the job that writes tables.yml."""

from argparse import ArgumentParser
from pathlib import Path

from opendental_pipeline.commands.command import Command, add_all_clinics


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="where to write; by default the tables.yml used"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; tell where file and source differ"
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print what was found as one line of JSON, for an orchestrator, and all else on"
        " standard error",
    )
    parser.add_argument(
        "--dbt-project", type=Path, metavar="DIR", help="the dbt project that reads raw"
    )
    parser.add_argument(
        "--dbt-sources",
        type=Path,
        metavar="FILE",
        help="write dbt's sources.yml there, too; with --all-clinics, of the views over all",
    )
    add_all_clinics(parser, "analyze every clinic of clinics/, each by itself")


ANALYZE = Command(
    name="analyze",
    script="analyze.py",
    description="Read the source's catalogue and write an entry of tables.yml for every table."
    " What a person changed in it stays.",
    codes="0 written, or no difference; 1 --check found differences, or only some of"
    " --all-clinics are written; 2 configuration or the connection is bad, and nothing was written",
    program="opendental_pipeline.programs.analyze",
    add_arguments=_add_arguments,
)
