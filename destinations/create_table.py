"""CREATE and ALTER TABLE for replication, made from the catalogue: what holds the values, no more.

The copy has the source's types, charsets, collations, nullability and key. It has none of its
defaults, checks, foreign keys, partitions, sequences and indexes: it is filled by this pipeline
alone, and each of them is a way to refuse or change a row.
"""

from collections.abc import Iterator

from destinations.copied_column import HASH_COMMENT, copied_columns
from destinations.schema_changes import Change, ColumnChange, SchemaPlan
from opendental_pipeline.databases.server import Server
from opendental_pipeline.databases.spelling import without_comments
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.databases.table import Column, Table
from opendental_pipeline.planning.source_contract import REPLICATED_AT

_STAMP = (
    f"{ident(REPLICATED_AT)} timestamp(6) NOT NULL"
    " DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)"
)


def definition(column: Column) -> str:
    """The clause of CREATE or ALTER TABLE that defines a column of replication."""
    parts = [ident(column.name), without_comments(column.column_type)]
    if column.charset:
        parts.append(f"CHARACTER SET {column.charset}")
    if column.collation:
        parts.append(f"COLLATE {column.collation}")
    parts.append("NULL" if column.nullable else "NOT NULL")
    if column.data_type == "timestamp" and not column.nullable:
        # else older servers give the first one of a table a default that moves by itself
        parts.append("DEFAULT '0000-00-00 00:00:00'")
    if column.comment == HASH_COMMENT or column.original_type != column.data_type:
        parts.append(f"COMMENT '{column.comment}'")
    return " ".join(parts)


def primary_key(table: Table) -> str:
    """The clause that defines the primary key; empty for a table without one."""
    lengths = {name: f"({length})" for name, length in table.key_prefixes.items()}
    names = ", ".join(ident(name) + lengths.get(name, "") for name in table.primary_key)
    return f"PRIMARY KEY ({names})" if names else ""


def create_table(table: Table, server: Server) -> str:
    """The statement that makes the copy of a table.

    It is InnoDB, generates no keys, and has no index but the primary key and the cursor of the
    second hop: the source's others serve the clinic's screens, and keeping the 21 of procedurelog
    made its copy three times as slow.

    Args:
        table: the columns wanted.
        server: replication's.
    """
    stamped = f"KEY {ident(REPLICATED_AT)} ({ident(REPLICATED_AT)})"
    columns = [definition(column) for column in copied_columns(table, server)]
    body = ", ".join(filter(None, (*columns, _STAMP, primary_key(table), stamped)))
    return (
        f"CREATE TABLE {ident(table.name)} ({body})"
        " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4"
    )


def alter_table(table: Table, plan: SchemaPlan) -> str:
    """The one statement that carries out a plan for the copy of a table; empty if none is needed.

    Args:
        table: the columns wanted.
        plan: what has to change.
    """
    clauses = [clause for change in plan.columns for clause in _clauses(change)]
    clauses += [f"DROP KEY {ident(name)}" for name in plan.indexes]
    if plan.key and plan.key.have:
        clauses.append("DROP PRIMARY KEY")
    if plan.key and plan.key.want:
        clauses.append(f"ADD {primary_key(table)}")
    return f"ALTER TABLE {ident(table.name)} {', '.join(clauses)}" if clauses else ""


def _clauses(change: ColumnChange) -> Iterator[str]:
    have, want = ident(change.have.name), definition(change.want)
    match change.kinds:
        case (Change.ADD,):
            yield f"ADD COLUMN {want}"
        case (Change.EXCLUDE,):
            yield f"DROP COLUMN {have}"
        case (Change.HASH | Change.SHOW,):
            yield from (f"DROP COLUMN {have}", f"ADD COLUMN {want}")
        case _ if change.have != change.want:
            yield f"CHANGE COLUMN {have} {want}"
