"""A sample of rows is read by other means every night: what it finds, mends, fails, and leaves."""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from demo.servers import Cluster
from destinations import copy_rows
from opendental_pipeline.databases.identifiers import postgres_identifier
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.reconcile import raw_diff
from opendental_pipeline.reconcile.plain_values import ColumnPair, code_points
from opendental_pipeline.reconcile.sample_budget import Budget, BudgetSpentError
from opendental_pipeline.reconcile.second_opinion import SecondOpinion
from opendental_pipeline.runs.both_hops import BothHops
from opendental_pipeline.runs.console import print_report
from opendental_pipeline.runs.nightly import NightlyRun
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.runs.sampling import tables_to_sample
from opendental_pipeline.runs.table_result import HopResult
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tables_file import TablesFile
from opendental_pipeline.settings.tuning import RunTuning, Tuning
from tests.conftest import Clinic, new_clinic
from tests.edges import ANYTHING, edges_of
from tests.generated import TYPES, Generated, known

TUNING = Tuning(runs=RunTuning(handover_rows=1, second_opinion_seconds=600.0))
"""Time enough, so that a slow machine samples all tables, too."""

VISIT = (
    "(VisitNum bigint PRIMARY KEY, Name varchar(50), Fee double, Seen datetime, Code text)"
    " ENGINE={engine} CHARSET=utf8mb4"
)
VALUES = "'José', 0.1e0, '2024-02-28 01:02:03', ''"


def night(clinic: Clinic, **options: Any) -> RunReport:
    return clinic.run(tuning=TUNING, **options)


def fill(clinic: Clinic, rows: int, engine: str = "MyISAM") -> None:
    """A table of so many rows, in all tiers."""
    clinic.sql(
        "DROP TABLE IF EXISTS visit",
        f"CREATE TABLE visit {VISIT.format(engine=engine)}",
        f"INSERT INTO visit SELECT seq * 2, {VALUES} FROM seq_1_to_{rows}",
    )
    assert night(clinic).failed == []


def printed(report: RunReport) -> str:
    stream = io.StringIO()
    print_report(Console(file=stream, width=200), report)
    return stream.getvalue()


def mended(report: RunReport, table: str = "visit") -> int:
    sample = report.tables[table].second_opinion
    assert sample is not None
    return sample.mended


DAMAGES = {
    "twice encoded": ("Name", "'JosÃ©'"),
    "a lost letter": ("Name", "'Jos?'"),
    "one ulp": ("Fee", "0.10000000000000002"),
    "one hour": ("Seen", "'2024-02-28 02:02:03'"),
    "NULL for nothing": ("Code", "NULL"),
}


@pytest.mark.parametrize("rows", [3, 3000])
def test_damage_in_raw_under_right_stamps_is_found_and_mended_in_the_same_night(
    clinic: Clinic, rows: int
) -> None:
    fill(clinic, rows)
    ends = (2, 2 * rows)
    with sampling(clinic) as look:
        for damage, (column, value) in DAMAGES.items():
            assert look("visit") == [], damage
            before = clinic.rows(clinic.analytics, "SELECT * FROM raw.visit ORDER BY 1")
            for key in ends:
                damaged = f'UPDATE raw.visit SET "{column}" = {value} WHERE "VisitNum" = {key}'
                clinic.execute(clinic.analytics, damaged)
            assert sorted(look("visit")) == sorted(f"in column {column} of key {k}" for k in ends)
            report = night(clinic)
            assert (report.failed, mended(report)) == ([], 2), damage
            assert "2 of them only when their tables were moved once more" in printed(report)
            after = clinic.rows(clinic.analytics, "SELECT * FROM raw.visit ORDER BY 1")
            assert after == before, damage
            # the next one has nothing to mend
            assert mended(night(clinic)) == 0


@pytest.mark.parametrize("rows", [3, 3000])
def test_rows_that_raw_lacks_or_has_alone_at_an_end_are_found(clinic: Clinic, rows: int) -> None:
    fill(clinic, rows)
    with sampling(clinic) as look:
        for wrong in (
            'DELETE FROM raw.visit WHERE "VisitNum" = 2',
            f'DELETE FROM raw.visit WHERE "VisitNum" = {2 * rows}',
            'UPDATE raw.visit SET "VisitNum" = 1 WHERE "VisitNum" = 4',
        ):
            clinic.execute(clinic.analytics, wrong)
            assert look("visit"), wrong
            clinic.execute(clinic.analytics, "DELETE FROM raw.visit")
            assert night(clinic, force_full=True).failed == []
            assert look("visit") == []


@contextmanager
def sampling(
    clinic: Clinic, tables: TablesFile | None = None, since: float = 3600, rows: int = 0
) -> Iterator[Callable[[str], list[str]]]:
    """The sample of a table by itself, without a night that mends."""
    entries = (tables or clinic.tables()).tables
    with SecondOpinion(clinic.settings, Budget(600.0), since) as opinion:

        def look(table: str) -> list[str]:
            count = f"SELECT COUNT(*) FROM {ident(table)}"
            found = opinion.look(entries[table], rows or clinic.rows(clinic.source, count)[0][0])
            return [one.what for one in found.found.values()] if found else []

        yield look


def test_a_lost_neighbour_of_a_deleted_key_is_found(clinic: Clinic) -> None:
    fill(clinic, 6000)
    clinic.sql("DELETE FROM visit WHERE VisitNum IN (4000, 4012)")
    assert night(clinic).failed == []
    for lost in ("= 3998", "= 4014", "BETWEEN 4002 AND 4010"):
        with sampling(clinic) as look:
            assert look("visit") == []
            clinic.execute(
                clinic.replication,
                "INSERT INTO etl_tombstones (table_name, row_key)"
                f" SELECT 'visit', JSON_ARRAY(CAST(VisitNum AS CHAR)) FROM visit"
                f" WHERE VisitNum {lost} AND {'BETWEEN' in lost:d}",
                f"DELETE FROM visit WHERE VisitNum {lost}",
            )
            clinic.execute(clinic.analytics, f'DELETE FROM raw.visit WHERE "VisitNum" {lost}')
            found = look("visit")
            assert found, lost
            assert all(one.startswith("in a row that is missing in raw,") for one in found)
        assert night(clinic, prove=True).failed == []
        assert clinic.differences() == []


def test_edges_of_what_was_written_are_looked_at(clinic: Clinic) -> None:
    fill(clinic, 6000)
    with sampling(clinic, since=-3600) as look:
        clinic.execute(
            clinic.analytics, """UPDATE raw.visit SET "Name" = '' WHERE "VisitNum" = 7000"""
        )
        clinic.execute(
            clinic.replication,
            "UPDATE visit SET _replicated_at = NOW(6) + INTERVAL 2 HOUR WHERE VisitNum = 7000",
        )
        assert look("visit") == ["in column Name of key 7000"]


@pytest.fixture
def wrong_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the loader of raw tell PostgreSQL that its UTF-8 is Latin-1."""
    copy = copy_rows.CopyWriter._load_into

    def copy_wrongly(self: Any, target: str) -> None:
        self._cursor.execute("SET client_encoding = 'LATIN1'")
        copy(self, target)
        self._cursor.execute("SET client_encoding = 'UTF8'")

    monkeypatch.setattr(copy_rows.CopyWriter, "_load_into", copy_wrongly)


@pytest.mark.usefixtures("wrong_encoding")
def test_a_fault_of_the_loader_fails_the_table_and_stands_first(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    # nobody else looks
    monkeypatch.setattr(raw_diff, "other_texts", lambda *_, **__: [])
    clinic.sql(
        "CREATE TABLE account (Num int PRIMARY KEY, Name varchar(20)) ENGINE=MyISAM",
        "INSERT INTO account VALUES (1, 'plain')",
        "CREATE TABLE visit (Num int PRIMARY KEY, Name varchar(20)) ENGINE=MyISAM CHARSET=utf8mb4",
        "INSERT INTO visit VALUES (1, 'plain'), (2, 'secreté')",
    )
    report = night(clinic)
    assert report.failed == ["visit"]
    error = report.tables["visit"].error or ""
    assert "raw disagrees with the source in column Name of key 2 although" in error
    assert "secret" not in error + printed(report)
    said, failed, *_ = printed(report).splitlines()
    assert said.startswith("1 of 2 tables failed; raw has something else than the source in 1 of")
    assert failed.startswith("failed: table visit, hop raw: raw disagrees")
    said = (
        "second opinion: 3 rows of 2 tables read from source and raw, 1 of the tables not the same"
    )
    assert said in printed(report)
    written = report.to_json()
    assert written["processing_results"]["second_opinion"]["disagree"] == ["visit"]
    assert json.loads(json.dumps(written))["tables"]["visit"]["second_opinion"]["error"] == error
    assert report.tables["visit"].rows_proved_at is None
    status = "SELECT load_status, error FROM raw.etl_load_status WHERE table_name = 'visit'"
    assert clinic.rows(clinic.analytics, status) == [("failed", error)]
    runs = "SELECT status FROM raw.etl_table_runs WHERE table_name = 'visit' AND hop = 'raw'"
    assert clinic.rows(clinic.analytics, runs) == [("failed",)]
    # it moves no more, and is looked at all the same
    assert night(clinic).failed == ["visit"]


def at_the_sample(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Does something between the hops and the sample, in the first night from now."""
    run = BothHops.run
    acts = [act]

    def moved_and_then(self: BothHops, *given: Any) -> None:
        run(self, *given)
        if acts:
            acts.pop()()

    monkeypatch.setattr(BothHops, "run", moved_and_then)


@pytest.mark.parametrize("engine", ["MyISAM", "InnoDB"])
def test_rows_that_the_clinic_edits_in_the_night_fail_nothing(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    fill(clinic, 30, engine)
    clinic.sql("UPDATE visit SET Fee = 1 WHERE VisitNum = 8")

    def edit() -> None:
        clinic.sql(
            "UPDATE visit SET Name = 'b' WHERE VisitNum = 2",
            "DELETE FROM visit WHERE VisitNum = 4",
            f"INSERT INTO visit VALUES (3, {VALUES})",
        )

    at_the_sample(monkeypatch, edit)
    report = night(clinic)
    assert (report.failed, mended(report)) == ([], 3)
    assert clinic.differences() == []


def test_a_row_that_changes_between_the_looks_is_not_judged(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(clinic, 30)
    at_the_sample(monkeypatch, lambda: clinic.sql("UPDATE visit SET Fee = 7 WHERE VisitNum = 2"))
    again = NightlyRun._move_again

    def edit_again(self: NightlyRun, *given: Any) -> Any:
        results = again(self, *given)
        clinic.sql("UPDATE visit SET Fee = 8 WHERE VisitNum = 2")
        return results

    monkeypatch.setattr(NightlyRun, "_move_again", edit_again)
    report = night(clinic)
    assert (report.failed, mended(report)) == ([], 0)


ALL_TYPES = [*TYPES, "tinyint unsigned zerofill", "char(3) CHARACTER SET utf16"]


@pytest.mark.parametrize("engine", ["MyISAM", "InnoDB"])
def test_the_edges_of_all_types_are_the_same(clinic: Clinic, engine: str) -> None:
    types = known(clinic.source, ALL_TYPES)
    kinds = [kind.split("(")[0].split(" ")[0] for kind in types]
    kinds = [{"point": "geometry", "json": "longtext"}.get(kind, kind) for kind in kinds]
    columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(types))
    edges = [edges_of(kind, full) for kind, full in zip(kinds, types, strict=True)]
    edges = [
        ["'[1]'", "NULL"] if full == "json" else ["POINT(1, 2)"] if full == "point" else values
        for values, full in zip(edges, types, strict=True)
    ]
    rows = [", ".join(values[n % len(values)] for values in edges) for n in range(39)]
    inserts = [f"INSERT IGNORE INTO a VALUES ({n}, {row})" for n, row in enumerate(rows)]
    clinic.sql(ANYTHING, f"CREATE TABLE a (n int PRIMARY KEY, {columns}) ENGINE={engine}", *inserts)
    clinic.sql(f"CREATE TABLE b ENGINE={engine} AS SELECT * FROM a")
    report = night(clinic)
    assert [report.tables[name].error for name in report.failed] == []
    [[count]] = clinic.rows(clinic.source, "SELECT COUNT(*) FROM a")
    assert count > 30
    assert report.no_second_opinion == ""
    assert {name: sample.rows for name, sample in report.samples.items()} == {
        "a": count,
        "b": count,
    }
    assert mended(report, "a") == mended(report, "b") == 0


def test_random_tables_raise_no_false_alarm_and_a_lost_row_of_any_is_found(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_clinic(cluster, tmp_path, monkeypatch) as clinic:
        types = known(clinic.source, TYPES)
        tables = [Generated.of(15_000 + number, number, types) for number in range(40)]
        for table in tables:
            clinic.sql(ANYTHING, table.create, *table.inserts(table.random.randint(0, 25)))
        for _ in range(2):
            report = night(clinic, confirmed=True)
            samples = {name: table.second_opinion for name, table in report.tables.items()}
            told = {
                name: (sample.skipped, sample.error, sample.mended)
                for name, sample in samples.items()
                if sample and (sample.skipped or sample.error or sample.mended)
            }
            assert (told, report.failed, report.no_second_opinion) == ({}, [], "")
            assert len(report.samples) > 20
            for name in report.samples:
                lose_a_row(clinic, name)
            with sampling(clinic) as look:
                assert [name for name in report.samples if not look(name)] == []
            for table in tables:
                clinic.sql(ANYTHING, *table.edits())
            assert night(clinic, force_full=True, confirmed=True).failed == []


def lose_a_row(clinic: Clinic, table: str) -> None:
    """Deletes any row of a table from raw."""
    name = '"' + postgres_identifier(table).replace('"', '""') + '"'
    lost = f"DELETE FROM raw.{name} WHERE ctid = (SELECT max(ctid) FROM raw.{name})"
    clinic.execute(clinic.analytics, lost)


HINTS: dict[str, tuple[str, Sequence[str]]] = {
    "bool": ("tinyint", ("0", "1", "NULL")),
    "smallint": ("varchar(9)", ("'-7'", "' 8'")),
    "numeric": ("double", ("0.1e0", "1e300")),
    "double": ("varchar(9)", ("'0.5'", "'-0'")),
    "text": ("date", ("'2024-00-15'", "'0000-00-00'", "'2024-01-01'")),
    "date": ("datetime", ("'2024-01-01'",)),
    "timestamp": ("varchar(30)", ("'2024-01-01T10:00'", "'2024-01-01 10:00:00.5'")),
    "time": ("time", ("'08:30:00'", "'00:00:00'")),
    "interval": ("varchar(20)", ("'-100:00:00.5'",)),
    "json": ("text", ("""'{"a": [1, 1.50, true, null], "b": "é"}'""", "'[]'")),
    "binary": ("varchar(20)", ("'é\\0'",)),
}


def test_hints_are_understood_and_excluded_and_hashed_columns_left_alone(clinic: Clinic) -> None:
    columns = ", ".join(f"{name}_ {kind}" for name, (kind, _) in HINTS.items())
    rows = [", ".join(values[n % len(values)] for _, values in HINTS.values()) for n in range(6)]
    clinic.sql(
        ANYTHING,
        f"CREATE TABLE hinted (n int PRIMARY KEY, ssn varchar(20), pin int, pass text, {columns})"
        " CHARSET=utf8mb4",
        *(
            f"INSERT INTO hinted VALUES ({n}, 'é{n}', {n}, 'x', {row})"
            for n, row in enumerate(rows)
        ),
    )
    hints: dict[str, Any] = {f"{name}_": {"data_type": name} for name in HINTS}
    hints |= {"ssn": {"hash": True}, "pin": {"hash": True}, "pass": {"exclude": True}}
    clinic.environ["ETL_HASH_KEY"] = "a key of more than sixteen characters"
    tables = clinic.tables(hinted={"columns": hints})
    report = night(clinic, tables=tables)
    assert [report.tables[name].error for name in report.failed] == []
    assert (report.samples["hinted"].rows, mended(report, "hinted")) == (6, 0)
    with sampling(clinic, tables) as look:
        for column, value in (
            ("bool_", "true"),
            ("text_", "NULL"),
            ("json_", """'{"a": [1, 1.50, 1, null], "b": "é"}'"""),
            ("time_", "'08:30:01'"),
            ("interval_", "'100:00:00.5'"),
        ):
            clinic.execute(
                clinic.analytics, f"UPDATE raw.hinted SET {column} = {value} WHERE n = 0"
            )
            assert look("hinted") == [f"in column {column} of key 0"]
            clinic.execute(clinic.analytics, "DELETE FROM raw.hinted")
            assert night(clinic, tables=tables, force_full=True).failed == []


def test_rows_marked_as_deleted_are_not_there(clinic: Clinic) -> None:
    fill(clinic, 30)
    clinic.sql("DELETE FROM visit WHERE VisitNum IN (2, 20)")
    marked = clinic.tables(visit={"deletes": "mark"})
    report = night(clinic, tables=marked)
    assert (report.failed, mended(report)) == ([], 0)
    clinic.execute(clinic.analytics, "UPDATE raw.visit SET _deleted_at = NULL")
    with sampling(clinic, marked) as look:
        assert look("visit")
    weekly = clinic.tables(visit={"deletes": "mark", "reconcile": {"deletes": "weekly"}})
    with sampling(clinic, weekly) as look:
        assert look("visit") == []


def test_a_table_without_a_key_is_compared_as_a_whole_if_it_is_small(clinic: Clinic) -> None:
    clinic.sql("CREATE TABLE word (w varchar(9))", "INSERT INTO word VALUES ('a'), ('a'), (NULL)")
    assert night(clinic).failed == []
    with sampling(clinic) as look:
        assert look("word") == []
        clinic.execute(clinic.analytics, "INSERT INTO raw.word (w) VALUES ('a')")
        assert look("word") == ["1 rows of a table without a key"]


def test_a_night_without_a_second_opinion_says_so_and_does_not_fail(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(clinic, 3)
    report = clinic.run(tuning=Tuning(runs=RunTuning(second_opinion_seconds=0.0)))
    assert (report.failed, report.samples) == ([], {})
    assert "no second opinion: second_opinion_seconds is 0" in printed(report)
    report = clinic.run(tuning=Tuning(runs=RunTuning(second_opinion_seconds=1e-9)))
    assert (report.failed, report.samples) == ([], {})
    stopped = "no second opinion: source refused a statement (it took longer than allowed)"
    assert stopped in printed(report) or "of source time are spent" in printed(report)
    settings = clinic.settings
    gone = settings.model_copy(update={"source": settings.source.model_copy(update={"port": 1})})
    begin = monkeypatch.setattr
    begin(
        "opendental_pipeline.runs.sampling.SecondOpinion",
        lambda _, *rest: SecondOpinion(gone, *rest),
    )
    report = night(clinic)
    assert (report.failed, report.samples) == ([], {})
    assert "no second opinion: source let nobody in" in printed(report)


def test_the_time_of_the_source_is_bounded_and_some_is_kept_for_asking_again(
    clinic: Clinic,
) -> None:
    fill(clinic, 3)
    [config] = clinic.tables().tables.values()
    with SecondOpinion(clinic.settings, Budget(600.0), 0.0) as opinion:
        look = opinion.look(config, 3)
        assert look is not None
        assert 0 < opinion.budget.spent < 600
        opinion.budget.spent = 600 * 0.7
        with pytest.raises(BudgetSpentError):
            opinion.look(config, 3)
        opinion.look_again(config, 3, look)
        opinion.budget.spent = 600 * 0.9
        with pytest.raises(BudgetSpentError):
            opinion.look_again(config, 3, look)


HOSTILE = {
    "sql_select_limit": "1",
    "max_join_size": "1",
    "sql_mode": "'ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES'",
    "div_precision_increment": "0",
}
HOSTILE_IN_RAW = (
    *("client_encoding = 'LATIN1'", "DateStyle = 'SQL, DMY'", "bytea_output = 'escape'"),
    *("IntervalStyle = 'iso_8601'", "extra_float_digits = -15", "TimeZone = 'Asia/Tokyo'"),
    *("standard_conforming_strings = off", "search_path = ''"),
)


def test_no_setting_of_the_servers_makes_it_see_something_else(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE account (Num int PRIMARY KEY, Pad char(9), Fee float, Length time,"
        " Seen timestamp(3) NULL, Data blob) CHARSET=utf8mb4",
        "INSERT INTO account SELECT seq, 'é', 1e0 / seq, '-30:00:01', '2024-07-01 12:00:00.5',"
        " 0x00FF FROM seq_1_to_500",
    )
    assert night(clinic).failed == []
    before = {n: clinic.rows(clinic.source, f"SELECT @@GLOBAL.{n}")[0][0] for n in HOSTILE}
    tables = clinic.tables()
    settings = (f"ALTER DATABASE {clinic.name} SET {setting}" for setting in HOSTILE_IN_RAW)
    clinic.execute(clinic.analytics, *settings)
    try:
        clinic.sql(*(f"SET GLOBAL {name} = {value}" for name, value in HOSTILE.items()))
        with sampling(clinic, tables, rows=500) as look:
            assert look("account") == []
            damage = """UPDATE raw.account SET "Pad" = '?' WHERE "Num" IN (1, 500)"""
            clinic.execute(clinic.analytics, damage)
            assert sorted(look("account")) == [f"in column Pad of key {key}" for key in (1, 500)]
    finally:
        clinic.sql(*(f"SET GLOBAL {n} = {_literal(v)}" for n, v in before.items()))


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def test_tables_that_were_not_well_come_first_then_moved_ones_then_a_few_others() -> None:
    def result(**fields: Any) -> HopResult:
        return HopResult(strategy_used="full_table", reason="a test", **fields)

    names = [f"t{number}" for number in range(60)]
    configs = [TableConfig(table_name=n, extraction_strategy="full_table") for n in names]
    copied = {name: result(slices=int(name < "t2")) for name in names}
    loaded = {name: result(slices=int(name >= "t50")) for name in names}
    loaded["t55"] = result(error="failed")
    del loaded["t56"]
    chosen = [c.table_name for c in tables_to_sample(configs, copied, loaded, {"t33", "t55"})]
    moved = {n for n in names if (n < "t2" or n >= "t50") and n not in ("t55", "t56")}
    assert chosen[0] == "t33"
    assert set(chosen[1 : 1 + len(moved)]) == moved
    assert len(chosen) == 1 + len(moved) + 10
    assert len({*chosen}) == len(chosen)


PAIR = ColumnPair("a", "a", "varchar", "text")


def test_text_is_compared_by_code_points() -> None:
    assert code_points(b"a\0\xed\xa0\xbd\xed\xb8\x80") == "a\ufffd\ufffd"
    assert code_points("é😀".encode()) == "é😀"
    assert code_points(b"\xe9") == "\ufffd"
    assert PAIR.same("é".encode(), "é".encode())
    assert not PAIR.same("é".encode(), "e\u0301".encode())
    assert not PAIR.same(b"a", b"a ")
    assert not PAIR.same(b"", None)


@pytest.mark.parametrize(
    ("mysql_type", "postgres_type", "source", "raw", "same"),
    [
        ("int", "integer", b"00042", b"42", True),
        ("bit", "boolean", b"\1", b"true", True),
        ("bit", "bigint", b"\1\0", b"256", True),
        ("year", "smallint", b"0000", b"0", True),
        ("decimal", "numeric", b"1.50", b"1.5", True),
        ("double", "double precision", b"0", b"-0", False),
        ("float", "real", b"0.10000000149011612", b"0.1", True),
        ("float", "real", b"16777216", b"16777214", False),
        ("date", "date", b"0000-00-00", None, True),
        ("date", "date", b"2024-02-31", None, True),
        ("date", "date", b"0001-01-01", None, False),
        (
            "datetime",
            "timestamp without time zone",
            b"2024-01-01 00:00:00.500000",
            b"2024-01-01 00:00:00.5",
            True,
        ),
        ("time", "interval", b"-838:59:59.000001", b"-838:59:59.000001", True),
        ("time", "interval", b"24:00:00", b"1 day", False),
        ("json", "jsonb", b'{"a":1.0,"b":[true]}', b'{"b": [true], "a": 1.00}', True),
        ("json", "jsonb", b"[1]", b"[true]", False),
        ("blob", "bytea", b"\0\xff", b"\0\xff", True),
        ("varchar", "text", b"x" * 40_000, b"x" * 40_001, True),
        ("varchar", "text", b"x" * 32_768, b"y" + b"x" * 32_767, False),
    ],
)
def test_values_are_the_same_by_type(
    mysql_type: str, postgres_type: str, source: bytes, raw: bytes | None, same: bool
) -> None:
    pair = replace(PAIR, mysql_type=mysql_type, postgres_type=postgres_type)
    assert pair.same(source, raw) is same
