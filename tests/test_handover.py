"""Raw is loaded from what the first hop wrote, as long as that is what replication has."""

from collections.abc import Sequence

import pytest

from opendental_pipeline.runs.slice_cache import SliceCache
from opendental_pipeline.settings.tuning import RunTuning, Tuning
from sources.opendental.file_rows import CachedSlice
from sources.opendental.key_ranges import Ranges
from tests.conftest import Clinic
from tests.edges import ANYTHING

ALWAYS = Tuning(runs=RunTuning(slice_rows=49, handover_rows=1))

VISIT = """
    CREATE TABLE visit (
        VisitNum bigint NOT NULL PRIMARY KEY, First varchar(90), Day date, Made datetime(3),
        Begin time NOT NULL, IsDone tinyint(1) NOT NULL, Kind enum('new', 'old') NOT NULL,
        Fee decimal(9,2), Share float, Flags bit(3), Grade year, Last text
    ) ENGINE=MyISAM"""

VISITS = r"""
    INSERT INTO visit SELECT CAST(seq AS SIGNED) - 50,
        NULLIF(CONCAT('a\tb', REPEAT('\\', seq % 3), '\n\r', IF(seq % 7, '', '\0'), seq), 'x'),
        ELT(1 + seq % 5, '0000-00-00', '2024-02-29', '2023-02-31', '0001-01-01', '2024-06-00'),
        ELT(1 + seq % 4, NULL, '0000-00-00 00:00:00', '2024-02-29 23:59:59.125', '9999-12-31'),
        SEC_TO_TIME(seq * 800), seq % 2, ELT(1 + seq % 3, 'new', 'old', ''), seq / 7, seq / 7,
        seq % 8, 1901 + seq, ELT(1 + seq % 4, NULL, '\\N', '', 'größer\tals')
    FROM seq_1_to_130"""


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The tables that statements read rows of, each with its hop."""
    seen: list[tuple[str, str]] = []
    took = Ranges.took

    def noted(self: Ranges, seconds: float, size: int) -> None:
        query = self._query.__self__  # type: ignore[attr-defined]
        seen.append((query.server.hop, self._plan.table.name))
        took(self, seconds, size)

    monkeypatch.setattr(Ranges, "took", noted)
    return seen


def test_what_the_first_hop_wrote_is_not_read_again(
    clinic: Clinic, read: list[tuple[str, str]]
) -> None:
    clinic.sql(ANYTHING, VISIT, VISITS)
    hints = {"IsDone": {"data_type": "bool"}, "Begin": {"data_type": "interval"}}
    tables = clinic.tables(visit={"columns": hints, "batch_size": 20})
    report = clinic.run(tables=tables, tuning=ALWAYS)
    assert report.failed == []
    assert {hop for hop, _ in read} == {"replication"}
    assert clinic.differences() == []
    loaded = report.tables["visit"].load_result
    assert loaded and loaded.rows == 130
    assert set(loaded.coercions) == {"First", "Day", "Made"}

    clinic.sql(
        "UPDATE visit SET Last = CONCAT('\\\\', VisitNum), Day = '2024-12-31' WHERE VisitNum > 60",
        "DELETE FROM visit WHERE VisitNum < -40",
        "INSERT INTO visit SELECT 1000 + seq, 'new', NULL, NULL, 0, 1, 'old', 1, 1, 1, 2000, ''"
        " FROM seq_1_to_60",
    )
    assert clinic.run(tables=tables, tuning=ALWAYS).failed == []
    assert clinic.differences() == []


def test_a_row_that_changed_in_replication_meanwhile_is_read_there(
    clinic: Clinic, read: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.sql(ANYTHING, VISIT, VISITS)
    take = SliceCache.pop

    def changed(self: SliceCache, *args: object) -> Sequence[CachedSlice]:
        clinic.execute(clinic.replication, "UPDATE visit SET Last = 'other' WHERE VisitNum = 3")
        return take(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(SliceCache, "pop", changed)
    # a second opinion would fail the table, of which replication has something else
    alone = RunTuning(slice_rows=49, handover_rows=1, second_opinion_seconds=0.0)
    assert clinic.run(tuning=Tuning(runs=alone)).failed == []
    assert ("raw", "visit") in read
    texts = clinic.rows(clinic.analytics, 'SELECT "Last" FROM raw.visit WHERE "VisitNum" = 3')
    assert texts == [("other",)]


def test_a_slice_of_which_replication_had_some_rows_is_read_there(
    clinic: Clinic, read: list[tuple[str, str]]
) -> None:
    clinic.sql(ANYTHING, VISIT, VISITS)
    assert clinic.run(tuning=ALWAYS).failed == []
    read.clear()
    clinic.sql("UPDATE visit SET Fee = -1 WHERE VisitNum % 5 = 0")
    assert clinic.run(tuning=ALWAYS, force_full=True).failed == []
    assert ("raw", "visit") in read
    assert clinic.differences() == []


def test_bytes_and_texts_with_a_type_of_their_own_are_read_from_replication(
    clinic: Clinic, read: list[tuple[str, str]]
) -> None:
    clinic.sql(
        "CREATE TABLE scan (ScanNum int PRIMARY KEY, body varbinary(9))",
        "INSERT INTO scan SELECT seq, UNHEX(HEX(seq)) FROM seq_1_to_60",
        "CREATE TABLE setting (SettingNum int PRIMARY KEY, body text)",
        """INSERT INTO setting SELECT seq, '{"a\\\\n": 1}' FROM seq_1_to_60""",
    )
    tables = clinic.tables(setting={"columns": {"body": {"data_type": "json"}}})
    assert clinic.run(tables=tables, tuning=ALWAYS).failed == []
    assert {("raw", "scan"), ("raw", "setting")} <= set(read)
    assert clinic.differences() == []


def test_a_file_that_was_cut_fails_its_table_and_the_next_run_heals_it(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.sql(ANYTHING, VISIT, VISITS)
    take = SliceCache.pop

    def cut(self: SliceCache, *args: object) -> Sequence[CachedSlice]:
        taken = take(self, *args)  # type: ignore[arg-type]
        for one in taken:
            lines = one.path.read_bytes().splitlines(keepends=True)
            one.path.write_bytes(b"".join(lines[:-1]))
        return taken

    monkeypatch.setattr(SliceCache, "pop", cut)
    report = clinic.run(tuning=ALWAYS)
    assert report.failed == ["visit"]
    assert "a file between the hops was changed or cut" in str(report.tables["visit"].error)
    monkeypatch.undo()
    assert clinic.run(tuning=ALWAYS).failed == []
    assert clinic.differences() == []
