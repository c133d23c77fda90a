"""Where tables.yml meets the catalogue: which columns are read, and whether both agree."""

from dataclasses import replace

from sources.opendental.catalogue import Column, Table
from sources.opendental.errors import SchemaError
from sources.opendental.hashing import HashKey
from sources.opendental.tables import TableConfig

REPLICATED_AT = "_replicated_at"
"""The column that replication adds to every table: when a row was inserted or really changed."""

TOMBSTONES = "etl_tombstones"
"""The table in replication that keeps which keys were deleted, and which tables made anew."""

STAGE = "etl_load"
"""The temporary table that a slice's rows enter first."""

OWN_TABLES = frozenset(
    {
        *(STAGE, TOMBSTONES, "etl_copy_status", "etl_load_status", "etl_runs", "etl_table_runs"),
        *("_dlt_loads", "_dlt_pipeline_state", "_dlt_version"),
    }
)
"""The pipeline's and dlt's own tables in replication and raw."""


def at_source(config: TableConfig, table: Table, key: HashKey | None) -> Table:
    """The table as it is read at the source: without excluded columns, hashed ones marked.

    Raises:
        SchemaError: columns are hashed, and there is no key.
    """
    hashed = config.hashed_columns
    if hashed and key is None:
        raise SchemaError(f"there is no key to hash {', '.join(hashed)} with")
    mark = key.mark if key else ""
    columns = _wanted(config, table)
    return replace(
        table, columns=tuple(replace(c, hashed=mark) if c.name in hashed else c for c in columns)
    )


def at_replica(config: TableConfig, table: Table) -> Table:
    """The table as it is read in replication: the source's own columns, with their hints."""
    asked = {name: hint.data_type for name, hint in config.columns.items()}
    columns = _wanted(config, table.without([REPLICATED_AT]))
    return replace(table, columns=tuple(replace(c, asked=asked.get(c.name)) for c in columns))


def _wanted(config: TableConfig, table: Table) -> tuple[Column, ...]:
    return table.without(config.excluded_columns).columns


def check_contract(config: TableConfig, table: Table) -> None:
    """Sees that the source has what tables.yml names, and that there is room for the rest.

    Args:
        config: the entry in tables.yml.
        table: the source's, whole.

    Raises:
        SchemaError: a column does not exist, the key is another one, or a name is taken.
    """
    if table.name in OWN_TABLES:
        raise SchemaError("its name is that of one of the pipeline's own tables; disable it")
    named = {
        "primary_key": config.primary_key,
        "incremental_columns": config.cursor_columns,
        "columns": tuple(config.columns),
        "lookback": config.lookback.columns if config.lookback else (),
    }
    for setting, names in named.items():
        if unknown := [name for name in names if not table.has(name)]:
            raise SchemaError(f"{setting} names {unknown}, which the source does not have")
    if config.primary_key and set(config.primary_key) != set(table.primary_key):
        actual = ", ".join(table.primary_key) or "none"
        raise SchemaError(
            f"primary_key is {', '.join(config.primary_key)} in tables.yml, "
            f"but {actual} at the source; correct tables.yml"
        )
    for column in _wanted(config, table):
        if column.name.lower() == REPLICATED_AT:
            raise SchemaError(
                f"its column {column.name} has the name of the one that replication adds;"
                " exclude it in tables.yml"
            )
