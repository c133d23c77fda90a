"""A second opinion: a few rows of a table, read from the source and from raw by other means.

Whatever is wrong with how rows are moved and compared, it is not wrong here, too: this shares no
code with it, no session and no rule.
"""

import json
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256

from opendental_pipeline.planning.source_contract import REPLICATED_AT, TOMBSTONES
from opendental_pipeline.reconcile.plain_values import LONGEST
from opendental_pipeline.reconcile.sample_budget import Budget
from opendental_pipeline.reconcile.sample_sessions import MySqlSession, RawSession, Row
from opendental_pipeline.reconcile.sampled_sides import (
    Key,
    RawSide,
    SourceSide,
    Wanted,
    mysql_name,
    shown,
)
from opendental_pipeline.reconcile.sampled_table import SampledTable, describe
from opendental_pipeline.settings.environment import DatabaseType, PostgresSchema, Settings
from opendental_pipeline.settings.table_config import TableConfig

MOST_ROWS = 40
"""Rows of a table that are looked at."""

_LOW, _HIGH, _POINTS, _WRITTEN, _DELETED = 3, 5, 5, 4, 4
_SMALL = 5_000
"""Rows of a table whose index may be walked to a random place, where its key is no number."""
_MOST_WITHOUT_KEY = 200


@dataclass(frozen=True)
class Disagreement:
    """A row that is not the same on both sides.

    Attributes:
        what: the column, or what is wrong with the row, and the key; no value of another column.
        source_row: tells whether the source's row is another one later; no value of it.
    """

    what: str
    source_row: str


@dataclass(frozen=True)
class Look:
    """What a look at some rows of a table found.

    Attributes:
        rows: how many there were on either side.
        found: those that disagree, by key; by the empty key in a table without one.
    """

    rows: int = 0
    found: dict[Key, Disagreement] = field(default_factory=dict, repr=False)

    def still(self, before: "Look") -> list[str]:
        """What disagreed before and does again, although the source's row stayed as it was."""
        return [
            one.what
            for key, one in self.found.items()
            if key in before.found and before.found[key].source_row == one.source_row
        ]


class SecondOpinion:
    """Reads rows of the source and of raw, and compares them; as a context manager.

    Args:
        settings: the databases.
        budget: what statements at the source may take together.
        since: how many seconds ago the run began.

    Raises:
        ConnectionFailedError: a server cannot be reached, or refuses.
    """

    def __init__(self, settings: Settings, budget: Budget, since: float) -> None:
        self._began_at = time.monotonic() - since
        self._schema = settings.schema_name(PostgresSchema.RAW)
        self.budget = budget
        # which rows are looked at is nobody's secret
        self._random = random.Random()
        with ExitStack() as stack:
            self._source = MySqlSession(
                settings.connection(DatabaseType.SOURCE),
                # TIMESTAMPs as the clinic's server shows them
                time_zone="@@GLOBAL.time_zone",
                budget=self.budget,
            )
            stack.callback(self._source.close)
            self._replication = MySqlSession(
                settings.connection(DatabaseType.REPLICATION), time_zone="'+00:00'"
            )
            stack.callback(self._replication.close)
            self._raw = RawSession(settings.connection(DatabaseType.ANALYTICS))
            stack.callback(self._raw.close)
            self._opened = stack.pop_all()

    def __enter__(self) -> "SecondOpinion":
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def look(self, config: TableConfig, rows: int) -> Look | None:
        """Compares a sample of a table's rows; None if none can be found by key.

        Args:
            config: the table's entry in tables.yml.
            rows: how many rows the catalogue says there are.

        Raises:
            PipelineError: a server refused, or the source's time is spent.
        """
        table = self._describe(config, rows)
        if table.searchable:
            return self._compared(table, self._sampled_keys(table))
        return self._compared_whole(table) if rows <= _MOST_WITHOUT_KEY else None

    def look_again(self, config: TableConfig, rows: int, before: Look) -> Look:
        """Compares the rows that disagreed.

        Args:
            config: the table's entry in tables.yml.
            rows: how many rows the catalogue says there are.
            before: the look that found them.

        Raises:
            PipelineError: a server refused, or the source's time is spent.
        """
        self.budget.release_reserve()
        table = self._describe(config, rows)
        if before.found.keys() == {()}:
            return self._compared_whole(table)
        return self._compared(table, list(before.found))

    def _describe(self, config: TableConfig, rows: int) -> SampledTable:
        return describe(self._source, self._raw, self._schema, config, rows)

    def _compared(self, table: SampledTable, keys: Sequence[Key]) -> Look:
        source = SourceSide(table, self._source).rows(keys)
        raw = RawSide(table, self._raw).rows(keys)
        found = {}
        for key in keys:
            if what := _difference(table, source.get(key), raw.get(key)):
                text = f"{what} of key {shown(key)}"
                found[key] = Disagreement(text, _fingerprint([source.get(key)]))
        return Look(sum(key in source or key in raw for key in keys), found)

    def _compared_whole(self, table: SampledTable) -> Look:
        """Compares all rows of a small table, in whatever order they are."""
        most = 2 * _MOST_WITHOUT_KEY + 1
        source = SourceSide(table, self._source).all_rows(most)
        raw = RawSide(table, self._raw).all_rows(most)
        if max(len(source), len(raw)) >= most:
            return Look()  # the catalogue was wrong: it is not small
        wanted = Counter(_canonical(table, row, at_source=True) for row in source)
        held = Counter(_canonical(table, row, at_source=False) for row in raw)
        missing, extra = (wanted - held).total(), (held - wanted).total()
        found: dict[Key, Disagreement] = {}
        if missing or (extra and table.judges_extra):
            what = f"{max(missing, extra)} rows of a table without a key"
            found[()] = Disagreement(what, _fingerprint(sorted(source, key=repr)))
        return Look(max(len(source), len(raw)), found)

    def _sampled_keys(self, table: SampledTable) -> list[Key]:
        """Keys at the ends, where rows were deleted or written in this run, and random ones."""
        source, raw = SourceSide(table, self._source), RawSide(table, self._raw)
        low, high = (MOST_ROWS, 0) if table.rows <= MOST_ROWS else (_LOW, _HIGH)
        ends = raw.keys(Wanted(low=low, high=high))
        single = table.has_integer_key and len(table.key) == 1
        deleted = self._deleted(table) if single else []
        written = self._written(table) if single else []
        keys = source.keys(
            Wanted(
                low=low,
                high=high,
                around=deleted,
                points=self._points(table, ends),
                offsets=self._offsets(table),
            )
        )
        more = raw.keys(Wanted(around=deleted, points=self._points(table, ends)))
        numbered: list[Key] = [(Decimal(number),) for number in (*deleted, *written)]
        found = dict.fromkeys((*ends, *numbered, *keys, *more))
        return [key for key in found if not _is_changed(key)][:MOST_ROWS]

    def _points(self, table: SampledTable, ends: Sequence[Key]) -> list[int]:
        """Random numbers between the ends of raw, whose keys cost the source nothing."""
        if not table.has_integer_key or not ends or table.rows <= MOST_ROWS:
            return []
        numbers = [int(str(key[0])) for key in ends]
        return [self._random.randint(min(numbers), max(numbers)) for _ in range(_POINTS)]

    def _offsets(self, table: SampledTable) -> list[int]:
        if table.has_integer_key or not MOST_ROWS < table.rows <= _SMALL:
            return []
        return [self._random.randrange(table.rows) for _ in range(_POINTS)]

    def _written(self, table: SampledTable) -> list[int]:
        """The ends of what some statements of this run wrote into replication."""
        [name, stamp] = [mysql_name(table.key[0].name), mysql_name(REPLICATED_AT)]
        rows = self._replication.query(
            f"SELECT MIN({name}), MAX({name}) FROM {mysql_name(table.name)}"
            f" WHERE {stamp} >= {self._began()} GROUP BY {stamp} LIMIT {_WRITTEN}"
        )
        return [int(number) for row in rows for number in row if number is not None]

    def _deleted(self, table: SampledTable) -> list[int]:
        """Some keys of those that this run deleted."""
        rows = self._replication.query(
            f"SELECT row_key FROM {mysql_name(TOMBSTONES)}"
            f" WHERE table_name = _utf8mb4 x'{table.name.encode().hex()}'"
            f" AND deleted_at >= {self._began()} AND row_key IS NOT NULL"
            f" ORDER BY RAND() LIMIT {_DELETED}"
        )
        return [int(json.loads(text)[0]) for [text] in rows if text]

    def _began(self) -> str:
        """When the run began, by the clock of replication, which stamps rows."""
        seconds = math.ceil(time.monotonic() - self._began_at) + 1
        return f"NOW(6) - INTERVAL {seconds} SECOND"


def _is_changed(key: Key) -> bool:
    """Whether a key has characters in raw that stand for others, so that it finds no row."""
    return any(isinstance(value, str) and "\ufffd" in value for value in key)


def _difference(table: SampledTable, source: Row | None, raw: Row | None) -> str:
    """What is not the same about a row; empty if nothing is."""
    if source is None or raw is None:
        if source is not None:
            return "in a row that is missing in raw,"
        return "in a row that only raw has," if raw is not None and table.judges_extra else ""
    for column, one, other in zip(table.columns, source, raw, strict=True):
        if not column.same(one, other):
            return f"in column {column.name}"
    return ""


def _fingerprint(rows: Iterable[Row | None]) -> str:
    return sha256(repr(list(rows)).encode()).hexdigest()


def _canonical(table: SampledTable, row: Row, *, at_source: bool) -> tuple[object, ...]:
    """A row of a table without a key in a form that is equal for equal rows.

    Documents are left out: their texts are not of the same length on both sides, so that their
    beginnings say nothing.
    """
    return tuple(
        _readable(column.source_value if at_source else column.raw_value, data)
        for column, data in zip(table.columns, row, strict=True)
        if column.postgres_type != "jsonb"
    )


def _readable(parse: Callable[[bytes | None], object], data: bytes | None) -> tuple[str, object]:
    """A value that can be counted, with its kind: Python takes 1 for true, and 0 for -0."""
    try:
        value = parse(data)
    except (ValueError, ArithmeticError):
        return "unreadable", data
    if isinstance(value, str | bytes):
        value = value[: LONGEST // 2]
    return type(value).__name__, repr(value) if isinstance(value, float) else value
