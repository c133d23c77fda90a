"""The shape of an OpenDental database: its tables, columns, indexes and usual volumes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Column:
    """A column as the server's catalogue prints it.

    Attributes:
        name: as OpenDental spells it.
        type: COLUMN_TYPE, for example `tinyint(3) unsigned`.
        nullable: whether NULL is allowed.
        default: the default as an SQL literal, empty if the column has none.
        extra: `auto_increment`, `on update current_timestamp()` or empty.
        meaning: what the application keeps there, where the type does not say: `bool`, `yn`,
            `enum`, `word` (an enum by name), `color`, `duration`, `ticks` (of 100 ns), `entered`
            (set once, when the row is made). Else empty.
    """

    name: str
    type: str
    nullable: bool
    default: str
    extra: str
    meaning: str

    @property
    def base(self) -> str:
        """The type without width and sign."""
        return re.split(r"[ (]", self.type, maxsplit=1)[0]

    @property
    def length(self) -> int:
        """How many characters fit, at most; 4,000 for the text types, which hold more."""
        width = re.match(r"(?:var)?char\((\d+)\)", self.type)
        return int(width[1]) if width else 4_000

    @property
    def sql(self) -> str:
        """The column's part of CREATE TABLE."""
        null = "NULL" if self.nullable else "NOT NULL"
        default = f"DEFAULT {self.default}" if self.default else ""
        return " ".join(filter(None, [f"`{self.name}`", self.type, null, default, self.extra]))


@dataclass(frozen=True)
class Index:
    """An index: name and columns, a prefix's length in parentheses. Only PRIMARY is unique."""

    name: str
    columns: tuple[str, ...]

    @property
    def sql(self) -> str:
        """The index's part of CREATE TABLE."""
        parts = ", ".join(re.sub(r"^\w+", r"`\g<0>`", column) for column in self.columns)
        kind = "PRIMARY KEY" if self.name == "PRIMARY" else f"KEY `{self.name}`"
        return f"{kind} ({parts})"


@dataclass(frozen=True)
class Table:
    """A table of OpenDental.

    Attributes:
        name: lower case.
        rows: how many rows a real clinic has there.
        columns: in order.
        indexes: PRIMARY first.
    """

    name: str
    rows: int
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]

    @property
    def key(self) -> str:
        """The primary key's column; OpenDental has one everywhere."""
        return self.indexes[0].columns[0]

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return any(column.name == name for column in self.columns)

    def column(self, name: str) -> Column:
        """One of the columns."""
        return next(column for column in self.columns if column.name == name)

    @property
    def sql(self) -> str:
        """The CREATE TABLE statement, MyISAM and utf8mb3 as OpenDental makes it."""
        parts = [column.sql for column in self.columns] + [index.sql for index in self.indexes]
        body = ",\n  ".join(parts)
        return f"CREATE TABLE `{self.name}` (\n  {body}\n) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3"


def read() -> dict[str, Table]:
    """Read the 410 tables from the fact file beside this module, by name, in its order."""
    text = files("demo").joinpath("opendental.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {table.name: table for table in _tables(lines)}


def _tables(lines: list[str]) -> Iterator[Table]:
    starts = [n for n, line in enumerate(lines) if not line.startswith(("\t", "key\t"))]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        name, rows = lines[start].split("\t")
        body = [line.split("\t") for line in lines[start + 1 : end]]
        yield Table(
            name,
            int(rows),
            tuple(_column(fields[1:]) for fields in body if not fields[0]),
            tuple(Index(fields[1], tuple(fields[2].split(","))) for fields in body if fields[0]),
        )


def _column(fields: list[str]) -> Column:
    # Trailing empty fields are left out in the file.
    name, kind, null, default, extra, meaning = fields + [""] * (6 - len(fields))
    return Column(name, kind, null == "null", default, extra, meaning)
