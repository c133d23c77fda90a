"""How rows become numbers, and keys become bands: what makes a comparison exact."""

import math
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opendental_pipeline.databases.catalog import read_catalogue
from opendental_pipeline.databases.server import read_server
from opendental_pipeline.databases.sql import KeyRun, ident, literal
from opendental_pipeline.databases.type_mapping import type_rule
from opendental_pipeline.reconcile.checksums import MD5, SHA2, key_digest, row_digest
from opendental_pipeline.reconcile.table_diff import RowKey, TableSegment, compare, key_run, runs
from sources.opendental.key_ranges import KeyRange
from tests.conftest import Clinic

EVERYTHING = KeyRange(None, None)
FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

NOTE = """
    CREATE TABLE note (
        NoteNum bigint NOT NULL PRIMARY KEY, First varchar(20), Second varchar(20), Bytes blob,
        Number double, Day date, Old varchar(20) CHARACTER SET latin1
    ) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3"""

TEXT = st.none() | st.text(st.sampled_from("|1aé\\'0"), max_size=4)
NUMBER = st.none() | st.sampled_from([0.0, 0.1, 1e300, -1e-300, 1e15, 123456789.125])
DAY = st.none() | st.sampled_from(["2020-01-01", "0000-00-00", "0001-01-01"])
OLD = st.none() | st.text(st.sampled_from("|é1"), max_size=3)
VALUES = st.tuples(TEXT, TEXT, st.none() | st.binary(max_size=3), NUMBER, DAY, OLD)


def has_md5(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        return read_server(connection).has_md5


def side(clinic: Clinic, engine: sa.Engine, table: str) -> TableSegment:
    with engine.connect() as connection:
        found = read_catalogue(connection, clinic.name)[table]
    hashed = MD5 if has_md5(clinic.source) and has_md5(clinic.replication) else SHA2
    read = ((c, type_rule(c).read.format(ident(c.name))) for c in found.columns)
    return TableSegment(
        table, found.primary_key, row_digest(read, hashed), lambda sql: clinic.rows(engine, sql)
    )


def insert(table: str, number: int, values: tuple[Any, ...]) -> str:
    shown = ", ".join("NULL" if value is None else literal(value) for value in values)
    return f"INSERT INTO {table} VALUES ({number}, {shown})"


@FEW
@given(one=VALUES, other=VALUES)
def test_rows_have_the_same_number_if_they_are_the_same_and_no_other(
    clinic: Clinic, one: tuple[Any, ...], other: tuple[Any, ...]
) -> None:
    clinic.sql("SET sql_mode = ''", "DROP TABLE IF EXISTS note", NOTE, insert("note", 1, one))
    here = side(clinic, clinic.source, "note")
    ((first,),) = clinic.rows(clinic.source, f"SELECT {here.digest} FROM note")
    clinic.sql("SET sql_mode = ''", "DELETE FROM note", insert("note", 1, other))
    ((second,),) = clinic.rows(clinic.source, f"SELECT {here.digest} FROM note")
    assert (first == second) == (repr(one) == repr(other))


def test_two_rows_that_swap_their_notes_are_found(clinic: Clinic) -> None:
    ddl = "CREATE TABLE memo (MemoNum int PRIMARY KEY, Note varchar(20)) ENGINE={}"
    rows = "INSERT INTO memo VALUES (1, 'ab'), (2, 'cd'), (3, 'ef')"
    swapped = "INSERT INTO memo VALUES (1, 'cd'), (2, 'ab'), (3, 'ef')"
    clinic.sql(ddl.format("MyISAM"), rows)
    clinic.execute(clinic.replication, ddl.format("InnoDB"), swapped)
    here, there = (side(clinic, e, "memo") for e in (clinic.source, clinic.replication))
    found = compare(here, there, EVERYTHING, width=lambda: 64)
    assert (found.missing, found.changed, found.extra) == ([], [(1,), (2,)], [])


WHOLE = st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9)


def key_sum(clinic: Clinic, engine: sa.Engine, keys: list[tuple[int, ...]]) -> int:
    """The sum of the numbers of some keys, as a server computes it."""
    columns = [f"c{n}" for n in range(len(keys[0]))]
    number = "SIGNED" if engine.dialect.name == "mysql" else "bigint"
    rows = " UNION ALL ".join(
        "SELECT " + ", ".join(f"CAST({v} AS {number}) AS c{n}" for n, v in enumerate(key))
        for key in keys
    )
    ((total,),) = clinic.rows(engine, f"SELECT SUM({key_digest(columns)}) FROM ({rows}) AS keys_")
    return int(total)


@FEW
@given(
    st.integers(1, 4).flatmap(lambda n: st.lists(st.tuples(*[WHOLE] * n), min_size=1, max_size=5))
)
def test_both_kinds_of_servers_compute_the_same_number_of_a_key(
    clinic: Clinic, keys: list[tuple[int, ...]]
) -> None:
    assert key_sum(clinic, clinic.source, keys) == key_sum(clinic, clinic.analytics, keys)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([(1,), (5,), (6,)], [(2,), (3,), (7,)]),  # the same sum, and the same sum of squares
        ([(0,), (4,), (5,)], [(1,), (2,), (6,)]),
        ([(-1,), (1,)], [(-2,), (2,)]),
        ([(2_147_483_648,)], [(1,)]),
        ([(1, 2), (3, 4)], [(1, 4), (3, 2)]),
        ([(1, 2)], [(2, 1)]),
        ([(0, 1)], [(1, 0)]),
    ],
)
def test_other_keys_have_another_sum(
    clinic: Clinic, one: list[tuple[int, ...]], other: list[tuple[int, ...]]
) -> None:
    assert key_sum(clinic, clinic.source, one) != key_sum(clinic, clinic.source, other)


KEYS = {
    "bigint": st.integers(-(2**63), 2**63 - 1) | st.integers(-200, 200),
    "bigint unsigned": st.integers(0, 2**64 - 1) | st.integers(0, 200),
}


@FEW
@given(data=st.data(), kind=st.sampled_from(sorted(KEYS)), width=st.sampled_from([1, 3, 64, 2**40]))
def test_exactly_the_keys_that_differ_are_found(
    clinic: Clinic, data: st.DataObject, kind: str, width: int
) -> None:
    keys = st.sets(KEYS[kind], max_size=8)
    here, there = data.draw(keys), data.draw(keys)
    changed = data.draw(st.sets(st.sampled_from(sorted(here & there)))) if here & there else set()
    ddl = f"CREATE TABLE thing (Num {kind} NOT NULL PRIMARY KEY, Word varchar(5))"
    for engine, held, words in ((clinic.source, here, set()), (clinic.replication, there, changed)):
        rows = [insert("thing", key, ("b" if key in words else "a",)) for key in sorted(held)]
        clinic.execute(engine, "DROP TABLE IF EXISTS thing", ddl, *rows)
    original, copy = (side(clinic, e, "thing") for e in (clinic.source, clinic.replication))
    found = compare(original, copy, EVERYTHING, lambda: width)
    assert {k for (k,) in found.missing} == here - there
    assert {k for (k,) in found.extra} == there - here
    assert {k for (k,) in found.changed} == changed


def test_the_smallest_key_is_a_band_of_its_own_where_every_value_is(clinic: Clinic) -> None:
    smallest = -(2**63)
    ddl = "CREATE TABLE thing (Num bigint NOT NULL PRIMARY KEY, Word varchar(5))"
    for engine, key in ((clinic.source, smallest), (clinic.replication, smallest + 1)):
        clinic.execute(engine, "DROP TABLE IF EXISTS thing", ddl, insert("thing", key, ("a",)))
    original, copy = (side(clinic, e, "thing") for e in (clinic.source, clinic.replication))
    found = compare(original, copy, EVERYTHING, lambda: 1)
    assert (found.missing, found.extra) == ([(smallest,)], [(smallest + 1,)])


def spread(key: RowKey, value: int) -> int:
    """The number of a row, as far from all others as a server's digest; small ones add up."""
    return int.from_bytes(blake2b(repr((key, value)).encode(), digest_size=8).digest())


class Held(TableSegment):
    """A table as a dictionary: what its two queries would find, told by Python alone."""

    def __init__(self, rows: Mapping[RowKey, int]) -> None:
        super().__init__("thing", ("A", "B"), "digest", query=lambda _: ())
        object.__setattr__(self, "rows", dict(sorted(rows.items())))

    rows: dict[RowKey, int]

    def checksums(self, keys: KeyRange, width: int | None = None) -> dict[int, tuple[int, int]]:
        found: dict[int, tuple[int, int]] = {}
        for key, digest in self._in(keys).items():
            band = int(key[0] / width) if width else 0  # DIV rounds towards zero
            rows, total = found.get(band, (0, 0))
            found[band] = rows + 1, total + spread(key, digest)
        return found

    def digests(self, keys: KeyRange, bands: Sequence[tuple[int, int]]) -> dict[RowKey, int]:
        return {
            key: digest
            for key, digest in self._in(keys).items()
            if any(low <= key[0] <= high for low, high in bands)
        }

    def _in(self, keys: KeyRange) -> dict[RowKey, int]:  # type: ignore[override]
        after, upto = (tuple(map(int, key)) if key else None for key in (keys.after, keys.upto))
        return {
            key: digest
            for key, digest in self.rows.items()
            if (after is None or key > after) and (upto is None or key <= upto)
        }

    def among(self, run: KeyRun) -> list[RowKey]:
        """The rows from the first to the last key of a run, whatever they are."""
        first, last = tuple(map(int, run.first)), tuple(map(int, run.last))
        return [key for key in self.rows if first <= key <= last]


SPREAD = st.sampled_from([1, 1, 3, 40])


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[RowKey, int], dict[RowKey, int]]:
    """A table and what became of it: random rows deleted, inserted, edited, at edges of bands too.

    A copy of many equal rows with few that differ is what hides a mistake between two of them.
    """
    count, spread = draw(st.integers(0, 400)), draw(SPREAD)
    start, wide = draw(st.integers(-500, 500)), draw(st.sampled_from([1, 1, 2, 5]))
    keys = [((start + n * spread) // wide, n % wide) for n in range(count)]
    copy = {key: n * 7 + 1 for n, key in enumerate(keys)}
    original = dict(copy)
    some = st.lists(st.sampled_from(keys), max_size=12) if keys else st.just([])
    edges = [key for key in keys if key[0] % 32 in (0, 31)]
    for key in draw(some) + draw(st.lists(st.sampled_from(edges), max_size=8) if edges else some):
        original.pop(key, None)
    for key in draw(some):
        original[key] = draw(st.integers(1000, 1003))
    for key in draw(st.lists(st.tuples(st.integers(-600, 600), st.integers(0, 4)), max_size=6)):
        original[key] = 5
    return original, copy


@settings(max_examples=3_000, deadline=None)
@given(
    tables(),
    st.sampled_from([1, 2, 3, 31, 32, 64, 1000]),
    st.none() | st.tuples(st.integers(-600, 600), st.integers(0, 4)),
)
def test_what_a_comparison_deletes_and_reads_makes_the_copy_equal_and_touches_no_other_row(
    both: tuple[dict[RowKey, int], dict[RowKey, int]], width: int, cut: RowKey | None
) -> None:
    original, copy = map(Held, both)
    edge = tuple(map(str, cut)) if cut else None
    ranges = [KeyRange(None, edge), KeyRange(edge, None)] if edge else [EVERYTHING]
    for keys in ranges:
        found = compare(original, copy, keys, lambda: width)
        for run in map(key_run, runs(found.extra, found.copy)):
            # a statement can only say from where to where; it meets what is there
            met = copy.among(run)
            assert len(met) == run.rows and not original.rows.keys() & set(met)
            for key in met:
                del copy.rows[key]
        for run in map(key_run, runs((*found.missing, *found.changed), found.original)):
            read = original.among(run)
            assert len(read) == run.rows
            copy.rows.update((key, original.rows[key]) for key in read)
    assert copy.rows == original.rows


@given(
    st.lists(st.sets(st.integers(-50, 50)), max_size=4).map(
        lambda some: [sorted(one - set().union(*some[:n])) for n, one in enumerate(some)]
    ),
    st.sets(st.integers(-50, 50)),
)
def test_runs_hold_the_chosen_keys_and_no_others(
    stretches: list[list[int]], chosen: set[int]
) -> None:
    among = [[(key,) for key in stretch] for stretch in stretches]
    joined = list(runs([(key,) for key in chosen], among))
    assert [k for run in joined for k in run] == [k for s in among for k in s if k[0] in chosen]
    # each is of one stretch and without a gap there, and no two of one stretch could be one
    places = {key: (n, m) for n, s in enumerate(among) for m, key in enumerate(s)}
    for run in joined:
        (stretch, first), *_ = (places[key] for key in run)
        assert [places[key] for key in run] == [(stretch, first + n) for n in range(len(run))]
    for one, other in pairwise(joined):
        (n, end), (m, start) = places[one[-1]], places[other[0]]
        assert n != m or start > end + 1


LONG = (2.2250738585072014e-308, -1.7976931348623157e308, 1.2345678901234567e-5, -1.2345678901e-100)
NEIGHBOURS = [(repr(number), repr(math.nextafter(number, 1.0))) for number in LONG]
"""Pairs of DOUBLEs that differ in the last bit; a server may show them alike within a function."""


def test_a_number_is_the_same_at_both_servers_and_not_its_neighbour(clinic: Clinic) -> None:
    create = "CREATE TABLE amount (n int PRIMARY KEY, d double, f float, e double(12,3))"
    digests = []
    for place in (0, 1):
        rows = ", ".join(
            f"({n}, {pair[place]}, 1.17549435e-38, 0.001)" for n, pair in enumerate(NEIGHBOURS)
        )
        for engine in (clinic.source, clinic.replication):
            clinic.execute(
                engine, "DROP TABLE IF EXISTS amount", create, f"INSERT INTO amount VALUES {rows}"
            )
            digest = side(clinic, engine, "amount").digest
            digests.append(clinic.rows(engine, f"SELECT n, {digest} FROM amount ORDER BY n"))
    one, one_copied, other, other_copied = digests
    assert (one, other) == (one_copied, other_copied)
    assert not {*one} & {*other}
