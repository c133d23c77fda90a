"""Analyzes all clinics, each by itself, and writes dbt's sources of the views over them."""

from argparse import Namespace
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from rich.console import Console

from opendental_pipeline.analysis.files import prepare_sources
from opendental_pipeline.analysis.union_sources import AnalyzedClinic, union_sources
from opendental_pipeline.programs.clinic_processes import ClinicProcesses, code_of_all, say_of
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.settings.clinic_group import ClinicGroup
from opendental_pipeline.settings.errors import ConfigurationError, ValidationError
from opendental_pipeline.settings.text_file import replace_text
from opendental_pipeline.settings.tuning import Tuning

_ITS_OWN = {"ANALYSIS__DBT_SOURCES": ""}
"""What the process of one clinic leaves to that of all: the sources of its own schema."""


def analyze_all(args: Namespace) -> int:
    """Analyzes every clinic, and writes the sources of all; returns the exit code.

    Args:
        args: of the command line.

    Raises:
        ConfigurationError: there is no clinic, two share a database, something is asked that is
            one clinic's, or the sources cannot be written.
        KeyboardInterrupt: somebody interrupted it.
    """
    of_one = {"--clinic": args.clinic, "--output": args.output, "--json": args.json}
    if asked := [option for option, value in of_one.items() if value]:
        raise ValidationError(f"--all-clinics and {', '.join(asked)} exclude each other")
    tuning = Tuning.load()
    sources = None if args.check else args.dbt_sources or tuning.analysis.sources_path
    group, errors = ClinicGroup.read(), Console(stderr=True)
    if sources:
        prepare_sources(sources)
        schema = group.union_schema()
    options = ["--check"] if args.check else []
    options += [f"--dbt-project={args.dbt_project}"] if args.dbt_project else []
    processes = ClinicProcesses(args.jobs, partial(say_of, errors), _ITS_OWN)
    analyses = {name: ["analyze", *options] for name in group.names}
    ended = processes.run(analyses, tuning.runs.ending_seconds)
    for name, one in ended.items():
        for line in one.out.splitlines():
            say_of(Console(), name, line)
    if sources:
        _write_sources(sources, schema, group.names, errors)
    return code_of_all(ended.values())


def _write_sources(path: Path, schema: str, names: Iterable[str], errors: Console) -> None:
    """Writes the sources of all clinics.

    What is known of one that is down is its analysis before. One whose files cannot be read would
    be gone from the sources, and models that name what it alone has would break.
    """
    reading, clinics = Tuning.load().reading, []
    for name in names:
        try:
            clinic = AnalyzedClinic.read(reading.tables_path_of(name))
        except ConfigurationError as error:
            # it could not analyze either, and the exit code says so
            say(errors, f"{path} stays as it is: {error}")
            return
        if clinic.snapshot.generated_at:
            clinics.append(clinic)
        else:
            say_of(errors, name, f"never analyzed, so {path} knows none of its tables")
    replace_text(path, union_sources(clinics, schema=schema))
