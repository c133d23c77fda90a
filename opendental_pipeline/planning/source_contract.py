"""Where tables.yml meets the catalogue: which columns are read, and whether both agree."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from opendental_pipeline.databases.hashing import HashKey
from opendental_pipeline.databases.table import Column, Table
from opendental_pipeline.settings.errors import SchemaError
from opendental_pipeline.settings.table_config import TableConfig

REPLICATED_AT = "_replicated_at"
"""The column that replication adds to every table: when a row was inserted or really changed."""

TOMBSTONES = "etl_tombstones"
"""The table in replication that keeps which keys were deleted, and which tables made anew."""

FENCE = "etl_fence"
"""The table in replication and in raw that says which run may write, and who holds its lock."""

STAGE = "etl_load"
"""The temporary table that a slice's rows enter first."""

LOAD_STATUS = "etl_load_status"
"""The table in raw that says of each table when it was last loaded."""

OWN_TABLES = frozenset(
    {
        *(
            STAGE,
            TOMBSTONES,
            FENCE,
            "etl_copy_status",
            LOAD_STATUS,
            "etl_runs",
            "etl_table_runs",
        ),
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
    # a comment is the clinic's; one in replication is ours
    columns = (replace(column, comment="") for column in _wanted(config, table))
    return replace(
        table, columns=tuple(replace(c, hashed=mark) if c.name in hashed else c for c in columns)
    )


def at_replica(config: TableConfig, table: Table) -> Table:
    """The table as it is read in replication: the source's own columns, with their hints.

    When it was made says nothing, since replication itself alters its tables, nor do defaults.
    """
    overrides = {name: hint.data_type for name, hint in config.columns.items()}
    columns = _wanted(config, table.without([REPLICATED_AT]))
    columns = tuple(replace(c, type_override=overrides.get(c.name), default=None) for c in columns)
    return replace(table, columns=columns, created_at=None)


def _wanted(config: TableConfig, table: Table) -> tuple[Column, ...]:
    return table.without(config.excluded_columns).columns


def respelled(name: str, others: Iterable[str]) -> str:
    """The one of some tables whose name differs in case only; empty where none does.

    Servers on Windows write all names in small letters, and one that was moved brings them along.
    """
    return next((one for one in others if one.lower() == name.lower() and one != name), "")


def missing(name: str, source: Iterable[str]) -> str:
    """What a person is told of a table that the source does not have.

    Args:
        name: of the table.
        source: the names of those that it has.
    """
    if other := respelled(name, source):
        return f"the source calls it {other} now; call it that in tables.yml, and it is copied anew"
    return "the source has no such table; remove it from tables.yml or check it"


def check_spelled_apart(name: str, source: Iterable[str]) -> None:
    """Sees that replication can tell a table from all others, if case does not count there.

    Raises:
        SchemaError: it cannot.
    """
    if other := respelled(name, source):
        raise SchemaError(
            f"the source has {name} and {other}, which are one table to the replication server"
            " (lower_case_table_names); make that server's data anew with lower_case_table_names=0"
        )


def check_contract(config: TableConfig, table: Table) -> tuple[str, ...]:
    """Sees that the source has what tables.yml names, and that there is room for the rest.

    What the source has no more, or has otherwise, is told and done without: its own key is the key,
    and without its cursor a table is read in full. Only where a value could be copied that somebody
    meant to hide, the table waits for a person.

    Args:
        config: the entry in tables.yml.
        table: the source's, whole.

    Returns:
        what tables.yml says otherwise than the source, as sentences.

    Raises:
        SchemaError: a hidden column does not exist or is in the key, or a name is taken.
    """
    if table.name in OWN_TABLES:
        raise SchemaError("its name is that of one of the pipeline's own tables; disable it")
    hidden = [name for name, hint in config.columns.items() if hint.hides]
    if unknown := [name for name in hidden if not table.has(name)]:
        raise SchemaError(
            f"tables.yml hides columns {unknown}, which the source does not have; nothing is copied"
            " until tables.yml says what they are called now, or no longer names them"
        )
    if keys := [name for name in hidden if name in table.primary_key]:
        raise SchemaError(f"tables.yml hides columns {keys}, which are in its primary key now")
    for column in _wanted(config, table):
        if column.name.lower() == REPLICATED_AT:
            raise SchemaError(
                f"its column {column.name} has the name of the one that replication adds;"
                " exclude it in tables.yml"
            )
    return tuple(_disagreements(config, table))


def _disagreements(config: TableConfig, table: Table) -> Iterator[str]:
    if config.primary_key and set(config.primary_key) != set(table.primary_key):
        said, key = ", ".join(config.primary_key), ", ".join(table.primary_key)
        yield f"its key is {said} in tables.yml, and {key or 'none'} at the source"
    named = {
        "incremental_columns": config.cursor_columns,
        "columns": tuple(config.columns),
        "lookback": config.lookback.columns if config.lookback else (),
    }
    for setting, names in named.items():
        if unknown := [name for name in names if not table.has(name)]:
            yield f"{setting} in tables.yml names {', '.join(unknown)}, which the source lacks"
