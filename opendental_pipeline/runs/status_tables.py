"""What people and dbt see of the watermarks: a status table beside the data of each hop.

dlt's state is the truth. These tables mirror it after each load. Two things are read back: what was
not well the night before, at which the second opinion looks first, and since when a table is gone,
of which dlt has no state to commit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine import Engine

from destinations import fence
from opendental_pipeline.runs.own_tables import MOMENT, make_or_evolve
from opendental_pipeline.runs.table_result import HopResult

_TEXT = sa.Text()
_GONE = "gone_since"


def _has(connection: sa.Connection, table: sa.Table, column: str) -> bool:
    looking = sa.inspect(connection)
    return looking.has_table(table.name, table.schema) and column in {
        one["name"] for one in looking.get_columns(table.name, table.schema)
    }


@dataclass(frozen=True)
class StatusTable:
    """The status table of one hop.

    Args:
        engine: of the database it is in.
        verb: `copy` or `load`, in its name and its columns.
        schema: the PostgreSQL schema; None in MySQL.
    """

    engine: Engine
    verb: str
    schema: str | None = None

    @property
    def past(self) -> str:
        """The verb in its past form."""
        return {"copy": "copied", "load": "loaded"}[self.verb]

    def table(self) -> sa.Table:
        """Its definition."""
        return sa.Table(
            f"etl_{self.verb}_status",
            sa.MetaData(schema=self.schema),
            sa.Column("table_name", sa.String(64), primary_key=True),
            sa.Column("last_primary_value", sa.String(255)),
            sa.Column("primary_column_name", sa.String(64)),
            sa.Column(f"rows_{self.past}", sa.BigInteger()),
            sa.Column(f"{self.verb}_status", sa.String(16), nullable=False),
            *(sa.Column(name, MOMENT) for name in self._times),
            sa.Column("strategy_used", sa.String(32)),
            sa.Column("duration_seconds", sa.Double()),
            sa.Column("error", _TEXT),
            *([sa.Column(_GONE, MOMENT)] if self.verb == "copy" else []),
            sa.Column("_created_at", MOMENT, nullable=False),
            sa.Column("_updated_at", MOMENT, nullable=False),
        )

    def prepare(self) -> None:
        """Makes the table where it is missing, and gives one of an earlier version its columns."""
        fills = dict.fromkeys(self._times, f"last_{self.past}_at")
        with fence.altering(self.engine, self.schema) as connection:
            make_or_evolve(connection, self.table(), fills)

    @property
    def _times(self) -> tuple[str, ...]:
        """The columns that say when the table was last copied or loaded, by all their names."""
        # dbt projects of the field look for the last two
        others = ("_loaded_at",) if self.verb == "load" else ()
        return (f"last_{self.past}_at", f"last_{self.past}", *others)

    def gone(self) -> dict[str, tuple[datetime, int]]:
        """Tables that the source no longer has: since when, and how many rows are kept."""
        table = self.table()
        since, rows = table.c[_GONE], table.c[f"rows_{self.past}"]
        with self.engine.connect() as connection:
            if not _has(connection, table, _GONE):
                return {}
            query = sa.select(table.c.table_name, since, rows).where(since.is_not(None))
            return {row.table_name: (row[1], int(row[2] or 0)) for row in connection.execute(query)}

    def seen(self) -> frozenset[str]:
        """Tables that were moved at some time."""
        table = self.table()
        with self.engine.connect() as connection:
            if not sa.inspect(connection).has_table(table.name, self.schema):
                return frozenset()
            moved = table.c[f"last_{self.past}_at"].is_not(None)
            return frozenset(
                connection.execute(sa.select(table.c.table_name).where(moved)).scalars()
            )

    def note_gone(self, rows: Mapping[str, int], since: datetime) -> None:
        """Notes that the source no longer has some tables.

        Args:
            rows: how many are kept, by table.
            since: the moment in UTC.
        """
        self._upsert(
            [
                {
                    "table_name": name,
                    f"rows_{self.past}": kept,
                    f"{self.verb}_status": "gone",
                    _GONE: since.replace(tzinfo=None),
                }
                for name, kept in rows.items()
            ]
        )

    def pending(self, tables: Iterable[str]) -> None:
        """Marks tables that a run has yet to reach."""
        self._upsert([{"table_name": name, f"{self.verb}_status": "pending"} for name in tables])

    def unwell(self) -> frozenset[str]:
        """Tables with which the run before failed, or did not end."""
        table = self.table()
        status = table.c[f"{self.verb}_status"]
        with self.engine.connect() as connection:
            names = connection.execute(
                sa.select(table.c.table_name).where(status.not_in(["success", "gone"]))
            )
            return frozenset(names.scalars())

    def record(self, results: Iterable[tuple[str, HopResult]]) -> None:
        """Mirrors what the hop did with some tables; a failed one keeps its watermark and time.

        What is noted of a table that is gone stays until there is one again.
        """
        done, failed = [], []
        for name, result in results:
            if result.gone is not None:
                continue
            row = {
                "table_name": name,
                f"rows_{self.past}": result.rows,
                f"{self.verb}_status": "failed" if result.error else "success",
                "strategy_used": result.strategy_used,
                "duration_seconds": round(result.seconds, 3),
                "error": result.error,
            }
            if result.error:
                failed.append(row)
            else:
                mark = {
                    **({_GONE: None} if self.verb == "copy" else {}),
                    "last_primary_value": result.last_primary_value,
                    "primary_column_name": result.primary_column,
                    **dict.fromkeys(self._times, datetime.now(UTC)),
                }
                done.append(row | mark)
        self._upsert(done)
        self._upsert(failed)

    def _upsert(self, rows: Sequence[dict[str, Any]]) -> None:
        if not rows:
            return
        table, now = self.table(), datetime.now(UTC)
        values = [{**row, "_created_at": now, "_updated_at": now} for row in rows]
        kept = {"table_name", "_created_at"}
        changed = [name for name in values[0] if name not in kept]
        with fence.begin(self.engine, self.schema) as connection:
            if self.engine.dialect.name == "mysql":
                upsert = mysql.insert(table)
                connection.execute(
                    upsert.on_duplicate_key_update({n: upsert.inserted[n] for n in changed}), values
                )
            else:
                insert = postgresql.insert(table)
                connection.execute(
                    insert.on_conflict_do_update(
                        index_elements=["table_name"], set_={n: insert.excluded[n] for n in changed}
                    ),
                    values,
                )
