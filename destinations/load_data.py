"""Writes slices into replication: LOAD DATA, and what their orders ask for."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pymysql.cursors import Cursor

from destinations.slice_job import BulkJob, RefusedLoadError
from opendental_pipeline.databases.sql import KeyRun, among, beyond, conjunction, ident, literal
from opendental_pipeline.planning.delete_guard import DeleteGuard, question
from opendental_pipeline.planning.slice import Slice, WriteMode
from opendental_pipeline.planning.source_contract import REPLICATED_AT, STAGE, TOMBSTONES

HOP = "replication"

_STAGE = ident(STAGE)
_RUNS_AT_ONCE = 1_000


class LoadDataJob(BulkJob):
    """Writes one slice of one table in one transaction: LOAD DATA, and what its order asks for."""

    hop = HOP

    def write(self, file: Path, order: Slice) -> None:
        """Writes the file's rows."""
        client: Any = self._job_client
        with client.sql_client.begin_transaction():
            driver = client.sql_client.native_connection.connection
            with driver.cursor() as cursor:
                _Load(cursor, order, file).run()


class _Load:
    """The statements of one slice, on one cursor, in an open transaction."""

    def __init__(self, cursor: Cursor, order: Slice, file: Path) -> None:
        self._cursor = cursor
        self._name = order.table
        self._table = ident(order.target)
        self._order = order
        self._file = file
        self._rows = order.rows
        self._gone = 0

    def run(self) -> None:
        self._force_monotonic_stamp()
        for start in range(0, len(self._order.extra), _RUNS_AT_ONCE):
            self._tombstone_extra(self._order.extra[start : start + _RUNS_AT_ONCE])
        if self._order.write is WriteMode.REPLACE_TABLE:
            gone = self._cursor.execute(f"DELETE FROM {self._table}")
            self._load_into(self._table)
            self._brake(gone - self._rows, gone)
            self._cursor.execute(rebuild_marker(self._name))
        elif self._order.write is WriteMode.UPSERT and not self._rows:
            return
        elif self._is_all_new():
            if (
                self._order.write is WriteMode.REPLACE_RANGE
                and self._order.after is None
                and self._rows
            ):
                # whatever was there once left without a tombstone
                self._cursor.execute(rebuild_marker(self._name))
            self._load_into(self._table)
        else:
            self._stage()
            if self._order.write is WriteMode.REPLACE_RANGE:
                self._tombstone_missing()
            self._tombstone_respelled()
            self._upsert()

    def _force_monotonic_stamp(self) -> None:
        """Stamps rows after all earlier ones, even if the server's clock was set back.

        The second hop reads what is stamped after its watermark; a row stamped before it would
        never be seen.
        """
        self._cursor.execute("SET SESSION timestamp = DEFAULT")
        self._cursor.execute(
            "SELECT UNIX_TIMESTAMP(MAX(stamp)) + 0.000001 FROM ("
            f"SELECT MAX({ident(REPLICATED_AT)}) AS stamp FROM {self._table} UNION ALL"
            f" SELECT MAX(deleted_at) FROM {ident(TOMBSTONES)}"
            f" WHERE table_name = {literal(self._name)}) AS stamps HAVING MAX(stamp) >= NOW(6)"
        )
        ahead: Any = self._cursor.fetchone()
        if ahead:
            self._cursor.execute(f"SET SESSION timestamp = {ahead[0]}")

    def _range(self, prefix: str = "") -> str:
        order = self._order
        return conjunction(
            beyond(order.key, order.after, operator=">", prefix=prefix) if order.after else None,
            beyond(order.key, order.upto, operator="<=", prefix=prefix) if order.upto else None,
            f"{_STAGE}.{ident(order.key[0])} IS NULL" if prefix else None,
        )

    def _is_all_new(self) -> bool:
        """Whether the table has no row in the slice's range: no stage is needed then."""
        order, where = self._order, self._range()
        if order.write is WriteMode.UPSERT and order.key_bounds:
            low, high = order.key_bounds
            where = f" WHERE {ident(order.key[0])} BETWEEN {low} AND {high}"
        self._cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {self._table}{where})")
        row: Any = self._cursor.fetchone()
        return not row[0]

    def _stage(self) -> None:
        self._cursor.execute(f"DROP TEMPORARY TABLE IF EXISTS {_STAGE}")
        self._cursor.execute(f"CREATE TEMPORARY TABLE {_STAGE} LIKE {self._table}")
        self._load_into(_STAGE)

    def _load_into(self, target: str) -> None:
        """LOCAL turns errors into warnings even in strict mode, so any warning is an error here."""
        if not self._rows:
            return
        fields, assigned = [], []
        unicode = self._in_utf8()
        for number, field in enumerate(self._order.fields):
            direct = field.write == "{}" or (field.text and field.name.lower() in unicode)
            fields.append(ident(field.name) if direct else f"@v{number}")
            if not direct:
                assigned.append(f"{ident(field.name)} = {field.write.format(f'@v{number}')}")
        # as bytes, which needs no second look at every character
        loaded = self._cursor.execute(
            f"LOAD DATA LOCAL INFILE {literal(str(self._file))} INTO TABLE {target}"
            " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\'"
            f" LINES TERMINATED BY '\\n' ({', '.join(fields)})"
            + (f" SET {', '.join(assigned)}" if assigned else "")
        )
        self._cursor.execute("SHOW COUNT(*) WARNINGS")
        warned: Any = self._cursor.fetchone()
        # each value that its ENUM does not list is stored with a warning of its own
        if warned[0] != self._order.invalid_enum_count or loaded != self._rows:
            raise self._refusal()

    def _in_utf8(self) -> set[str]:
        """Columns that are in UTF-8 in the copy itself, whatever they should be: it is the file's.

        Their bytes are right as they are, and converting them would take a tenth longer.
        """
        self._cursor.execute(
            "SELECT LOWER(column_name) AS name FROM information_schema.columns WHERE table_schema ="
            f" DATABASE() AND table_name = {literal(self._order.target)}"
            " AND character_set_name LIKE 'utf8%'"
        )
        return {str(name) for (name,) in self._cursor.fetchall()}

    def _refusal(self) -> RefusedLoadError:
        self._cursor.execute("SHOW WARNINGS")
        warnings: Sequence[Any] = self._cursor.fetchall()
        named = {
            name
            for _, _, message in warnings
            for name in re.findall(r"column [^ ]*?[`']([^`']+)[`'] at row", message)
        }
        # a message quotes the value too, and that may read like another message
        columns = named & {field.name for field in self._order.fields}
        codes = sorted({code for _, code, _ in warnings})
        return RefusedLoadError(
            f"not all of {self._rows} rows would arrive unchanged: MySQL warns {codes}"
            f" of columns {sorted(columns)}; nothing was written",
            table=self._name,
            hop=HOP,
        )

    def _matched(self) -> str:
        names = map(ident, self._order.key)
        return " AND ".join(f"{_STAGE}.{name} = {self._table}.{name}" for name in names)

    def _tombstone(self, rows: str) -> int:
        """Leaves tombstones of the rows of the table that a FROM clause finds, and counts them."""
        texts = {field.name: field.key for field in self._order.fields}
        keys = ", ".join(texts[k].format(f"{self._table}.{ident(k)}") for k in self._order.key)
        return self._cursor.execute(
            f"INSERT INTO {ident(TOMBSTONES)} (table_name, row_key, deleted_at)"
            f" SELECT {literal(self._name)}, JSON_ARRAY({keys}), CURRENT_TIMESTAMP(6) {rows}"
        )

    def _remove(self, rows: str, expected: int | None = None) -> None:
        """Removes the rows of the table that a FROM clause finds, and leaves tombstones.

        Args:
            rows: the clause.
            expected: how many were seen one by one and are to go; None where the clause itself
                names each of them.
        """
        gone = self._tombstone(rows)
        # none at all: the same slice was written before, and the answer to its commit was lost
        if expected is not None and gone not in (0, expected):
            raise self._other_number(gone, expected)
        if gone:
            if self._cursor.execute(f"DELETE {self._table} {rows}") != gone:
                raise self._other_number(self._cursor.rowcount, gone)
            self._gone += gone
            gone, left = max(self._gone, self._tombstoned()), self._count(self._table)
            self._brake(gone, left + gone)

    def _other_number(self, found: int, expected: int) -> RefusedLoadError:
        return RefusedLoadError(
            f"{expected:,} rows were to be deleted, and the statement met {found:,}; nothing was"
            " written. Run again; if it comes again, see what else writes to replication",
            table=self._name,
            hop=HOP,
        )

    def _tombstoned(self) -> int:
        """Rows that the pass removed so far, in earlier slices too."""
        return self._count(
            f"{ident(TOMBSTONES)} WHERE table_name = {literal(self._name)}"
            f" AND deleted_at >= {literal(self._order.begun)} AND row_key IS NOT NULL"
        )

    def _count(self, rows: str) -> int:
        self._cursor.execute(f"SELECT COUNT(*) FROM {rows}")
        found: Any = self._cursor.fetchone()
        return int(found[0])

    def _brake(self, gone: int, of: int) -> None:
        """Stops before too much is committed as deleted."""
        share = self._order.brake
        if share is not None and DeleteGuard(share).exceeds_for_deletion(gone, of):
            raise RefusedLoadError(
                question(self._name, "deleted", gone, of), table=self._name, hop=HOP
            )

    def _tombstone_missing(self) -> None:
        """Removes the rows of the range that the snapshot lacks."""
        self._remove(
            f"FROM {self._table} LEFT JOIN {_STAGE} ON {self._matched()}"
            f"{self._range(f'{self._table}.')}"
        )

    def _tombstone_extra(self, some: Sequence[KeyRun]) -> None:
        """Removes rows that only replication has: those whose keys were looked at, no others."""
        where = conjunction(among(self._order.key, some))
        self._remove(f"FROM {self._table}{where}", sum(run.rows for run in some))

    def _tombstone_respelled(self) -> None:
        """Buries text keys that only the collation takes for the same: raw does not."""
        respelled = " OR ".join(
            f"BINARY {_STAGE}.{ident(field.name)} <> BINARY {self._table}.{ident(field.name)}"
            for field in self._order.fields
            if field.key and field.text
        )
        if respelled:
            self._tombstone(
                f"FROM {self._table} JOIN {_STAGE} ON {self._matched()} WHERE {respelled}"
            )

    def _upsert(self) -> None:
        names = [ident(field.name) for field in self._order.fields]
        updates = ", ".join(f"{name} = VALUES({name})" for name in names)
        self._cursor.execute(
            f"INSERT INTO {self._table} ({', '.join(names)})"
            f" SELECT {', '.join(names)} FROM {_STAGE} ON DUPLICATE KEY UPDATE {updates}"
        )
        self._cursor.execute(f"DROP TEMPORARY TABLE {_STAGE}")


def rebuild_marker(table: str) -> str:
    """The statement that tells the second hop that all earlier rows of a table are void."""
    return (
        f"INSERT INTO {ident(TOMBSTONES)} (table_name, row_key, deleted_at)"
        f" VALUES ({literal(table)}, NULL, CURRENT_TIMESTAMP(6))"
    )
