"""Gives replication's tables the schema of the source's: CREATE or ALTER, never DROP TABLE.

A column that the source no longer has stays, NULL from then on; a type only widens. What goes is
what must not be there any more: a column that is excluded, or the clear values of a hashed one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from destinations import fence, replication
from destinations.copied_column import HASH_COMMENT, copied_columns, holds_text
from destinations.create_table import alter_table, create_table
from destinations.schema_changes import Change, ColumnChange, KeyChange, SchemaPlan, describe
from destinations.slice_job import redact_errors
from destinations.type_widening import can_hold
from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.server import Server
from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.databases.table import Catalogue, Column, Table
from opendental_pipeline.planning.source_contract import (
    FENCE,
    OWN_TABLES,
    REPLICATED_AT,
    STAGE,
    TOMBSTONES,
)
from opendental_pipeline.settings.table_config import TableConfig

_TOMBSTONES = f"""
    CREATE TABLE IF NOT EXISTS {ident(TOMBSTONES)} (
        id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
        table_name varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        row_key mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
        deleted_at timestamp(6) NOT NULL DEFAULT current_timestamp(6),
        KEY by_table (table_name, deleted_at)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""


# the newest one of a table is its newest change
_FORGET = f"""
    DELETE tombstones FROM {ident(TOMBSTONES)} AS tombstones
    JOIN (SELECT table_name, MAX(deleted_at) AS newest FROM {ident(TOMBSTONES)} GROUP BY table_name)
    AS kept USING (table_name)
    WHERE deleted_at < newest AND deleted_at < NOW(6) - INTERVAL {{days}} DAY"""


def prepare_replication(target: Engine, days: int) -> None:
    """Makes the pipeline's own tables fit for any name, and forgets tombstones that are too old.

    Args:
        target: replication.
        days: how old a tombstone may become. Raw that is older still has rows too many then, which
            `reconcile.raw_checksums` finds.

    Raises:
        LockLostError: the run lost its lock.
    """
    _use_unicode_database(target)
    with fence.altering(target) as connection:
        _use_unicode_tables(connection)
        run_sql(connection, _TOMBSTONES)
    with fence.begin(target) as connection:
        run_sql(connection, _FORGET.format(days=days))


_UNICODE = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
"""It holds every name and tells any two apart; databases are made in latin1 on many servers."""


def _use_unicode_database(target: Engine) -> None:
    """Gives the database the charset in which dlt's tables and ours are made."""
    with fence.begin(target) as connection:
        is_right = run_sql(connection, "SELECT @@collation_database").scalar() == "utf8mb4_bin"
    if is_right:
        return
    # in no transaction: MySQL lets nobody alter a database whose tables one has looked at
    with target.connect() as connection:
        run_sql(connection, f"ALTER DATABASE {_UNICODE}")
    # a session remembers the database's charset from its beginning
    target.dispose()


def _use_unicode_tables(connection: Connection) -> None:
    """Converts own tables of earlier versions; the fence is held, and has the right charset."""
    others = run_sql(
        connection,
        "SELECT DISTINCT table_name AS name FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND collation_name <> 'utf8mb4_bin'"
        f" AND table_name IN ({', '.join(map(literal, sorted(OWN_TABLES - {FENCE})))})",
    )
    for name in [row.name for row in others]:
        run_sql(connection, f"ALTER TABLE {ident(name)} CONVERT TO {_UNICODE}")


@dataclass(frozen=True)
class ReplicaEvolution:
    """What was done to a copy so that it can hold the source's table.

    Attributes:
        changes: as sentences.
        emptied: whether its rows were removed, since what they hold is not what was sent.
    """

    changes: tuple[str, ...] = ()
    emptied: bool = False


def evolve_replica(
    target: Engine,
    config: TableConfig,
    table: Table,
    replicas: Catalogue,
    server: Server,
    *,
    altered: bool,
) -> ReplicaEvolution:
    """Makes the copy of a source's table, or gives it the columns, types and key of today.

    Args:
        target: replication.
        config: its entry in tables.yml.
        table: the columns wanted, as the source has them.
        replicas: what replication has.
        server: what it is.
        altered: whether the source's table is another than the one that was copied. If not, only
            its charsets are looked at: two servers may spell the same type differently.

    Raises:
        LoadingError: the statement was refused.
        LockLostError: the run lost its lock.
    """
    replica = replicas.get(table.name)
    if replica is None:
        with redact_errors(table.name, replication.HOP), fence.altering(target) as connection:
            run_sql(connection, create_table(table, server))
        return ReplicaEvolution()
    replica = replica.without([REPLICATED_AT])
    plan = plan_replica(config.excluded_columns, table, replica, server, altered=altered)
    emptied = bool(plan.having(Change.RECODE))
    if alter_table(table, plan):
        with redact_errors(table.name, replication.HOP), fence.altering(target) as connection:
            _alter(connection, table, plan, emptied=emptied)
    return ReplicaEvolution(describe(plan), emptied)


def _alter(connection: Connection, table: Table, plan: SchemaPlan, *, emptied: bool) -> None:
    empty, statement = f"TRUNCATE TABLE {ident(table.name)}", alter_table(table, plan)
    # what an old value becomes does not matter, since all rows are read again
    run_sql(connection, "SET @mode = @@SESSION.sql_mode, SESSION sql_mode = ''")
    try:
        try:
            run_sql(connection, statement)
        except sa.exc.DBAPIError:
            if not plan.key:
                raise
            _rehearse(connection, table, plan)
            # the rows that are here do not fit the new key
            run_sql(connection, empty)
            run_sql(connection, statement)
        if emptied:
            run_sql(connection, empty)
    finally:
        run_sql(connection, "SET SESSION sql_mode = @mode")


def _rehearse(connection: Connection, table: Table, plan: SchemaPlan) -> None:
    """Alters an empty table like this one, so that nothing is emptied in vain."""
    stage = ident(STAGE)
    run_sql(connection, f"CREATE TEMPORARY TABLE {stage} LIKE {ident(table.name)}")
    try:
        run_sql(connection, alter_table(replace(table, name=STAGE), plan))
    finally:
        run_sql(connection, f"DROP TEMPORARY TABLE {stage}")


def plan_replica(
    excluded: Sequence[str],
    table: Table,
    replica: Table,
    server: Server,
    *,
    altered: bool,
) -> SchemaPlan:
    """Plans what has to change in a copy so that it can hold the source's table.

    Args:
        excluded: columns whose values must not stay.
        table: the columns wanted, as the source has them.
        replica: the copy, without columns of the pipeline's own.
        server: replication's.
        altered: whether the source's table is another than the one that was copied.
    """
    dropped = [replica.column(name) for name in excluded if replica.has(name)]
    changes = [ColumnChange((Change.EXCLUDE,), column, column) for column in dropped]
    # MySQL takes two spellings of a name for the same
    held = {column.name.lower(): column for column in replica.columns if column not in dropped}
    for column, want in zip(table.columns, copied_columns(table, server), strict=True):
        have = held.pop(column.name.lower(), None)
        if have is None:
            changes.append(ColumnChange((Change.ADD,), want, want))
        elif (have.comment == HASH_COMMENT) != bool(want.hashed):
            shown = Change.HASH if want.hashed else Change.SHOW
            changes.append(ColumnChange((shown,), have, want))
        elif altered or have.name != want.name or not (column.lists_all and holds_text(have, want)):
            changes += _fit(have, want, in_key=want.name in table.primary_key, altered=altered)
    retired = [ColumnChange((Change.RETIRE,), have, _retired(have)) for have in held.values()]
    changes += [change for change in retired if altered or change.have != change.want]
    plan = SchemaPlan(tuple(changes), key=_replaced_key(table, replica))
    retyped = set(plan.having(Change.RETYPE, Change.RECODE))
    indexes = (name for name, columns in replica.indexes.items() if retyped & {*columns})
    return replace(plan, indexes=tuple(indexes))


def _fit(have: Column, want: Column, *, in_key: bool, altered: bool) -> Iterator[ColumnChange]:
    """Changes a column that cannot stay as it is."""
    nullable = (have.nullable or want.nullable) and not in_key
    fits, kinds = can_hold(have, want), []
    if in_key and altered and have.collation != want.collation:
        fits = False  # a key is compared as the source does, where the server can
    if have.name != want.name:
        kinds.append(Change.RENAME)
    if not fits:
        kinds.append(Change.RETYPE if altered or holds_text(have, want) else Change.RECODE)
    elif nullable and not have.nullable:
        kinds.append(Change.RELAX)
    if kinds:
        kept = have if fits else want
        kept = replace(kept, name=want.name, nullable=nullable, comment=want.comment)
        yield ColumnChange(tuple(kinds), have, kept)


def _retired(column: Column) -> Column:
    """A column that the source no longer has: it is NULL in new rows."""
    valued = column.default not in (None, "NULL") or column.auto_updated
    bare = replace(column, nullable=True, default=None, extra="")
    return bare if valued or not column.nullable else column


def _replaced_key(table: Table, replica: Table) -> KeyChange | None:
    have, want = replica.primary_key, table.primary_key
    same = [name.lower() for name in have] == [name.lower() for name in want]
    return None if same else KeyChange(have, want)
