"""From an entry of tables.yml to dlt: the reader of a plan becomes a resource, a group a source.

The resources are plain `dlt.resource`s around the readers. dlt's `sql_table` does the same around
a loader class, but searches all configuration for its 18 parameters at every call: 25 to 40 ms a
table, against 0.1 ms here, and half a minute in a night of 410 tables.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import dlt
from dlt.extract import DltResource, DltSource
from dlt.extract.items import DataItemWithMeta

from opendental_pipeline.databases.identifiers import dlt_identifier
from opendental_pipeline.planning.slice import FORMAT
from opendental_pipeline.planning.table_state import TableState
from sources.opendental.slice_reader import SliceReader

SOURCE = "opendental"
"""The name of the dlt source and schema in both pipelines."""


def to_source(readers: Iterable[SliceReader]) -> DltSource:
    """The source of a load package: one resource for each slice, which was read into a file."""
    source: DltSource = opendental([to_resource(reader) for reader in readers])
    return source


@dlt.source(name=SOURCE, max_table_nesting=0)
def opendental(resources: list[DltResource]) -> list[DltResource]:
    """The dlt source."""
    return resources


def to_resource(reader: SliceReader) -> DltResource:
    """The dlt resource of one slice of one table.

    dlt's schema knows the table and its key; the columns are what the catalogue says, and dlt
    would look at each of them in every step.
    """
    plan = reader.plan
    resource: DltResource = dlt.resource(  # type: ignore[call-overload]
        slice_file(reader),
        name=dlt_identifier(plan.table.name),
        # dlt forgets the state of a resource that it replaces, and a comparison replaces nothing
        write_disposition="merge" if plan.is_comparison else plan.write.disposition,
        primary_key=[dlt_identifier(name) for name in reader.key],
        columns=key_columns(reader),
    )
    return resource


def key_columns(reader: SliceReader) -> dict[str, Any]:
    """What dlt has to know of the columns."""
    carriers = {one.field.name: one.transfer_type for one in reader.selected}
    return {
        dlt_identifier(name): {"name": dlt_identifier(name), "data_type": carriers[name].value}
        for name in reader.key
    }


def slice_file(reader: SliceReader) -> Iterator[DataItemWithMeta]:
    """Yields a slice's file; it, the watermark and the order enter the load package together."""
    reader.order().to_package()
    stored = dlt.current.resource_state(dlt_identifier(reader.plan.table.name))
    state = TableState.read(stored).after_slice(reader.progress, complete=reader.complete)
    (state.without_watermarks() if reader.outdated else state).write(stored)
    yield dlt.mark.with_file_import(str(reader.path), FORMAT, reader.rows + reader.deleted)
