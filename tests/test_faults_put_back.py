"""Each fault that once made a copy another one, put back by hand: the second opinion finds it.

The faults are in what moves and compares rows; the sample shares no code with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from destinations import evolve_replication
from destinations.load_data import LoadDataWriter
from opendental_pipeline.databases import sessions
from opendental_pipeline.databases.clock import Clock
from opendental_pipeline.planning import copy_planner
from opendental_pipeline.reconcile import table_diff
from opendental_pipeline.runs.count_check import RowCounts
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.tuning import RunTuning, Tuning
from sources.opendental import table_rows
from tests.conftest import Clinic

TUNING = Tuning(runs=RunTuning(compare_rows=100, second_opinion_seconds=600.0))

VISIT = (
    "CREATE TABLE visit (Num int PRIMARY KEY, Note varchar(20),"
    " Edited timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp())"
    " ENGINE=MyISAM CHARSET=utf8mb4"
)
VISITS = "INSERT INTO visit (Num, Note) SELECT seq, 'é 中文' FROM seq_1_to_2000"

Patch = pytest.MonkeyPatch


def between_bands(patch: Patch) -> None:
    """What lies between two bands that were looked at is taken for looked at, and deleted."""
    patch.setattr(table_diff, "_stretches", lambda keys, _: [list(keys)])
    delete = LoadDataWriter._delete
    patch.setattr(LoadDataWriter, "_delete", lambda self, rows, _=None: delete(self, rows))


def charset_of_the_source(patch: Patch) -> None:
    """Texts are stored and compared by the charset that was meant, in a copy that has another."""
    patch.setattr(evolve_replication, "holds_text", lambda *_: True)
    patch.setattr(LoadDataWriter, "_in_utf8", lambda _: {"note"})


def unlimited_rows(patch: Patch) -> None:
    """A session does not say how many rows it wants, and nobody counts."""
    first = [s.replace("sql_select_limit", "group_concat_max_len") for s in sessions._MYSQL_FIRST]
    patch.setattr(sessions, "_MYSQL_FIRST", tuple(first))
    patch.setattr(table_rows.TableRows, "_check_count", lambda *_: None)
    patch.setattr(RowCounts, "check", lambda *_: iter(()))


def stale_catalogue(patch: Patch) -> None:
    """The time of a table's last change is one of yesterday."""
    patch.setattr(copy_planner, "is_unchanged", lambda *_: True)


def advanced_clock(patch: Patch) -> None:
    """A watermark that the source's clock left in the future is believed."""
    patch.setattr(Clock, "not_after", lambda clock, _: clock)
    patch.setattr(copy_planner, "cursor_unusable_reason", lambda *_: "")


@dataclass(frozen=True)
class Case:
    """A fault, and what happens at the clinic and in replication in the nights that have it.

    Attributes:
        fault: puts it back.
        first: statements at the source before the first night.
        day: statements there between two nights.
        copy: statements in replication then.
        entry: the table's in tables.yml.
    """

    fault: Callable[[Patch], None]
    first: tuple[str, ...] = ()
    day: tuple[str, ...] = ("UPDATE visit SET Note = 'b' WHERE Num = 2000",)
    copy: tuple[str, ...] = ()
    entry: dict[str, Any] = field(default_factory=dict)


CASES = {
    "rows between two bands": Case(between_bands, day=("DELETE FROM visit WHERE Num IN (63, 96)",)),
    "a charset lost on the way": Case(
        charset_of_the_source,
        day=("UPDATE visit SET Note = 'ñ' WHERE Num = 2000",),
        copy=(
            "SET SESSION sql_mode = ''",
            "ALTER TABLE visit MODIFY Note varchar(60) CHARACTER SET latin1",
        ),
    ),
    "a limit of rows": Case(
        unlimited_rows, day=("SET GLOBAL sql_select_limit = 500", "UPDATE visit SET Note = 'b'")
    ),
    "a stale catalogue": Case(stale_catalogue),
    "a clock that was ahead": Case(
        advanced_clock,
        first=(
            "UPDATE visit SET Edited = NOW() + INTERVAL 2 DAY WHERE Num = 1000",
            "SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() + 172800'",
        ),
        entry={
            "extraction_strategy": "incremental",
            "incremental_columns": ["Edited"],
            "reconcile": {"rows": "off", "deletes": "off"},
        },
    ),
}


def disagreed(report: RunReport) -> bool:
    """Whether rows differed: until they were moved again, still, or when that failed, too."""
    sample = report.tables["visit"].second_opinion
    assert sample is not None
    return bool(sample.mended or sample.error or "could not be looked at again" in sample.skipped)


@pytest.mark.parametrize("name", CASES)
def test_the_second_opinion_finds_what_the_night_itself_does_not(
    clinic: Clinic, monkeypatch: Patch, name: str
) -> None:
    case = CASES[name]
    clinic.sql(VISIT, VISITS)
    tables = clinic.tables(visit=case.entry)
    clinic.sql(*case.first)
    with monkeypatch.context() as patch:
        case.fault(patch)
        try:
            clinic.run(tables=tables, tuning=TUNING)
            clinic.sql("SET GLOBAL init_connect = ''", *case.day)
            clinic.execute(clinic.replication, *case.copy)
            report = clinic.run(tables=tables, tuning=TUNING, confirmed=True)
        finally:
            clinic.sql("SET GLOBAL init_connect = ''", "SET GLOBAL sql_select_limit = DEFAULT")
    assert disagreed(report)
    clinic.run(tables=tables, tuning=TUNING, confirmed=True, prove=True)
    assert clinic.differences() == []
