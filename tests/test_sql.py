"""Key ranges mean what tuples mean in Python, and a literal reads back as the same value."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import product

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from demo.servers import Cluster
from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.sql import beyond, conjunction, ident, key_range, literal

COLUMNS = ("a", "group", "back`tick")
NUMBERS = st.integers(-3, 3)
TRIPLES = st.tuples(NUMBERS, NUMBERS, NUMBERS)
KEYS = sorted(random.Random(25).sample(list(product(range(-2, 3), repeat=3)), 60))

on_a_server = settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


@pytest.fixture(scope="module")
def server(cluster: Cluster) -> Iterator[sa.Connection]:
    """A session at the source, with the keys in a table of their own."""
    engine = sa.create_engine(cluster.source.url(), poolclass=sa.NullPool)
    with engine.connect() as connection:
        columns = ", ".join(f"{ident(name)} int NOT NULL" for name in COLUMNS)
        key = ", ".join(map(ident, COLUMNS))
        run_sql(connection, f"CREATE TEMPORARY TABLE places ({columns}, PRIMARY KEY ({key}))")
        run_sql(connection, f"INSERT INTO places VALUES {', '.join(map(str, KEYS))}")
        yield connection


def value_of(server: sa.Connection, expression: str) -> object:
    return run_sql(server, f"SELECT {expression}").scalar()


@on_a_server
@given(st.none() | TRIPLES, st.none() | TRIPLES, st.booleans())
def test_a_range_of_composite_keys_holds_what_lies_between_two_tuples(
    server: sa.Connection,
    after: tuple[int, int, int] | None,
    upto: tuple[int, int, int] | None,
    prefixed: bool,
) -> None:
    limits = key_range(
        COLUMNS,
        after and tuple(map(literal, after)),
        upto and tuple(map(literal, upto)),
        None,
        "a <> 2",
        compare=partial(beyond, prefix="places." if prefixed else ""),
    )
    found = run_sql(server, f"SELECT * FROM places{limits}")
    assert sorted(map(tuple, found)) == [
        key
        for key in KEYS
        if (after is None or after < key) and (upto is None or key <= upto) and key[0] != 2
    ]


@on_a_server
@given(st.lists(NUMBERS, min_size=1, max_size=3), st.sampled_from([">", ">=", "<", "<="]))
def test_a_condition_takes_keys_of_any_length_and_every_direction(
    server: sa.Connection, key: list[int], operator: str
) -> None:
    compare = {">": tuple.__gt__, ">=": tuple.__ge__, "<": tuple.__lt__, "<=": tuple.__le__}
    columns, size = COLUMNS[: len(key)], len(key)
    limit = beyond(columns, tuple(map(literal, key)), operator=operator)
    found = run_sql(server, f"SELECT * FROM places{conjunction(limit)}")
    wanted = [one for one in KEYS if compare[operator](one[:size], tuple(key))]
    assert sorted(map(tuple, found)) == wanted


@on_a_server
@given(st.text())
@example("\0 \\0 \\ ' \" ` \n \r \t \x1a % %s :name ? -- # /* 😀 ع")
@example("\\'")
def test_text_reads_back(server: sa.Connection, value: str) -> None:
    assert value_of(server, literal(value)) == value


@on_a_server
@given(st.binary())
@example(bytes(range(256)))
def test_bytes_read_back(server: sa.Connection, value: bytes) -> None:
    assert value_of(server, f"CAST({literal(value)} AS BINARY)") == value


@on_a_server
@given(st.integers(-(2**63), 2**64 - 1))
@example(-(2**63))
@example(2**64 - 1)
def test_integers_read_back(server: sa.Connection, value: int) -> None:
    found = value_of(server, literal(value))
    assert (type(found), found) == (int, value)


@on_a_server
@given(st.integers(-(10**35), 10**35), st.integers(1, 30))
@example(1, 10)
def test_decimals_read_back_as_decimals(server: sa.Connection, digits: int, scale: int) -> None:
    value = Decimal(digits).scaleb(-scale)
    found = value_of(server, literal(value))
    assert (type(found), found) == (Decimal, value)


@on_a_server
@given(st.dates())
@example(date(1, 1, 1))
@example(date(9999, 12, 31))
def test_dates_read_back(server: sa.Connection, value: date) -> None:
    assert value_of(server, f"CAST({literal(value)} AS DATE)") == value


@on_a_server
@given(st.datetimes())
@example(datetime(1, 1, 1))
@example(datetime(9999, 12, 31, 23, 59, 59, 999999))
def test_datetimes_read_back(server: sa.Connection, value: datetime) -> None:
    assert value_of(server, f"CAST({literal(value)} AS DATETIME(6))") == value


LONGEST = timedelta(hours=838, minutes=59, seconds=59, microseconds=999999)


@on_a_server
@given(st.timedeltas(-LONGEST, LONGEST))
@example(-LONGEST)
@example(timedelta(microseconds=-1))
def test_times_read_back(server: sa.Connection, value: timedelta) -> None:
    assert value_of(server, f"CAST({literal(value)} AS TIME(6))") == value


def test_a_value_without_a_literal_is_refused_by_its_type() -> None:
    with pytest.raises(TypeError, match="object has no literal"):
        literal(object())
