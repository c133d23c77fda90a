"""What is read off MySQL's wire is what MySQL has, whatever it is and however long."""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pymysql
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymysql.cursors import Cursor

from opendental_pipeline.databases.mysql_result import Rows, fetch_rows
from opendental_pipeline.databases.server import server_of
from opendental_pipeline.databases.statement_limit import StatementLimit
from opendental_pipeline.databases.tsv import columns_to_tsv, rows_to_tsv
from tests.conftest import Clinic
from tests.edges import ANYTHING, edges_of
from tests.generated import TYPES

SPECIAL = b"\\N\\\t\n\r\0\x09\x0a\x5c\xfb\xfc\xfe,\"'NULL"
PACKET = 0xFFFFFF
LENGTHS = (0, 1, 9, 10, 13, 92, 250, 251, 252, 65_535, 65_536)
UNESCAPED = {b"\\\\": b"\\", b"\\t": b"\t", b"\\n": b"\n", b"\\r": b"\r"}


@pytest.fixture
def driver(clinic: Clinic) -> Iterator[Any]:
    server = clinic.cluster.source
    connection = pymysql.connect(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password,
        database=clinic.name,
        charset="utf8mb4",
        conv=dict(pymysql.converters.encoders.items()),
    )
    yield connection
    connection.close()


def columns_of(parts: list[Rows]) -> list[list[bytes | None]]:
    """What was read, by column."""
    return [
        [value for rows in parts for value in rows.column(number).to_pylist()]
        for number in range(parts[0].column_count)
    ]


def parsed(lines: bytes) -> list[tuple[bytes | None, ...]]:
    """The rows that a database reads from lines."""
    return [
        tuple(
            None if field == b"\\N" else re.sub(rb"\\.", lambda m: UNESCAPED[m.group()], field)
            for field in line.split(b"\t")
        )
        for line in lines.split(b"\n")[:-1]
    ]


def as_bytes(value: object) -> bytes | None:
    return None if value is None else value if isinstance(value, bytes) else str(value).encode()


def test_every_type_reads_as_the_driver_reads_it(clinic: Clinic, driver: Any) -> None:
    types = [kind for kind in TYPES if kind not in ("json", "point")]
    body = ", ".join(f"c{number} {kind}" for number, kind in enumerate(types))
    clinic.sql(f"CREATE TABLE kinds ({body}) ENGINE=MyISAM CHARSET=utf8mb4")
    for row in range(40):
        edges = [edges_of(kind.split("(")[0].split(" ")[0], kind) for kind in types]
        values = ", ".join(edge[row % len(edge)] for edge in edges)
        clinic.sql(ANYTHING, f"INSERT IGNORE INTO kinds VALUES ({values})")
    found = columns_of(fetch_rows(driver, "SELECT * FROM kinds"))
    with driver.cursor(Cursor) as cursor:
        cursor.execute("SELECT * FROM kinds")
        expected = [list(map(as_bytes, column)) for column in zip(*cursor.fetchall(), strict=True)]
    differing = [kind for kind, a, b in zip(types, found, expected, strict=True) if a != b]
    assert (len(found[0]), differing) == (40, [])


VALUES = st.none() | st.binary(max_size=40) | st.lists(st.sampled_from(SPECIAL)).map(bytes)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.tuples(VALUES, VALUES, st.sampled_from(LENGTHS)), max_size=12))
def test_any_bytes_arrive_and_both_ways_to_lines_agree(
    driver: Any, rows: list[tuple[bytes | None, bytes | None, int]]
) -> None:
    def literal(value: bytes | None) -> str:
        return "NULL" if value is None else f"_binary x'{value.hex()}'"

    selects = [
        f"SELECT {literal(a)} AS a, {n} AS n, REPEAT('x', {size}) AS b, {literal(c)} AS c"
        for n, (a, c, size) in enumerate(rows)
    ]
    query = " UNION ALL ".join(selects or ["SELECT 1, 2, 3, 4 FROM DUAL WHERE FALSE"])
    parts = fetch_rows(driver, query)
    expected = [(a, b"%d" % n, b"x" * size, c) for n, (a, c, size) in enumerate(rows)]
    assert list(zip(*columns_of(parts), strict=True)) == expected
    for part in parts:
        lines = bytes(rows_to_tsv(part))
        assert parsed(lines) == expected
        assert lines == bytes(columns_to_tsv([part.column(n) for n in range(part.column_count)]))


@pytest.mark.parametrize("size", [PACKET - 5, PACKET - 4, PACKET, 2 * PACKET])
def test_rows_longer_than_a_packet_arrive(driver: Any, size: int) -> None:
    query = (
        f"SELECT 7, 'a\n', REPEAT('b', {size}) UNION ALL SELECT 8, 'short', 9"
        f" UNION ALL SELECT REPEAT('c', {size}), 'd', NULL"
    )
    (part,) = fetch_rows(driver, query)
    first, second, third = (part.column(number).to_pylist() for number in range(3))
    assert (first[:2], first[2] == b"c" * size) == ([b"7", b"8"], True)
    assert (second, third[0] == b"b" * size, third[1:]) == (
        [b"a\n", b"short", b"d"],
        True,
        [b"9", None],
    )
    lines = bytes(rows_to_tsv(part)).split(b"\n")
    assert lines[0] == b"7\ta\\n\t" + b"b" * size
    assert lines[1:] == [b"8\tshort\t9", b"c" * size + b"\td\t\\N", b""]


def test_many_rows_come_in_parts_and_none_is_lost(driver: Any) -> None:
    parts = fetch_rows(driver, "SELECT seq, IF(seq % 3, seq, NULL) FROM seq_1_to_30000")
    assert len(parts) > 1
    numbers, thirds = columns_of(parts)
    assert numbers == [b"%d" % n for n in range(1, 30_001)]
    assert thirds == [b"%d" % n if n % 3 else None for n in range(1, 30_001)]
    assert b"".join(bytes(rows_to_tsv(part)) for part in parts).count(b"\n") == 30_000


def test_an_error_in_the_middle_is_told_and_the_next_statement_works(driver: Any) -> None:
    limit = StatementLimit(0.2, server_of("10.11.19-MariaDB").limited_select)
    with pytest.raises(pymysql.err.OperationalError) as stopped:
        fetch_rows(driver, limit.limited("SELECT seq, SLEEP(0.001) FROM seq_1_to_100000"))
    assert stopped.value.args[0] == 1969
    with pytest.raises(pymysql.err.ProgrammingError):
        fetch_rows(driver, "SELECT * FROM nothing")
    assert columns_of(fetch_rows(driver, "SELECT 1, NULL")) == [[b"1"], [None]]


def test_a_column_of_bytes_or_text_is_written_alike() -> None:
    columns = [
        pa.array([b"a\tb", None], pa.large_binary()),
        pa.array(["", "\\N"], pa.large_string()),
    ]
    assert parsed(bytes(columns_to_tsv(columns))) == [(b"a\tb", b""), (None, b"\\N")]
