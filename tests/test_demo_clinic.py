"""The demo's clinic: OpenDental's exact shape, reproducible rows, and days that are told truly."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from demo import clinic, references, shape
from demo.day import live_a_day
from demo.servers import Cluster

TABLES = shape.read()
ROWS = 3_000
Rows = dict[int, tuple[Any, ...]]


def quiet(_message: str) -> None:
    pass


def make_clinic(cluster: Cluster, name: str, seed: int) -> sa.Engine:
    """A small clinic in a database of its own at the source."""
    with sa.create_engine(cluster.source.url()).begin() as connection:
        connection.exec_driver_sql(f"CREATE OR REPLACE DATABASE {name}")
    engine = sa.create_engine(cluster.source.url(name), poolclass=sa.NullPool)
    clinic.create(engine)
    clinic.fill(engine, rows=ROWS, seed=seed, say=quiet)
    return engine


@pytest.fixture(scope="module")
def filled(cluster: Cluster) -> sa.Engine:
    return make_clinic(cluster, "demo_filled", seed=25)


@pytest.fixture(scope="module")
def rows(filled: sa.Engine) -> dict[str, Rows]:
    return contents(filled)


@pytest.fixture(scope="module")
def other(cluster: Cluster) -> sa.Engine:
    """A clinic of another seed, which tests may change."""
    return make_clinic(cluster, "demo_other", seed=26)


@pytest.fixture
def ask(filled: sa.Engine) -> Iterator[Callable[[str], Any]]:
    """The single value that a query on the small clinic returns."""
    with filled.connect() as connection:
        yield lambda sql: connection.execute(sa.text(sql)).scalar_one()


def contents(engine: sa.Engine) -> dict[str, Rows]:
    """All rows of all tables, by key."""
    with engine.connect() as connection:
        return {table.name: rows_of(connection, table) for table in TABLES.values()}


def rows_of(connection: sa.Connection, table: shape.Table) -> Rows:
    place = [column.name for column in table.columns].index(table.key)
    rows = connection.exec_driver_sql(f"SELECT * FROM `{table.name}`")
    return {row[place]: tuple(row) for row in rows}


def test_all_410_tables_have_exactly_the_shape_of_the_fact_file(filled: sa.Engine) -> None:
    with filled.connect() as connection:
        columns = connection.exec_driver_sql(
            "SELECT table_name, column_name, column_type, is_nullable = 'YES', "
            "COALESCE(column_default, ''), extra FROM information_schema.columns "
            "WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"
        )
        assert [tuple(row) for row in columns] == [
            (table.name, column.name, column.type, column.nullable, column.default, column.extra)
            for table in sorted(TABLES.values(), key=lambda table: table.name)
            for column in table.columns
        ]
        part = "IF(sub_part IS NULL, column_name, CONCAT(column_name, '(', sub_part, ')'))"
        indexes = connection.exec_driver_sql(
            f"SELECT table_name, index_name, GROUP_CONCAT({part} ORDER BY seq_in_index), "
            "MAX(non_unique) FROM information_schema.statistics "
            "WHERE table_schema = DATABASE() GROUP BY table_name, index_name"
        )
        assert {tuple(row) for row in indexes} == {
            (table.name, index.name, ",".join(index.columns), index.name != "PRIMARY")
            for table in TABLES.values()
            for index in table.indexes
        }
        kinds = connection.exec_driver_sql(
            "SELECT engine, table_collation, COUNT(*) FROM information_schema.tables "
            "WHERE table_schema = DATABASE() GROUP BY engine, table_collation"
        )
        assert kinds.all() == [("MyISAM", "utf8mb3_general_ci", 410)]


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(
    cluster: Cluster, rows: dict[str, Rows], other: sa.Engine
) -> None:
    assert contents(make_clinic(cluster, "demo_again", seed=25)) == rows
    assert contents(other)["payment"] != rows["payment"]


def test_each_table_has_the_share_of_rows_it_has_at_a_real_clinic(rows: dict[str, Rows]) -> None:
    counts = {name: len(found) for name, found in rows.items()}
    assert abs(sum(counts.values()) - ROWS) < 10
    assert {name for name, count in counts.items() if not count} == {
        name for name, table in TABLES.items() if not table.rows
    }
    assert max(counts, key=counts.__getitem__) == "securitylog"
    large = [name for name, count in counts.items() if count > 50]
    shares = [counts[name] / TABLES[name].rows for name in large]
    assert max(shares) < 1.2 * min(shares)


def test_every_reference_names_a_row_that_exists_or_none(rows: dict[str, Rows]) -> None:
    keys, checked = references.keys(TABLES), 0
    for table in TABLES.values():
        for place, column in enumerate(table.columns):
            target = references.target(table, column, keys)
            if target and column.name != table.key:
                named = {row[place] for row in rows[table.name].values()} - {0}
                assert named <= rows[target].keys(), f"{table.name}.{column.name}"
                checked += bool(named)
    assert checked > 250


def test_the_splits_of_a_payment_add_up_and_belong_to_its_patient(
    ask: Callable[[str], Any],
) -> None:
    assert ask(
        "SELECT COUNT(*) FROM payment p JOIN (SELECT PayNum, SUM(SplitAmt) AS total, "
        "MIN(PatNum) AS least, MAX(PatNum) AS most FROM paysplit GROUP BY PayNum) s USING (PayNum) "
        "WHERE ABS(PayAmt - total) < 0.001 AND least = PatNum AND most = PatNum"
    ) == ask("SELECT COUNT(*) FROM payment")


def test_families_share_a_name_and_a_home(ask: Callable[[str], Any]) -> None:
    alike = "g.LName = p.LName AND g.Address = p.Address AND g.HmPhone = p.HmPhone"
    joined = "FROM patient p JOIN patient g ON g.PatNum = p.Guarantor"
    assert ask(f"SELECT COUNT(*) {joined} WHERE {alike}") == ask("SELECT COUNT(*) FROM patient")
    assert ask(f"SELECT COUNT(*) {joined} WHERE g.PatNum <> p.PatNum") > 0


@pytest.mark.parametrize(
    ("what", "sql"),
    {
        "a zero date": "SELECT COUNT(*) FROM paysplit WHERE ProcDate = 0",
        "no date": "SELECT COUNT(*) FROM claim WHERE DateReceived = '0001-01-01'",
        "a negative span": "SELECT COUNT(*) FROM clockevent WHERE Rate2Hours < 0",
        "a span beyond a day": "SELECT COUNT(*) FROM clockevent WHERE Rate2Hours > '24:00:00'",
        "NULL in a text": "SELECT COUNT(*) FROM commlog WHERE Note IS NULL",
        "an empty text": "SELECT COUNT(*) FROM commlog WHERE Signature = ''",
        "several lines": r"SELECT COUNT(*) FROM commlog WHERE INSTR(Note, '\r\n')",
        "a tab": r"SELECT COUNT(*) FROM commlog WHERE INSTR(Note, '\t')",
        "a backslash": r"SELECT COUNT(*) FROM commlog WHERE INSTR(Note, '\\')",
        "a quote": "SELECT COUNT(*) FROM commlog WHERE INSTR(Note, '\"')",
        "more than ASCII": "SELECT COUNT(*) FROM commlog WHERE LENGTH(Note) > CHAR_LENGTH(Note)",
        "base64": "SELECT COUNT(*) FROM document WHERE LENGTH(FROM_BASE64(RawBase64)) > 50",
        "a forgotten row": "SELECT COUNT(*) FROM securitylog WHERE FKey = 0",
        "a version": "SELECT COUNT(*) FROM preference WHERE PrefName = 'DataBaseVersion' "
        "AND ValueString LIKE '25.1.%'",
        "no upgrade": "SELECT COUNT(*) FROM preference WHERE ValueString = '' "
        "AND PrefName = 'UpdateInProgressOnComputerName'",
    }.items(),
)
def test_what_is_hard_to_copy_is_there(ask: Callable[[str], Any], what: str, sql: str) -> None:
    assert ask(sql) > 0, what


def test_nothing_was_entered_on_the_clinics_day_or_later(ask: Callable[[str], Any]) -> None:
    for table in TABLES.values():
        for column in table.columns:
            if column.base == "timestamp" or column.meaning == "entered":
                latest = (
                    f"SELECT COALESCE(MAX(`{column.name}`), 0) < '2026-11-01' FROM {table.name}"
                )
                assert ask(latest), f"{table.name}.{column.name}"


def test_a_clinic_with_patients_is_not_filled_again(filled: sa.Engine) -> None:
    with pytest.raises(ValueError, match="has patients already"):
        clinic.fill(filled, rows=ROWS, say=quiet)


def test_a_day_changes_exactly_the_rows_it_says(other: sa.Engine) -> None:
    before = contents(other)
    # The same seed twice: the second day is another one.
    for _day in range(2):
        day, after = live_a_day(other, seed=1), contents(other)
        assert [day.inserted, day.edited, day.deleted] == difference(before, after)
        assert min(day.inserted_rows, day.edited_rows, day.deleted_rows) > 20
        assert {"preference", "definition", "patient", "securitylog"} <= day.edited.keys()
        assert {"appointment", "paysplit", "task", "schedule"} <= day.deleted.keys()
        before = after


def test_an_edit_moves_the_timestamps_that_move_by_themselves(other: sa.Engine) -> None:
    with other.connect() as connection:
        start: datetime = connection.exec_driver_sql("SELECT NOW()").scalar_one()
        day = live_a_day(other, seed=2)
        for table, stamp in {"patient": "DateTStamp", "paysplit": "SecDateTEdit"}.items():
            moved = sa.text(f"SELECT COUNT(*) FROM {table} WHERE {stamp} >= :start")
            known = day.inserted.get(table, 0) + day.edited.get(table, 0)
            assert connection.execute(moved, {"start": start}).scalar_one() >= known > 0


def difference(before: dict[str, Rows], after: dict[str, Rows]) -> list[dict[str, int]]:
    """How many rows of each table are new, changed and gone."""
    counts: list[dict[str, int]] = [{}, {}, {}]
    for table, old in before.items():
        new = after[table]
        counts[0][table] = len(new.keys() - old.keys())
        counts[1][table] = sum(old[key] != new[key] for key in old.keys() & new.keys())
        counts[2][table] = len(old.keys() - new.keys())
    return [{table: count for table, count in kind.items() if count} for kind in counts]
