"""Writes slices into raw, and compares them: the statements of PostgreSQL, which loads by COPY."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from destinations.dependent_views import NO_VIEWS, Views
from destinations.exclusive_lock import lock_exclusively
from destinations.slice_job import BulkJob
from destinations.slice_writer import SliceWriter
from opendental_pipeline.databases.identifiers import DELETED_AT, postgres_ident
from opendental_pipeline.databases.sql import Key, conjunction, key_range
from opendental_pipeline.planning.slice import Slice
from opendental_pipeline.planning.source_contract import STAGE

HOP = "raw"

_STAGE = postgres_ident(STAGE)
_DELETED = postgres_ident(DELETED_AT)


class CopyJob(BulkJob):
    """Writes one slice of one table in one transaction."""

    hop = HOP

    def write(self, file: Path, order: Slice) -> None:
        """Writes the file's rows."""
        sql: Any = self._job_client.sql_client  # type: ignore[attr-defined]
        with sql.begin_transaction(), sql.native_connection.cursor() as cursor:
            target = f"{postgres_ident(sql.dataset_name)}.{postgres_ident(order.target)}"
            CopyWriter(cursor, target, order, file).run()


def in_range(order: Slice, *conditions: str | None) -> str:
    """The WHERE clause of the rows in the range of a slice for which all conditions are true."""
    return key_range(order.key, order.after, order.upto, *conditions, compare=_compare_rows)


def _compare_rows(columns: Sequence[str], key: Key, *, operator: str) -> str:
    return f"({', '.join(map(postgres_ident, columns))}) {operator} ({', '.join(key)})"


def is_present(order: Slice) -> str | None:
    """The condition on rows that are not marked as deleted; None where none are marked."""
    return f"{_DELETED} IS NULL" if order.soft_delete else None


class CopyWriter(SliceWriter):
    """Writes one slice into raw, and applies the tombstones in it."""

    hop = HOP
    _ident = staticmethod(postgres_ident)
    _compare = staticmethod(_compare_rows)

    def _is_all_new(self) -> bool:
        has_tombstones = DELETED_AT in (field.name for field in self._order.fields)
        return not has_tombstones and super()._is_all_new()

    def _prepare(self) -> None:
        """Locks a table that will be altered before anything is locked that others wait for."""
        self._views = NO_VIEWS
        if self._order.pending_alter:
            self._views = Views.on(self._cursor, self._table)
            drop = partial(self._views.drop, self._cursor)
            lock_exclusively(self._cursor, self._table, self._order.target, drop)

    def _alter(self) -> None:
        """Gives the table, which is empty now, another schema; views on it stand again after."""
        if self._order.pending_alter:
            self._execute(f"ALTER TABLE {self._table} {', '.join(self._order.pending_alter)}")
            self._views.create(self._cursor)

    def _stage(self) -> None:
        # of the columns that are sent alone: others of the table may take no NULL
        self._execute(
            f"CREATE TEMPORARY TABLE {_STAGE} ON COMMIT DROP AS SELECT {', '.join(self._columns)},"
            f" NULL::timestamptz AS {_DELETED} FROM {self._table} WITH NO DATA"
        )
        self._load_into(_STAGE)
        self._execute(f"ANALYZE {_STAGE}")

    def _load_into(self, target: str) -> None:
        names = ", ".join(postgres_ident(field.name) for field in self._order.fields)
        with self._file.open("rb") as rows:
            self._cursor.copy_expert(f"COPY {target} ({names}) FROM STDIN", rows, 1 << 20)
        taken, sent = self._cursor.rowcount, self._order.rows
        if taken != sent:
            raise self._refused(f"PostgreSQL took {taken:,} rows of {sent:,}; run again")

    def _delete_missing(self) -> None:
        """Deletes or marks what the stage lacks."""
        present = is_present(self._order)
        missing = f"NOT EXISTS (SELECT 1 FROM {_STAGE} s WHERE {self._same_key})"
        where = self._in_range(missing, present)
        if self._order.soft_delete:
            gone = self._execute(f"UPDATE {self._table} t SET {_DELETED} = now(){where}")
        else:
            gone = self._execute(f"DELETE FROM {self._table} t{where}")
        if gone and self._order.brake is not None:
            self._brake(gone, self._count(f"{self._table}{conjunction(present)}") + gone)

    def _apply_tombstones(self) -> None:
        where = f" WHERE s.{_DELETED} IS NOT NULL AND {self._same_key}"
        if self._order.soft_delete:
            self._execute(
                f"UPDATE {self._table} t SET {_DELETED} = s.{_DELETED} FROM {_STAGE} s{where}"
            )
        else:
            self._execute(f"DELETE FROM {self._table} t USING {_STAGE} s{where}")

    def _upsert(self) -> None:
        """Upserts rows that differ: writing the rest would leave dead rows behind."""
        names = ", ".join(self._columns)
        updates = [f"{n} = EXCLUDED.{n}" for n in self._columns if n not in self._key]
        differ = self._rows_differ("t", "EXCLUDED")
        if self._order.soft_delete:
            updates.append(f"{_DELETED} = NULL")
            differ += f" OR t.{_DELETED} IS NOT NULL"
        self._execute(
            f"INSERT INTO {self._table} AS t ({names}) SELECT {names} FROM {_STAGE}"
            f" WHERE {_DELETED} IS NULL ON CONFLICT ({', '.join(self._key)})"
            f" DO UPDATE SET {', '.join(updates)} WHERE {differ}"
        )

    @property
    def _columns(self) -> list[str]:
        return [postgres_ident(f.name) for f in self._order.fields if f.name != DELETED_AT]

    def _rows_differ(self, one: str, other: str) -> str:
        """A condition on rows that differ in anything, be it the sign of a zero."""
        rows = (", ".join(f"{side}.{name}" for name in self._columns) for side in (one, other))
        # a cast keeps PostgreSQL from comparing column by column, by each type's own idea of equal
        return " *<> ".join(f"ROW({row})::record" for row in rows)

    def differing(self, where: str | None, most: int) -> list[tuple[Any, ...]]:
        """Compares the file with what the table has in its range; see the function below."""
        self._stage()
        keys = [f"k{number}" for number, _ in enumerate(self._key)]
        found = self._differing_rows(keys, where) if keys else self._differing_texts()
        order = f" ORDER BY {', '.join(keys)}" if keys else ""
        return self._rows(
            f"SELECT {', '.join(['kind', 'many', *keys])} FROM (SELECT *,"
            " count(*) OVER (PARTITION BY kind) AS many,"
            f" row_number() OVER (PARTITION BY kind{order}) AS place FROM ({found}) AS found)"
            f" AS numbered WHERE place <= {most} ORDER BY kind, place"
        )

    def _differing_rows(self, keys: Sequence[str], where: str | None) -> str:
        first = self._key[0]
        present = self._in_range(is_present(self._order), where)
        named = zip(self._key, keys, strict=True)
        return (
            f"SELECT CASE WHEN t.{first} IS NULL THEN 'missing' WHEN s.{first} IS NULL"
            f" THEN 'extra' ELSE 'changed' END AS kind,"
            f" {', '.join(f'COALESCE(s.{name}, t.{name}) AS {key}' for name, key in named)}"
            f" FROM {_STAGE} s FULL JOIN (SELECT * FROM {self._table}{present}) t"
            f" ON {self._same_key}"
            f" WHERE t.{first} IS NULL OR s.{first} IS NULL OR {self._rows_differ('s', 't')}"
        )

    def _differing_texts(self) -> str:
        # EXCEPT takes 0 for -0, and 24 hours for a day
        row = f"SELECT ROW({', '.join(self._columns)})::text FROM"
        stage, target = f"{row} {_STAGE}", f"{row} {self._table}"
        return (
            f"SELECT 'missing' AS kind FROM ({stage} EXCEPT ALL {target}) AS a UNION ALL"
            f" SELECT 'extra' FROM ({target} EXCEPT ALL {stage}) AS a"
        )


def differing(
    cursor: Any, target: str, order: Slice, file: Path, where: str | None, most: int
) -> list[tuple[Any, ...]]:
    """Compares a file with what a table has in the file's range; writes nothing that stays.

    Args:
        cursor: psycopg2's, in a transaction that will be rolled back.
        target: the quoted table.
        order: of the file.
        file: its lines.
        where: a condition on the table's rows that count; None for all in the range.
        most: rows of a kind to return.

    Returns:
        of rows that differ, `missing`, `changed` or `extra`, how many there are, and the key.
    """
    return CopyWriter(cursor, target, order, file).differing(where, most)
