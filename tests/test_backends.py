"""What reads the source: the packets of MySQL's protocol, or connectorx; both exactly."""

import pytest
from pydantic import SecretStr

from opendental_pipeline.settings.backends import check_backends
from opendental_pipeline.settings.connection import ConnectionConfig, DatabaseType, Tls, TlsMode
from opendental_pipeline.settings.errors import EnvironmentSettingError, ValidationError
from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.settings.table_config import Backend, TableConfig
from opendental_pipeline.settings.tables_file import parse_tables
from opendental_pipeline.settings.tuning import ReadingTuning, Tuning
from sources.opendental import backends
from tests import edges
from tests.conftest import Clinic

VISIT = TableConfig(
    table_name="visit",
    primary_key="VisitNum",
    extraction_strategy="full_table",
    backend=Backend.CONNECTORX,
)


def server(host: str, mode: TlsMode = TlsMode.PREFERRED) -> ConnectionConfig:
    """A source somewhere."""
    return ConnectionConfig(
        type=DatabaseType.SOURCE,
        host=host,
        database="opendental",
        user="etl",
        password=SecretStr("secret"),
        tls=Tls(mode=mode),
    )


def test_an_unknown_backend_is_refused_with_its_line() -> None:
    text = "tables:\n  visit:\n    extraction_strategy: full_table\n    backend: polars\n"
    with pytest.raises(
        ValidationError, match=r"tables.yml:4: table visit, backend: must be 'wire' or"
    ):
        parse_tables(text, CHECKOUT / "tables.yml", {})


def test_connectorx_is_not_used_where_rows_would_travel_in_clear_unasked() -> None:
    check_backends([VISIT], server("localhost"))
    check_backends([VISIT], server("clinic", TlsMode.DISABLED))
    check_backends([VISIT.model_copy(update={"backend": Backend.WIRE})], server("clinic"))
    for mode in (TlsMode.PREFERRED, TlsMode.REQUIRED):
        with pytest.raises(EnvironmentSettingError, match=r"reads visit .* does not encrypt"):
            check_backends([VISIT], server("clinic", mode))


def test_a_missing_connectorx_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendental_pipeline.settings.backends.find_spec", lambda _: None)
    with pytest.raises(EnvironmentSettingError, match=r"reads visit .* not installed; pip install"):
        check_backends([VISIT], server("localhost"))


def test_connectorx_has_the_settings_of_all_other_sessions(clinic: Clinic) -> None:
    """A server that limits every session to a few rows changes nothing."""
    clinic.sql(
        "CREATE TABLE visit (VisitNum int PRIMARY KEY, At_ timestamp NOT NULL, Code char(9))"
        " ENGINE=MyISAM CHARSET=utf8mb4",
        "INSERT INTO visit SELECT seq, '2024-07-01 12:00:00', 'a' FROM seq_1_to_400",
    )
    tables = clinic.tables(visit={"backend": "connectorx", "batch_size": 100})
    clinic.sql("SET GLOBAL sql_select_limit = 7")
    try:
        report = clinic.run(tables=tables)
    finally:
        clinic.sql("SET GLOBAL sql_select_limit = DEFAULT")
    assert report.failed == []
    assert clinic.differences() == []


def test_a_statement_that_takes_too_long_is_stopped_and_halved(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.sql(
        "CREATE TABLE visit (VisitNum int PRIMARY KEY, Note text) ENGINE=MyISAM CHARSET=utf8mb4",
        "INSERT INTO visit SELECT seq, 'a' FROM seq_1_to_40",
    )
    sent: list[str] = []
    listed = backends._listed

    def slow(expressions: object) -> str:
        made = listed(expressions)  # type: ignore[arg-type]
        # a fifth of a second a row, of which the statement may take 0.6 s in all
        sent.append(made)
        return f"{made}, SLEEP(0.1) AS slow" if len(sent) == 1 else made

    monkeypatch.setattr(backends, "_listed", slow)
    tables = clinic.tables(visit={"backend": "connectorx"})
    report = clinic.run(tables=tables, tuning=Tuning(reading=ReadingTuning(statement_seconds=0.3)))
    assert report.failed == []
    assert len(sent) > 1
    assert clinic.differences() == []


@pytest.mark.parametrize("backend", Backend)
def test_a_refusal_of_the_source_names_its_error_and_no_value(
    clinic: Clinic, backend: Backend, capfd: pytest.CaptureFixture[str]
) -> None:
    clinic.sql(edges.ANYTHING, "CREATE TABLE visit (VisitNum int PRIMARY KEY, Note text)")
    clinic.sql("INSERT INTO visit VALUES (1, 'Zanzibar')")
    tables = clinic.tables(visit={"backend": backend})
    clinic.run(tables=tables)
    clinic.sql("UPDATE visit SET Note = 'Zanzibar too'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backends, "_listed", lambda _: "EXP(Note, 99999) AS c0")
        report = clinic.run(tables=tables, force_full=True)
    error = report.tables["visit"].error
    assert error and "hop replication: cannot be read" in error and "MySQL error 1582" in error
    assert "Zanzibar" not in "".join(capfd.readouterr())
