"""Text arrives in PostgreSQL as it is, in every encoding that can hold it, or not at all."""

from pathlib import Path
from typing import Any

import pytest

from demo.servers import Cluster
from destinations import raw
from opendental_pipeline.databases import engines, sessions
from opendental_pipeline.settings.errors import ConfigurationError
from opendental_pipeline.settings.tuning import RunTuning, Tuning
from tests.conftest import Clinic, new_clinic
from tests.programs import nightly, tables_made

PATIENT = (
    "CREATE TABLE patient (PatNum int PRIMARY KEY, LName varchar(9), Note text) CHARSET=utf8mb4"
)
NAMES = "INSERT INTO patient VALUES (1, 'é 😀', 'Ünï'), (2, '中文', '€'), (3, 'plain', NULL)"


def encoded(name: str) -> str:
    """The options of a database in an encoding."""
    return f"ENCODING '{name}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"


@pytest.mark.parametrize("encoding", ["LATIN1", "WIN1252"])
def test_an_encoding_that_cannot_hold_every_text_is_refused_before_anything_is_written(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    with new_clinic(cluster, tmp_path, monkeypatch, analytics=encoded(encoding)) as clinic:
        clinic.sql(PATIENT, NAMES)
        done = nightly(clinic)
        assert (done.code, done.out, done.report["tables"]) == (2, "", {}), done.err
        # which server, what is wrong with it, and what to do
        config = clinic.settings.analytics
        assert f"{config.host}:{config.port}/{config.database}" in done.err
        assert encoding in done.err
        assert "UTF8" in done.err
        assert "Traceback" not in done.err
        with pytest.raises(ConfigurationError, match=encoding):
            clinic.run()
        assert tables_made(clinic) == []


def test_a_database_without_an_encoding_gets_every_text_as_it_is(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_clinic(cluster, tmp_path, monkeypatch, analytics=encoded("SQL_ASCII")) as clinic:
        clinic.sql(PATIENT, NAMES)
        two_nights(clinic)


def test_a_database_without_an_encoding_has_room_for_every_letter_of_a_full_column(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_clinic(cluster, tmp_path, monkeypatch, analytics=encoded("SQL_ASCII")) as clinic:
        # it counts bytes where the source counts letters
        clinic.sql(PATIENT, "INSERT INTO patient VALUES (1, REPEAT('中', 9), REPEAT('é', 99))")
        two_nights(clinic)


def test_letters_that_the_line_to_postgresql_changes_are_found_from_outside(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever reads raw back through the same line sees what it sent."""
    clinic.sql(PATIENT, NAMES, "CREATE TABLE word (w varchar(9)) CHARSET=latin1")
    clinic.sql("INSERT INTO word VALUES ('é'), ('b')")
    prepare = sessions.prepare_postgres

    def in_latin1(connection: Any, config: Any = None) -> None:
        prepare(connection, config)
        connection.set_client_encoding("LATIN1")

    # the fault is put back
    monkeypatch.setattr(engines, "prepare_postgres", in_latin1)
    monkeypatch.setattr(raw, "prepare_postgres", in_latin1)
    blind = Tuning(runs=RunTuning(handover_rows=1, second_opinion_seconds=0.0))
    assert clinic.run(tuning=blind).failed == []
    shown = {(one.table, one.tier): one for one in clinic.verify()}
    for name, column in (("patient", "LName, Note"), ("word", "w")):
        assert shown[name, "replication"].equal
        error = shown[name, "raw"].error or ""
        assert f"raw holds other characters than replication in columns {column}" in error
    report = clinic.run(tuning=blind, prove=True)
    assert report.failed == ["patient"]  # the other was just loaded anew
    assert "other characters" in (report.tables["patient"].error or "")
    monkeypatch.undo()
    assert clinic.run(force_full=True).failed == []
    assert clinic.differences() == []
    assert all(one.equal for one in clinic.verify())


def test_an_encoding_in_the_environment_changes_no_text(clinic: Clinic) -> None:
    clinic.sql(PATIENT, NAMES)
    for _ in range(2):
        done = nightly(clinic, PGCLIENTENCODING="LATIN1")
        assert done.code == 0, done.err
        assert clinic.differences() == []
        edit(clinic)


def two_nights(clinic: Clinic) -> None:
    """Two nights and edits between them; both must end exact."""
    for _ in range(2):
        report = clinic.run()
        assert {name: report.tables[name].error for name in report.failed} == {}
        assert clinic.differences() == []
        assert [one for one in clinic.verify() if not one.equal] == []
        edit(clinic)


def edit(clinic: Clinic) -> None:
    """What happens to patients in a day."""
    clinic.sql(
        "UPDATE patient SET Note = CONCAT('ñ', COALESCE(Note, '')) WHERE PatNum = 1",
        "INSERT INTO patient VALUES (9, 'שלום', '👩‍⚕️') ON DUPLICATE KEY UPDATE Note = '😀'",
    )
