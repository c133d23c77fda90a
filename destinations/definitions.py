"""A source's CREATE TABLE statement, taken apart and put together again as replication has it."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sources.opendental.catalogue import Column, Table
from sources.opendental.contract import REPLICATED_AT
from sources.opendental.hashing import HASH_TYPE
from sources.opendental.sql import ident

HASH_COMMENT = "keyed hash"
"""The comment of a column in replication that holds hashes."""

_STAMP = (
    f"{ident(REPLICATED_AT)} timestamp(6) NOT NULL"
    " DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)"
)
_NAME = r"`(?:[^`]|``)+`"
_TOKEN = re.compile(rf"{_NAME}|'(?:[^'\\]|\\.|'')*'|[(),]|[^`'(),]+", re.DOTALL)


@dataclass(frozen=True)
class Definitions:
    """The parts of a CREATE TABLE statement.

    Attributes:
        columns: the definition of every column, by its quoted name.
        keys: the definitions of the indexes that the copy has too, unique ones made plain.
        options: character set and collation.
    """

    columns: dict[str, str]
    keys: list[str]
    options: str

    @classmethod
    def parse(cls, statement: str) -> "Definitions":
        """Takes apart what SHOW CREATE TABLE printed.

        Names and texts may hold anything, line breaks and brackets too.
        """
        *parts, options = _parts(statement)
        columns, keys = {}, []
        for part in parts:
            if column := re.match(rf"({_NAME}) (.*)", part, re.DOTALL):
                columns[column.group(1)] = column.group(2)
            elif key := re.match(rf"(?:UNIQUE )?(KEY {_NAME}|PRIMARY KEY) ?", part):
                keys.append(f"{key.group(1)} {_bracketed(part[key.end() :])}")
        charset = re.search(r"DEFAULT CHARSET=\w+(?: COLLATE=\w+)?", options)
        return cls(columns, keys, charset.group() if charset else "")

    def create(self, table: Table) -> str:
        """The statement that makes the copy of a table.

        It is InnoDB, generates no keys, and enforces none but the primary one.

        Args:
            table: the columns wanted.
        """
        keys = [key for key in self.keys if _covers(table, key)]
        stamped = f"KEY {ident(REPLICATED_AT)} ({ident(REPLICATED_AT)})"
        body = [*self.of(table.columns), _STAMP, *keys, stamped]
        return (
            f"CREATE TABLE {ident(table.name)} (\n{', '.join(body)}\n)"
            f" ENGINE=InnoDB ROW_FORMAT=DYNAMIC {self.options}"
        )

    def of(self, columns: Collection[Column]) -> list[str]:
        """The definitions of some columns as the copy has them: plain ones."""
        shown = {ident(column.name): column for column in columns}
        others = self.columns.keys() - shown.keys()
        return [f"{name} {self._plain(name, column, others)}" for name, column in shown.items()]

    @property
    def primary_key(self) -> str:
        """The definition of the primary key; KeyError without one."""
        return self._keys["PRIMARY KEY"]

    def keys_named(self, name: str, table: Table) -> list[str]:
        """The definition of an index, if there is one of that name on columns that are copied."""
        key = self._keys.get(f"KEY {ident(name)}")
        return [key] if key and _covers(table, key) else []

    @property
    def _keys(self) -> dict[str, str]:
        return {key.removesuffix(f" {_bracketed(key)}"): key for key in self.keys}

    def _plain(self, name: str, column: Column, others: Iterable[str]) -> str:
        if column.hashed:
            return (
                f"{HASH_TYPE} CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT '{HASH_COMMENT}'"
            )
        definition = self.columns[name]
        extra = column.extra.upper()
        if "GENERATED" in extra:
            generated = r" (?:GENERATED ALWAYS )?AS \(.*\) (?:STORED|VIRTUAL|PERSISTENT)"
            definition = re.sub(generated, "", definition, flags=re.DOTALL)
        if any(other in definition for other in others):
            # a check of columns that are not copied
            definition = re.sub(r" CHECK \(.*\)$", "", definition, flags=re.DOTALL)
        if "INVISIBLE" in extra:
            definition = re.sub(r" /\*!80023 INVISIBLE \*/| INVISIBLE", "", definition, count=1)
        if "AUTO_INCREMENT" in extra:
            definition = definition.replace(" AUTO_INCREMENT", "", 1)
        return definition


def nullable(definition: str) -> str:
    """A column's definition, with NULL allowed."""
    tokens = _TOKEN.findall(definition)
    # the words may stand in a text, too
    return "".join(t if t[0] in "`'" else t.replace(" NOT NULL", " NULL") for t in tokens)


def released(column: Column) -> str:
    """The definition of a column that new rows have no value for."""
    charset = f" CHARACTER SET {column.charset}" if column.charset else ""
    collation = f" COLLATE {column.collation}" if column.collation else ""
    return f"{ident(column.name)} {column.column_type}{charset}{collation} NULL DEFAULT NULL"


def _covers(table: Table, key: str) -> bool:
    """Whether the copy has all columns of an index as the source has them."""
    kept = {ident(column.name) for column in table.columns if not column.hashed}
    return set(re.findall(_NAME, _bracketed(key))) <= kept


def _parts(statement: str) -> Iterator[str]:
    """What stands between the commas of the outermost brackets, then what follows these."""
    depth, part = 0, ""
    for token in _TOKEN.findall(statement):
        depth -= token == ")"
        if (depth == 1 and token == ",") or (depth == 0 and token == ")"):
            yield part.strip()
            part = ""
        elif depth or token != "(":
            part += token
        else:
            part = ""
        depth += token == "("
    yield part.strip()


def _bracketed(text: str) -> str:
    """The first brackets of a text, with what they hold."""
    depth, part = 0, ""
    for token in _TOKEN.findall(text):
        depth += token == "("
        if depth:
            part += token
        depth -= token == ")"
        if part and not depth:
            break
    return part
