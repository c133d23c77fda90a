"""Tables of random charsets and collations, each made of one seed, and texts that fit them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.edges import quoted

LETTERS = (
    "aAbBzZ09 _-.,;'\"`\\%~^$&<>|{}[]@#\t\n"
    "éÉèñÑüÜßøæÅçÿ€„“…–¥‾£§°µ½×\u00a0ŁłŻżőŰčŘşğıİ"
    "абвЯЖёЁіїЄґЎαβγΩΆςάשלםתءعربىกขฃ๑აბჯԱբՖ"
    "あアｱ漢字中文国際髙﨑한글글甲①㈱Ⅳ~〜－，。ǘΐ\u0301\u200d\ufeff"
    "😀👩⚕𠀋𝒳"
)
"""Of every script that a charset of MySQL was made for, and those that its tables get wrong."""

EXCLUDED = ("binary",)


@dataclass(frozen=True)
class Charset:
    """A charset of a server.

    Attributes:
        name: its name.
        collations: those that order it.
        letters: those that come back from it as they were.
    """

    name: str
    collations: tuple[str, ...]
    letters: str

    def text(self, random: Random, longest: int) -> str:
        """A text that the charset holds."""
        return "".join(random.choices(self.letters, k=random.randint(0, longest)))


def charsets_of(rows: Callable[[str], Sequence[tuple[Any, ...]]]) -> list[Charset]:
    """The charsets that a server offers.

    Args:
        rows: runs a query there.
    """
    query = (
        "SELECT character_set_name, full_collation_name"
        " FROM information_schema.collation_character_set_applicability ORDER BY 1, 2"
    )
    collations: dict[str, list[str]] = {}
    for charset, collation in rows(query):
        collations.setdefault(charset, []).append(collation)
    found = []
    for charset in sorted(collations.keys() - set(EXCLUDED)):
        back = ", ".join(
            f"CONVERT(CONVERT({letter} USING {charset}) USING utf8mb4)"
            for letter in quoted(*LETTERS)
        )
        (shown,) = rows(f"SELECT {back}")
        kept = "".join(a for a, b in zip(LETTERS, shown, strict=True) if a == b)
        found.append(Charset(charset, tuple(collations[charset]), kept))
    return found


@dataclass(frozen=True)
class Recommendation:
    """A charset with a collation, for a database, a table or a column."""

    charset: Charset
    collation: str

    @classmethod
    def of(cls, random: Random, charsets: Sequence[Charset]) -> "Recommendation":
        charset = random.choice(charsets)
        return cls(charset, random.choice(charset.collations))

    @property
    def sql(self) -> str:
        """For a database, a table or a column."""
        return f"CHARACTER SET {self.charset.name} COLLATE {self.collation}"


SIZES = ("char(12)", "varchar(12)", "varchar(90)", "tinytext", "text", "mediumtext", "longtext")
NAMES = ("LName", "Näme", "имя", "名", "שם", "Note's", 'a"b', "select")


@dataclass
class TextTable:
    """A random table of texts, and how to make, fill and change it.

    Attributes:
        name: of the table.
        creates: the statements that make it, and the tables below it if it only unites them.
        columns: the charset of each column of text.
        members: those of ENUM and SET columns.
        key: the columns of its key; empty for none.
    """

    name: str
    creates: list[str]
    columns: Mapping[str, Charset]
    members: Mapping[str, list[str]]
    key: tuple[str, ...]
    random: Random

    @classmethod
    def of(
        cls, seed: str, number: int, database: Recommendation, charsets: Sequence[Charset]
    ) -> "TextTable":
        """The table of a seed, in a database of a charset."""
        random = Random(seed)
        own = Recommendation.of(random, charsets) if random.random() < 0.7 else None
        above = own or database
        columns: dict[str, Charset] = {}
        members: dict[str, list[str]] = {}
        body = ["Num int NOT NULL"]
        for name in ("Code", *random.sample(NAMES, random.randint(1, 4))):
            chosen = Recommendation.of(random, charsets) if random.random() < 0.6 else None
            charset = (chosen or above).charset
            columns[name] = charset
            kind = "varchar(20)" if name == "Code" else random.choice((*SIZES, "enum", "set"))
            if kind in ("enum", "set"):
                members[name] = _members(random, charset)
                kind += f"({', '.join(map(_literal, members[name]))})"
            body.append(f"{_ident(name)} {kind} {chosen.sql if chosen else ''}")
        key = random.choice([("Num",), ("Num",), ("Code",), ("Num", "Code"), ("Code", "Num"), ()])
        if key:
            body.append(f"PRIMARY KEY ({', '.join(key)})")
        name = f"{random.choice(('patient', 'Tä', 'таб'))}_{number}"
        default = own.sql if own else ""
        creates = _creates(random, name, f"({', '.join(body)}) {default}", "Num" in key)
        return cls(name, creates, columns, members, key, random)

    def inserts(self, first: int, count: int) -> list[str]:
        """Statements that add rows with the numbers that follow; a key that is there stays."""
        names = ", ".join(map(_ident, ("Num", *self.columns)))
        rows = (
            ", ".join((str(number), *map(self._value, self.columns)))
            for number in range(first, first + count)
        )
        return [f"INSERT IGNORE INTO {_ident(self.name)} ({names}) VALUES ({row})" for row in rows]

    def edits(self) -> list[str]:
        """Statements that change, remove and add rows, the case of their letters among them."""
        table, random, done = _ident(self.name), self.random, []
        for name in self.columns:
            some = f"Num % {random.randint(2, 5)} = {random.randint(0, 1)}"
            change = random.choice(("{0}", "UPPER({1})", "LOWER({1})", "CONCAT({1}, '')"))
            value = change.format(self._value(name), _ident(name))
            done.append(f"UPDATE IGNORE {table} SET {_ident(name)} = {value} WHERE {some}")
        return [*done, f"DELETE FROM {table} WHERE Num % 7 = 3", *self.inserts(500, 5)]

    def _value(self, name: str) -> str:
        random, charset = self.random, self.columns[name]
        if name in self.members:
            return random.choice(("NULL", *map(_literal, self.members[name])))
        if name in self.key:
            return random.choice(quoted("a", "A", "é", "É", "ß", charset.text(random, 12)))
        return random.choice(
            ("NULL", *quoted("a", "A ", *(charset.text(random, 12) for _ in "123")))
        )


def _members(random: Random, charset: Charset) -> list[str]:
    # a number before each, so that no collation takes two for one; no comma is in a SET, and the
    # server itself shows a letter of four bytes in a definition as a question mark
    letters = "".join(c for c in charset.letters if c != "," and ord(c) < 0x10000)
    short = replace(charset, letters=letters)
    texts = (short.text(random, 5).strip() for _ in range(4))
    return [f"{number}{text}" for number, text in enumerate(texts)]


def _creates(random: Random, name: str, body: str, by_number: bool) -> list[str]:
    """The statements that make a table of a random engine."""
    engine = random.choice(("MyISAM", "InnoDB"))
    plain = f"CREATE TABLE {_ident(name)} {body} ENGINE={engine}"
    match random.choice(("plain", "plain", "hash", "key", "merge")):
        case "hash" if by_number:
            return [f"{plain} PARTITION BY HASH (Num) PARTITIONS 3"]
        case "key" if "PRIMARY KEY" in body:
            return [f"{plain} PARTITION BY KEY () PARTITIONS 2"]
        case "merge":
            parts = [_ident(f"{name}{half}") for half in "ab"]
            united = f"ENGINE=MERGE UNION=({', '.join(parts)}) INSERT_METHOD=LAST"
            return [
                *(f"CREATE TABLE {part} {body} ENGINE=MyISAM" for part in parts),
                f"CREATE TABLE {_ident(name)} {body} {united}",
            ]
        case _:
            return [plain]


def _ident(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
