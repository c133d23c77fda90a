"""The job that compares all tiers: what it finds, what it says, and what it mends."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from opendental_pipeline.planning.slice import Differences
from tests.conftest import Clinic
from tests.programs import Done, environment, start

LONG = "REPEAT('long ', 20000)"


@dataclass(frozen=True)
class Flip:
    """A value, and one that differs from it as little as its type allows.

    Attributes:
        column: the column's type in MySQL.
        value: MySQL's expression for what the source has.
        other: MySQL's for what a source or a replication with one flipped byte has.
        raw: PostgreSQL's for what such a raw has.
    """

    column: str
    value: str
    other: str
    raw: str


FLIPS = (
    Flip("tinyint(1)", "1", "3", "3"),
    Flip("bigint", "9007199254740993", "9007199254740992", "9007199254740992"),
    Flip("bigint unsigned", "18446744073709551615", "9223372036854775807", "9223372036854775807"),
    Flip("decimal(65,30)", f"1.{'0' * 29}1", "1", f"1.{'0' * 29}2"),
    Flip("double", "0.1e0", "0.10000000000000002e0", "0.10000000000000002"),
    Flip("double", "0e0", "5e-324", "'-0'"),
    Flip("float", "16777216", "16777214", "16777214"),
    Flip("date", "'2024-02-28'", "'2024-02-29'", "'2024-02-29'"),
    Flip("datetime(6)", "'2024-02-28 01:02:03.000001'", "'2024-02-28 01:02:03'", "'2024-02-28'"),
    Flip("timestamp", "'2024-02-28 01:02:03'", "'2024-02-28 01:02:02'", "'2024-02-28 02:02:03'"),
    Flip("time", "'-00:30:00'", "'00:30:00'", "'00:30:00'"),
    Flip("year", "2000", "2001", "2001"),
    Flip("bit(64)", "b'1'", "b'11'", "3"),
    Flip("varchar(20)", "'Ng'", "'Nf'", "'Nf'"),
    Flip("varchar(20)", "'Ng'", "'ng'", "'ng'"),
    Flip("varchar(20)", "'Ng'", "'Ng '", "'Ng '"),
    Flip("varchar(20)", "'a|b'", "'a|c'", "'a|c'"),
    Flip("varchar(20)", "''", "NULL", "NULL"),
    Flip("varchar(20) CHARACTER SET latin1", "'é'", "'è'", "'è'"),
    Flip("varchar(20) CHARACTER SET utf8mb4", "'😀'", "'😁'", "'😁'"),
    Flip("enum('a','b')", "'a'", "'b'", "'b'"),
    Flip("text", "''", "' '", "' '"),
    Flip("longtext", LONG, f"CONCAT({LONG}, 'x')", f"{LONG} || 'x'"),
    Flip("json", "'[1, 2]'", "'[1, 3]'", "'[1, 3]'"),
    Flip("varbinary(9)", "0x0001", "0x0000", "'\\x0000'"),
    Flip("longblob", "0x5C00FF", "0x5C01FF", "'\\x5c01ff'"),
    Flip("point", "POINT(1, 2)", "POINT(1, 3)", "'\\x00'"),
)


@pytest.fixture
def chart(clinic: Clinic) -> Clinic:
    """A clinic with a table of 500 rows and a column for each flip, copied and loaded."""
    columns = [f"C{n} {flip.column} NULL" for n, flip in enumerate(FLIPS)]
    values = [flip.value for flip in FLIPS]
    clinic.sql(
        f"CREATE TABLE chart (ChartNum bigint PRIMARY KEY, {', '.join(columns)}) ENGINE=MyISAM"
        " DEFAULT CHARSET=utf8mb3",
        f"INSERT INTO chart SELECT seq * 3, {', '.join(values)} FROM seq_1_to_500",
    )
    assert clinic.run().failed == []
    return clinic


def key(number: int) -> int:
    """The row in which a flip happens."""
    return 3 * (1 + number * 17)


def flipped(tier: str) -> list[str]:
    """The statements that flip every column once, each in another row."""
    if tier == "raw":
        return [
            f'UPDATE raw.chart SET "C{n}" = {flip.raw} WHERE "ChartNum" = {key(n)}'
            for n, flip in enumerate(FLIPS)
        ]
    return [
        f"UPDATE chart SET C{n} = {flip.other} WHERE ChartNum = {key(n)}"
        for n, flip in enumerate(FLIPS)
    ]


def versions(engine: sa.Engine, clinic: Clinic, query: str) -> dict[int, str]:
    """By key, what changes as soon as somebody writes the row."""
    return dict(clinic.rows(engine, query))


def test_a_flipped_byte_is_found_anywhere_and_exactly_that_row_is_mended(chart: Clinic) -> None:
    wanted = {(key(n),) for n in range(len(FLIPS))}
    both = {"replication": wanted, "raw": wanted}
    stamps = "SELECT ChartNum, CAST(_replicated_at AS CHAR) FROM chart"
    rows = 'SELECT "ChartNum", concat(xmin, ctid) FROM raw.chart'
    for tier, engine, found, mended in (
        ("raw", chart.analytics, {"raw": wanted}, {"raw": wanted}),
        ("replication", chart.replication, both, both),
        ("source", chart.source, {"replication": wanted}, both),
    ):
        copied = versions(chart.replication, chart, stamps)
        loaded = versions(chart.analytics, chart, rows)
        chart.execute(engine, *flipped(tier))
        flipped_rows = versions(chart.analytics, chart, rows)
        results = {one.tier: one.found for one in chart.verify() if not one.equal}
        assert {name: set(one.changed) for name, one in results.items()} == found
        assert not any(one.missing or one.extra for one in results.values())
        assert versions(chart.analytics, chart, rows) == flipped_rows

        assert chart.run("chart", prove=True).failed == []
        assert chart.differences() == []
        for name, before, after in (
            ("replication", copied, versions(chart.replication, chart, stamps)),
            ("raw", loaded, versions(chart.analytics, chart, rows)),
        ):
            touched = {(k,) for k in after if after[k] != before[k]}
            assert touched == mended.get(name, set())


VISIT = """
    CREATE TABLE visit (
        VisitNum bigint NOT NULL PRIMARY KEY, Note varchar(50) NOT NULL,
        SecDateTEdit timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
    ) ENGINE=InnoDB"""


@pytest.fixture
def visits(clinic: Clinic) -> Clinic:
    """A clinic of two tables, copied and loaded."""
    clinic.sql(
        VISIT,
        "INSERT INTO visit SELECT seq, 'a secret', '2026-01-01' + INTERVAL seq DAY"
        " FROM seq_1_to_300",
        "CREATE TABLE word (Word varchar(20) NOT NULL) ENGINE=MyISAM",
        "INSERT INTO word VALUES ('secret'), ('secret'), ('other')",
    )
    assert clinic.run().failed == []
    return clinic


def verify(clinic: Clinic, *arguments: str) -> Done:
    """The job as a program."""
    return start("verify.py", *arguments, environ=environment(clinic), cwd=clinic.home.parent)


def test_the_job_tells_by_its_exit_code_and_by_keys_and_repairs_on_demand(visits: Clinic) -> None:
    done = verify(visits)
    assert (done.code, done.err.count("Traceback")) == (0, 0)
    assert "2 tables are equal in all three tiers" in done.out

    visits.sql(
        "DELETE FROM visit WHERE VisitNum BETWEEN 101 AND 111",
        "INSERT INTO visit VALUES (-7, 'secret', '2020-01-01')",
        "UPDATE visit SET Note = 'secret', SecDateTEdit = SecDateTEdit WHERE VisitNum = 77",
        "DELETE FROM word WHERE Word = 'other'",
    )
    visits.execute(visits.analytics, 'DELETE FROM raw.visit WHERE "VisitNum" = 55')
    done = verify(visits)
    assert done.code == 1
    lines = [[cell.strip() for cell in line.split("│")] for line in done.out.splitlines()]
    rows = {tuple(cells[1:3]): cells[3:7] for cells in lines if len(cells) > 6}
    assert rows["visit", "replication"][:3] == ["1", "1", "11"]
    assert rows["visit", "replication"][3].startswith("-7, 77, 101, 102")
    assert rows["visit", "replication"][3].endswith("and 3 more")
    assert rows["visit", "raw"] == ["1", "0", "0", "55"]
    assert rows["word", "replication"] == ["0", "0", "1", ""]
    assert ("word", "raw") not in rows
    # it repairs nothing unless asked
    assert verify(visits, "--table", "word").code == 1
    assert "secret" not in done.out + done.err

    done = verify(visits, "--repair")
    assert done.code == 0, done.out + done.err
    assert "equal in all three tiers" in done.out
    assert "secret" not in done.out + done.err
    assert visits.differences() == []


def test_a_changed_row_of_a_table_without_a_key_is_found_and_mended(visits: Clinic) -> None:
    ddl = "CREATE TABLE span (Length time, Cost double) ENGINE=MyISAM"
    visits.sql(ddl, "INSERT INTO span VALUES ('24:00:00', 0), ('24:00:00', 0), (NULL, NULL)")
    assert visits.run().failed == []
    for damage in ("""SET "Length" = '1 day'""", """SET "Cost" = '-0'""", 'SET "Cost" = NULL'):
        visits.execute(visits.analytics, f'UPDATE raw.span {damage} WHERE "Cost" = 0')
        [found] = [one for one in visits.verify("span") if not one.equal]
        assert (found.tier, found.found.count) == ("raw", Differences(2, 0, 2))
        assert visits.run("span", prove=True).failed == []
        assert visits.differences() == []


def test_only_recent_rows_are_compared_if_that_is_asked(visits: Clinic) -> None:
    visits.sql("UPDATE visit SET Note = 'b', SecDateTEdit = SecDateTEdit WHERE VisitNum < 31")
    assert verify(visits, "--table", "visit", "--since", "2026-02-02").code == 0
    assert verify(visits, "--table", "visit", "--since", "2026-01-31").code == 1
    done = verify(visits, "--table", "visit", "--since", "yesterday")
    assert done.code == 2
    assert "must be a date or time" in done.err


def test_a_repair_that_would_empty_a_table_has_to_be_meant(visits: Clinic) -> None:
    visits.sql("DELETE FROM visit")
    done = verify(visits, "--table", "visit", "--repair")
    assert done.code == 1
    assert "300 of 300 rows would be deleted" in " ".join(done.out.split())
    assert verify(visits, "--table", "visit", "--repair", "--yes-i-mean-it").code == 0
    assert visits.differences() == []


def test_what_cannot_be_compared_is_named_and_never_counted_as_equal(visits: Clinic) -> None:
    visits.sql("CREATE TABLE note (NoteNum int PRIMARY KEY)", "DROP TABLE word")
    done = verify(visits, "--table", "note")
    assert done.code == 1
    assert "replication has no such table" in done.out
    assert verify(visits, "--table", "nobody").code == 2
