"""Gives replication's tables the shape of the source's: CREATE or ALTER, never DROP TABLE.

A column that the source no longer has stays, NULL from then on; a type only widens. What goes is
what must not be there any more: a column that is excluded, or the clear values of a hashed one.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from destinations import fence, replication
from destinations.create_table import (
    HASH_COMMENT,
    copied,
    create_table,
    definition,
    primary_key,
    same_text,
)
from destinations.slice_job import redact_errors
from destinations.type_widening import can_hold
from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.databases.table import Catalogue, Column, Table
from opendental_pipeline.planning.source_contract import (
    FENCE,
    OWN_TABLES,
    REPLICATED_AT,
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
            `proofs.stamps` finds.

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
    collations: Collection[str],
    *,
    altered: bool,
) -> ReplicaEvolution:
    """Makes the copy of a source's table, or gives it the columns, types and key of today.

    Args:
        target: replication.
        config: its entry in tables.yml.
        table: the columns wanted, as the source has them.
        replicas: what replication has.
        collations: those that it knows.
        altered: whether the source's table is another than the one that was copied. If not, only
            its charsets are looked at: two servers may spell the same type differently.

    Raises:
        LoadingError: the statement was refused.
        LockLostError: the run lost its lock.
    """
    replica = replicas.get(table.name)
    if replica is None:
        with redact_errors(table.name, replication.HOP), fence.altering(target) as connection:
            run_sql(connection, create_table(table, collations))
        return ReplicaEvolution()
    alteration = _Alteration(config, table, replica.without([REPLICATED_AT]), collations)
    alteration.decide(altered=altered)
    if alteration.clauses:
        with redact_errors(table.name, replication.HOP), fence.altering(target) as connection:
            alteration.run(connection)
    return ReplicaEvolution(tuple(alteration.done), emptied=alteration.recoded)


@dataclass
class _Alteration:
    """What has to change in one table of replication.

    Attributes:
        clauses: of the ALTER TABLE statement.
        done: what they do, as sentences.
        rekeyed: whether the primary key is among it.
        recoded: whether texts were stored in another charset than the source's.
    """

    config: TableConfig
    table: Table
    replica: Table
    collations: Collection[str]
    clauses: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    rekeyed: bool = False
    recoded: bool = False

    @cached_property
    def spelling(self) -> dict[str, str]:
        """How replication spells each column of the source; MySQL takes both for the same."""
        spelled = {column.name.lower(): column.name for column in self.replica.columns}
        names = (column.name for column in self.table.columns)
        return {name: spelled[name.lower()] for name in names if name.lower() in spelled}

    def decide(self, *, altered: bool) -> None:
        """Collects the clauses."""
        self._exclude()
        retyped = []
        for column in self.table.columns:
            have = self.spelling.get(column.name)
            if have is None:
                self._add(column)
            elif bool(column.hashed) != _is_hashed(self.replica.column(have)):
                self._hash_or_show(column)
            else:
                retyped += self._modify(column, self.replica.column(have), altered=altered)
        self._relax_removed(altered=altered)
        self._drop_indexes(retyped)
        self._replace_primary_key()

    def run(self, connection: Connection) -> None:
        """Executes them in one statement."""
        statement = f"ALTER TABLE {ident(self.table.name)} {', '.join(self.clauses)}"
        # what an old value becomes does not matter, since all rows are read again
        run_sql(connection, "SET @mode = @@SESSION.sql_mode, SESSION sql_mode = ''")
        try:
            try:
                run_sql(connection, statement)
            except sa.exc.DBAPIError:
                if not self.rekeyed:
                    raise
                # the rows that are here do not fit the new key
                run_sql(connection, f"TRUNCATE TABLE {ident(self.table.name)}")
                run_sql(connection, statement)
            if self.recoded:
                run_sql(connection, f"TRUNCATE TABLE {ident(self.table.name)}")
        finally:
            run_sql(connection, "SET SESSION sql_mode = @mode")

    def _exclude(self) -> None:
        for name in self.config.excluded_columns:
            if self.replica.has(name):
                self.clauses.append(f"DROP COLUMN {ident(name)}")
                self.done.append(f"column {name} is excluded now, and its values are gone")

    def _add(self, column: Column) -> None:
        self.clauses.append(f"ADD COLUMN {definition(copied(column, self.collations))}")
        self.done.append(f"column {column.name} was added")

    def _hash_or_show(self, column: Column) -> None:
        self.clauses.append(f"DROP COLUMN {ident(column.name)}")
        self.clauses.append(f"ADD COLUMN {definition(copied(column, self.collations))}")
        how = "hashed" if column.hashed else "copied in clear"
        self.done.append(f"column {column.name} is {how} now")

    def _modify(self, column: Column, have: Column, *, altered: bool) -> list[str]:
        """Gives a column the source's name and type; returns the name if retyped."""
        want = copied(column, self.collations)
        recoded = not altered and not same_text(have, want)
        if not (altered or recoded or have.name != want.name or not column.lists_all):
            return []
        fits = can_hold(have, want)
        loose = want.nullable and not have.nullable and want.name not in self.table.primary_key
        if have.name == want.name and fits and not loose:
            return []
        kept = have if fits else want
        nullable = (have.nullable or want.nullable) and want.name not in self.table.primary_key
        clause = definition(replace(kept, name=want.name, nullable=nullable, comment=want.comment))
        self.clauses.append(f"CHANGE COLUMN {ident(have.name)} {clause}")
        self.recoded = self.recoded or recoded
        self.done += self._told(want, have, fits=fits, recoded=recoded, loose=loose)
        return [] if fits else [have.name]

    def _told(
        self, want: Column, have: Column, *, fits: bool, recoded: bool, loose: bool
    ) -> Iterator[str]:
        if have.name != want.name:
            yield f"column {have.name} is called {want.name} now"
        if recoded:
            yield f"column {want.name} was stored as {have.charset} and is {want.charset} now"
        elif not fits:
            yield f"column {want.name} is {want.plain_type} now"
        elif loose:
            yield f"column {want.name} may be NULL now"

    def _relax_removed(self, *, altered: bool) -> None:
        """Lets columns that the source no longer has be NULL: new rows have no value for them."""
        kept = {*self.config.excluded_columns, *self.spelling.values()}
        gone = [column for column in self.replica.columns if column.name not in kept]
        for column in gone:
            valued = column.default not in (None, "NULL") or column.auto_updated
            if valued or not column.nullable:
                self.clauses.append(f"MODIFY COLUMN {definition(replace(column, nullable=True))}")
            if altered or valued or not column.nullable:
                self.done.append(f"column {column.name} is gone at the source; NULL in new rows")

    def _drop_indexes(self, retyped: Sequence[str]) -> None:
        """Takes indexes away that somebody made here, where their columns become others."""
        for name, columns in self.replica.indexes.items():
            if set(columns) & set(retyped):
                self.clauses.append(f"DROP KEY {ident(name)}")
                self.done.append(f"index {name} was removed, since the type of a column changed")

    def _replace_primary_key(self) -> None:
        have = self.replica.primary_key
        want = tuple(self.spelling.get(name, name) for name in self.table.primary_key)
        if have == want:
            return
        self.rekeyed = True
        if have:
            self.clauses.append("DROP PRIMARY KEY")
        if want:
            self.clauses.append(f"ADD {primary_key(self.table)}")
        key = ", ".join(self.table.primary_key)
        self.done.append(f"its primary key is {key} now" if key else "it has no primary key now")


def _is_hashed(column: Column) -> bool:
    return column.comment == HASH_COMMENT
