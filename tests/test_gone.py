"""A table that the source no longer has: told, kept, and moved again when it is back."""

from typing import Any

import pytest

from opendental_pipeline.runs.copy_hop import CopyHop
from opendental_pipeline.settings.errors import FaultError
from opendental_pipeline.settings.tables_file import TablesFile
from tests import programs
from tests.conftest import Clinic

UPGRADES = [
    # what a version drops, renames and makes, in the manner of OpenDental's 20.5, 21.1, 24.1, 25.1
    ("DROP TABLE emailold", "CREATE TABLE emailnew (Num int PRIMARY KEY) ENGINE=MyISAM"),
    ("RENAME TABLE claimold TO claimnew", "DROP TABLE empty"),
    ("DROP TABLE taskold, lastold", "CREATE TABLE tasknew (Num int PRIMARY KEY) ENGINE=MyISAM"),
]
KEPT = ("emailold", "claimold", "taskold", "lastold")


def practice(clinic: Clinic) -> TablesFile:
    """Tables of which the last is empty; the tables.yml that nobody will touch again."""
    for name in (*KEPT, "visit", "empty"):
        clinic.sql(f"CREATE TABLE {name} (Num int PRIMARY KEY, Note varchar(9)) ENGINE=MyISAM")
    for name in (*KEPT, "visit"):
        clinic.sql(f"INSERT INTO {name} VALUES (1, 'a'), (2, 'b')")
    tables = clinic.tables()
    assert clinic.run(tables=tables).failed == []
    return tables


def test_all_nights_after_the_first_of_each_version_are_green(clinic: Clinic) -> None:
    tables = practice(clinic)
    gone: list[str] = []
    for number, upgrade in enumerate(UPGRADES):
        before = {name for (name,) in clinic.rows(clinic.source, "SHOW TABLES")}
        clinic.sql(*upgrade, f"INSERT INTO visit VALUES ({number + 10}, 'c')")
        left = before - {name for (name,) in clinic.rows(clinic.source, "SHOW TABLES")}
        first = clinic.run(tables=tables)
        assert set(first.failed) == left - {"empty"}
        for name in first.failed:
            error = first.tables[name].error or ""
            assert error.startswith(
                f"table {name}, hop replication: the source no longer has this table; its 2 rows"
                " are kept in replication and raw."
            )
        gone += first.failed
        for night in (clinic.run(tables=tables), clinic.run(tables=tables)):
            assert night.failed == []
            assert set(night.gone) == set(gone)
            assert all(told.endswith(", 2 rows kept") for told in night.gone.values())
        for name in gone:
            assert clinic.rows(clinic.replication, f"SELECT COUNT(*) FROM {name}") == [(2,)]
            assert clinic.rows(clinic.analytics, f"SELECT COUNT(*) FROM raw.{name}") == [(2,)]
    existing = [name for (name,) in clinic.rows(clinic.source, "SHOW TABLES")]
    assert clinic.differences(*existing) == []


def test_an_empty_table_that_is_gone_is_told_once_and_fails_no_night(clinic: Clinic) -> None:
    tables = practice(clinic)
    clinic.sql("DROP TABLE empty")
    first, second = clinic.run(tables=tables), clinic.run(tables=tables)
    assert (first.failed, list(first.gone), second.failed, second.gone) == ([], ["empty"], [], {})
    assert first.gone["empty"].endswith(", 0 rows kept")


def test_a_table_that_is_back_is_moved_as_before_and_may_go_again(clinic: Clinic) -> None:
    tables = practice(clinic)
    clinic.sql("DROP TABLE taskold")
    assert clinic.run(tables=tables).failed == ["taskold"]
    assert clinic.run(tables=tables).failed == []
    clinic.sql(
        "CREATE TABLE taskold (Num int PRIMARY KEY, Note varchar(9), More int) ENGINE=MyISAM",
        "INSERT INTO taskold VALUES (2, 'b', 1), (3, 'c', 2), (4, 'd', 3)",
    )
    back = clinic.run(tables=tables)
    assert (back.failed, back.gone) == ([], {})
    assert clinic.differences() == []
    status = "SELECT copy_status, gone_since FROM etl_copy_status WHERE table_name = 'taskold'"
    assert clinic.rows(clinic.replication, status) == [("success", None)]
    clinic.sql("DROP TABLE taskold")
    again = clinic.run(tables=tables)
    assert again.failed == ["taskold"]
    assert "its 3 rows are kept" in (again.tables["taskold"].error or "")


def test_a_table_that_was_away_is_compared_with_its_copy(clinic: Clinic) -> None:
    """MyISAM's times say nothing of an edit that was made under another name."""
    tables = practice(clinic)
    clinic.sql("RENAME TABLE taskold TO aside")
    assert clinic.run(tables=tables).failed == ["taskold"]
    clinic.sql("UPDATE aside SET Note = 'x' WHERE Num = 2", "RENAME TABLE aside TO taskold")
    assert clinic.run(tables=tables).failed == []
    assert clinic.differences("taskold") == []


def test_a_table_that_the_account_may_not_read_any_more_is_not_taken_for_gone(
    clinic: Clinic,
) -> None:
    tables = practice(clinic)
    clinic.sql("CREATE USER 'narrow'@'%' IDENTIFIED BY 'secret'")
    kept = [name for name in (*KEPT, "visit", "empty") if name != "taskold"]
    clinic.sql(*(f"GRANT SELECT ON {clinic.name}.{name} TO 'narrow'@'%'" for name in kept))
    clinic.environ |= {
        "OPENDENTAL_SOURCE_USER": "narrow",
        "OPENDENTAL_SOURCE_PASSWORD": "secret",
    }
    try:
        for _ in range(2):
            report = clinic.run(tables=tables)
            assert report.failed == ["taskold"]
            error = report.tables["taskold"].error or ""
            assert "give the account SELECT on it" in error
    finally:
        clinic.sql("DROP USER 'narrow'@'%'")


def test_a_name_that_nobody_ever_saw_fails_every_night(clinic: Clinic) -> None:
    practice(clinic)
    tables = clinic.tables(vissit={"extraction_strategy": "full_table"})
    for _ in range(2):
        report = clinic.run(tables=tables)
        assert report.failed == ["vissit"]
        assert "see how it is spelled in tables.yml" in (report.tables["vissit"].error or "")


def test_a_run_that_does_not_come_to_its_end_has_told_nobody(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = practice(clinic)
    clinic.sql("DROP TABLE taskold", "INSERT INTO visit VALUES (9, 'c')")

    def crash(*_: object) -> None:
        raise TypeError

    with monkeypatch.context() as patch:
        patch.setattr(CopyHop, "move", crash)
        with pytest.raises(FaultError):
            clinic.run(tables=tables)
    assert clinic.run(tables=tables).failed == ["taskold"]
    assert clinic.run(tables=tables).failed == []


def test_a_table_that_goes_while_a_run_is_at_work_hides_none_that_was_gone_before(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = practice(clinic)
    clinic.sql("DROP TABLE taskold", "INSERT INTO visit VALUES (9, 'c')")
    move = CopyHop.move

    def dropping(hop: CopyHop, *given: Any) -> Any:
        clinic.sql("DROP TABLE IF EXISTS emailold")
        return move(hop, *given)

    with monkeypatch.context() as patch:
        patch.setattr(CopyHop, "move", dropping)
        assert sorted(clinic.run(tables=tables).failed) == ["emailold", "taskold"]
    night = clinic.run(tables=tables)
    assert (night.failed, sorted(night.gone)) == ([], ["emailold", "taskold"])


def test_a_new_machine_knows_what_is_gone(clinic: Clinic) -> None:
    tables = practice(clinic)
    clinic.sql("DROP TABLE taskold")
    assert clinic.run(tables=tables).failed == ["taskold"]
    elsewhere = clinic.on_a_new_machine(clinic.home.parent / "elsewhere")
    night = elsewhere.run(tables=tables)
    assert (night.failed, list(night.gone)) == ([], ["taskold"])


def test_much_that_is_gone_at_once_fails_every_night_until_a_person_says_so(
    clinic: Clinic,
) -> None:
    names = [f"t{number}" for number in range(12)]
    for name in (*names, "visit"):
        clinic.sql(
            f"CREATE TABLE {name} (Num int PRIMARY KEY) ENGINE=MyISAM",
            f"INSERT INTO {name} VALUES (1)",
        )
    tables = clinic.tables()
    assert clinic.run(tables=tables).failed == []
    clinic.sql(f"DROP TABLE {', '.join(names)}")
    for _ in range(2):
        report = clinic.run(tables=tables)
        assert sorted(report.failed) == sorted(names)
        assert "the source no longer has 12 tables that had rows" in (
            report.tables["t0"].error or ""
        )
    assert clinic.run(tables=tables, confirmed=True).failed == []
    night = clinic.run(tables=tables)
    assert (night.failed, sorted(night.gone)) == ([], sorted(names))
    assert clinic.rows(clinic.replication, "SELECT COUNT(*) FROM t3") == [(1,)]


def test_the_analyzer_lets_an_entry_of_a_table_that_is_gone_wake_by_itself(clinic: Clinic) -> None:
    practice(clinic)
    path = clinic.home / "tables.yml"
    place = ("--output", str(path))

    def analyze() -> str:
        done = programs.start("analyze.py", *place, environ=clinic.variables(), cwd=path.parent)
        assert done.code == 0, done.err
        return path.read_text()

    analyze()
    text = path.read_text()
    assert "\n  taskold: {}\n" in text
    path.write_text(text.replace("taskold: {}", "taskold: {enabled: false}"))
    clinic.sql("DROP TABLE taskold, emailold")
    assert "emailold:" in analyze()
    clinic.sql("CREATE TABLE emailold (Num int PRIMARY KEY, Note varchar(9)) ENGINE=MyISAM")
    clinic.sql("CREATE TABLE taskold (Num int PRIMARY KEY, Note varchar(9)) ENGINE=MyISAM")
    clinic.sql("INSERT INTO emailold VALUES (1, 'a'), (2, 'c'), (3, 'd')")
    done = programs.start(
        "nightly.py",
        environ={**programs.environment(clinic, path), "COLUMNS": "200"},
        cwd=path.parent,
    )
    assert done.code == 0, done.err
    assert clinic.differences("emailold") == []
    # what a person switched off stays off
    assert clinic.rows(clinic.replication, "SELECT COUNT(*) FROM taskold") == [(2,)]


def test_a_run_of_some_tables_names_those_that_no_run_of_its_kind_moves(clinic: Clinic) -> None:
    tables = practice(clinic)
    clinic.sql("CREATE TABLE fresh (Num int PRIMARY KEY) ENGINE=MyISAM")
    report = clinic.run("visit", tables=tables)
    assert report.failed == []
    assert report.new_tables == {"fresh": "left alone by a run of some tables only"}
    assert "fresh" not in report.tables


def test_a_comparison_tells_of_a_table_that_is_gone_and_finds_no_difference(clinic: Clinic) -> None:
    tables = practice(clinic)
    file = clinic.write_tables()
    clinic.sql("DROP TABLE taskold")
    assert clinic.run(tables=tables).failed == ["taskold"]
    done = programs.start(
        "verify.py", environ=programs.environment(clinic, file), cwd=clinic.home.parent
    )
    assert done.code == 0, done.err
    assert "the source no longer has taskold; not compared" in done.err
