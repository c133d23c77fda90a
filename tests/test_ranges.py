"""Statements at the source are short and small, whatever a table holds."""

from collections.abc import Iterator

import pytest

from opendental_pipeline.settings.tuning import ReadingTuning, RunTuning, Tuning
from sources.opendental.key_ranges import Ranges
from tests.conftest import Clinic

INCREMENTAL = {
    "extraction_strategy": "incremental",
    "incremental_columns": ["Edited"],
    "batch_size": 1_000,
    "reconcile": {"rows": "off", "deletes": "off"},
}


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """The tables that statements read, and their sizes in bytes, of both hops."""
    seen: list[tuple[str, int]] = []
    took = Ranges.took

    def noted(self: Ranges, seconds: float, size: int) -> None:
        seen.append((self._plan.table.name, size))
        took(self, seconds, size)

    monkeypatch.setattr(Ranges, "took", noted)
    yield seen


def test_a_statement_that_takes_too_long_is_stopped_and_its_range_is_halved(
    clinic: Clinic,
) -> None:
    rows = "SELECT seq, REPEAT('x', 60), seq * 1.5 FROM seq_1_to_400000"
    clinic.sql(
        "CREATE TABLE keyed (id int PRIMARY KEY, a varchar(60), b double) ENGINE=MyISAM",
        "CREATE TABLE keyless (id int, a varchar(60), b double) ENGINE=MyISAM",
        f"INSERT INTO keyed {rows}",
        f"INSERT INTO keyless {rows}",
    )
    tuning = Tuning(reading=ReadingTuning(statement_seconds=0.05, statement_megabytes=64))
    tables = clinic.tables(keyed={"extraction_strategy": "full_table", "batch_size": 400_000})
    report = clinic.run(tables=tables, tuning=tuning)
    assert report.failed == ["keyless"]
    assert "table keyless, hop replication" in str(report.tables["keyless"].error)
    assert "took more than 0.1 s" in str(report.tables["keyless"].error)
    assert clinic.differences("keyed") == []


def test_a_few_large_texts_among_many_rows_come_in_small_statements(
    clinic: Clinic, taken: list[tuple[str, int]]
) -> None:
    clinic.sql(
        "CREATE TABLE letter (id int PRIMARY KEY, body longtext) ENGINE=MyISAM",
        "INSERT INTO letter SELECT seq, IF(seq BETWEEN 500 AND 520, REPEAT('x', 1000000), 'short')"
        " FROM seq_1_to_1000",
    )
    tuning = Tuning(reading=ReadingTuning(statement_megabytes=2))
    assert clinic.run(tuning=tuning).failed == []
    assert clinic.differences() == []
    sizes = [size for _, size in taken]
    assert sum(sizes) > 2 * 21_000_000
    assert max(sizes) <= (2 << 20) + 100_000


def test_changes_that_an_index_finds_come_in_one_statement_if_they_are_few(
    clinic: Clinic, taken: list[tuple[str, int]]
) -> None:
    clinic.sql(
        "CREATE TABLE claim (id int PRIMARY KEY, a int, Edited datetime NOT NULL, KEY (Edited))",
        "INSERT INTO claim SELECT seq, seq, '2000-01-01' + INTERVAL seq DAY FROM seq_1_to_9000",
    )
    tables = clinic.tables(claim=INCREMENTAL)
    assert clinic.run(tables=tables, tuning=Tuning()).failed == []
    clinic.sql("UPDATE claim SET a = -1, Edited = '2025-01-02' WHERE id > 6000 AND id % 30 = 0")
    taken.clear()
    assert clinic.run(tables=tables, tuning=Tuning()).failed == []
    assert len(taken) == 2

    clinic.sql("UPDATE claim SET a = -2, Edited = '2025-02-03' WHERE id > 6000")
    taken.clear()
    assert clinic.run(tables=tables, tuning=Tuning()).failed == []
    # three thousand of them, a thousand at a time and from the first of them on
    assert len(taken) == pytest.approx(8, abs=2)
    assert clinic.differences() == []


def test_a_table_of_any_strategy_is_committed_in_slices(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE sheet (id int PRIMARY KEY, a int)",
        "INSERT INTO sheet SELECT seq, seq FROM seq_1_to_1000",
    )
    report = clinic.run(tuning=Tuning(runs=RunTuning(slice_rows=300)))
    copied = report.tables["sheet"].copy_result
    assert copied and (copied.strategy_used, copied.rows) == ("full_table", 1_000)
    assert copied.slices >= 3
    assert clinic.differences() == []
