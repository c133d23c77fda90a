"""Where tables are exported to: a destination of dlt's, found by dlt's own configuration."""

from collections.abc import Iterator
from contextlib import contextmanager

import dlt
from dlt.common.configuration.exceptions import ConfigFieldMissingException, ConfigurationException
from dlt.common.destination.exceptions import (
    InvalidDestinationReference,
    UnknownDestinationModule,
)
from dlt.common.exceptions import MissingDependencyException
from dlt.pipeline.exceptions import PipelineStepFailed

from opendental_pipeline.databases.driver_errors import as_ours
from opendental_pipeline.settings.environment import PostgresSchema, Settings
from opendental_pipeline.settings.errors import (
    ConfigurationError,
    ConnectionFailedError,
    LoadingError,
    PipelineError,
)
from opendental_pipeline.settings.faults import fault_of

PIPELINE = "opendental_export"
"""dlt's name of the pipeline, under which its state is kept in the destination."""

TESTED = ("duckdb", "filesystem")
"""The destinations whose exports are compared with replication in the tests."""


def open_destination(to: str, dataset: str) -> dlt.Pipeline:
    """Makes the pipeline, with the state that the destination has of it.

    What this machine remembers is not used: another one may have exported since, and a package
    that failed leaves rows on this disk.

    Args:
        to: dlt's name of the destination.
        dataset: the schema or folder there.

    Raises:
        ConfigurationError: there is no such destination, or it lacks a package or a setting.
        ConnectionFailedError: it cannot be used.
    """
    with _told(to):
        return _restored(dlt.pipeline(PIPELINE, destination=to, dataset_name=dataset))


def reopen(to: str, pipeline: dlt.Pipeline) -> dlt.Pipeline:
    """The same of a pipeline after something failed; see `open_destination`."""
    with _told(to):
        return _restored(pipeline)


def _restored(pipeline: dlt.Pipeline) -> dlt.Pipeline:
    pipeline = pipeline.drop()
    pipeline.sync_destination()
    return pipeline


def check_target(to: str, dataset: str, settings: Settings) -> None:
    """Sees that no export gets into the pipeline's own databases.

    Raises:
        ConfigurationError: the dataset has the name of one.
    """
    own = {
        "postgres": settings.schema_name(PostgresSchema.RAW),
        "sqlalchemy": settings.replication.database,
    }
    if dataset == own.get(to):
        raise ConfigurationError(
            f"{dataset} is the pipeline's own name there; give the export another: --dataset NAME"
        )


def can_merge(pipeline: dlt.Pipeline) -> bool:
    """Whether the destination changes rows in place; files it writes anew."""
    capabilities = pipeline.destination.capabilities()
    strategies = capabilities.supported_merge_strategies or []
    if select := capabilities.merge_strategies_selector:
        strategies = select(strategies, table_schema={"name": "any", "columns": {}})
    return bool(strategies)


def takes_parquet(pipeline: dlt.Pipeline) -> bool:
    """Whether the destination loads Parquet, which alone keeps every value as it is."""
    capabilities = pipeline.destination.capabilities()
    formats = capabilities.supported_loader_file_formats or []
    if pipeline.staging:
        formats = capabilities.supported_staging_file_formats or []
    return "parquet" in formats


def fault_of_step(failure: PipelineStepFailed, to: str) -> PipelineError:
    """What kept tables from being written, without any value of a row.

    Args:
        failure: dlt's.
        to: dlt's name of the destination.
    """
    errors = list(_chain(failure))
    for error in errors:
        if found := as_ours(error, "export"):
            return found
    if failure.step == "load":
        return LoadingError(f"the destination {to} refused it ({type(errors[-1]).__name__})")
    return fault_of(errors[-1], f"dlt's step {failure.step}")


@contextmanager
def _told(to: str) -> Iterator[None]:
    """Tells in one sentence why a destination cannot be used."""
    try:
        yield
    except PipelineError:
        raise
    except Exception as error:  # noqa: BLE001  every library of a destination has its own
        raise _sentence(to, list(_chain(error))) from None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or getattr(error, "exception", None) or error.__context__


def _sentence(to: str, errors: list[BaseException]) -> PipelineError:
    for error in errors:
        match error:
            case UnknownDestinationModule() | InvalidDestinationReference():
                return ConfigurationError(f"dlt has no destination {to}")
            case MissingDependencyException():
                return _lacking(to, ", ".join(map(str, error.dependencies)))
            case ImportError():
                return _lacking(to, str(error.name))
            case ConfigFieldMissingException():
                return ConfigurationError(
                    f"the destination {to} lacks settings: {', '.join(error.fields)}; they belong"
                    f" into [destination.{to}] or [destination.{to}.credentials] of"
                    " .dlt/secrets.toml"
                )
            case ConfigurationException():
                kind = type(error).__name__
                return ConfigurationError(f"a setting of the destination {to} is bad ({kind})")
    return ConnectionFailedError(f"the destination {to} cannot be used: {_reason(errors[-1])}")


def _lacking(to: str, packages: str) -> ConfigurationError:
    return ConfigurationError(
        f"the destination {to} needs packages: {packages}; pip install 'dlt[{to}]' installs them"
    )


def _reason(error: BaseException) -> str:
    """What went wrong; only of DuckDB in its own words, which hold no password."""
    if type(error).__module__ in ("duckdb", "_duckdb"):
        return str(error).splitlines()[0]
    return str(getattr(error, "strerror", None) or type(error).__name__)
