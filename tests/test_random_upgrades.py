"""A clinic lives through random upgrades, several a night, and is exact after each."""

import os
import random
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from tests.conftest import Clinic

T = TypeVar("T")

SEEDS = range(int(os.environ.get("RANDOM_UPGRADES", "1")))
NIGHTS = 3

VALUES = {
    "int": "{n}",
    "bigint": "{n} * 1000000007",
    "smallint unsigned": "{n}",
    "tinyint": "{n}",
    "varchar(5)": "'v{n}'",
    "varchar(60)": "'word {n} of many'",
    "text": "'text {n}'",
    "tinytext": "'tiny {n}'",
    "char(4)": "'c{n}'",
    "datetime": "'2024-01-{d:02} 10:00:00'",
    "datetime(3)": "'2024-01-{d:02} 10:00:00.125'",
    "date": "'2023-05-{d:02}'",
    "decimal(10,2)": "{n}.25",
    "decimal(12,4)": "{n}.0625",
    "double": "{n}.125",
    "enum('a','b')": "'a'",
    "enum('a','b','c')": "'c'",
    "set('x','y','z')": "'x,z'",
    "time": "'10:{d:02}:00'",
    "varbinary(20)": "'vb{n}'",
    "blob": "0x00ff{d:02}",
    "bit(3)": "{d} % 8",
    "year": "'20{d:02}'",
}
KEYS = ("int", "bigint", "tinyint", "varchar(5)", "decimal(10,2)")


@dataclass
class Upgraded:
    """A table that changes in any way; its statements come from one seed.

    Attributes:
        moving: whether it has a cursor.
        columns: the type of each but `id` and the cursor.
        key: its primary key's columns.
    """

    name: str
    moving: bool
    chance: random.Random
    columns: dict[str, str] = field(default_factory=dict)
    key: list[str] = field(default_factory=list)
    made: int = 0

    def create(self) -> list[str]:
        self.columns = {self._name(): self._kind() for _ in range(self.chance.randint(1, 4))}
        self.key = ["id"]
        parts = ["id int NOT NULL", *map(self._definition, self.columns)]
        if self.moving:
            stamp = "timestamp NOT NULL DEFAULT current_timestamp()"
            parts.append(f"Edited {stamp} ON UPDATE current_timestamp()")
        engine, charset = self._one("MyISAM", "InnoDB"), self._one("utf8mb4", "latin1")
        body = ", ".join([*parts, "PRIMARY KEY (id)"])
        create = f"CREATE TABLE {self.name} ({body}) ENGINE={engine} DEFAULT CHARSET={charset}"
        return [create, *self.insert(), *self.insert()]

    def insert(self) -> list[str]:
        names = ", ".join(["id", *(f"`{name}`" for name in self.columns)])
        values = ", ".join([str(self.chance.randint(1, 10**6)), *map(self._value, self.columns)])
        return [f"INSERT IGNORE INTO {self.name} ({names}) VALUES ({values})"]

    def change(self) -> list[str]:
        """One random change; nothing where there is no column for it."""
        free = [name for name in self.columns if name not in self.key]
        alter = f"ALTER TABLE {self.name}"
        kind = self._one("add", "recreate", "truncate", "charset", "key", "insert", *["alter"] * 6)
        if kind == "add":
            name = self._name()
            self.columns[name] = self._kind()
            return [f"{alter} ADD {self._definition(name)} {self._one('', 'FIRST', 'AFTER id')}"]
        if kind == "recreate":
            return [f"DROP TABLE {self.name}", *self.create()]
        if kind == "truncate":
            return [f"TRUNCATE TABLE {self.name}", *self.insert()]
        if kind == "charset":
            return [f"{alter} CONVERT TO CHARACTER SET {self._one('utf8mb4', 'latin1')}"]
        if kind == "key":
            return [f"{alter} {self._rekeyed()}"]
        return self.insert() if kind != "alter" or not free else [self._altered(self._one(*free))]

    def _altered(self, name: str) -> str:
        """The statement that changes one column."""
        alter, old = f"ALTER TABLE {self.name}", self.columns.pop(name)
        match self._one("drop", "rename", "respell", "retype", "retype", "default", "edit"):
            case "drop":
                return f"{alter} DROP `{name}`"
            case "rename":
                other = self._name()
                self.columns[other] = old
                return f"{alter} CHANGE `{name}` {self._definition(other)}"
            case "respell":
                self.columns[name.swapcase()] = old
                return f"{alter} CHANGE `{name}` {self._definition(name.swapcase())}"
            case "retype":
                self.columns[name] = self._kind()
                return f"{alter} MODIFY {self._definition(name)}"
            case "default":
                self.columns[name] = old
                default = "" if old in ("blob", "text", "tinytext") else self._value(name)
                return f"{alter} MODIFY {self._definition(name)}" + (
                    default and f" DEFAULT ({default})"
                )
            case _:
                self.columns[name] = old
                return f"UPDATE {self.name} SET `{name}` = {self._value(name)} WHERE id % 2 = 0"

    def _rekeyed(self) -> str:
        old, fit = self.key, [name for name, kind in self.columns.items() if kind in KEYS]
        self.key = ["id"] if old != ["id"] else self._one([], *(["id", name] for name in fit))
        drop = ["DROP PRIMARY KEY"] if old else []
        fixed = [f"MODIFY `{n}` {self.columns[n]} NOT NULL" for n in self.key if n in self.columns]
        key = ", ".join(f"`{name}`" for name in self.key)
        return ", ".join([*fixed, *drop, *([f"ADD PRIMARY KEY ({key})"] if key else [])])

    def _name(self) -> str:
        self.made += 1
        return f"{self._one('Col', 'some col', 'x')}{self.made}"

    def _kind(self) -> str:
        return self._one(*VALUES)

    def _definition(self, name: str) -> str:
        return f"`{name}` {self.columns[name]} {self._one('NULL', 'NOT NULL')}"

    def _value(self, name: str) -> str:
        number = self.chance.randint(0, 99)
        return VALUES[self.columns[name]].format(n=number, d=number % 28 + 1)

    def _one(self, *choices: T) -> T:
        return self.chance.choice(choices)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_upgrades_lose_nothing_and_views_stand(clinic: Clinic, seed: int) -> None:
    chance = random.Random(seed)
    tables = [Upgraded(f"visit{number}", number % 2 == 0, chance) for number in range(8)]
    for table in tables:
        clinic.sql("SET SESSION sql_mode = ''", *table.create())
    contract = clinic.tables()
    assert clinic.run(tables=contract).failed == []
    with clinic.analytics.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA staging")
        for table in tables:
            view = f"CREATE VIEW staging.{table.name} AS SELECT * FROM raw.{table.name}"
            connection.exec_driver_sql(view)
    for night in range(NIGHTS):
        for table in tables:
            changes = [s for _ in range(chance.randint(0, 3)) for s in table.change()]
            clinic.sql("SET SESSION sql_mode = ''", *changes)
        report = clinic.run(tables=contract, confirmed=True)
        errors = [report.tables[name].error for name in report.failed]
        assert errors == [], f"seed {seed}, night {night}"
        assert clinic.differences() == [], f"seed {seed}, night {night}"
        for table in tables:
            clinic.rows(clinic.analytics, f"SELECT * FROM staging.{table.name}")
