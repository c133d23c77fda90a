"""What replication knows of changes and deletions: its stamps, and the tombstones of its keys."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy.engine import Connection

from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.identifiers import DELETED_AT, postgres_identifier
from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.databases.tsv import columns_to_tsv
from opendental_pipeline.planning.source_contract import REPLICATED_AT, TOMBSTONES
from opendental_pipeline.planning.table_progress import TableProgress
from sources.opendental.raw_projection import RawProjection, as_key
from sources.opendental.table_query import TableQuery


@dataclass(frozen=True)
class Change:
    """What replication knows of a table's changes.

    Attributes:
        latest: when its newest row was inserted or changed, or its newest deletion; None if never.
        rebuilt: when it was last made anew, None if never.
        has_rows: whether it has rows.
    """

    latest: str | None
    rebuilt: str | None
    has_rows: bool

    def since(self, watermark: object) -> bool:
        """Whether anything changed after a watermark."""
        return self.latest is not None and (watermark is None or self.latest > str(watermark))

    def before(self, watermark: object) -> bool:
        """Whether the newest change is older than a watermark, which once was the newest."""
        return self.latest is not None and watermark is not None and self.latest < str(watermark)

    def rebuilt_since(self, watermark: object) -> bool:
        """Whether the table was made anew after a watermark."""
        return self.rebuilt is not None and (watermark is None or self.rebuilt > str(watermark))


def read_changes(connection: Connection, tables: Iterable[str]) -> dict[str, Change]:
    """Asks all tables of replication in two statements what changed last.

    Args:
        connection: to replication, in UTC.
        tables: names of tables that exist there.
    """
    names = list(tables)
    deletions = {
        row.name: (row.deleted, row.rebuilt)
        for row in run_sql(
            connection,
            f"SELECT table_name AS name, CAST(MAX(deleted_at) AS CHAR) AS deleted,"
            f" CAST(MAX(IF(row_key IS NULL, deleted_at, NULL)) AS CHAR) AS rebuilt"
            f" FROM {ident(TOMBSTONES)} GROUP BY table_name",
        )
    }
    union = " UNION ALL ".join(
        f"SELECT {literal(name)} AS name, CAST(MAX({ident(REPLICATED_AT)}) AS CHAR) AS latest"
        f" FROM {ident(name)}"
        for name in names
    )
    latest = {row.name: row.latest for row in run_sql(connection, union)} if names else {}
    changes = {}
    for name in names:
        deleted, rebuilt = deletions.get(name, (None, None))
        stamps = [stamp for stamp in (latest[name], deleted) if stamp]
        changes[name] = Change(max(stamps, default=None), rebuilt, latest[name] is not None)
    return changes


def read_deletions(
    query: TableQuery, since: object, upto: object
) -> tuple[list[str], list[tuple[str, ...]]]:
    """Reads which keys of a table were deleted in a span of time.

    Args:
        query: asks replication about the table.
        since: a moment; those behind it are read.
        upto: the last moment.

    Returns:
        when each was deleted last; and of each column of the key its texts, in the same order.
    """
    rows = query.query(
        f"SELECT CAST(row_key AS BINARY), CAST(MAX(deleted_at) AS CHAR)"
        f" FROM {ident(TOMBSTONES)}"
        f" WHERE table_name = {literal(query.table)} AND row_key IS NOT NULL"
        f" AND deleted_at > {literal(since)}"
        f" AND deleted_at <= {literal(upto)} GROUP BY row_key"
    )
    # a key in three-byte UTF-8 may hold half a surrogate pair, which a driver does not decode
    texts = (bytes(row[0]).decode("utf-8", "surrogatepass") for row in rows)
    return [row[1] for row in rows], list(zip(*map(json.loads, texts), strict=True))


@dataclass(frozen=True)
class Tombstones:
    """Reads the deletions of a pass, which its first slice has.

    Attributes:
        query: asks replication.
        projection: is told if there are any.
    """

    query: TableQuery
    projection: RawProjection

    def batches(self, into: TableProgress) -> Iterator[memoryview]:
        """Reads the tombstones between the watermark and the moment that the pass began."""
        plan = into.plan
        if not plan.watermarks or plan.checkpoint.last_key is not None:
            return
        since, upto = plan.watermarks[REPLICATED_AT], into.checkpoint.started_at
        moments, keys = read_deletions(self.query, since, upto)
        if not moments:
            return
        into.deleted, self.projection.has_tombstones = len(moments), True
        known = {
            postgres_identifier(name): as_key(plan.table.column(name), texts)
            for name, texts in zip(plan.key, keys, strict=True)
        }
        known[DELETED_AT] = pa.array(moments, pa.large_string())
        unknown = pa.nulls(len(moments), pa.large_string())
        yield columns_to_tsv([known.get(field.name, unknown) for field in self.projection.fields])
