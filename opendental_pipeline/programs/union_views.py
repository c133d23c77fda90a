"""Makes the views over all clinics, where their tables are others than the views know."""

from argparse import Namespace

from rich.console import Console

from destinations.union_views import make_union_views
from opendental_pipeline.databases.driver_errors import redact_driver_errors
from opendental_pipeline.databases.engines import Connections
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.process import SOME_FAILED, exit_code_of
from opendental_pipeline.settings.clinic_group import ClinicGroup
from opendental_pipeline.settings.connection import DatabaseType
from opendental_pipeline.settings.errors import PipelineError
from opendental_pipeline.settings.tuning import Tuning

MADE = 0


def main(_: Namespace) -> int:
    """Runs the job and returns its exit code."""
    errors = Console(stderr=True)

    def work() -> int:
        group = ClinicGroup.read()
        faults = make_views(group)
        for fault in faults:
            say(errors, f"failed: {fault}")
        if faults:
            return SOME_FAILED
        print(group.without_union or f"schema {group.union_schema()} has the tables of all")
        return MADE

    return exit_code_of(work, errors, "interrupted; every view is as it was before, or new")


def make_views(group: ClinicGroup) -> list[str]:
    """Makes the views over all clinics.

    Args:
        group: the clinics.

    Returns:
        a sentence for each view that could not be made; none where clinics have no place for them.
    """
    if group.faults:
        # whose rows would be gone from them
        wrong = ", ".join(group.faults)
        return [
            f"the settings of {wrong} are wrong, so the views over all clinics stay as they are"
        ]
    if group.without_union:
        return []
    settings = next(iter(group.settings.values()))
    try:
        with redact_driver_errors(), Connections(settings, Tuning.load()) as connections:
            engine = connections.engine(DatabaseType.ANALYTICS)
            return list(make_union_views(engine, group.union_schema(), group.raw_schemas))
    except PipelineError as error:
        return [f"the views over all clinics could not be made: {error}"]
