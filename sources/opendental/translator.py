"""From an entry of tables.yml to dlt: the reader of a plan becomes a resource, a group a source.

The resources are plain `dlt.resource`s around the readers. dlt's `sql_table` does the same around
a loader class, but searches all configuration for its 18 parameters at every call: 25 to 40 ms a
table, against 0.1 ms here, and half a minute in a night of 410 tables.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import dlt
import pyarrow as pa
from dlt.extract import DltResource, DltSource

from sources.opendental.errors import ExtractionError
from sources.opendental.naming import travelling
from sources.opendental.reading import SliceReader
from sources.opendental.state import TableState

SOURCE = "opendental"
"""The name of the dlt source and schema in both pipelines."""


def to_source(readers: Iterable[SliceReader]) -> DltSource:
    """The source of a load package: one resource for each slice in it."""
    source: DltSource = opendental(list(readers))
    return source


@dlt.source(name=SOURCE, max_table_nesting=0)
def opendental(readers: list[SliceReader]) -> list[DltResource]:
    """The dlt source."""
    return [to_resource(reader) for reader in readers]


def to_resource(reader: SliceReader) -> DltResource:
    """The dlt resource of one slice of one table.

    dlt's schema describes what is carried; the tables themselves take their types from the
    catalogue.
    """
    plan = reader.plan
    resource: DltResource = dlt.resource(  # type: ignore[call-overload]
        slice_rows(reader),
        name=travelling(plan.table.name),
        write_disposition=plan.write.disposition,
        primary_key=[travelling(name) for name in reader.key],
        columns=carried_columns(reader),
    )
    return resource.parallelize()


def carried_columns(reader: SliceReader) -> dict[str, Any]:
    """What dlt has to know of the columns."""
    names = {travelling(one.field.name): one.travels for one in reader.selected}
    return {
        name: {"name": name, "data_type": carrier.value, "nullable": True}
        for name, carrier in names.items()
    }


def slice_rows(reader: SliceReader) -> Iterator[pa.Table]:
    """Yields a slice's rows; they, the watermark and the order enter the load package together.

    A fault is kept in the reader, not raised, so that one extraction finds every table that
    cannot be read.
    """
    try:
        yield from reader.batches()
    except ExtractionError as fault:
        reader.fault = fault
        return
    reader.order().publish()
    stored = dlt.current.resource_state(travelling(reader.plan.table.name))
    state = TableState.read(stored).advanced(reader.progress, complete=reader.complete)
    (state.without_watermarks() if reader.outdated else state).write(stored)
