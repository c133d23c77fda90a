"""The synthetic clinic with its 410 tables: two nights, compared value by value over both hops."""

import os
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from demo import clinic as synthetic
from demo import day
from sources.opendental.settings import PROJECT_ROOT
from sources.opendental.tables import ExtractionStrategy
from sources.opendental.tables_file import load_tables
from tests.conftest import Clinic


def test_two_nights_of_a_whole_clinic_are_exact(clinic: Clinic) -> None:
    tables = load_tables(PROJECT_ROOT / "config" / "tables.yml")
    owner = sa.create_engine(clinic.cluster.source.url(clinic.name))
    synthetic.create(owner)
    filled = synthetic.fill(owner, rows=6_000, say=lambda _: None)

    first = clinic.run(tables=tables)
    assert first.failed == []
    assert len(first.tables) == 410
    assert first.rows_copied == first.rows_loaded == sum(filled.values())
    assert clinic.differences() == []

    lived = day.live_a_day(owner)
    second = clinic.run(tables=tables)
    assert second.failed == []
    assert second.rows_loaded >= lived.inserted_rows

    # only deletes leave no trace for a cursor, and so stay in tables that are read by one
    found = clinic.differences()
    assert {difference.kind for difference in found} <= {"extra"}
    by_cursor = {
        name
        for name, table in tables.tables.items()
        if table.extraction_strategy is not ExtractionStrategy.FULL_TABLE
    }
    assert {difference.table for difference in found} <= by_cursor & set(lived.deleted)

    shown = subprocess.run(
        [Path(sys.executable).with_name("dlt"), "pipeline", "opendental", "info"],
        env={**os.environ, "DLT_DATA_DIR": str(clinic.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "patient with 1 table(s)" in shown.stdout
    owner.dispose()
