"""The two sides of the second opinion: which keys a side names, and its rows by key."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from opendental_pipeline.databases.identifiers import DELETED_AT, postgres_identifier
from opendental_pipeline.reconcile.plain_values import ColumnPair
from opendental_pipeline.reconcile.sample_sessions import MySqlSession, RawSession, Row
from opendental_pipeline.reconcile.sampled_table import SampledTable

Key = tuple[object, ...]
"""The values of a row's key, as Python has them: numbers, texts, moments, spans, bytes."""


@dataclass(frozen=True)
class Wanted:
    """Which keys a side is asked for.

    Attributes:
        low: how many of the lowest.
        high: how many of the highest.
        points: numbers of the key's first column, for each the first key from there on.
        around: likewise, for each the keys just below and above.
        offsets: places in the key's order, for a key that is not of whole numbers.
    """

    low: int = 0
    high: int = 0
    points: Sequence[int] = ()
    around: Sequence[int] = ()
    offsets: Sequence[int] = ()


class SampledSide(ABC):
    """A table at one of the two servers."""

    def __init__(self, table: SampledTable) -> None:
        self.table = table

    @property
    @abstractmethod
    def target(self) -> str:
        """The quoted table."""

    @property
    def live(self) -> str:
        """A condition on rows that count; empty if all do."""
        return ""

    @abstractmethod
    def query(self, sql: str) -> list[Row]:
        """Reads the rows of a statement."""

    @abstractmethod
    def name(self, column: ColumnPair) -> str:
        """The quoted column."""

    @abstractmethod
    def expression(self, column: ColumnPair) -> str:
        """What reads a column."""

    @abstractmethod
    def literal(self, column: ColumnPair, value: object) -> str:
        """A value of a key's column in this server's words."""

    @abstractmethod
    def value(self, column: ColumnPair, data: bytes | None) -> object:
        """A value that the server shows."""

    def keys(self, wanted: Wanted) -> list[Key]:
        """Reads some keys, by the key's index only."""
        selects = list(self._selects(wanted))
        if self.table.has_integer_key and selects:
            # in other types a UNION would show values otherwise than a plain SELECT
            selects = [" UNION ALL ".join(f"({select})" for select in selects)]
        rows = [row for select in selects for row in self.query(select)]
        found = (self._key(row) for row in rows)
        return [key for key in found if key is not None]

    def rows(self, keys: Sequence[Key]) -> dict[Key, Row]:
        """Reads the rows of some keys that there are."""
        return self._read(f" AND ({self._among(keys)})", 2 * len(keys)) if keys else {}

    def all_rows(self, most: int) -> list[Row]:
        """Reads all rows of a small table.

        Args:
            most: rows to read at most.
        """
        columns = ", ".join(map(self.expression, self.table.columns))
        return self.query(f"SELECT {columns} FROM {self.target}{self._where()} LIMIT {most}")

    def _read(self, condition: str, most: int) -> dict[Key, Row]:
        listed = ", ".join(map(self.expression, (*self.table.key, *self.table.columns)))
        rows = self.query(
            f"SELECT {listed} FROM {self.target}{self._where(condition)} LIMIT {most}"
        )
        width = len(self.table.key)
        keyed = ((self._key(row[:width]), row[width:]) for row in rows)
        return {key: row for key, row in keyed if key is not None}

    def _selects(self, wanted: Wanted) -> Iterable[str]:
        listed = ", ".join(map(self.expression, self.table.key))
        names = [self.name(column) for column in self.table.key]
        up, down = ", ".join(names), ", ".join(f"{name} DESC" for name in names)

        def select(condition: str, order: str, limit: str) -> str:
            where = self._where(condition)
            return f"SELECT {listed} FROM {self.target}{where} ORDER BY {order} LIMIT {limit}"

        if wanted.low:
            yield select("", up, str(wanted.low))
        if wanted.high:
            yield select("", down, str(wanted.high))
        for point in wanted.points:
            yield select(f" AND {names[0]} >= {point}", up, "1")
        for point in wanted.around:
            yield select(f" AND {names[0]} < {point}", down, "1")
            yield select(f" AND {names[0]} > {point}", up, "1")
        for offset in wanted.offsets:
            yield select("", up, f"1 OFFSET {offset}")

    def _where(self, condition: str = "") -> str:
        both = f"{self.live}{condition}".removeprefix(" AND ")
        return f" WHERE {both}" if both else ""

    def _among(self, keys: Sequence[Key]) -> str:
        if len(self.table.key) == 1:
            [column] = self.table.key
            values = ", ".join(self.literal(column, value) for [value] in keys)
            return f"{self.name(column)} IN ({values})"
        return " OR ".join(
            "("
            + " AND ".join(
                f"{self.name(column)} = {self.literal(column, value)}"
                for column, value in zip(self.table.key, key, strict=True)
            )
            + ")"
            for key in keys
        )

    def _key(self, row: Row) -> Key | None:
        """A row's key; None if it is one by which the other side cannot be asked."""
        key = []
        for column, data in zip(self.table.key, row, strict=True):
            try:
                value = self.value(column, data)
            except (ValueError, ArithmeticError):
                return None
            if value is None or (isinstance(value, str) and value.encode() != data):
                return None  # raw cannot have it as it is
            key.append(value)
        return tuple(key)


class SourceSide(SampledSide):
    """The table at the source."""

    def __init__(self, table: SampledTable, session: MySqlSession) -> None:
        super().__init__(table)
        self._session = session

    @property
    def target(self) -> str:
        return mysql_name(self.table.name)

    def query(self, sql: str) -> list[Row]:
        return self._session.query(sql)

    def name(self, column: ColumnPair) -> str:
        return mysql_name(column.name)

    def expression(self, column: ColumnPair) -> str:
        return column.source_expression.format(self.name(column))

    def value(self, column: ColumnPair, data: bytes | None) -> object:
        return column.source_value(data)

    def literal(self, column: ColumnPair, value: object) -> str:
        if isinstance(value, str):
            text = f"_utf8mb4 x'{value.encode().hex()}'"
            if not column.charset:
                return text
            return f"CONVERT({text} USING {column.charset}) COLLATE {column.collation}"
        if isinstance(value, bytes):
            return f"x'{value.hex()}'"
        plain = _plain(value)
        return plain if isinstance(value, Decimal | bool) else f"'{plain}'"


class RawSide(SampledSide):
    """The table in raw."""

    def __init__(self, table: SampledTable, session: RawSession) -> None:
        super().__init__(table)
        self._session = session

    @property
    def target(self) -> str:
        name = postgres_identifier(self.table.name)
        return f"{_postgres_name(self.table.schema)}.{_postgres_name(name)}"

    @property
    def live(self) -> str:
        return f"{_postgres_name(DELETED_AT)} IS NULL" if self.table.soft_delete else ""

    def query(self, sql: str) -> list[Row]:
        return self._session.query(sql)

    def name(self, column: ColumnPair) -> str:
        return _postgres_name(column.raw_name)

    def expression(self, column: ColumnPair) -> str:
        if not column.postgres_type:
            return "NULL::bytea"
        return column.raw_expression(self._session.encoding).format(self.name(column))

    def value(self, column: ColumnPair, data: bytes | None) -> object:
        return column.raw_value(data)

    def literal(self, column: ColumnPair, value: object) -> str:
        if isinstance(value, bytes):
            return f"'\\x{value.hex()}'::bytea"
        text = value if isinstance(value, str) else _plain(value)
        written = f"convert_from('\\x{text.encode().hex()}', '{self._session.encoding}')"
        is_text = column.postgres_type in ("text", "character varying")
        return written if is_text else f"{written}::{column.postgres_type}"


def _plain(value: object) -> str:
    """A value that is no text and no bytes, in words that both servers read."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, timedelta):
        seconds, fraction = divmod(abs(value), timedelta(seconds=1))
        sign = "-" if value < timedelta(0) else ""
        clock = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return f"{sign}{clock}.{fraction.microseconds:06}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    raise TypeError(f"a key of type {type(value).__name__} has no literal")


def shown(key: Key) -> str:
    """A key as a person reads it."""
    texts = (
        value.hex() if isinstance(value, bytes) else value if isinstance(value, str) else None
        for value in key
    )
    return ", ".join(
        _plain(value) if text is None else text for text, value in zip(texts, key, strict=True)
    )


def mysql_name(name: str) -> str:
    """A name, quoted for MySQL."""
    return "`" + name.replace("`", "``") + "`"


def _postgres_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
