"""Writes slices into replication: the statements of MySQL, which loads with LOAD DATA."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from destinations.slice_job import BulkJob, RefusedLoadError
from destinations.slice_writer import SliceWriter
from opendental_pipeline.databases.sql import KeyRun, among, beyond, conjunction, ident, literal
from opendental_pipeline.planning.slice import Slice
from opendental_pipeline.planning.source_contract import REPLICATED_AT, STAGE, TOMBSTONES

HOP = "replication"

_STAGE = ident(STAGE)
_RUNS_AT_ONCE = 1_000


class LoadDataJob(BulkJob):
    """Writes one slice of one table in one transaction."""

    hop = HOP

    def write(self, file: Path, order: Slice) -> None:
        """Writes the file's rows."""
        client: Any = self._job_client
        with client.sql_client.begin_transaction():
            driver = client.sql_client.native_connection.connection
            with driver.named_errors(), driver.cursor() as cursor:
                LoadDataWriter(cursor, ident(order.target), order, file).run()


class LoadDataWriter(SliceWriter):
    """Writes one slice into replication, and leaves tombstones of what goes."""

    hop = HOP
    _ident = staticmethod(ident)
    _compare = staticmethod(partial(beyond, prefix="t."))
    _gone = 0

    def _prepare(self) -> None:
        self._force_monotonic_stamp()
        extra = self._order.deleted_key_ranges
        for start in range(0, len(extra), _RUNS_AT_ONCE):
            self._delete_extra(extra[start : start + _RUNS_AT_ONCE])

    def _force_monotonic_stamp(self) -> None:
        """Stamps rows after all earlier ones, even if the server's clock was set back.

        The second hop reads what is stamped after its watermark; a row stamped before it would
        never be seen.
        """
        self._execute("SET SESSION timestamp = DEFAULT")
        ahead = self._scalar(
            "SELECT UNIX_TIMESTAMP(MAX(stamp)) + 0.000001 FROM ("
            f"SELECT MAX({ident(REPLICATED_AT)}) AS stamp FROM {self._table} UNION ALL"
            f" SELECT MAX(deleted_at) FROM {ident(TOMBSTONES)}"
            f" WHERE table_name = {literal(self._order.table)}) AS stamps"
            " HAVING MAX(stamp) >= NOW(6)"
        )
        if ahead is not None:
            self._execute(f"SET SESSION timestamp = {ahead}")

    def _mark_rebuilt(self) -> None:
        self._execute(
            f"INSERT INTO {ident(TOMBSTONES)} (table_name, row_key, deleted_at)"
            f" VALUES ({literal(self._order.table)}, NULL, CURRENT_TIMESTAMP(6))"
        )

    def _stage(self) -> None:
        self._execute(f"DROP TEMPORARY TABLE IF EXISTS {_STAGE}")
        self._execute(f"CREATE TEMPORARY TABLE {_STAGE} LIKE {self._table}")
        self._load_into(_STAGE)

    def _load_into(self, target: str) -> None:
        """LOCAL turns errors into warnings even in strict mode, so any warning is an error here."""
        if not self._order.rows:
            return
        fields, assigned = [], []
        unicode = self._in_utf8()
        for number, field in enumerate(self._order.fields):
            direct = field.write == "{}" or (field.text and field.name.lower() in unicode)
            fields.append(ident(field.name) if direct else f"@v{number}")
            if not direct:
                assigned.append(f"{ident(field.name)} = {field.write.format(f'@v{number}')}")
        # as bytes, which needs no second look at every character
        loaded = self._execute(
            f"LOAD DATA LOCAL INFILE {literal(str(self._file))} INTO TABLE {target}"
            " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\'"
            f" LINES TERMINATED BY '\\n' ({', '.join(fields)})"
            + (f" SET {', '.join(assigned)}" if assigned else "")
        )
        warned = self._scalar("SHOW COUNT(*) WARNINGS")
        # each value that its ENUM does not list is stored with a warning of its own
        if warned != self._order.invalid_enum_count or loaded != self._order.rows:
            raise self._warned()

    def _in_utf8(self) -> set[str]:
        """Columns that are in UTF-8 in the copy itself, whatever they should be: it is the file's.

        Their bytes are right as they are, and converting them would take a tenth longer.
        """
        columns = self._rows(
            "SELECT LOWER(column_name) AS name FROM information_schema.columns WHERE table_schema ="
            f" DATABASE() AND table_name = {literal(self._order.target)}"
            " AND character_set_name LIKE 'utf8%'"
        )
        return {str(name) for (name,) in columns}

    def _warned(self) -> RefusedLoadError:
        warnings = self._rows("SHOW WARNINGS")
        named = {
            name
            for _, _, message in warnings
            for name in re.findall(r"column [^ ]*?[`']([^`']+)[`'] at row", message)
        }
        # a message quotes the value too, and that may read like another message
        columns = named & {field.name for field in self._order.fields}
        codes = sorted({code for _, code, _ in warnings})
        return self._refused(
            f"not all of {self._order.rows} rows would arrive unchanged: MySQL warns {codes}"
            f" of columns {sorted(columns)}; nothing was written"
        )

    def _tombstone(self, rows: str) -> int:
        """Leaves tombstones of the rows `t` that a FROM clause finds, and counts them."""
        texts = {field.name: field.key for field in self._order.fields}
        keys = ", ".join(texts[k].format(f"t.{ident(k)}") for k in self._order.key)
        return self._execute(
            f"INSERT INTO {ident(TOMBSTONES)} (table_name, row_key, deleted_at)"
            f" SELECT {literal(self._order.table)}, JSON_ARRAY({keys}), CURRENT_TIMESTAMP(6) {rows}"
        )

    def _delete(self, rows: str, expected: int | None = None) -> None:
        """Deletes the rows `t` of the table that a FROM clause finds, and leaves tombstones.

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
            if (deleted := self._execute(f"DELETE t {rows}")) != gone:
                raise self._other_number(deleted, gone)
            self._gone += gone
            gone = max(self._gone, self._tombstoned())
            self._brake(gone, self._count(self._table) + gone)

    def _other_number(self, found: int, expected: int) -> RefusedLoadError:
        return self._refused(
            f"{expected:,} rows were to be deleted, and the statement met {found:,}; nothing was"
            " written. Run again; if it comes again, see what else writes to replication"
        )

    def _tombstoned(self) -> int:
        """Rows that the pass removed so far, in earlier slices too."""
        return self._count(
            f"{ident(TOMBSTONES)} WHERE table_name = {literal(self._order.table)}"
            f" AND deleted_at >= {literal(self._order.begun)} AND row_key IS NOT NULL"
        )

    def _delete_missing(self) -> None:
        where = self._in_range(f"s.{self._key[0]} IS NULL")
        self._delete(f"FROM {self._table} t LEFT JOIN {_STAGE} s ON {self._same_key}{where}")

    def _delete_extra(self, some: Sequence[KeyRun]) -> None:
        """Deletes rows that only replication has: those whose keys were looked at, no others."""
        where = conjunction(among(self._order.key, some))
        self._delete(f"FROM {self._table} t{where}", sum(run.rows for run in some))

    def _upsert(self) -> None:
        self._tombstone_respelled()
        names = [ident(field.name) for field in self._order.fields]
        updates = ", ".join(f"{name} = VALUES({name})" for name in names)
        self._execute(
            f"INSERT INTO {self._table} ({', '.join(names)})"
            f" SELECT {', '.join(names)} FROM {_STAGE} ON DUPLICATE KEY UPDATE {updates}"
        )
        self._execute(f"DROP TEMPORARY TABLE {_STAGE}")

    def _tombstone_respelled(self) -> None:
        """Leaves tombstones of text keys that only the collation takes for the same, not raw."""
        respelled = " OR ".join(
            f"CAST(s.{ident(field.name)} AS BINARY) <> CAST(t.{ident(field.name)} AS BINARY)"
            for field in self._order.fields
            if field.key and field.text
        )
        if respelled:
            both = f"{self._table} t JOIN {_STAGE} s ON {self._same_key}"
            self._tombstone(f"FROM {both} WHERE {respelled}")
