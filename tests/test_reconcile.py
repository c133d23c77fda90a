"""What no timestamp tells of: deletes, silent edits, lost rows, and accidents at the source."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from opendental_pipeline.planning import compare_schedule
from opendental_pipeline.planning.compare_schedule import compare_due
from opendental_pipeline.planning.slice import Differences
from opendental_pipeline.planning.table_state import CompareMode, TableState
from opendental_pipeline.reconcile import range_differ, source_diff, table_diff
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tuning import ReadingTuning, RunTuning, Tuning
from sources.opendental import load_window
from tests.conftest import Clinic

VISIT = """
    CREATE TABLE visit (
        VisitNum bigint NOT NULL PRIMARY KEY, Note varchar(50) NOT NULL, Fee double,
        SecDateTEdit timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
    ) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3"""
VISITS = "INSERT INTO visit SELECT seq * 3, CONCAT('note ', seq), seq / 8, NOW() FROM seq_1_to_500"

SILENTLY = "SecDateTEdit = SecDateTEdit"
NIGHTLY: dict[str, Any] = {"reconcile": {"rows": "nightly"}}

SMALL = Tuning(
    reading=ReadingTuning(overlap_seconds=60),
    runs=RunTuning(handover_rows=1, compare_rows=1, slice_rows=100),
)


def found(report: Any, table: str = "visit") -> dict[str, tuple[int, int, int]]:
    """What each hop found by table_diff."""
    return {hop: (r.missing, r.changed, r.extra) for hop, r in report.tables[table].hops()}


def stamps(clinic: Clinic) -> dict[int, str]:
    return dict(clinic.rows(clinic.replication, "SELECT VisitNum, _replicated_at FROM visit"))


def test_deletes_and_rows_that_came_unseen_are_found_the_same_night(clinic: Clinic) -> None:
    clinic.sql(VISIT, VISITS)
    clinic.run(tuning=SMALL)
    clinic.sql(
        "DELETE FROM visit WHERE VisitNum IN (3, 300, 303, 1500)",
        "INSERT INTO visit VALUES (4, 'restored', 1, '2001-01-01'), (9999, 'old', 1, '2001-01-01')",
    )
    report = clinic.run(tuning=SMALL)
    assert report.failed == []
    assert found(report)["replication"] == (2, 0, 4)
    assert clinic.differences() == []


def test_an_edit_that_moves_no_timestamp_is_found_and_only_that_row_moves(clinic: Clinic) -> None:
    clinic.sql(VISIT, VISITS)
    clinic.run(tuning=SMALL)
    before = stamps(clinic)
    clinic.sql(f"UPDATE visit SET Fee = -Fee, {SILENTLY} WHERE VisitNum IN (6, 900)")
    report = clinic.run(tables=clinic.tables(visit=NIGHTLY), tuning=SMALL)
    assert found(report)["replication"] == (0, 2, 0)
    assert clinic.differences() == []
    after = stamps(clinic)
    assert {key for key in after if after[key] != before[key]} == {6, 900}


def test_a_large_table_without_a_cursor_is_compared_and_not_copied_again(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE sheet (SheetNum bigint PRIMARY KEY, Body text) ENGINE=InnoDB",
        "INSERT INTO sheet SELECT seq, REPEAT('x', seq) FROM seq_1_to_300",
    )
    clinic.run(tuning=SMALL)
    clinic.sql(
        "UPDATE sheet SET Body = 'y' WHERE SheetNum = 7",
        "DELETE FROM sheet WHERE SheetNum = 8",
        "INSERT INTO sheet VALUES (301, NULL)",
    )
    report = clinic.run(tuning=SMALL)
    result = report.tables["sheet"].copy_result
    assert result and (result.strategy_used, result.rows) == ("reconcile_rows", 2)
    assert found(report, "sheet")["replication"] == (1, 1, 1)
    assert clinic.differences() == []


REPLICATION = (
    "UPDATE {} SET Note = 'nota 7' WHERE VisitNum = 21",
    "DELETE FROM {} WHERE VisitNum = 21",
    "INSERT INTO {} VALUES (22, 'x', 1, NOW(), '2020-01-01')",
)
LOST = (
    'DELETE FROM raw.{} WHERE "VisitNum" = 99',
    "DELETE FROM raw.{}",
    """INSERT INTO raw.{0} SELECT 22, "Note" FROM raw.{0} WHERE "VisitNum" = 21""",
    """UPDATE raw.{} SET "VisitNum" = 22 WHERE "VisitNum" = 21""",
    """UPDATE raw.{} SET _loaded_at = '2020-01-01' WHERE "VisitNum" = 21""",
)
EDITED = (
    """UPDATE raw.{} SET "Note" = 'nota 7' WHERE "VisitNum" = 21""",
    """UPDATE raw.{} SET "Fee" = '-0' WHERE "VisitNum" = 21""",
)


def damaged(clinic: Clinic, engine: sa.Engine, damages: Sequence[str]) -> list[str]:
    """Does each damage to a table of its own, the way a disk would: no timestamp moves."""
    names = [f"visit{n}" for n, _ in enumerate(damages)]
    for name, damage in zip(names, damages, strict=True):
        clinic.execute(engine, damage.format(name))
        if damages is REPLICATION:
            still = f"UPDATE {name} SET _replicated_at = '2020-01-01' WHERE VisitNum = 21"
            clinic.execute(engine, still)
    return names


def visits(clinic: Clinic, count: int) -> None:
    """Makes some tables and moves them."""
    for name in (f"visit{n}" for n in range(count)):
        clinic.sql(VISIT.replace("visit", name), VISITS.replace("visit", name))
        clinic.sql(f"UPDATE {name} SET Fee = 0 WHERE VisitNum = 21")
    assert clinic.run(tuning=SMALL).failed == []


@pytest.mark.parametrize("damages", [REPLICATION, EDITED + LOST], ids=["replication", "raw"])
def test_damage_in_a_copy_is_found_and_mended(clinic: Clinic, damages: Sequence[str]) -> None:
    visits(clinic, len(damages))
    tier = "replication" if damages is REPLICATION else "raw"
    engine = clinic.replication if tier == "replication" else clinic.analytics
    names = damaged(clinic, engine, damages)
    results = [one for one in clinic.verify() if not one.equal]
    assert {one.table for one in results if one.tier == tier} == set(names)
    assert [one.error for one in results if one.error] == []
    assert clinic.run(tuning=SMALL, prove=True).failed == []
    assert clinic.differences() == []
    assert all(one.equal for one in clinic.verify())


def test_a_comparison_of_all_rows_keeps_the_watermarks_of_both_hops(clinic: Clinic) -> None:
    clinic.sql(VISIT, VISITS)
    clinic.run(tuning=SMALL)
    clinic.sql("UPDATE visit SET Note = 'seen' WHERE VisitNum = 9")
    for prove in (False, True, False):
        report = clinic.run(tuning=SMALL, prove=prove)
    result = report.tables["visit"].load_result
    assert result and (result.strategy_used, result.rows) == ("unchanged", 0)


def test_rows_lost_or_left_over_in_raw_are_noticed_the_same_night(clinic: Clinic) -> None:
    visits(clinic, len(LOST))
    for day in ("UPDATE {} SET Note = 'seen' WHERE VisitNum = 600", "DO 0"):
        names = damaged(clinic, clinic.analytics, LOST)
        clinic.sql(*(day.format(name) for name in names))
        report = clinic.run(tuning=SMALL)
        assert report.failed == []
        assert clinic.differences() == []
        for name in names:
            result = report.tables[name].load_result
            assert result and result.keys_proved_at and result.keys_proved_at >= report.started_at


def test_deletions_travel_to_a_raw_that_slept_longer_than_tombstones_are_kept(
    clinic: Clinic,
) -> None:
    clinic.sql(VISIT, VISITS)
    clinic.run(tuning=SMALL)
    clinic.execute(clinic.analytics, "CREATE TABLE backup AS SELECT * FROM raw.visit")
    for keys in ("3, 6", "300", "1500"):
        clinic.sql(f"DELETE FROM visit WHERE VisitNum IN ({keys})")
        assert clinic.run(tuning=SMALL).failed == []
    kept = "SELECT row_key FROM etl_tombstones WHERE table_name = 'visit' AND row_key IS NOT NULL"
    assert len(clinic.rows(clinic.replication, kept)) == 4
    # a year and more later, a backup of raw is put back
    clinic.execute(
        clinic.replication, "UPDATE etl_tombstones SET deleted_at = deleted_at - INTERVAL 500 DAY"
    )
    clinic.execute(
        clinic.analytics, "DELETE FROM raw.visit", "INSERT INTO raw.visit SELECT * FROM backup"
    )
    assert clinic.run(tuning=SMALL).failed == []
    assert len(clinic.rows(clinic.replication, kept)) == 1
    assert clinic.differences() == []


EMPTIED = {
    "visit": (VISIT, VISITS),
    "fee": (
        "CREATE TABLE fee (FeeNum int PRIMARY KEY, Amount int) ENGINE=InnoDB",
        "INSERT INTO fee VALUES (1, 1), (2, 2)",
    ),
    "log": ("CREATE TABLE log (Word varchar(9)) ENGINE=MyISAM", "INSERT INTO log VALUES ('a')"),
    "code": (
        "CREATE TABLE code (Code varchar(9) PRIMARY KEY) ENGINE=MyISAM",
        "INSERT INTO code VALUES ('a'), ('b')",
    ),
}


def test_a_source_emptied_by_accident_empties_nothing(clinic: Clinic) -> None:
    clinic.sql(*(statement for pair in EMPTIED.values() for statement in pair))
    clinic.run(tuning=SMALL)
    clinic.sql(*(f"DELETE FROM {name}" for name in EMPTIED))
    for _ in range(2):
        report = clinic.run(tuning=SMALL)
        assert sorted(report.failed) == sorted(EMPTIED)
        for name in EMPTIED:
            error = report.tables[name].error or ""
            assert "rows would be deleted" in error and "--yes-i-mean-it" in error
            for engine, place in ((clinic.replication, name), (clinic.analytics, f"raw.{name}")):
                assert clinic.rows(engine, f"SELECT COUNT(*) FROM {place}") != [(0,)]
    report = clinic.run(tuning=SMALL, confirmed=True)
    assert report.failed == []
    assert clinic.differences() == []


def test_a_copy_with_far_more_rows_than_its_original_is_compared_in_parts(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(range_differ, "_MOST_ROWS", 20)
    monkeypatch.setattr(table_diff, "KEPT", 30)
    clinic.sql(VISIT, VISITS)
    tables = clinic.tables(visit={**NIGHTLY, "batch_size": 10})
    clinic.run(tables=tables, tuning=SMALL)
    for gap in ("VisitNum BETWEEN 600 AND 1200", "VisitNum > 60", "TRUE"):
        clinic.sql(f"DELETE FROM visit WHERE {gap}")
        ((left,),) = clinic.rows(clinic.source, "SELECT COUNT(*) FROM visit")
        ((held,),) = clinic.rows(clinic.replication, "SELECT COUNT(*) FROM visit")
        copied, _ = clinic.verify("visit")
        assert copied.found.count == Differences(0, 0, held - left)
        assert len(copied.found.extra) <= 30
        report = clinic.run(tables=tables, tuning=SMALL, confirmed=True)
        assert report.failed == [] and found(report)["replication"] == (0, 0, held - left)
        assert clinic.differences() == []


def test_a_run_stops_before_a_fifth_of_a_table_is_deleted_or_changed(clinic: Clinic) -> None:
    clinic.sql(VISIT, VISITS)
    clinic.run(tuning=SMALL)
    clinic.sql("DELETE FROM visit WHERE VisitNum <= 330")
    report = clinic.run(tuning=SMALL)
    assert "110 of 500 rows would be deleted" in (report.tables["visit"].error or "")
    assert clinic.run(tuning=SMALL, confirmed=True).failed == []
    clinic.sql(f"UPDATE visit SET Note = 'mass', {SILENTLY} WHERE VisitNum > 1000")
    report = clinic.run(tables=clinic.tables(visit=NIGHTLY), tuning=SMALL)
    assert "rows would be changed" in (report.tables["visit"].error or "")
    entry = {"reconcile": {"rows": "nightly", "brake": False}}
    assert clinic.run(tables=clinic.tables(visit=entry), tuning=SMALL).failed == []
    assert clinic.differences() == []


@pytest.mark.parametrize("way", ["deleted", "changed", "deleted, and all copied"])
def test_no_more_than_a_fifth_goes_in_a_pass_of_many_slices(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(source_diff, "_SLICE_RUNS", 20)
    clinic.sql(VISIT, VISITS.replace("seq_1_to_500", "seq_1_to_600"))
    tables = clinic.tables(visit={**NIGHTLY, "batch_size": 50})
    clinic.run(tables=tables, tuning=SMALL)
    if way == "changed":
        clinic.sql(f"UPDATE visit SET Note = 'mass', {SILENTLY} WHERE VisitNum % 2 = 0")
    else:
        clinic.sql("DELETE FROM visit WHERE VisitNum % 2 = 0")
    forced = "copied" in way
    for _ in range(1 if forced else 2):
        report = clinic.run(tables=tables, tuning=SMALL, force_full=forced)
        assert f"rows would be {way[:7]}, too many" in (report.tables["visit"].error or "")
    kept = "VisitNum % 2 = 0 AND Note LIKE 'note%'"
    ((left,),) = clinic.rows(clinic.replication, f"SELECT COUNT(*) FROM visit WHERE {kept}")
    assert 180 <= left < 300
    assert clinic.run(tables=tables, tuning=SMALL, confirmed=True).failed == []
    assert clinic.differences() == []


def test_deleted_rows_stay_in_raw_with_a_mark_where_that_is_asked(clinic: Clinic) -> None:
    marking = {"deletes": "mark"}
    clinic.sql(VISIT, VISITS)
    clinic.run(tables=clinic.tables(visit=marking), tuning=SMALL)
    clinic.sql("DELETE FROM visit WHERE VisitNum IN (3, 6)")
    marked = 'SELECT "VisitNum" FROM raw.visit WHERE _deleted_at IS NOT NULL ORDER BY 1'
    for force in (False, True):
        report = clinic.run(tables=clinic.tables(visit=marking), tuning=SMALL, force_full=force)
        assert report.failed == []
        assert clinic.rows(clinic.analytics, marked) == [(3,), (6,)]
    clinic.sql("INSERT INTO visit VALUES (3, 'back', 1, NOW())")
    assert clinic.run(tables=clinic.tables(visit=marking), tuning=SMALL).failed == []
    assert clinic.rows(clinic.analytics, marked) == [(6,)]
    # who wants them gone later gets them gone
    clinic.sql("UPDATE visit SET Note = 'again' WHERE VisitNum = 9")
    assert clinic.run(tuning=SMALL).failed == []
    assert clinic.differences() == []


def test_a_comparison_without_time_goes_on_the_next_night(clinic: Clinic) -> None:
    clinic.sql(VISIT, VISITS)
    clinic.run(tuning=SMALL)
    clinic.sql(f"UPDATE visit SET Fee = 7, {SILENTLY} WHERE VisitNum IN (3, 1500)")
    hurried = replace(SMALL, runs=replace(SMALL.runs, window_minutes=1e-9))
    report = clinic.run(tables=clinic.tables(visit=NIGHTLY), tuning=hurried)
    result = report.tables["visit"].copy_result
    assert report.failed == [] and result and result.stopped == "the run's window ended"
    report = clinic.run(tables=clinic.tables(visit=NIGHTLY), tuning=SMALL)
    result = report.tables["visit"].copy_result
    assert result and result.reason == "its last comparison was interrupted"
    assert clinic.differences() == []


def test_a_busy_source_is_compared_another_night_and_what_its_cursor_finds_still_moves(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_window, "_WAIT_SECONDS", 0)
    clinic.sql(VISIT, VISITS)
    clinic.run(tuning=SMALL)
    clinic.sql(
        "DELETE FROM visit WHERE VisitNum = 3", "UPDATE visit SET Note = 'b' WHERE VisitNum = 6"
    )
    # the statement that asks is at work itself
    busy = replace(SMALL, runs=replace(SMALL.runs, busy_statements=1))
    report = clinic.run(tuning=busy)
    result = report.tables["visit"].copy_result
    assert report.failed == [] and result and result.stopped == "the source was busy"
    assert [(d.kind, d.key) for d in clinic.differences()] == [("extra", (3,))] * 2
    assert clinic.run(tuning=SMALL).failed == []
    assert clinic.differences() == []


@pytest.mark.parametrize(("every", "slices"), [("nightly", 1), ("weekly", 2)])
def test_a_weekly_comparison_that_finds_nothing_is_remembered(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, every: str, slices: int
) -> None:
    clinic.sql(VISIT, VISITS)
    tables = clinic.tables(visit={"reconcile": {"deletes": every, "rows": "off"}})
    whole = replace(SMALL, runs=replace(SMALL.runs, slice_rows=1_000))
    clinic.run(tables=tables, tuning=whole)
    clinic.sql("UPDATE visit SET Note = 'b' WHERE VisitNum = 6")
    monkeypatch.setattr(compare_schedule, "_WEEK", timedelta(0))
    monkeypatch.setattr(compare_schedule, "_SLACK", timedelta(0))
    report = clinic.run(tables=tables, tuning=whole)
    result, began = report.tables["visit"].copy_result, report.started_at.replace(microsecond=0)
    assert result and result.keys_proved_at and result.keys_proved_at >= began
    # each is a load package, with a state
    assert result.slices == slices


def test_keys_of_several_numbers_and_below_zero_are_compared(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE pair (A smallint NOT NULL, B bigint NOT NULL, C text, PRIMARY KEY (A, B))"
        " ENGINE=MyISAM",
        "INSERT INTO pair SELECT CAST(seq % 7 AS INT) - 3, CAST(seq AS INT) - 150, seq"
        " FROM seq_1_to_300",
    )
    clinic.run(tuning=SMALL)
    clinic.sql(
        "DELETE FROM pair WHERE B IN (-7, 20, 21)",
        "UPDATE pair SET C = 'x' WHERE B IN (-149, 5, 150)",
        "INSERT INTO pair VALUES (-9, -9, ''), (9, 9, NULL)",
    )
    report = clinic.run(tuning=SMALL)
    assert found(report, "pair")["replication"] == (2, 3, 3)
    assert clinic.differences() == []


@dataclass(frozen=True)
class Layout:
    """A table whose keys are laid out in one way, and what goes of it.

    Attributes:
        ddl: its columns, key and engine.
        key: the expression for the key's columns of row number `seq`.
        gone: a condition on the row's number.
    """

    ddl: str
    key: str
    gone: str


EDGES = "N IN (63, 96)"
LAYOUTS = {
    "dense": Layout("(N int, K int PRIMARY KEY, V int) ENGINE=MyISAM", "seq", EDGES),
    "default": Layout(
        "(N int, K int PRIMARY KEY, V int) ENGINE=InnoDB", "seq", "N IN (1, 64, 6000)"
    ),
    "gaps": Layout("(N int, K bigint PRIMARY KEY, V int) ENGINE=MyISAM", "seq * 7", EDGES),
    "sparse": Layout(
        "(N int, K bigint unsigned PRIMARY KEY, V int) ENGINE=InnoDB",
        "seq * 3074457345618258",
        "N IN (5, 900, 901, 5999)",
    ),
    "below": Layout(
        "(N int, K bigint PRIMARY KEY, V int) ENGINE=InnoDB", "CAST(seq AS SIGNED) - 3000", EDGES
    ),
    "pair": Layout(
        "(N int, K int, L int, V int, PRIMARY KEY (K, L)) ENGINE=MyISAM",
        "seq DIV 9, seq MOD 9",
        "N IN (63, 96, 300, 2000, 2001)",
    ),
    "many": Layout(
        "(N int, K int PRIMARY KEY, V int) ENGINE=MyISAM",
        "seq",
        "N MOD 37 = 0 OR N BETWEEN 200 AND 400",
    ),
}


@pytest.mark.parametrize("deletes", ["remove", "mark"])
def test_only_rows_that_are_gone_at_the_source_are_deleted(clinic: Clinic, deletes: str) -> None:
    """Bands without a difference are never looked at; what is in them stays."""
    for name, layout in LAYOUTS.items():
        clinic.sql(
            f"CREATE TABLE `{name}` {layout.ddl}",
            f"INSERT INTO `{name}` SELECT seq, {layout.key}, seq % 10 FROM seq_1_to_6000",
        )
    entries = {name: {"deletes": deletes} for name in LAYOUTS}
    assert clinic.run(tables=clinic.tables(**entries), tuning=Tuning()).failed == []
    before = {name: clinic.rows(clinic.replication, f"SELECT * FROM `{name}`") for name in LAYOUTS}
    for name, layout in LAYOUTS.items():
        clinic.sql(f"DELETE FROM `{name}` WHERE {layout.gone}")
    assert clinic.run(tables=clinic.tables(**entries), tuning=Tuning()).failed == []
    for name in LAYOUTS:
        ((left,),) = clinic.rows(clinic.source, f"SELECT COUNT(*) FROM `{name}`")
        kept = clinic.rows(clinic.replication, f"SELECT * FROM `{name}`")
        assert (name, len(kept)) == (name, left)
        # nothing was written but the deletions
        assert set(kept) <= set(before[name])
        marked = " WHERE _deleted_at IS NULL" if deletes == "mark" else ""
        assert clinic.rows(clinic.analytics, f'SELECT count(*) FROM raw."{name}"{marked}') == [
            (left,)
        ]
    if deletes == "remove":
        assert clinic.differences() == []


@pytest.mark.parametrize("band_rows", [2, 32])
def test_random_days_of_deletes_inserts_and_edits_end_in_equal_tables(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, band_rows: int
) -> None:
    # in bands of two rows, every other key is at an edge
    monkeypatch.setattr(range_differ, "_BAND_ROWS", band_rows)
    chance = random.Random(band_rows)
    names = {f"{name}{n}": layout for name, layout in LAYOUTS.items() for n in range(4)}
    for name, layout in names.items():
        rows = chance.choice((40, 700, 3000))
        clinic.sql(
            f"CREATE TABLE `{name}` {layout.ddl}",
            f"INSERT INTO `{name}` SELECT seq, {layout.key}, seq % 10 FROM seq_1_to_6000"
            f" WHERE seq <= {rows} AND seq % 5 <> {chance.randrange(5)}",
        )
    entries = {name: {"batch_size": chance.choice((100, 1000, 50_000))} for name in names}
    small = replace(SMALL, runs=replace(SMALL.runs, slice_rows=chance.choice((70, 1000))))
    assert clinic.run(tables=clinic.tables(**entries), tuning=small).failed == []
    for _ in range(3):
        for name, layout in names.items():
            numbers = [str(chance.randint(1, 3000)) for _ in range(chance.choice((1, 5, 40)))]
            some = f"N IN ({', '.join(numbers)})"
            clinic.sql(
                chance.choice((f"DELETE FROM `{name}` WHERE {some}", "DO 0")),
                f"UPDATE `{name}` SET V = V + 1 WHERE N % 305 = {chance.randrange(305)}",
                f"INSERT IGNORE INTO `{name}` SELECT seq, {layout.key}, 3 FROM seq_1_to_6000"
                f" WHERE seq IN ({', '.join(numbers[:3])})",
            )
        report = clinic.run(tables=clinic.tables(**entries), tuning=small, confirmed=True)
        assert report.failed == []
        assert clinic.differences() == []


def test_a_deletion_that_meets_other_rows_than_were_compared_deletes_nothing(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else writes to replication between the comparison and the deletion."""
    clinic.sql(VISIT, VISITS)
    clinic.run(tuning=SMALL)
    clinic.sql("DELETE FROM visit WHERE VisitNum IN (300, 303, 306)")
    compare = table_diff.compare

    def meanwhile(*sides: Any, **options: Any) -> Any:
        found = compare(*sides, **options)
        if found.extra:
            clinic.execute(
                clinic.replication, "INSERT INTO visit (VisitNum, Note) VALUES (304, 'between')"
            )
        return found

    monkeypatch.setattr(range_differ, "compare", meanwhile)
    report = clinic.run(tuning=SMALL)
    assert "3 rows were to be deleted, and the statement met 4" in (
        report.tables["visit"].error or ""
    )
    assert clinic.rows(clinic.replication, "SELECT COUNT(*) FROM visit") == [(501,)]
    monkeypatch.undo()
    assert clinic.run(tuning=SMALL).failed == []
    assert clinic.differences() == []


NOW = datetime(2026, 3, 4, 2, tzinfo=UTC)
ENTRY: dict[str, Any] = {"table_name": "visit", "extraction_strategy": "full_table"}


def state(rows_days: float, keys_days: float | None = None) -> TableState:
    moments = (NOW - timedelta(days=d) for d in (rows_days, keys_days or rows_days))
    rows, keys = (str(moment.replace(tzinfo=None)) for moment in moments)
    return TableState(rows_verified_at=rows, keys_verified_at=keys)


@pytest.mark.parametrize(
    ("reconcile", "known", "changed", "expected"),
    [
        ({}, TableState(), False, CompareMode.ROWS),
        ({}, state(8), False, CompareMode.ROWS),
        ({}, state(0.2), False, None),
        ({}, state(0.2), True, CompareMode.KEYS),
        ({"rows": "nightly"}, state(0.2), True, CompareMode.ROWS),
        ({"rows": "nightly"}, state(0.2), False, None),
        ({"rows": False, "deletes": "weekly"}, state(9), False, CompareMode.KEYS),
        ({"rows": "off", "deletes": "off"}, state(99), True, None),
    ],
)
def test_what_is_due_follows_the_policy(
    reconcile: dict[str, Any], known: TableState, changed: bool, expected: CompareMode | None
) -> None:
    config = TableConfig(**ENTRY, reconcile=reconcile)
    assert compare_due(config, known, NOW, changed=changed) is expected


def test_weekly_comparisons_are_spread_over_the_week() -> None:
    """Tables that were all loaded in one night are due on different ones, each at least weekly."""
    days: dict[int, int] = {}
    for number in range(70):
        config = TableConfig(**{**ENTRY, "table_name": f"table{number}"})
        nights = [
            day
            for day in range(1, 9)
            if compare_due(config, state(0), NOW + timedelta(days=day), changed=False)
        ]
        days[nights[0]] = days.get(nights[0], 0) + 1
    assert len(days) == 7 and max(days.values()) < 25
