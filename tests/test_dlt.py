"""What a dlt user sees: state, trace, schema and dataset are dlt's own, and true."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import dlt
import pytest
import sqlalchemy as sa
from dlt.common.configuration.specs import BaseConfiguration
from dlt.sources.sql_database import BaseTableLoader
from dlt.sources.sql_database.helpers import table_rows

from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.settings.tuning import RunTuning, Tuning
from tests.conftest import Clinic

PIPELINES = ("opendental_replication", "opendental")

VISIT = """
    CREATE TABLE visit (
        VisitNum int NOT NULL PRIMARY KEY, Note text,
        Edited timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
    ) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4"""
VISITS = "INSERT INTO visit SELECT seq, 'note', '2024-01-01' FROM seq_1_to_300"

KEYLESS = "CREATE TABLE keyless (a int, b text) ENGINE=InnoDB"

ANYTHING = """
    CREATE TABLE anything (
        Num int NOT NULL PRIMARY KEY, Big bigint unsigned, Small tinyint(1), Price decimal(30,10),
        Half float, Twice double, Name varchar(50), Note mediumtext, Day date, At_ datetime(3),
        Span time, Bytes blob, Flag bit(1), Bits bit(12), Made year, Kind enum('a','b'),
        Doc json, `odd name.` varchar(10), `order` varchar(10), Nothing varchar(5)
    ) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4"""
ROW = """
    INSERT INTO anything VALUES (1, 18446744073709551615, 1, 12345678901234567890.0123456789, 1.5,
    0.1, 'größer', 'a\\tb\\nc', '2024-02-29', '2024-02-29 23:59:59.125', '-26:30:00', x'00ff',
    b'1', b'101', 1999, 'b', '{"a": 1.50}', 'x', 'y', NULL)"""


def known_cursors(pipeline: str) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """What our own state and dlt's incremental say of each table's cursors."""
    state = dlt.attach(pipeline).state["sources"]["opendental"]["resources"]
    return {
        table: (
            dict(list(stored.get("watermarks", {}).items())[:1]),
            {name: slot["last_value"] for name, slot in stored.get("incremental", {}).items()},
        )
        for table, stored in state.items()
    }


def assert_dlts_cursors_are_true() -> None:
    for pipeline in PIPELINES:
        for table, (own, dlts) in known_cursors(pipeline).items():
            assert own == dlts, (pipeline, table)


def test_dlts_incremental_cursor_is_the_watermark_whatever_happens(clinic: Clinic) -> None:
    clinic.sql(VISIT, VISITS, KEYLESS, "INSERT INTO keyless VALUES (1, 'x')")
    small = Tuning(runs=RunTuning(slice_rows=100, handover_rows=1))
    clinic.run(tuning=small)
    assert_dlts_cursors_are_true()
    assert known_cursors(PIPELINES[0])["visit"][1] == {"Edited": "2024-01-01 00:00:00"}
    clinic.sql("UPDATE visit SET Note = 'later', Edited = '2024-06-01' WHERE VisitNum = 7")
    clinic.run(tuning=small)
    assert_dlts_cursors_are_true()
    assert known_cursors(PIPELINES[0])["visit"][1] == {"Edited": "2024-06-01 00:00:00"}
    # the newest row goes, and the watermark goes back with it
    clinic.sql("DELETE FROM visit WHERE VisitNum = 7")
    clinic.run(tuning=small, force_full=True)
    assert_dlts_cursors_are_true()
    assert known_cursors(PIPELINES[0])["visit"][1] == {"Edited": "2024-01-01 00:00:00"}
    # a table whose cursor is taken away has none in dlt's state either
    clinic.run(tables=clinic.tables(visit=FULL), tuning=small, prove=True, force_full=True)
    assert_dlts_cursors_are_true()
    assert clinic.differences() == []


FULL: dict[str, object] = {
    "extraction_strategy": "full_table",
    "incremental_columns": [],
    "primary_incremental_column": None,
}


def test_no_cursor_moves_before_its_pass_is_complete(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.sql(VISIT, VISITS)
    seen: list[Any] = []
    advance = dlt.sources.incremental.advance

    def noted(self: Any, value: Any) -> Any:
        seen.append((self.resource_name, self.cursor_path, value))
        return advance(self, value)

    monkeypatch.setattr(dlt.sources.incremental, "advance", noted)
    clinic.run(tuning=Tuning(runs=RunTuning(slice_rows=100, handover_rows=1)))
    copied = [value for _, cursor, value in seen if cursor == "Edited"]
    assert copied == ["2024-01-01 00:00:00"]


def run_dlt(clinic: Clinic, *arguments: str) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("dlt"), *arguments],
        cwd=CHECKOUT,
        env={**clinic.variables(), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_dlts_commands_tell_what_was_moved(clinic: Clinic) -> None:
    clinic.sql(VISIT, VISITS, KEYLESS, "INSERT INTO keyless VALUES (1, 'x'), (2, 'y')")
    clinic.run()
    for pipeline in PIPELINES:
        trace = run_dlt(clinic, "pipeline", pipeline, "trace")
        assert "- visit: 300 row(s)" in trace
        assert "- keyless: 2 row(s)" in trace
        schema = run_dlt(clinic, "pipeline", pipeline, "schema", "--format", "yaml")
        assert "VisitNum" in schema and "Note" not in schema
        assert "visit" in run_dlt(clinic, "pipeline", pipeline, "info")


@pytest.fixture
def own_settings(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """A clinic whose settings are where dlt, called by a person, has to find them."""
    for name, value in clinic.variables().items():
        monkeypatch.setenv(name, value)
    return clinic


def test_a_dataset_has_all_columns_of_raw(own_settings: Clinic) -> None:
    clinic = own_settings
    clinic.sql(ANYTHING, ROW, KEYLESS, "INSERT INTO keyless VALUES (1, 'x'), (2, 'y')")
    clinic.run()
    pipeline = dlt.attach("opendental")
    dataset = pipeline.dataset()
    arrow = dataset["anything"].arrow()
    assert arrow is not None
    (row,) = arrow.to_pylist()
    assert row.pop("_loaded_at").tzinfo is not None
    assert row == {
        "Num": 1,
        "Big": Decimal(18446744073709551615),
        "Small": 1,
        "Price": Decimal("12345678901234567890.0123456789"),
        "Half": 1.5,
        "Twice": 0.1,
        "Name": "größer",
        "Note": "a\tb\nc",
        "Day": date(2024, 2, 29),
        "At_": datetime(2024, 2, 29, 23, 59, 59, 125000),
        "Span": "-26:30:00",
        "Bytes": b"\x00\xff",
        "Flag": True,
        "Bits": 5,
        "Made": 1999,
        "Kind": "b",
        "Doc": '{"a": 1.50}',
        "odd name.": "x",
        "order": "y",
        "Nothing": None,
    }
    assert dataset("SELECT count(*) AS n FROM keyless").fetchall() == [(2,)]
    assert dataset["keyless"].select("b").fetchall() == [("x",), ("y",)]
    # what dlt loads by knows the keys alone, and the next night is none the dearer
    assert set(pipeline.schemas["opendental"].tables["anything"]["columns"]) >= {"Num"}
    clinic.sql("UPDATE anything SET Name = 'kleiner'")
    clinic.run()
    loaded = dlt.attach("opendental").schemas["opendental"].tables["anything"]["columns"]
    assert set(loaded) == {"Num", "_replicated_at"}
    assert dlt.attach("opendental").dataset()["anything"].select("Name").fetchall() == [
        ("kleiner",)
    ]


def test_the_copy_is_a_dataset_too(own_settings: Clinic) -> None:
    own_settings.sql(VISIT, VISITS)
    own_settings.run()
    dataset = dlt.attach("opendental_replication").dataset()
    assert dataset("SELECT COUNT(*) AS n FROM visit").fetchall() == [(300,)]


class Importing(BaseTableLoader):
    """A loader that hands dlt a file."""

    def load_rows(self, backend_kwargs: dict[str, Any] | None = None) -> Iterator[Any]:
        """Yields the file, with or without hints."""
        assert backend_kwargs
        hints: dict[str, list[object]] = {} if backend_kwargs["bare"] else {"hints": []}
        yield dlt.mark.with_file_import(backend_kwargs["path"], "csv", 1, **hints)


@pytest.mark.parametrize("bare", [True, False], ids=["without hints", "with hints"])
def test_dlt_drops_a_file_without_hints_behind_an_incremental_cursor(
    tmp_path: Path, bare: bool
) -> None:
    """Why our loader passes hints; when this fails, dlt has changed and they can go."""
    file = tmp_path / "rows.csv"
    file.write_text("1\n")
    table = sa.Table("visit", sa.MetaData(), sa.Column("Num"))
    resource = dlt.resource(table_rows, name="visit", spec=BaseConfiguration)(
        engine=sa.create_engine("sqlite://"),
        table=table,
        metadata=table.metadata,
        chunk_size=1,
        backend="sqlalchemy",
        incremental=None,
        table_adapter_callback=lambda reflected: reflected,
        reflection_level="minimal",
        backend_kwargs={"path": str(file), "bare": bare},
        type_adapter_callback=None,
        included_columns=None,
        excluded_columns=None,
        query_adapter_callback=None,
        resolve_foreign_keys=False,
        table_loader_class=Importing,
    )
    resource.apply_hints(
        columns={"Num": {"name": "Num", "data_type": "bigint"}},
        incremental=dlt.sources.incremental("Num", range_start="open", primary_key=()),
    )
    pipeline = dlt.pipeline("trap", destination="dummy", pipelines_dir=str(tmp_path / "dlt"))
    pipeline.extract(resource)
    found = list((tmp_path / "dlt").rglob("visit.*"))
    assert bool(found) is not bare
