"""The clinic moves to another server between two nights: exact, compared once, and told once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from types import SimpleNamespace
from typing import Any

import pytest

from opendental_pipeline.analysis.structure import ColumnShape
from opendental_pipeline.databases import catalog
from opendental_pipeline.databases.clock import Clock
from opendental_pipeline.databases.server import Server, same_place
from opendental_pipeline.databases.table import Column, Table
from opendental_pipeline.planning.copy_planner import plan_source_table
from opendental_pipeline.planning.plan_context import PlanContext, rebuilt_reason, reload_reason
from opendental_pipeline.planning.table_plan import resume_or_begin
from opendental_pipeline.planning.table_state import Checkpoint, CompareMode, TableState
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.table_config import ExtractionStrategy, TableConfig
from opendental_pipeline.settings.tuning import RunTuning, Tuning
from tests.conftest import Clinic

OLD, NEW = "MySQL 5.5.62 on FRONTDESK", "MariaDB 10.5.29 on server2"
ROWS = 300
TUNING = Tuning(runs=RunTuning(handover_rows=1, compare_rows=1))
TABLES = {
    "patient": "(PatNum bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, LName varchar(100) NOT NULL"
    " DEFAULT '', DateTStamp timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE"
    " current_timestamp()) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3",
    "tooth": "(PatNum bigint NOT NULL, Tooth tinyint NOT NULL, Note text, PRIMARY KEY (PatNum,"
    " Tooth)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3",
    "preference": "(PrefName varchar(50) NOT NULL PRIMARY KEY, ValueString text) ENGINE=MyISAM"
    " DEFAULT CHARSET=utf8mb3",
    "queue": "(Word varchar(9), Amount double) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3",
}
NUMBERS = range(1, ROWS + 1)
VALUES = {
    "patient": [f"({n}, 'name {n}', '2024-03-01 09:{n % 60:02}:00')" for n in NUMBERS],
    "tooth": [f"({n}, {n % 32}, NULL)" for n in NUMBERS],
    "preference": ["('Language', 'en')", "('Opens', NULL)"],
    "queue": ["('a', 0.5)", "('a', 0.5)", "(NULL, NULL)"],
}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets the pipeline believe that the source is somewhere."""

    def believe(place: str) -> None:
        monkeypatch.setattr(Server, "place", place)

    return believe


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    for name, body in TABLES.items():
        values = ", ".join(VALUES[name])
        clinic.sql(f"CREATE TABLE {name} {body}", f"INSERT INTO {name} VALUES {values}")
    clinic.tuning = TUNING
    return clinic


def restore(clinic: Clinic, **engines: str) -> None:
    """Dumps all tables and restores them, as on another server; some into another engine."""
    sleep(1.1)  # a server notes to the second when it made a table
    for name in TABLES:
        make = [f"CREATE TABLE restored LIKE {name}"]
        if name in engines:
            make.append(f"ALTER TABLE restored ENGINE={engines[name]}")
        fill = f"INSERT INTO restored SELECT * FROM {name}"
        clinic.sql(*make, fill, f"DROP TABLE {name}", f"RENAME TABLE restored TO {name}")
    # InnoDB estimates a new table some time after it was filled
    clinic.sql(f"ANALYZE TABLE {', '.join(TABLES)}")


def written(clinic: Clinic) -> dict[str, list[tuple[Any, ...]]]:
    """When each row of tables with a key was written last, in both tiers."""
    return {
        name: [
            *clinic.rows(clinic.replication, f"SELECT _replicated_at FROM {name} ORDER BY 1"),
            *clinic.rows(clinic.analytics, f"SELECT _loaded_at FROM raw.{name} ORDER BY 1"),
        ]
        for name in TABLES
        if name != "queue"
    }


def strategies(report: RunReport, hop: str) -> dict[str, str]:
    return {
        name: result.strategy_used
        for name, table in report.tables.items()
        for one, result in table.hops()
        if one == hop
    }


ESTIMATE = (
    "SELECT table_rows FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_name = 'tooth'"
)
COMPARED = {
    "patient": "reconcile_rows",
    "tooth": "reconcile_rows",
    "preference": "full_table",
    "queue": "full_table",
}


def test_a_move_compares_every_table_once_writes_nothing_and_is_told_once(
    practice: Clinic, at: Callable[[str], None]
) -> None:
    tables = practice.tables()
    at(OLD)
    assert practice.run(tables=tables).source_change == ""
    before = written(practice)
    at(NEW)
    restore(practice)
    report = practice.run(tables=tables)
    assert report.failed == []
    assert report.source_change == (
        f"the source is {NEW} now, and was {OLD}:"
        " all rows of 4 tables were compared with their copies"
    )
    assert report.summary()["source_change"] == report.source_change
    assert strategies(report, "replication") == COMPARED
    assert [table.changes for table in report.tables.values()] == [()] * 4
    assert report.schema_drift == ()
    assert written(practice) == before
    again = practice.run(tables=tables)
    assert again.source_change == ""
    reasons = {result.reason for table in again.tables.values() for _, result in table.hops()}
    assert "the source is another server now" not in reasons
    assert practice.differences() == []


def test_what_came_otherwise_out_of_a_dump_is_found_whatever_its_timestamps_say(
    practice: Clinic, at: Callable[[str], None]
) -> None:
    tables = practice.tables()
    at(OLD)
    practice.run(tables=tables)
    at(NEW)
    practice.sql(
        "UPDATE patient SET LName = 'other', DateTStamp = DateTStamp WHERE PatNum = 7",
        "DELETE FROM patient WHERE PatNum = 9",
        "UPDATE tooth SET Note = 'x' WHERE PatNum = 5",
        "UPDATE preference SET ValueString = 'it' WHERE PrefName = 'Language'",
    )
    restore(practice, patient="InnoDB")
    report = practice.run(tables=tables)
    assert report.failed == []
    moved = {name: table.load_result for name, table in report.tables.items()}
    loaded = {name: (r.rows, r.deleted) for name, r in moved.items() if r and name != "queue"}
    assert loaded == {"patient": (1, 1), "tooth": (1, 0), "preference": (1, 0)}
    assert practice.differences() == []


def test_a_server_with_another_collation_alters_no_copy_but_of_keys(
    practice: Clinic, at: Callable[[str], None]
) -> None:
    tables = practice.tables()
    at(OLD)
    practice.run(tables=tables)
    before = written(practice)
    at(NEW)
    for name in ("patient", "tooth", "preference"):
        practice.sql(
            f"ALTER TABLE {name} CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci"
        )
    report = practice.run(tables=tables)
    assert report.failed == []
    assert {name: table.changes for name, table in report.tables.items() if table.changes} == {
        "preference": ("column PrefName is varchar(50) now",)
    }
    assert written(practice).items() >= {n: before[n] for n in ("patient", "tooth")}.items()
    assert practice.differences() == []


def test_a_dump_that_is_restored_on_the_same_server_is_noticed_by_when_its_tables_were_made(
    practice: Clinic,
) -> None:
    tables = practice.tables()
    practice.run(tables=tables)
    before = written(practice)
    restore(practice)
    report = practice.run(tables=tables)
    assert report.source_change == (
        "all tables of the source were made anew, as from a dump:"
        " all rows of 4 tables were compared with their copies"
    )
    assert strategies(report, "replication") == COMPARED
    assert written(practice) == before
    practice.sql("ALTER TABLE tooth ADD KEY (Tooth)")
    sleep(1.1)
    assert practice.run(tables=tables).source_change == ""
    assert practice.differences() == []


def test_a_restored_table_that_its_server_estimates_as_empty_is_compared_too(
    practice: Clinic,
) -> None:
    tables = practice.tables()
    practice.run(tables=tables)
    practice.execute(practice.replication, "ANALYZE TABLE tooth")
    before = written(practice)
    restore(practice)
    practice.sql("ALTER TABLE tooth STATS_AUTO_RECALC=0", "TRUNCATE tooth", "ANALYZE TABLE tooth")
    practice.sql(
        f"INSERT INTO tooth VALUES {', '.join(VALUES['tooth'])}",
        "RENAME TABLE tooth TO other",  # the statistics on disk are those of its making
        "RENAME TABLE other TO tooth",
    )
    assert practice.rows(practice.source, ESTIMATE) == [(0,)]
    assert strategies(practice.run(tables=tables), "replication") == COMPARED
    assert written(practice) == before


def test_files_that_bring_all_their_times_to_another_machine_are_compared_too(
    practice: Clinic, at: Callable[[str], None]
) -> None:
    tables = practice.tables()
    at(OLD)
    sleep(3.1)  # rows that were edited while a night went on are looked at again
    practice.run(tables=tables)
    assert strategies(practice.run(tables=tables), "replication")["patient"] == "unchanged"
    at(NEW)
    assert strategies(practice.run(tables=tables), "replication") == COMPARED


def test_an_older_backup_asks_every_night_until_somebody_says_that_it_is_right(
    practice: Clinic, at: Callable[[str], None]
) -> None:
    tables = practice.tables()
    at(OLD)
    practice.run(tables=tables)
    at(NEW)
    practice.sql(
        "DELETE FROM patient WHERE PatNum <= 150",
        "UPDATE tooth SET Note = 'older' WHERE PatNum > 100",
    )
    restore(practice)
    for _ in range(2):
        report = practice.run(tables=tables)
        assert sorted(report.failed) == ["patient", "tooth"]
        assert "rows would be deleted" in (report.tables["patient"].error or "")
        assert "rows would be changed" in (report.tables["tooth"].error or "")
        assert report.source_change.startswith(f"the source is {NEW} now, and was {OLD}: all rows")
    assert " 2 tables " in report.source_change
    assert practice.run(tables=tables, confirmed=True).failed == []
    assert practice.differences() == []


def test_a_patch_in_place_is_no_move() -> None:
    assert same_place("MariaDB 10.5.28 on server2", NEW)
    assert not same_place("MariaDB 10.6.29 on server2", NEW)
    assert not same_place("MySQL 10.5.29 on server2", NEW)
    assert not same_place("MariaDB 10.5.29 on server", NEW)


def test_a_table_whose_name_comes_in_another_case_is_named_and_never_copied_in_clear(
    practice: Clinic,
) -> None:
    tables = practice.tables(tooth={"columns": {"Note": {"exclude": True}}})
    practice.run(tables=tables)
    practice.sql("RENAME TABLE tooth TO Tooth")
    report = practice.run(tables=tables)
    assert report.failed == ["tooth"]
    assert "the source calls it Tooth now" in (report.tables["tooth"].error or "")
    assert report.new_tables == {"Tooth": "left alone, since tables.yml calls it tooth"}


NOW = datetime(2026, 11, 2, 3, tzinfo=UTC)
CLOCK = Clock("2026-11-02 04:00:00", "2026-11-02 03:00:00")
CONTEXT = PlanContext(CLOCK, target_has_rows=True)
NUMBER = Column("LogNum", "bigint", "bigint(20)", nullable=False)
NAME = Column("Name", "varchar", "varchar(9)", nullable=True, collation="utf8mb3_general_ci")
LOG = Table(
    "securitylog",
    "InnoDB",
    rows=9_000,
    size=1,
    updated_at=None,
    columns=(NUMBER, NAME),
    created_at=datetime(2026, 11, 1),
    server=NEW,
    primary_key=("LogNum",),
)
BY_NUMBER = TableConfig(
    table_name="securitylog",
    extraction_strategy=ExtractionStrategy.INCREMENTAL,
    incremental_columns=("LogNum",),
    reconcile={"rows": "off", "deletes": "off"},
)
STATE = TableState(
    watermarks={"LogNum": 77},
    completed_at="2026-11-01T03:00:00+00:00",
    read_at="2026-11-01 03:00:00",
    columns=LOG.identity,
    created_at=str(LOG.created_at),
    server=NEW,
)


def test_a_watermark_that_is_a_number_is_read_anew_after_a_move() -> None:
    """In an older backup, rows that are new get numbers that were there before."""
    plan = plan_source_table(BY_NUMBER, LOG, STATE, CONTEXT, NOW, prove=False)
    assert plan and plan.strategy is ExtractionStrategy.INCREMENTAL
    moved = replace(STATE, server=OLD)
    plan = plan_source_table(BY_NUMBER, LOG, moved, CONTEXT, NOW, prove=False)
    assert plan and plan.strategy is ExtractionStrategy.FULL_TABLE
    assert plan.reason == "the source is another server now"


def test_a_state_that_says_of_no_server_is_no_move() -> None:
    assert rebuilt_reason(LOG, replace(STATE, server="")) == ""


def test_a_comparison_that_began_at_another_server_begins_again() -> None:
    begun = replace(
        resume_or_begin(CompareMode.ROWS, LOG, None, CONTEXT), last_key=("5",), rows=4, server=OLD
    )
    assert resume_or_begin(CompareMode.ROWS, LOG, begun, CONTEXT).last_key is None
    here = replace(begun, server=NEW.replace(".29", ".30"))
    assert resume_or_begin(CompareMode.ROWS, LOG, here, CONTEXT) == here


def test_after_a_comparison_of_all_rows_a_table_is_known_as_it_is_now() -> None:
    other = replace(LOG, created_at=datetime(2026, 11, 2))
    assert rebuilt_reason(other, replace(STATE, server=OLD)) == "the source is another server now"
    assert rebuilt_reason(other, STATE) == "it was altered or made anew at the source"
    for mode, known in ((CompareMode.KEYS, False), (CompareMode.ROWS, True)):
        done: Checkpoint = resume_or_begin(mode, other, None, CONTEXT)
        state = replace(STATE, server=OLD).after_slice(done, complete=True)
        assert (rebuilt_reason(other, state) == "") == known


def _spelled() -> dict[str, dict[str, Column]]:
    """Columns of one definition as each server's catalogue shows them, by name and server."""
    lines = Path(__file__).with_name("spellings.tsv").read_text().splitlines()
    found: dict[str, dict[str, Column]] = {}
    for line in lines[1:]:
        server, name, data_type, column_type, nullable, *rest = line.split("\t")
        default, extra, charset, collation = (None if x == r"\N" else x for x in rest)
        row = SimpleNamespace(
            **{"name": name, "data_type": data_type, "column_type": column_type},
            **{"is_nullable": nullable, "default": default, "extra": extra, "charset": charset},
            **dict.fromkeys(("length", "precision", "scale", "fraction", "comment")),
            collation=collation,
        )
        column = catalog._column(row, is_mysql=server.startswith("MySQL"))
        found.setdefault(name, {})[server] = column
    return found


SPELLED = _spelled()


@pytest.mark.parametrize("name", SPELLED)
def test_every_server_spells_a_definition_so_that_the_others_know_it(name: str) -> None:
    columns = SPELLED[name]
    assert len(columns) >= 4
    for one in columns.values():
        for other in columns.values():
            assert one.matches(other.identity, ordered=True), (one.identity, other.identity)
    shapes = {
        str(
            ColumnShape(
                type=c.column_type, nullable=c.nullable, default=c.default, extra=c.extra
            ).normal
        )
        for c in columns.values()
    }
    assert len(shapes) == 1


def test_what_differs_is_not_taken_for_a_spelling() -> None:
    known = [(name, by["MariaDB 10.11.18"]) for name, by in SPELLED.items()]
    for name, column in known:
        for other_name, other in known:
            renamed = replace(other, name=name)
            same = renamed.identity == column.identity
            assert column.matches(renamed.identity, ordered=True) == same, (name, other_name)


def test_another_collation_says_nothing_of_values_but_matters_to_a_key() -> None:
    utf8 = replace(STATE, columns=LOG.identity)
    newer = replace(NAME, collation="utf8mb3_uca1400_ai_ci")
    assert reload_reason(replace(LOG, columns=(NUMBER, newer)), utf8) == ""
    wider = replace(NAME, collation="utf8mb4_general_ci")
    told = "its columns Name are defined otherwise now"
    assert reload_reason(replace(LOG, columns=(NUMBER, wider)), utf8) == told
    key = replace(LOG, primary_key=("Name",))
    state = replace(STATE, columns=key.identity)
    assert reload_reason(key, state) == ""
    assert reload_reason(replace(key, columns=(NUMBER, newer)), state) == told
