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
        primary_key: the definition of the primary key; empty where there is none.
        options: character set and collation.
    """

    columns: dict[str, str]
    primary_key: str
    options: str

    @classmethod
    def parse(cls, statement: str) -> "Definitions":
        """Takes apart what SHOW CREATE TABLE printed.

        Names and texts may hold anything, line breaks and brackets too.
        """
        *parts, options = _parts(statement)
        columns, primary_key = {}, ""
        for part in parts:
            if column := re.match(rf"({_NAME}) (.*)", part, re.DOTALL):
                columns[column.group(1)] = column.group(2)
            elif part.startswith("PRIMARY KEY"):
                primary_key = f"PRIMARY KEY {_bracketed(part)}"
        charset = re.search(r"DEFAULT CHARSET=\w+(?: COLLATE=\w+)?", options)
        return cls(columns, primary_key, charset.group() if charset else "")

    def create(self, table: Table) -> str:
        """The statement that makes the copy of a table.

        It is InnoDB, generates no keys, and has no index but the primary key and the cursor of the
        second hop: the source's others serve the clinic's screens, and keeping the 21 of
        procedurelog made its copy three times as slow.

        Args:
            table: the columns wanted.
        """
        stamped = f"KEY {ident(REPLICATED_AT)} ({ident(REPLICATED_AT)})"
        keys = filter(None, (self.primary_key, stamped))
        body = [*self.of(table.columns), _STAMP, *keys]
        return (
            f"CREATE TABLE {ident(table.name)} (\n{', '.join(body)}\n)"
            f" ENGINE=InnoDB ROW_FORMAT=DYNAMIC {self.options}"
        )

    def of(self, columns: Collection[Column]) -> list[str]:
        """The definitions of some columns as the copy has them: plain ones."""
        shown = {ident(column.name): column for column in columns}
        others = self.columns.keys() - shown.keys()
        return [f"{name} {self._plain(name, column, others)}" for name, column in shown.items()]

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
