"""Whether raw has the rows that replication has, by their keys and when each was replicated.

It costs a look at two columns of either, and finds what was lost, left over or left behind. A row
of raw that somebody edited by hand keeps its stamp: `RawDiffReader` looks at all columns.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy.engine import Connection

from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.identifiers import (
    DELETED_AT,
    LOADED_AT,
    postgres_ident,
    postgres_identifier,
)
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.databases.table import Column, Table
from opendental_pipeline.databases.type_hints import raw_type_override
from opendental_pipeline.databases.type_mapping import TransferType, type_rule
from opendental_pipeline.planning.source_contract import REPLICATED_AT
from opendental_pipeline.reconcile.checksums import as_signed, key_digest

Stamped = tuple[int, int]
"""How many rows have a stamp, and the sum of their keys' numbers."""

_TABLES_AT_ONCE = 50


def out_of_sync(
    replication: Connection,
    analytics: Connection,
    schema: str,
    tables: Sequence[tuple[Table, bool]],
) -> list[str]:
    """The tables of which raw has not the rows of replication.

    How many rows have a stamp, and which, is asked of many tables in one statement.

    Args:
        replication: a connection whose session is in UTC.
        analytics: likewise.
        schema: of raw.
        tables: as they are read in replication, each with whether rows of raw may be marked as
            deleted.
    """
    found = []
    for start in range(0, len(tables), _TABLES_AT_ONCE):
        some = tables[start : start + _TABLES_AT_ONCE]
        copied = _stamps(replication, [_in_replication(table) for table, _ in some])
        loaded = _stamps(analytics, [_in_raw(schema, *one) for one in some])
        found += [
            table.name
            for (table, _), one, other in zip(some, copied, loaded, strict=True)
            if one != other
        ]
    return found


def _stamps(connection: Connection, queries: Sequence[str]) -> list[dict[str, Stamped]]:
    """What each query finds by stamp."""
    found: list[dict[str, Stamped]] = [{} for _ in queries]
    query = " UNION ALL ".join(f"SELECT {n}, {text}" for n, text in enumerate(queries))
    for number, stamp, rows, keys in map(tuple, run_sql(connection, query)):
        found[number][stamp] = int(rows), int(keys)
    return found


def _in_replication(table: Table) -> str:
    stamp, keys = ident(REPLICATED_AT), map(as_signed, _keys(table))
    return (
        f"CAST({stamp} AS CHAR), COUNT(*), {_sum(keys)} FROM {ident(table.name)} GROUP BY {stamp}"
    )


def _in_raw(schema: str, table: Table, soft_delete: bool) -> str:
    stamp = postgres_ident(LOADED_AT)
    keys = [
        f"CAST({postgres_ident(postgres_identifier(column.name))} AS bigint)"
        for column in _keys(table)
    ]
    where = f" WHERE {postgres_ident(DELETED_AT)} IS NULL" if soft_delete else ""
    name = postgres_ident(postgres_identifier(table.name))
    return (
        f"to_char({stamp}, 'YYYY-MM-DD HH24:MI:SS.US'), count(*),"
        f" {_sum(keys)} FROM {postgres_ident(schema)}.{name}{where}"
        f" GROUP BY {stamp}"
    )


def _keys(table: Table) -> list[Column]:
    """The columns of the key that are the same whole numbers for both."""
    columns = [table.column(name) for name in table.primary_key]
    return [
        c
        for c in columns
        if type_rule(c).transfer_type is TransferType.INTEGER and not raw_type_override(c)
    ]


def _sum(columns: Iterable[str]) -> str:
    keys = list(columns)
    return f"SUM({key_digest(keys)})" if keys else "0"
