"""What the first hop wrote, on its way to the second without being read again."""

from collections.abc import Iterable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from sqlalchemy.engine import Connection, Engine

from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.sql import ident, literal
from opendental_pipeline.databases.table import Table
from opendental_pipeline.planning.slice import FORMAT
from opendental_pipeline.planning.source_contract import REPLICATED_AT
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.planning.table_state import Value
from sources.opendental.file_rows import CachedSlice
from sources.opendental.raw_projection import are_loadable

_STAMP = ident(REPLICATED_AT)


class SliceCache:
    """Keeps the files of large slices; as a context manager, until the run ends.

    A file is what replication has if its rows were stamped by one statement and are as many, since
    a row that changes gets another stamp. So the stamps are counted twice: when a slice was
    written, and when the second hop wants it.

    Args:
        replication: the server.
        scratch: a directory of its own on the disk of the first hop's.
        least: rows of a slice below which it is as fast to read them again.
    """

    def __init__(self, replication: Engine, scratch: "TemporaryDirectory[str]", least: int) -> None:
        self._replication = replication
        self._directory = scratch
        self._least = least
        self._numbers = count()
        self._before: dict[str, str] = {}
        self._waiting: dict[str, list[CachedSlice]] = {}
        self._lock = Lock()

    def __enter__(self) -> "SliceCache":
        return self

    def __exit__(self, *_: object) -> None:
        self._directory.cleanup()

    def begin(self, plans: Iterable[TablePlan]) -> None:
        """Remembers the newest stamps of tables before they are written."""
        with self._replication.connect() as connection:
            for plan in plans:
                if plan.slice_limits and plan.table.rows >= self._least:
                    self._before[plan.table.name] = _newest(connection, plan.table.name)[0]

    def put(self, moved: Iterable[TableProgress]) -> None:
        """Keeps the files of slices that replication has exactly as they are."""
        for slice_ in moved:
            table = slice_.table
            worth = table in self._before and slice_.rows >= self._least
            if not worth or slice_.path is None or slice_.key_bounds is None:
                continue
            with self._replication.connect() as connection:
                stamp, rows = _newest(connection, table)
            if stamp > self._before[table] and rows == slice_.rows:
                path = Path(self._directory.name) / f"{next(self._numbers)}.{FORMAT}"
                columns = tuple(column.name for column in slice_.plan.table.columns)
                handed = CachedSlice(
                    slice_.path.rename(path), rows, slice_.key_bounds, columns, stamp
                )
                with self._lock:
                    self._waiting.setdefault(table, []).append(handed)
            self._before[table] = stamp

    def pop(
        self, connection: Connection, table: Table, since: Value | None
    ) -> tuple[CachedSlice, ...]:
        """Slices that are all that was written to a table up to the last one's stamp.

        Args:
            connection: to replication, in UTC.
            table: as it is read there.
            since: only what was stamped after this counts.

        Returns:
            them, to be removed by `discard`; none if replication has to be read.
        """
        with self._lock:
            offered = self._waiting.pop(table.name, [])
        handed = [one for one in offered if since is None or one.stamp > str(since)]
        names = tuple(column.name for column in table.columns)
        if handed and are_loadable(table.columns) and all(one.columns == names for one in handed):
            written = _written(connection, table.name, since, handed[-1].stamp)
            if written == [(one.stamp, one.rows) for one in handed]:
                return tuple(handed)
        self.discard(offered)
        return ()

    def discard(self, slices: Iterable[CachedSlice]) -> None:
        """Removes the files of slices."""
        for one in slices:
            one.path.unlink(missing_ok=True)


def _newest(connection: Connection, table: str) -> tuple[str, int]:
    """The newest stamp of a table, empty if there is none, and how many rows have it."""
    name = ident(table)
    row = run_sql(
        connection,
        f"SELECT CAST({_STAMP} AS CHAR) AS stamp, COUNT(*) AS count_ FROM {name}"
        f" WHERE {_STAMP} = (SELECT MAX({_STAMP}) FROM {name}) GROUP BY {_STAMP}",
    ).one_or_none()
    return (row.stamp, row.count_) if row else ("", 0)


def _written(
    connection: Connection, table: str, since: Value | None, upto: str
) -> list[tuple[str, int]]:
    """Every stamp after one and up to another, and how many rows have it."""
    after = f" AND {_STAMP} > {literal(since)}" if since is not None else ""
    rows = run_sql(
        connection,
        f"SELECT CAST({_STAMP} AS CHAR) AS stamp, COUNT(*) AS count_ FROM {ident(table)}"
        f" WHERE {_STAMP} <= {literal(upto)}{after} GROUP BY {_STAMP} ORDER BY {_STAMP}",
    )
    return [(row.stamp, row.count_) for row in rows]
