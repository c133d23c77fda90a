"""From an entry of tables.yml to dlt: each slice is a resource of dlt's `sql_database`.

dlt's `sql_table` looks for its 18 parameters in all configuration, 9 to 15 ms a table; one resource
of the same generator, whose spec has no field, is copied for each slice in a tenth of that.
"""

from collections.abc import Callable, Iterable
from typing import Any

import dlt
import sqlalchemy as sa
from dlt.common.configuration.specs import BaseConfiguration
from dlt.extract import DltResource, DltSource
from dlt.sources.sql_database.helpers import table_rows
from sqlalchemy.engine import Engine

from opendental_pipeline.databases.identifiers import dlt_identifier
from opendental_pipeline.planning.source_contract import REPLICATED_AT
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.planning.table_state import TableState
from sources.opendental.backends import registered

SOURCE = "opendental"
"""The name of the dlt source and schema in both pipelines."""

_TEMPLATE: DltResource = dlt.resource(table_rows, name="sql_table", spec=BaseConfiguration)


def to_source(
    slices: Iterable[TableProgress], engine: Engine, states: Callable[[str], TableState]
) -> DltSource:
    """The source of a load package: one resource for each slice, which was read into a file.

    Args:
        slices: read, and without faults.
        engine: of the server that they are from.
        states: what dlt remembers of a table.
    """
    resources = [to_resource(one, engine, states(one.table)) for one in slices]
    source: DltSource = opendental(resources)
    return source


@dlt.source(name=SOURCE, max_table_nesting=0)
def opendental(resources: list[DltResource]) -> list[DltResource]:
    """The dlt source."""
    return resources


def to_resource(slice_: TableProgress, engine: Engine, stored: TableState) -> DltResource:
    """The dlt resource of one slice of one table.

    dlt's schema knows the table and its key; the columns are what the catalogue says, and dlt
    would look at each of them in every step.

    Args:
        slice_: read into a file.
        engine: of the server that it is from.
        stored: what dlt remembers of the table.
    """
    plan, name = slice_.plan, dlt_identifier(slice_.table)
    # dlt forgets the state of a resource that it replaces, and a comparison replaces nothing
    disposition: Any = "merge" if plan.is_comparison else plan.write.disposition
    state = slice_.after(TableState() if disposition == "replace" else stored)
    cursor = next((c for c in (*plan.cursors, *state.watermarks) if c in state.watermarks), None)
    hints: Any = {
        dlt_identifier(column): {"name": dlt_identifier(column), "data_type": data_type}
        for column, data_type in slice_.schema_columns
    }
    selected = dict.fromkeys((*hints, _dlt_cursor(cursor)) if cursor else hints)
    table = sa.Table(name, sa.MetaData(), *map(sa.Column, selected))
    resource: DltResource = _TEMPLATE.with_name(name)(
        engine=engine,
        table=table,
        metadata=table.metadata,
        chunk_size=plan.config.batch_size,
        backend=registered(plan.config.backend),
        backend_kwargs={
            "slice": slice_,
            "state": state,
            "watermark": state.watermarks[cursor] if cursor else None,
        },
        **_UNUSED,
    )
    resource.apply_hints(
        write_disposition=disposition,
        primary_key=[dlt_identifier(column) for column in slice_.target_key],
        columns=hints,
        incremental=_incremental(cursor) if cursor else None,
    )
    return resource


_UNUSED: dict[str, Any] = {
    "incremental": None,
    "reflection_level": "minimal",
    "table_adapter_callback": None,
    "type_adapter_callback": None,
    "query_adapter_callback": None,
    "included_columns": None,
    "excluded_columns": None,
    "resolve_foreign_keys": False,
}
"""Parameters of dlt's generator for tables that it would reflect and read itself."""


def _incremental(cursor: str) -> Any:
    """dlt's word for a cursor; without hashes of rows, since every row is moved as it is read."""
    return dlt.sources.incremental(_dlt_cursor(cursor), range_start="open", primary_key=())


def _dlt_cursor(cursor: str) -> str:
    return cursor if cursor == REPLICATED_AT else dlt_identifier(cursor)
