"""Makes tables.yml's entries from the source's catalogue; every rule of choice is here."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from sources.opendental.catalogue import Catalogue, Table
from sources.opendental.tables import Category, ExtractionStrategy, Priority, TableConfig
from sources.opendental.tables_file import TablesFile

MEGABYTE = 1024 * 1024

_CATEGORIES = (
    (1_000_000, Category.LARGE, 100_000),
    (100_000, Category.MEDIUM, 50_000),
    (10_000, Category.SMALL, 50_000),
    (0, Category.TINY, 50_000),
)
"""From how many rows a category begins, and the rows of one statement in it."""

_ROWS_PER_MINUTE = 1_500_000
"""Both hops together on two cores, as measured; for the estimates only."""


def analyze(catalogue: Catalogue, *, environment: str, server_version: str) -> TablesFile:
    """An entry for every base table of the source.

    Args:
        catalogue: what the source has.
        environment: production or test, for the file's metadata.
        server_version: likewise.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    tables = sorted(catalogue.values(), key=lambda table: table.name)
    return TablesFile(
        metadata={
            "generated_at": now,
            "environment": environment,
            "server_version": server_version,
            "total_tables": len(tables),
            "schema_hash": _hash(structure_of(table) for table in tables),
        },
        tables={table.name: entry(table, now) for table in tables},
    )


def entry(table: Table, analyzed: str) -> TableConfig:
    """How one table is best copied, judged by its structure and size.

    Only a column that the server itself moves with every change is a cursor: an insert time or a
    primary key would miss every edit.
    """
    category, batch_size = next((c, b) for rows, c, b in _CATEGORIES if table.rows >= rows)
    cursors = [column.name for column in table.columns if column.moves_by_itself]
    if not cursors or not table.primary_key:
        strategy, cursors = ExtractionStrategy.FULL_TABLE, []
    elif category is Category.LARGE:
        strategy = ExtractionStrategy.INCREMENTAL_CHUNKED
    else:
        strategy = ExtractionStrategy.INCREMENTAL
    megabytes = table.size / MEGABYTE
    row_size = table.size / table.rows if table.rows else 0
    return TableConfig(
        table_name=table.name,
        primary_key=table.primary_key,
        extraction_strategy=strategy,
        incremental_columns=tuple(cursors),
        batch_size=batch_size,
        performance_category=category,
        processing_priority=Priority.HIGH if category is Category.LARGE else Priority.MEDIUM,
        estimated_rows=table.rows,
        estimated_size_mb=round(megabytes, 2),
        estimated_processing_time_minutes=round(table.rows / _ROWS_PER_MINUTE, 2),
        memory_requirements_mb=round(3 * min(table.rows, batch_size) * row_size / MEGABYTE, 1),
        schema_hash=_hash([structure_of(table)]),
        last_analyzed=analyzed,
    )


def structure_of(table: Table) -> str:
    """A table's columns, types and key as text, for its fingerprint."""
    columns = [f"{c.name} {c.column_type} {c.nullable} {c.extra}" for c in table.columns]
    return "\n".join([table.name, *columns, ",".join(table.primary_key)])


def _hash(structures: Iterable[str]) -> str:
    return hashlib.sha256("\n\n".join(structures).encode()).hexdigest()[:16]
