"""The synthetic clinic with its 410 tables: two nights, compared value by value over both hops."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import sqlalchemy as sa

from demo import clinic as synthetic
from demo import day
from opendental_pipeline.analysis.analyzer import analyze
from opendental_pipeline.analysis.files import AnalysisPaths, write_files
from opendental_pipeline.databases.catalog import read_catalogue
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.data_type import DataType
from opendental_pipeline.settings.tables_file import TablesFile, load_tables
from tests.comparison import compare
from tests.conftest import Clinic
from tests.edges import ANYTHING, EdgeRows
from tests.programs import start

EDGE_ROWS = 12


def analyzed(clinic: Clinic, output: Path) -> TablesFile:
    """What the analyzer, run as a program, makes of the clinic."""
    place = ("--output", str(output))
    done = start("analyze.py", *place, environ=clinic.variables(), cwd=output.parent)
    assert done.code == 0, done.err
    return load_tables(output)


def without_times(file: Path) -> list[str]:
    lines = file.read_text().splitlines()
    return [line for line in lines if not line.strip().startswith("generated_at:")]


def edge_rows(clinic: Clinic, tables: TablesFile) -> list[EdgeRows]:
    """Rows with edge values in every column of every table, as far as its hint can take them."""
    names = {DataType.BOOL: "bool", DataType.TIME: "time of day"}
    meant = {
        (table.table_name, column): names[hint.data_type]
        for table in tables.tables.values()
        for column, hint in table.columns.items()
        if hint.data_type in names
    }
    with clinic.source.connect() as connection:
        catalogue = read_catalogue(connection, clinic.name)
    return [
        EdgeRows(
            ident(table.name),
            [
                (
                    column.name,
                    meant.get((table.name, column.name), column.data_type),
                    column.column_type,
                )
                for column in table.columns
            ],
            table.primary_key,
            [column.name for column in table.columns if column.auto_updated],
        )
        for table in catalogue.values()
    ]


def coercions(report: RunReport) -> Counter[tuple[str, str]]:
    """How many values the report says were changed for PostgreSQL, by table and column."""
    counts: Counter[tuple[str, str]] = Counter()
    for name, table in report.tables.items():
        assert table.load_result is not None
        for column, count in table.load_result.coercions.items():
            counts[name, column] = count
    return counts


def test_an_analysis_and_two_nights_of_a_whole_clinic_are_exact(
    clinic: Clinic, tmp_path: Path
) -> None:
    owner = sa.create_engine(clinic.cluster.source.url(clinic.name))
    synthetic.create(owner)
    filled = synthetic.fill(owner, rows=6_000, say=lambda _: None)
    tables = analyzed(clinic, tmp_path / "tables.yml")
    with clinic.source.connect() as connection:
        again = analyze(connection, clinic.name, environment="production")
    write_files(again, AnalysisPaths(tmp_path / "again.yml"))
    assert without_times(tmp_path / "tables.yml") == without_times(tmp_path / "again.yml")
    assert tables.metadata["database_version"] == "25.1.14.0"
    assert sum(bool(table.cursor_columns) for table in tables.tables.values()) == 68
    kinds = Counter(h.data_type for t in tables.tables.values() for h in t.columns.values())
    assert kinds == {DataType.BOOL: 341, DataType.TIME: 14, DataType.INTERVAL: 11}
    edges = edge_rows(clinic, tables)
    clinic.sql(ANYTHING, *(row for table in edges for row in table.inserts(EDGE_ROWS)))

    first = clinic.run(tables=tables)
    assert first.failed == [], [first.tables[name].error for name in first.failed]
    assert len(first.tables) == 410
    added = first.rows_copied - sum(filled.values())
    assert added == first.rows_loaded - sum(filled.values()) > 10 * 410
    compared = compare(clinic.tiers)
    assert compared.differences == []
    assert coercions(first) == compared.coerced
    assert compared.coerced.total() > 1_000

    clinic.sql(ANYTHING, *(row for table in edges[::25] for row in table.updates(EDGE_ROWS)))
    # the day adds up what families owe, and 0 is nobody's
    clinic.sql("UPDATE patient SET Guarantor = PatNum WHERE PatNum < 0")
    lived = day.live_a_day(owner)
    second = clinic.run(tables=tables)
    assert second.failed == [], [second.tables[name].error for name in second.failed]
    assert second.rows_loaded >= lived.inserted_rows

    assert clinic.differences() == []
    # the suite has ten minutes; every one of them was compared when this was written
    assert [one for one in clinic.verify(*sorted(tables.tables)[::10]) if not one.equal] == []

    shown = subprocess.run(
        [Path(sys.executable).with_name("dlt"), "pipeline", "opendental", "info"],
        env={**os.environ, "DLT_DATA_DIR": str(clinic.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "patient with 1 table(s)" in shown.stdout
    owner.dispose()
