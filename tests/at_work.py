"""A clinic at work: a process of its own that changes tables while the nights run."""

import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from random import Random

import sqlalchemy as sa

from tests.sessions import mysql_session

MOST = 20_000
"""Statements after which the clinic stops by itself."""
PAUSE = 0.003
"""Seconds between two statements, on average."""

EDITED = "SecDateTEdit timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()"
ROW = "Note varchar(60), Fee double"


@dataclass(frozen=True)
class Kind:
    """A table, and how a number becomes its key.

    Attributes:
        columns: all of them, and the key.
        engine: of the server.
        rows: at first.
        key: the names of its key's columns, and an expression for each, `{n}` being the number.
        cursor: whether edits move a timestamp, unless they are silent.
    """

    columns: str
    engine: str
    rows: int
    key: Mapping[str, str]
    cursor: bool = False

    @property
    def names(self) -> str:
        """The key's columns, for an INSERT."""
        return ", ".join(self.key)

    def number(self, number: object) -> str:
        """The key's values, likewise."""
        return ", ".join(value.format(n=number) for value in self.key.values())

    def found(self, number: int) -> str:
        """The condition for the row of a number."""
        return " AND ".join(f"{name} = {v.format(n=number)}" for name, v in self.key.items())


NUMBER = {"Num": "{n}"}
KINDS = {
    "visit": Kind(f"Num bigint PRIMARY KEY, {ROW}, {EDITED}", "MyISAM", 6_000, NUMBER, True),
    "payment": Kind(f"Num bigint PRIMARY KEY, {ROW}, {EDITED}", "InnoDB", 4_000, NUMBER, True),
    "sheet": Kind(f"Num int PRIMARY KEY, {ROW}", "MyISAM", 5_000, NUMBER),
    "securitylog": Kind(f"Num bigint PRIMARY KEY, {ROW}", "InnoDB", 3_000, {"Num": "{n} * 97"}),
    "pair": Kind(
        f"Num int, Half tinyint, {ROW}, PRIMARY KEY (Half, Num)",
        "InnoDB",
        2_000,
        {"Num": "{n}", "Half": "CAST({n} AS SIGNED) % 5 - 2"},
    ),
    "code": Kind(
        f"Num varchar(20) PRIMARY KEY, {ROW}", "MyISAM", 2_000, {"Num": "CONCAT('c', {n})"}
    ),
}


def tables() -> list[str]:
    """The statements that make the tables and their first rows."""
    made = []
    for name, kind in KINDS.items():
        made.append(f"CREATE TABLE {name} ({kind.columns}) ENGINE={kind.engine}")
        made.append(
            f"INSERT INTO {name} ({kind.names}, Note, Fee)"
            f" SELECT {kind.number('seq')}, CONCAT('note ', seq), seq / 8 FROM seq_1_to_{kind.rows}"
        )
        if kind.cursor:
            made.append(f"UPDATE {name} SET SecDateTEdit = '2020-01-01' + INTERVAL Num SECOND")
    return made


class Office:
    """What people do, from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._newest = {name: kind.rows for name, kind in KINDS.items()}

    def something(self) -> str:
        """One statement."""
        name = self._random.choice(list(KINDS))
        do = self._random.choices(
            (self._insert, self._reuse, self._edit, self._edit_some, self._delete, self._cut),
            weights=(6, 3, 8, 2, 5, 1),
        )[0]
        return do(name, KINDS[name])

    def _insert(self, name: str, kind: Kind) -> str:
        self._newest[name] += self._random.choice((1, 1, 1, 40))
        return self._row("INSERT IGNORE", name, kind, self._newest[name])

    def _reuse(self, name: str, kind: Kind) -> str:
        """A key that was there before, of a row that may be deleted or not."""
        return self._row("REPLACE", name, kind, self._any(name))

    def _row(self, verb: str, name: str, kind: Kind, number: int) -> str:
        values = f"{kind.number(number)}, 'note {self._random.random()}', {self._random.random()}"
        return f"{verb} INTO {name} ({kind.names}, Note, Fee) VALUES ({values})"

    def _edit(self, name: str, kind: Kind) -> str:
        return f"UPDATE {name} SET {self._change(kind)} WHERE {kind.found(self._any(name))}"

    def _edit_some(self, name: str, kind: Kind) -> str:
        some = f"CRC32(CONCAT(Num, {self._random.random()})) % 300 = 0"
        return f"UPDATE {name} SET {self._change(kind)} WHERE {some}"

    def _change(self, kind: Kind) -> str:
        change = self._random.choice(("Fee = Fee + 1", "Note = NULL", "Note = CONCAT(Note, '|')"))
        silent = kind.cursor and self._random.random() < 0.4
        return f"{change}, SecDateTEdit = SecDateTEdit" if silent else change

    def _delete(self, name: str, kind: Kind) -> str:
        return f"DELETE FROM {name} WHERE {kind.found(self._any(name))}"

    def _cut(self, name: str, kind: Kind) -> str:
        """Neighbours."""
        last = kind.found(self._any(name)).replace(" = ", " >= ")
        return f"DELETE FROM {name} WHERE {last} ORDER BY {kind.names} LIMIT 9"

    def last(self) -> list[str]:
        """The statements that end a day: rows at either end of some stretches of keys go.

        A comparison looks at bands of some 32 rows, and at none that are equal; it must not take
        what it sees of two of them for neighbours.
        """
        done = []
        for name in (name for name, kind in KINDS.items() if kind.key == NUMBER):
            width = self._random.randint(32, 36)
            some = f"CRC32(CONCAT(Num, {self._random.random()})) % 4 = 0"
            done.append(f"DELETE FROM {name} WHERE Num % {width} IN (0, {width - 1}) AND {some}")
        return done

    def _any(self, name: str) -> int:
        return self._random.randint(1, self._newest[name])


def _work(url: sa.URL, seed: int, begun: Event, home_time: Event) -> None:
    office, random = Office(seed), Random(seed)
    with closing(mysql_session(url, sql_mode="''")) as session:
        session.autocommit(True)
        with session.cursor() as cursor:
            for _ in range(MOST):
                cursor.execute(office.something())
                begun.set()
                if home_time.wait(random.expovariate(1 / PAUSE)):
                    break
            for statement in office.last():
                cursor.execute(statement)


@contextmanager
def clinic_at_work(url: sa.URL, seed: int) -> Iterator[None]:
    """Work goes on in another process until this ends, however it ends.

    Args:
        url: of the source's database, as somebody who may write there.
        seed: decides what is done.

    Raises:
        AssertionError: the other process failed.
    """
    spawn = multiprocessing.get_context("spawn")
    begun, home_time = spawn.Event(), spawn.Event()
    process = spawn.Process(target=_work, args=(url, seed, begun, home_time), daemon=True)
    process.start()
    try:
        while not begun.wait(0.1):
            assert process.is_alive(), "the clinic did not begin to work"
        yield
        assert process.is_alive() or process.exitcode == 0, "the clinic's work failed"
    finally:
        home_time.set()
        process.join()
    assert process.exitcode == 0, "the clinic's work failed"
