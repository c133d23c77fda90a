"""Whether raw has the rows that replication has, by their keys and when each was replicated.

It costs a look at two columns of either, and finds what was lost, left over or left behind. A row
of raw that somebody edited by hand keeps its stamp: `proofs.loaded` looks at all columns.
"""

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from destinations import raw
from proofs.digests import key_digest, whole
from sources.opendental.catalogue import Table
from sources.opendental.connections import run_sql
from sources.opendental.contract import REPLICATED_AT
from sources.opendental.naming import DELETED_AT, LOADED_AT, in_raw
from sources.opendental.sql import ident
from sources.opendental.types import Carrier


def same_stamps(
    replication: Connection, analytics: Connection, schema: str, table: Table, *, marked: bool
) -> bool:
    """Compares a table of replication with that of raw: how many rows have a stamp, and which.

    Args:
        replication: a connection whose session is in UTC.
        analytics: likewise.
        schema: of raw.
        table: as it is read in replication.
        marked: whether rows of raw may be marked as deleted.
    """
    # only these are the same numbers for both
    columns = [table.column(name) for name in table.primary_key]
    keys = [c for c in columns if c.rule.carrier is Carrier.INTEGER and not c.target]
    held = run_sql(
        replication,
        f"SELECT CAST({ident(REPLICATED_AT)} AS CHAR), COUNT(*), {_sum(map(whole, keys))}"
        f" FROM {ident(table.name)} GROUP BY {ident(REPLICATED_AT)}",
    )
    stamp = raw.ident(LOADED_AT)
    where = f" WHERE {raw.ident(DELETED_AT)} IS NULL" if marked else ""
    loaded = run_sql(
        analytics,
        f"SELECT to_char({stamp}, 'YYYY-MM-DD HH24:MI:SS.US'), count(*),"
        f" {_sum(f'CAST({raw.ident(in_raw(c.name))} AS bigint)' for c in keys)}"
        f" FROM {raw.ident(schema)}.{raw.ident(in_raw(table.name))}{where} GROUP BY {stamp}",
    )
    rows, others = (
        {stamp: (int(count), int(total)) for stamp, count, total in map(tuple, found)}
        for found in (held, loaded)
    )
    return rows == others


def _sum(columns: Iterable[str]) -> str:
    keys = list(columns)
    return f"SUM({key_digest(keys)})" if keys else "0"
