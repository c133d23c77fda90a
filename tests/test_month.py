"""A clinic lives through nights of everything that happens to rows, and is exact after each."""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from opendental_pipeline.settings.tuning import ReadingTuning, RunTuning, Tuning
from tests.conftest import Clinic
from tests.hostile import hostile

NIGHTS = int(os.environ.get("NIGHTS", "3"))
"""`make month` lives 30."""
SEEDS = range(int(os.environ.get("MONTHS", "1")))
HOSTILE = os.environ.get("HOSTILE") == "1"
"""Whether all three servers have hostile settings meanwhile; `make month` says so."""

TUNING = Tuning(
    reading=ReadingTuning(overlap_seconds=60),
    runs=RunTuning(handover_rows=1, compare_rows=50, slice_rows=70),
)

EDITED = "SecDateTEdit timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()"
ROW = "Note varchar(60), Amount double, Day date NOT NULL DEFAULT '0001-01-01'"


@dataclass(frozen=True)
class Kind:
    """A table, and what happens to it.

    Attributes:
        ddl: its columns, keys and engine.
        key: an expression for a new key, `{n}` being a number; empty for a table without one.
        moving: whether edits move a timestamp.
        silent: whether some edits do not.
    """

    ddl: str
    key: str = "{n}"
    moving: bool = False
    silent: bool = True


TABLES = {
    "visit": Kind(f"(Num bigint PRIMARY KEY, {ROW}, {EDITED}) ENGINE=MyISAM", "{n}", True, False),
    "payment": Kind(f"(Num bigint PRIMARY KEY, {ROW}, {EDITED}) ENGINE=InnoDB", "{n}", True),
    "sheet": Kind(f"(Num bigint PRIMARY KEY, {ROW}) ENGINE=MyISAM"),
    "securitylog": Kind(f"(Num bigint PRIMARY KEY, {ROW}) ENGINE=InnoDB"),
    "famaging": Kind(f"(Num int PRIMARY KEY, {ROW}) ENGINE=MyISAM"),
    "scattered": Kind(f"(Num bigint PRIMARY KEY, {ROW}) ENGINE=MyISAM", "{n} * 922337203685477"),
    "pair": Kind(f"(Num int, Half tinyint, {ROW}, PRIMARY KEY (Half, Num)) ENGINE=InnoDB"),
    "code": Kind(f"(Num varchar(20) PRIMARY KEY, {ROW}) ENGINE=MyISAM", "CONCAT('c', {n})"),
    "keyless": Kind(f"(Num int, {ROW}) ENGINE=MyISAM"),
}


@dataclass
class Office:
    """The statements of a day, from one seed."""

    chance: random.Random
    made: int = 0

    def insert(self, name: str, rows: int, edited: str = "NOW()") -> str:
        kind = TABLES[name]
        half = ", Half" if name == "pair" else ""
        stamp, value = (", SecDateTEdit", f", {edited}") if kind.moving else ("", "")
        values = []
        for _ in range(rows):
            self.made += 1
            more = f", {self.made % 5 - 2}" if half else ""
            key = kind.key.format(n=self.made)
            values.append(f"({key}, 'note {self.made}', {self.chance.random()}{more}{value})")
        return f"INSERT INTO {name} (Num, Note, Amount{half}{stamp}) VALUES {', '.join(values)}"

    def some(self) -> str:
        return f"CRC32(CONCAT(Num, {self.chance.random()})) % {self.chance.choice((9, 30, 99))} = 0"

    def edit(self, name: str) -> str:
        kind = TABLES[name]
        silent = kind.moving and kind.silent and self.chance.random() < 0.5
        still = ", SecDateTEdit = SecDateTEdit" if silent else ""
        change = self.chance.choice(
            (
                f"Amount = {self.chance.random()}",
                "Note = NULL",
                "Note = CONCAT(Note, '|')",
                "Day = 0",
            )
        )
        return f"UPDATE {name} SET {change}{still} WHERE {self.some()}"

    def something(self, name: str) -> str:
        """One thing that happens to a table."""
        kind = TABLES[name]
        match self.chance.randrange(12):
            case 0 | 1 | 2:
                return self.insert(name, self.chance.randint(1, 40))
            case 3 | 4 | 5 | 6:
                return self.edit(name)
            case 7 | 8:
                return f"DELETE FROM {name} WHERE {self.some()}"
            case 9 if kind.moving:
                when = self.chance.choice(("'1999-12-31'", "'2037-12-31'"))
                return self.insert(name, 2, when)
            case 10:
                return f"UPDATE {name} SET Note = 'mass {self.chance.random()}'"
            case 11 if name in ("famaging", "securitylog"):
                return f"TRUNCATE {name}"
            case _:
                return f"DELETE FROM {name} ORDER BY Num LIMIT {self.chance.randint(1, 60)}"


@pytest.fixture
def practice(clinic: Clinic) -> Iterator[Clinic]:
    """A clinic, on hostile servers if they shall be."""
    if not HOSTILE:
        yield clinic
        return
    with hostile(clinic) as pipeline:
        yield pipeline


@pytest.mark.parametrize("seed", SEEDS)
def test_every_night_of_a_month_ends_with_three_equal_databases(
    practice: Clinic, seed: int
) -> None:
    office = Office(random.Random(seed))
    for name, kind in TABLES.items():
        practice.sql(f"CREATE TABLE {name} {kind.ddl}", office.insert(name, 200))
    payment = {"reconcile": {"rows": "nightly"}}
    assert practice.run(tables=practice.tables(payment=payment), tuning=TUNING).failed == []
    for night in range(NIGHTS):
        day = [office.something(n) for n in TABLES for _ in range(office.chance.randint(0, 4))]
        practice.sql("SET sql_mode = ''", *day)
        tables = practice.tables(payment=payment)
        report = practice.run(tables=tables, tuning=TUNING)
        if report.failed:
            # somebody looks, and says that it is right
            errors = [report.tables[name].error or "" for name in report.failed]
            assert all("--yes-i-mean-it" in error for error in errors), errors
            again = practice.run(*report.failed, tables=tables, tuning=TUNING, confirmed=True)
            assert again.failed == []
        assert practice.differences() == [], f"night {night}"
