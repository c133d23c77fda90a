"""CREATE and ALTER TABLE for replication, made from the catalogue: what holds the values, no more.

The copy has the source's types, charsets, collations, nullability and key. It has none of its
defaults, checks, foreign keys, partitions, sequences and indexes: it is filled by this pipeline
alone, and each of them is a way to refuse or change a row.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from destinations.schema_changes import Change, ColumnChange, SchemaPlan
from opendental_pipeline.databases.hashing import HASH_TYPE
from opendental_pipeline.databases.spelling import without_comments
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.databases.table import JSON_COMMENT, Column, Table
from opendental_pipeline.planning.source_contract import REPLICATED_AT

HASH_COMMENT = "keyed hash"
"""The comment of a column in replication that holds hashes."""

_STAMP = (
    f"{ident(REPLICATED_AT)} timestamp(6) NOT NULL"
    " DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)"
)


_BINARY_COLLATIONS = ("utf8mb4_nopad_bin", "utf8mb4_0900_bin", "utf8mb4_bin")
"""Those that tell any two texts apart, trailing blanks too where the server can."""


def copied(column: Column, collations: Collection[str]) -> Column:
    """The column of replication that holds a column of the source.

    An ENUM or SET whose catalogue entry does not show its members as they are becomes a VARCHAR of
    the same length. MySQL's JSON becomes the text that it shows, since a JSON of another server
    shows its numbers otherwise. A collation that replication does not know becomes one that takes
    no two texts for the same.

    Args:
        column: the source's.
        collations: those that replication knows.
    """
    if column.hashed:
        return replace(
            column,
            data_type="varchar",
            column_type=HASH_TYPE,
            nullable=True,
            charset="ascii",
            collation="ascii_bin",
            comment=HASH_COMMENT,
        )
    column = _with_known_collation(replace(column, comment=""), collations)
    if column.data_type == "json":
        return replace(
            column,
            data_type="longtext",
            column_type="longtext",
            charset="utf8mb4",
            collation="utf8mb4_bin",
            comment=JSON_COMMENT,
        )
    if not column.lists_all:
        return replace(column, data_type="varchar", column_type=f"varchar({column.length})")
    return column


def _with_known_collation(column: Column, collations: Collection[str]) -> Column:
    if column.collation is None or column.collation in collations:
        return column
    for name, other in (("utf8", "utf8mb3"), ("utf8mb3", "utf8")):
        renamed = column.collation.replace(f"{name}_", f"{other}_", 1)
        if column.charset == name and renamed in collations:
            return replace(column, charset=other, collation=renamed)
    binary = next(name for name in _BINARY_COLLATIONS if name in collations)
    return replace(column, charset="utf8mb4", collation=binary)


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
    if column.comment in (HASH_COMMENT, JSON_COMMENT):
        parts.append(f"COMMENT '{column.comment}'")
    return " ".join(parts)


def primary_key(table: Table) -> str:
    """The clause that defines the primary key; empty for a table without one."""
    lengths = {name: f"({length})" for name, length in table.key_prefixes.items()}
    names = ", ".join(ident(name) + lengths.get(name, "") for name in table.primary_key)
    return f"PRIMARY KEY ({names})" if names else ""


def create_table(table: Table, collations: Collection[str]) -> str:
    """The statement that makes the copy of a table.

    It is InnoDB, generates no keys, and has no index but the primary key and the cursor of the
    second hop: the source's others serve the clinic's screens, and keeping the 21 of procedurelog
    made its copy three times as slow.

    Args:
        table: the columns wanted.
        collations: those that replication knows.
    """
    stamped = f"KEY {ident(REPLICATED_AT)} ({ident(REPLICATED_AT)})"
    columns = [definition(copied(column, collations)) for column in table.columns]
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


def same_text(one: Column, other: Column) -> bool:
    """Whether two columns hold text in the same charset and order it alike."""
    return _text(one) == _text(other)


def _text(column: Column) -> tuple[str, str]:
    # servers call three-byte UTF-8 by its old name or its new one
    names = (column.charset or "", column.collation or "")
    charset, collation = (f"{name}_".replace("utf8_", "utf8mb3_", 1) for name in names)
    return charset, collation
