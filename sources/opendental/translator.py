"""From an entry of tables.yml to a dlt resource: the plan's reader becomes one `sql_table`."""

from collections.abc import Iterable

import dlt
import sqlalchemy as sa
from dlt.extract import DltResource, DltSource
from dlt.sources.sql_database import sql_table

from sources.opendental.reading import SliceLoader, SliceReader
from sources.opendental.types import Carrier

SOURCE = "opendental"
"""The name of the dlt source and schema in both pipelines."""

_SQL_TYPES: dict[Carrier, sa.types.TypeEngine[object]] = {
    Carrier.INTEGER: sa.BigInteger(),  # type: ignore[dict-item]
    Carrier.DOUBLE: sa.Double(),  # type: ignore[dict-item]
    Carrier.TEXT: sa.Text(),  # type: ignore[dict-item]
    Carrier.BINARY: sa.LargeBinary(),  # type: ignore[dict-item]
}


def to_resource(reader: SliceReader) -> DltResource:
    """The dlt resource of one slice of one table.

    dlt's schema describes what is carried; the tables themselves take their types from the
    catalogue. The table is described here, so dlt reflects nothing.
    """
    plan = reader.plan
    described = sa.MetaData()
    sa.Table(
        plan.table.name,
        described,
        *(sa.Column(name, _SQL_TYPES[carrier]) for name, carrier in reader.carriers().items()),
    )
    resource = sql_table(
        credentials=reader.place.engine,
        table=plan.table.name,
        metadata=described,
        backend="connectorx",
        table_loader_class=SliceLoader,
        backend_kwargs={"reader": reader},
        write_disposition=plan.write.disposition,  # type: ignore[arg-type]
        primary_key=list(plan.key),
    )
    written = {c.name: {"x-write": c.rule.write} for c in reader.columns if c.rule.write}
    resource.apply_hints(columns=written)  # type: ignore[arg-type]
    return resource.parallelize()


@dlt.source(name=SOURCE, max_table_nesting=0)
def opendental(readers: Iterable[SliceReader]) -> list[DltResource]:
    """The dlt source of a load package: one resource for each slice in it."""
    return [to_resource(reader) for reader in readers]


def to_source(readers: Iterable[SliceReader]) -> DltSource:
    """The source of a load package, as dlt's pipelines take it."""
    return opendental(readers)
