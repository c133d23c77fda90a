"""A night meets tables that tables.yml does not know, other columns than it knows, an upgrade."""

from pathlib import Path

import pytest

from opendental_pipeline.settings.choices import OnNewTables
from opendental_pipeline.settings.observations import analysis_path
from tests.conftest import Clinic
from tests.programs import environment, nightly, start

VISIT = "CREATE TABLE visit (VisitNum int PRIMARY KEY, Note text) ENGINE=MyISAM"
NEW = (
    "CREATE TABLE wikilist_drugs (DrugNum int PRIMARY KEY, Name varchar(20)) ENGINE=MyISAM",
    "INSERT INTO wikilist_drugs VALUES (1, 'a')",
    "CREATE TABLE tempehrmeasure1 (PatNum bigint) ENGINE=MyISAM",
)


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    clinic.sql(VISIT, "INSERT INTO visit VALUES (1, 'x')")
    return clinic


def test_a_new_table_is_moved_by_the_analyzers_rules(practice: Clinic) -> None:
    tables = practice.tables()
    practice.sql(*NEW)
    for night in range(2):
        report = practice.run(tables=tables)
        assert report.failed == []
        assert report.new_tables == {
            "tempehrmeasure1": "left alone, since its name is that of a temporary table or a"
            " backup",
            "wikilist_drugs": "moved by the analyzer's rules: full_table, since no column moves"
            " with every edit",
        }
        assert report.summary()["configuration"]["schema_drift_detected"]
        assert practice.differences("visit", "wikilist_drugs") == []
        practice.sql(f"INSERT INTO wikilist_drugs VALUES ({night + 5}, 'b')")


def test_a_new_table_can_be_named_only(practice: Clinic) -> None:
    tables = practice.tables()
    practice.sql(*NEW)
    report = practice.run(tables=tables, on_new_tables=OnNewTables.REPORT)
    assert report.new_tables["wikilist_drugs"] == "left alone, as --on-new-tables report asks"
    assert set(report.tables) == {"visit"}
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw'"
    assert ("wikilist_drugs",) not in practice.rows(practice.analytics, query)


def test_a_run_of_named_tables_names_others_and_moves_none(practice: Clinic) -> None:
    tables = practice.tables()
    practice.sql(*NEW)
    report = practice.run("visit", tables=tables)
    assert set(report.new_tables.values()) == {"left alone by a run of some tables only"}
    assert "wikilist_drugs" in report.new_tables
    assert set(report.tables) == {"visit"}


def test_the_report_tells_what_drifted(practice: Clinic, tmp_path: Path) -> None:
    file = practice.write_tables().rename(tmp_path / "as it was.yml")
    analysis_path(practice.home / "tables.yml").rename(analysis_path(file))
    assert practice.run().failed == []
    practice.sql("ALTER TABLE visit ADD Room int", *NEW)
    variables = {"SOURCES__OPENDENTAL__TABLES_FILE": str(file)}
    done = nightly(practice, **variables)
    assert done.code == 0
    assert done.report["schema_drift"] == ["visit"]
    assert done.report["tables"]["visit"]["copy_result"]["changes"] == ["column Room was added"]
    assert "visit: column Room was added" in done.out
    assert "wikilist_drugs is not in tables.yml: moved by the analyzer's rules" in done.out
    named = nightly(practice, "--on-new-tables", "report", **variables)
    assert "wikilist_drugs is not in tables.yml: left alone" in named.out


def test_a_damaged_analysis_is_told_and_stops_no_night(practice: Clinic, tmp_path: Path) -> None:
    file = practice.write_tables().rename(tmp_path / "tables.yml")
    analysis = analysis_path(file)
    done = nightly(practice, SOURCES__OPENDENTAL__TABLES_FILE=str(file))
    assert (done.code, "cannot be read" in done.err) == (0, False), done.err
    analysis.write_text("{")
    done = nightly(practice, SOURCES__OPENDENTAL__TABLES_FILE=str(file))
    assert done.code == 0, done.err
    assert done.err.count("cannot be read") == 1
    assert f"{analysis} cannot be read" in done.err
    refused = start("analyze.py", environ=environment(practice, file), cwd=tmp_path)
    assert refused.code == 2
    assert f"{analysis} cannot be read; restore it, or delete it" in refused.err


def test_no_night_begins_while_opendental_is_being_upgraded(practice: Clinic) -> None:
    practice.sql(
        "CREATE TABLE preference (PrefNum int PRIMARY KEY, PrefName text, ValueString text)",
        "INSERT INTO preference VALUES (1, 'UpdateInProgressOnComputerName', 'FRONTDESK')",
    )
    done = nightly(practice)
    assert done.code == 3
    assert "OpenDental is being upgraded" in done.err
    practice.sql("UPDATE preference SET ValueString = ''")
    assert practice.run().failed == []
    assert practice.differences() == []
