"""Tables of random names, types, keys and values, each made of one seed."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import sqlalchemy as sa

from opendental_pipeline.databases.sql import ident
from tests.edges import SHAPES, VECTORS, edges_of, quoted

TYPES = [
    *(
        f"{size}int{sign}"
        for size in ("tiny", "small", "medium", "", "big")
        for sign in ("", " unsigned")
    ),
    *("bigint(20) unsigned zerofill", "tinyint(1)", "year", "float", "double", "float unsigned"),
    *("decimal(65,30)", "decimal(10,2)", "decimal(38,0) unsigned", "double(12,3)"),
    *("bit(1)", "bit(7)", "bit(63)", "bit(64)"),
    *("date", "datetime", "datetime(3)", "datetime(6)", "timestamp NULL", "timestamp(6) NULL"),
    *("time", "time(2)", "time(6)"),
    *("char(7)", "varchar(1)", "varchar(40)", "varchar(300)", "varchar(20) COLLATE utf8mb4_bin"),
    *(
        "varchar(30) CHARACTER SET latin1",
        "text CHARACTER SET latin1",
        "char(9) CHARACTER SET ucs2",
    ),
    *("varchar(30) CHARACTER SET utf8mb3", "tinytext", "text", "mediumtext", "longtext"),
    *("enum('a','b,c','it''s','\"')", "enum('','2','1')", "set('a','b c','''','\"')"),
    *("enum('é','a') CHARACTER SET latin1", "json"),
    *("binary(5)", "varbinary(60)", "tinyblob", "blob", "mediumblob", "longblob"),
    *("geometry", "point", "inet6", "uuid"),
]
OF_SOME_SERVERS = [
    *("vector(3)", "inet4", "geometrycollection", "point SRID 4326"),
    *("varchar(30) CHARACTER SET gb18030", "tinytext CHARACTER SET gb18030"),
    *("varchar(30) COLLATE utf8mb4_0900_as_cs", "varchar(30) COLLATE utf8mb4_uca1400_ai_ci"),
    *("text COLLATE latin1_nopad_bin CHARACTER SET latin1", "json NOT NULL"),
]
"""Types that not every server knows."""

KEYS = [
    *("int", "bigint", "bigint unsigned", "smallint", "decimal(20,3)", "datetime(6)", "bit(33)"),
    *("varchar(40)", "varchar(40) COLLATE utf8mb4_bin", "varchar(30) CHARACTER SET latin1"),
    *("binary(8)", "varbinary(30)", "enum('a','b','c','d','e','f')", "time(3)"),
]
KEYS_OF_SOME_SERVERS = [
    *("varchar(40) COLLATE utf8mb4_0900_ai_ci", "varchar(40) COLLATE utf8mb4_0900_bin"),
    *("varchar(40) COLLATE utf8mb4_uca1400_ai_ci", "varchar(40) COLLATE utf8mb4_nopad_bin"),
    *("varchar(40) COLLATE utf8mb4_general_nopad_ci", "inet6", "uuid"),
    *("char(30) CHARACTER SET gb18030", "varchar(30) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin"),
]
ALPHABETS = [
    *("abcdefghijklmnopqrstuvwxyz", "abcXYZ019_", "0123456789", "_"),
    *("ab .-/\\:;,?!%&()[]{}<>|=+*#~^$@'\"`", "äéßñçøÆ漢字שלוםع", " \ta\n\r"),
]
WORDS = [
    *("select", "table", "order", "user", "null", "group", "rows", "values", "primary", "_load"),
    *("_loaded_at", "_deleted_at", "_dlt_id", "_dlt_load_id", "xmin", "ctid", "tableoid", "c0"),
]


@dataclass
class Generated:
    """One random table and how to make, fill and change it.

    Attributes:
        name: of the table.
        create: its CREATE TABLE statement.
        columns: name and type of each.
        key: the names of its key's columns; empty for none.
        moves: whether it has a column that moves with every change.
        batch_size: rows per statement; few, so that ranges of every kind of key are read.
    """

    name: str
    create: str
    columns: dict[str, str]
    key: list[str]
    moves: bool
    batch_size: int
    random: Random

    @classmethod
    def of(
        cls,
        seed: int,
        number: int,
        types: Sequence[str] = TYPES,
        keys: Sequence[str] = KEYS,
    ) -> "Generated":
        """The table of a seed; its number keeps its name apart from others'.

        Args:
            types: those to choose from.
            keys: likewise for columns of the key.
        """
        random = Random(seed)
        key_types = random.choices(keys, k=random.choice([0, 1, 1, 1, 2, 3]))
        types = [*key_types, *random.choices(types, k=random.randint(1, 12))]
        names = [_name(random, n) for n in range(len(types))]
        columns = dict(zip(names, types, strict=True))
        key = names[: len(key_types)]
        random.shuffle(names)
        moves = bool(key) and random.random() < 0.3
        body = [
            f"{ident(n)} {columns[n]}{_nullability(random, columns[n], n in key)}" for n in names
        ]
        if moves:
            body.append(
                "DateTStamp timestamp NOT NULL DEFAULT current_timestamp()"
                " ON UPDATE current_timestamp()"
            )
        if key:
            body.append(f"PRIMARY KEY ({', '.join(map(ident, key))})")
        table = _name(random, number, 30)
        engine = random.choice(["MyISAM", "InnoDB"])
        create = f"CREATE TABLE {ident(table)} ({', '.join(body)}) ENGINE={engine} CHARSET=utf8mb4"
        batch_size = random.choice([1, 3, 7, 50_000])
        return cls(table, create, columns, key, moves, batch_size, random)

    def inserts(self, count: int) -> list[str]:
        """Statements that add rows; a row that MySQL does not take is left out."""
        names = ", ".join(map(ident, self.columns))
        return [
            f"INSERT IGNORE INTO {ident(self.name)} ({names}) VALUES ({', '.join(row)})"
            for row in ([self._value(name) for name in self.columns] for _ in range(count))
        ]

    def edits(self) -> list[str]:
        """Statements that change, remove and add rows; those read by a cursor lose none."""
        name, random = ident(self.name), self.random
        free = [column for column in self.columns if column not in self.key]
        done = []
        for column in random.sample(free, min(3, len(free))):
            some = f"CRC32({ident(random.choice(list(self.columns)))}) % {random.randint(1, 3)} = 0"
            value = self._value(column)
            done.append(f"UPDATE IGNORE {name} SET {ident(column)} = {value} WHERE {some}")
        if not self.moves:
            done.append(f"DELETE FROM {name} ORDER BY RAND({random.randint(1, 99)}) LIMIT 3")
        return [*done, *self.inserts(random.randint(0, 4))]

    def _value(self, column: str) -> str:
        kind, random = self.columns[column], self.random
        data_type = kind.split("(")[0].split(" ")[0]
        if column in self.key:
            return _key_value(random, data_type)
        data_type = {"point": "geometry"}.get(data_type, data_type)
        if data_type == "json":
            return random.choice(
                quoted(r'{"a": [1, null, "\u0000é\\u0000\\\u0000"]}', "[]", "1e2", '""', "1.50")
            )
        if data_type == "vector":
            return random.choice(VECTORS)
        if kind == "point":
            return f"POINT({random.randint(-9, 9)}, {random.random()})"
        if kind == "point SRID 4326":
            return random.choice(SHAPES[:1])
        if kind == "geometrycollection":
            return random.choice(SHAPES[2:])
        return random.choice(edges_of(data_type, kind))


def _name(random: Random, number: int, longest: int = 60) -> str:
    """A random name; the number at its end keeps it apart, whatever MySQL takes for equal."""
    if random.random() < 0.15:
        return f"{random.choice(WORDS)}{number or ''}"
    length = random.choice([1, 3, 8, longest])
    text = "".join(random.choices(random.choice(ALPHABETS), k=length))
    return f"{text}_{number}"


_NULLABLE = ("geometry", "point", "geometrycollection", "inet4", "inet6", "uuid", "vector(3)")
"""Types of which no value stands for one that the server does not take."""


def _nullability(random: Random, kind: str, is_key: bool) -> str:
    may_be_null = " NULL" in kind or kind.split(" ")[0] in _NULLABLE
    return " NOT NULL" if is_key or (not may_be_null and random.random() < 0.4) else ""


def _key_value(random: Random, data_type: str) -> str:
    """A value for a key: no NULL, and nothing that PostgreSQL must change."""
    number = random.choice([0, 1, -1, 2**31, 2**63, 2**64 - 1, random.randint(-999, 999)])
    match data_type:
        case "varchar" | "char":
            return random.choice(quoted("", "a", "A", "é", '"', "\\N", "\t,\n", f"k{number}", "ß"))
        case "binary" | "varbinary":
            return random.choice(["''", "0x00", "0xFF5C4E0A22", f"0x{random.randbytes(6).hex()}"])
        case "datetime":
            days = random.randint(0, 99999)
            return f"'1000-01-01 00:00:00.000{random.randint(0, 999):03}' + INTERVAL {days} DAY"
        case "time":
            return f"SEC_TO_TIME({random.randint(-3020399, 3020399)}) + 0.125"
        case "inet6":
            return f"'::{random.randint(1, 9999):x}'"
        case "uuid":
            return f"'{random.randint(0, 2**99):032x}'"
        case "enum":
            return str(random.randint(1, 6))
        case "decimal":
            return f"{number / 8:.3f}"
        case _:
            return str(number)


def known(source: sa.Engine, types: Iterable[str]) -> list[str]:
    """Those types that both engines of a server know."""
    found = []
    with source.connect() as connection:
        for kind in types:
            with suppress(sa.exc.DBAPIError):
                for engine in ("InnoDB", "MyISAM"):
                    connection.exec_driver_sql(f"CREATE TABLE tried (c {kind}) ENGINE={engine}")
                    connection.exec_driver_sql("DROP TABLE tried")
                found.append(kind)
    return found
