"""Writes slices into raw: COPY into a stage or the table, and what their orders ask for."""

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from destinations.dependent_views import Cursor, Views
from destinations.slice_job import BulkJob, RefusedLoadError
from opendental_pipeline.databases.identifiers import DELETED_AT, postgres_ident
from opendental_pipeline.databases.sql import conjunction
from opendental_pipeline.planning.delete_guard import DeleteGuard, question
from opendental_pipeline.planning.slice import Slice, WriteMode
from opendental_pipeline.planning.source_contract import STAGE

HOP = "raw"

_STAGE = postgres_ident(STAGE)
_DELETED = postgres_ident(DELETED_AT)


def in_range(order: Slice, *conditions: str | None) -> str:
    """The WHERE clause of the rows in the range of a slice for which all conditions are true."""
    columns = ", ".join(postgres_ident(name) for name in order.key)
    return conjunction(
        f"({columns}) > ({', '.join(order.after)})" if order.after else None,
        f"({columns}) <= ({', '.join(order.upto)})" if order.upto else None,
        *conditions,
    )


class _Cursor(Cursor, Protocol):
    rowcount: int

    def fetchone(self) -> tuple[Any, ...] | None: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...
    def copy_expert(self, sql: str, file: IO[bytes], size: int = ...) -> None: ...


class CopyJob(BulkJob):
    """Writes one slice of one table in one transaction: COPY, and what its order asks for."""

    hop = HOP

    def write(self, file: Path, order: Slice) -> None:
        """Writes the file's rows."""
        sql: Any = self._job_client.sql_client  # type: ignore[attr-defined]
        with sql.begin_transaction(), sql.native_connection.cursor() as cursor:
            target = f"{postgres_ident(sql.dataset_name)}.{postgres_ident(order.target)}"
            _Copy(cursor, target, order, file).run()


class _Copy:
    """The statements of one slice, on one cursor, in an open transaction."""

    def __init__(
        self,
        cursor: _Cursor,
        target: str,
        order: Slice,
        file: Path,
    ) -> None:
        self._cursor = cursor
        self._target = target
        self._columns = [
            postgres_ident(field.name) for field in order.fields if field.name != DELETED_AT
        ]
        self._key = [postgres_ident(name) for name in order.key]
        self._order = order
        self._file = file
        self._rows = order.rows

    def run(self) -> None:
        if not self._rows and self._order.write is WriteMode.UPSERT:
            return
        if self._order.write is WriteMode.REPLACE_TABLE:
            self._cursor.execute(f"DELETE FROM {self._target}")
            gone = self._cursor.rowcount
            self._pending_alter()
            self._stage()
            self._insert("")
            self._brake(gone - self._rows)
            return
        if self._is_all_new():
            self._copy_into(self._target)
            return
        self._stage()
        if self._order.write is WriteMode.REPLACE_RANGE:
            self._brake(self._delete_missing())
        else:
            self._apply_tombstones()
        self._upsert()

    def _is_all_new(self) -> bool:
        """Whether the table has no row in the slice's range: no stage is needed then."""
        order, where = self._order, self._range()
        if DELETED_AT in (field.name for field in order.fields):
            return False
        if order.write is WriteMode.UPSERT and order.key_bounds:
            low, high = order.key_bounds
            where = f" WHERE {self._key[0]} BETWEEN {low} AND {high}"
        self._cursor.execute(f"SELECT NOT EXISTS (SELECT 1 FROM {self._target}{where})")
        found = self._cursor.fetchone()
        return bool(found and found[0])

    def _pending_alter(self) -> None:
        """Gives the table, which is empty now, another shape; views on it stand again after."""
        if self._order.pending_alter:
            views = Views.on(self._cursor, self._target)
            views.drop(self._cursor)
            self._cursor.execute(
                f"ALTER TABLE {self._target} {', '.join(self._order.pending_alter)}"
            )
            views.create(self._cursor)

    def _stage(self) -> None:
        self._cursor.execute(
            f"CREATE TEMPORARY TABLE {_STAGE} (LIKE {self._target}) ON COMMIT DROP;"
            f"ALTER TABLE {_STAGE} ADD COLUMN IF NOT EXISTS {_DELETED} timestamptz"
        )
        self._copy_into(_STAGE)
        self._cursor.execute(f"ANALYZE {_STAGE}")

    def _copy_into(self, target: str) -> None:
        names = ", ".join(postgres_ident(field.name) for field in self._order.fields)
        with self._file.open("rb") as rows:
            self._cursor.copy_expert(f"COPY {target} ({names}) FROM STDIN", rows, 1 << 20)
        if self._cursor.rowcount != self._rows:
            text = f"PostgreSQL took {self._cursor.rowcount:,} rows of {self._rows:,}; run again"
            raise RefusedLoadError(text, table=self._order.table, hop=HOP)

    def _matches(self) -> str:
        return " AND ".join(f"s.{name} = t.{name}" for name in self._key)

    def _range(self, *conditions: str | None) -> str:
        return in_range(self._order, *conditions)

    def _delete_missing(self) -> int:
        """Removes or marks what the snapshot lacks, and counts it."""
        missing = f"NOT EXISTS (SELECT 1 FROM {_STAGE} s WHERE {self._matches()})"
        if self._order.soft_delete:
            where = self._range(missing, f"{_DELETED} IS NULL")
            self._cursor.execute(f"UPDATE {self._target} t SET {_DELETED} = now(){where}")
        else:
            self._cursor.execute(f"DELETE FROM {self._target} t{self._range(missing)}")
        return self._cursor.rowcount

    def _apply_tombstones(self) -> None:
        where = f" WHERE s.{_DELETED} IS NOT NULL AND {self._matches()}"
        if self._order.soft_delete:
            self._cursor.execute(
                f"UPDATE {self._target} t SET {_DELETED} = s.{_DELETED} FROM {_STAGE} s{where}"
            )
        else:
            self._cursor.execute(f"DELETE FROM {self._target} t USING {_STAGE} s{where}")

    def _brake(self, gone: int) -> None:
        """Stops before too much is committed as deleted."""
        share = self._order.brake
        if share is None or gone <= 0:
            return
        self._cursor.execute(f"SELECT count(*) FROM {self._target}{self._present}")
        found = self._cursor.fetchone()
        left = found[0] if found else 0
        if DeleteGuard(share).exceeds_for_deletion(gone, of := left + gone):
            raise RefusedLoadError(
                question(self._order.table, "deleted", gone, of), table=self._order.table, hop=HOP
            )

    @property
    def _present(self) -> str:
        """A WHERE clause of the rows that are not marked as deleted."""
        return f" WHERE {_DELETED} IS NULL" if self._order.soft_delete else ""

    def _insert(self, conflict: str) -> None:
        names = ", ".join(self._columns)
        self._cursor.execute(
            f"INSERT INTO {self._target} AS t ({names}) SELECT {names} FROM {_STAGE}"
            f" WHERE {_DELETED} IS NULL {conflict}"
        )

    def _upsert(self) -> None:
        """Only rows that are others are written: the rest would leave dead rows behind."""
        rest = [name for name in self._columns if name not in self._key]
        updates = [f"{name} = EXCLUDED.{name}" for name in rest]
        others = self._others("t", "EXCLUDED")
        if self._order.soft_delete:
            updates.append(f"{_DELETED} = NULL")
            others += f" OR t.{_DELETED} IS NOT NULL"
        self._insert(
            f"ON CONFLICT ({', '.join(self._key)}) DO UPDATE SET {', '.join(updates)}"
            f" WHERE {others}"
        )

    def _others(self, one: str, other: str) -> str:
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
        self._cursor.execute(
            f"SELECT {', '.join(['kind', 'many', *keys])} FROM (SELECT *,"
            " count(*) OVER (PARTITION BY kind) AS many,"
            f" row_number() OVER (PARTITION BY kind{order}) AS place FROM ({found}) AS found)"
            f" AS numbered WHERE place <= {most} ORDER BY kind, place"
        )
        return self._cursor.fetchall()

    def _differing_rows(self, keys: Sequence[str], where: str | None) -> str:
        first = self._key[0]
        present = is_present(self._order)
        named = zip(self._key, keys, strict=True)
        return (
            f"SELECT CASE WHEN t.{first} IS NULL THEN 'missing' WHEN s.{first} IS NULL"
            f" THEN 'extra' ELSE 'changed' END AS kind,"
            f" {', '.join(f'COALESCE(s.{name}, t.{name}) AS {key}' for name, key in named)}"
            f" FROM {_STAGE} s"
            f" FULL JOIN (SELECT * FROM {self._target}{self._range(present, where)}) t"
            f" ON {self._matches()}"
            f" WHERE t.{first} IS NULL OR s.{first} IS NULL OR {self._others('s', 't')}"
        )

    def _differing_texts(self) -> str:
        # EXCEPT takes 0 for -0, and 24 hours for a day
        row = f"SELECT ROW({', '.join(self._columns)})::text FROM"
        stage, target = f"{row} {_STAGE}", f"{row} {self._target}"
        return (
            f"SELECT 'missing' AS kind FROM ({stage} EXCEPT ALL {target}) AS a UNION ALL"
            f" SELECT 'extra' FROM ({target} EXCEPT ALL {stage}) AS a"
        )


def is_present(order: Slice) -> str | None:
    """The condition on rows that are not marked as deleted; None where none are marked."""
    return f"{_DELETED} IS NULL" if order.soft_delete else None


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
    return _Copy(cursor, target, order, file).differing(where, most)
