"""A type that tables.yml asks for holds every value exactly, or the table fails with a count."""

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from demo.servers import Cluster
from opendental_pipeline.databases.mysql_result import ByteArray, ColumnOffsets
from opendental_pipeline.databases.tsv import TsvLines, columns_to_tsv
from opendental_pipeline.databases.type_hints import TARGETS
from opendental_pipeline.databases.type_mapping import RULES
from opendental_pipeline.settings.data_type import DataType
from tests.conftest import Clinic

FITTING = {
    DataType.BOOL: ["0", "1", "true", "F", " yes ", "1.00"],
    DataType.SMALLINT: ["-32768", "32767", "1.0", "1E+2"],
    DataType.INTEGER: ["-2147483648", "2147483647"],
    DataType.BIGINT: ["-9223372036854775808", "9223372036854775807"],
    DataType.NUMERIC: ["0.1", "-1e-30", f"{'9' * 35}.{'9' * 30}"],
    DataType.DOUBLE: ["0.1", "-0", "1e308", "5e-324", "9007199254740992"],
    DataType.TEXT: ["", " ", "NULL", "0000-00-00"],
    DataType.DATE: ["0001-01-01", "9999-12-31", "2024-02-29 00:00:00"],
    DataType.TIMESTAMP: ["2024-01-02", "2024-01-02 03:04:05.000001"],
    DataType.TIME: ["00:00:00", "23:59:59.999999"],
    DataType.INTERVAL: ["-838:59:59.999999", "26:30:00"],
    DataType.JSON: ['{"a": [1, null, 1e100]}', '"\\\\u0000"', "[]", "0.10"],
    DataType.BINARY: ["", "\\x00", "é"],
}
REFUSED = {
    DataType.BOOL: ["2", "", "maybe", "0.5", "-1"],
    DataType.SMALLINT: ["32768", "1.5", "", "x", "1e999999999", "NaN"],
    DataType.INTEGER: ["2147483648"],
    DataType.BIGINT: ["9223372036854775808"],
    DataType.NUMERIC: ["", "NaN", "Infinity", "1e200000", "0x1F"],
    DataType.DOUBLE: ["9007199254740993", "", "0.10000000000000000001"],
    DataType.TEXT: ["a\0b"],
    DataType.DATE: ["2024-01-02 00:00:01", "", "20240102", "2024-02-30"],
    DataType.TIMESTAMP: ["2024-01-02 03:04:05.0000001", "2024-01-02 03:04:05+01:00", "now"],
    DataType.TIME: ["24:00:01", "-00:00:01", "838:59:59", ""],
    DataType.INTERVAL: ["1 day", "", "00:61:00"],
    DataType.JSON: ["", "{", "NaN", '"\\u0000"', '"\\ud800"', "[1e999999]", "[" * 100_000],
    DataType.BINARY: [],
}


def one(text: str) -> pa.Array:
    return pa.array([text], pa.large_string())


@pytest.mark.parametrize("asked", list(DataType))
def test_what_fits_is_taken_and_what_does_not_is_counted(asked: DataType) -> None:
    texts = [*FITTING[asked], None, *REFUSED[asked], *REFUSED[asked]]
    values, refused = TARGETS[asked].convert(pa.array(texts, pa.large_string()))
    assert refused == 2 * len(REFUSED[asked])
    assert values.null_count == refused + 1
    assert None not in values.to_pylist()[: len(FITTING[asked])]


@pytest.mark.parametrize("asked", list(DataType))
def test_postgresql_takes_what_fits(cluster: Cluster, asked: DataType) -> None:
    assert all(accepted(cluster, asked, FITTING[asked]))


def accepted(cluster: Cluster, asked: DataType, texts: list[str]) -> list[bool]:
    """Whether PostgreSQL reads each of them, where the target took it."""
    engine = sa.create_engine(cluster.analytics.url(), poolclass=sa.NullPool)
    answers = []
    with engine.connect() as connection:
        for text in texts:
            values, refused = TARGETS[asked].convert(one(text))
            shown = values[0].as_py()
            if refused or isinstance(shown, bytes):
                answers.append(not refused)
                continue
            cast = f"SELECT CAST(%s AS {TARGETS[asked].postgres})"
            answers.append(connection.exec_driver_sql(cast, (shown,)).rowcount == 1)
    return answers


digits = st.text("0123456789+-.eE: ", max_size=12)
jsons = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
).map(repr)


@settings(max_examples=60, deadline=None, phases=[Phase.reuse, Phase.generate])
@given(
    asked=st.sampled_from(DataType),
    texts=st.lists(
        st.one_of(
            digits,
            st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
            st.dates().map(str),
            st.datetimes().map(str),
            st.times().map(str),
            st.timedeltas().map(str),
            st.decimals().map(str),
            jsons.map(lambda shown: shown.replace("'", '"')),
        ),
        max_size=25,
    ),
)
def test_postgresql_never_refuses_what_was_taken(
    cluster: Cluster, asked: DataType, texts: list[str]
) -> None:
    accepted(cluster, asked, texts)


def test_a_hint_that_cannot_hold_a_value_names_column_and_count(clinic: Clinic) -> None:
    rows = ", ".join(f"({n}, {n % 3}, '{n % 2}', 'Zanzibar')" for n in range(10))
    clinic.sql(
        "CREATE TABLE fee (FeeNum int PRIMARY KEY, Priority int, Closed varchar(9), Note text)",
        f"INSERT INTO fee VALUES {rows}",
    )
    assert clinic.run().failed == []
    hints = {
        "Priority": {"data_type": "bool"},
        "Closed": {"data_type": "bool"},
        "Note": {"data_type": "date"},
    }
    tables = clinic.tables(fee={"columns": hints})
    report = clinic.run(tables=tables)
    assert report.failed == ["fee"]
    error = report.tables["fee"].error
    assert error is not None
    assert "Priority: 3, Note: 10 of 10" in error
    assert "Zanzibar" not in error
    assert "Closed" not in error
    # and raw stays as it was
    assert clinic.differences() == []


def test_a_hint_that_comes_later_changes_the_type_in_raw_and_fills_it_anew(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE fee (Code varchar(5), Hidden tinyint NOT NULL, Day date, Scan blob,"
        " PRIMARY KEY (Code))",
        "INSERT INTO fee VALUES ('12', 1, '0000-00-00', 'abc'), ('7', 0, '2024-02-29', 'é')",
    )
    assert clinic.run().failed == []
    wanted = {"Code": "integer", "Hidden": "bool", "Day": "text", "Scan": "text"}
    hints = {name: {"data_type": kind} for name, kind in wanted.items()}
    assert clinic.run(tables=clinic.tables(fee={"columns": hints})).failed == []
    query = 'SELECT "Code", "Hidden", "Day", "Scan" FROM raw.fee ORDER BY 1'
    assert clinic.rows(clinic.analytics, query) == [
        (7, False, "2024-02-29", "é"),
        (12, True, "0000-00-00", "abc"),
    ]
    clinic.sql("DELETE FROM fee WHERE Code = '7'", "UPDATE fee SET Hidden = 0")
    assert clinic.run(tables=clinic.tables(fee={"columns": hints})).failed == []
    assert clinic.rows(clinic.analytics, query) == [(12, False, "0000-00-00", "abc")]
    assert clinic.run().failed == []
    assert clinic.differences() == []


def test_a_column_excluded_later_is_emptied_in_both_tiers(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE patient (PatNum int PRIMARY KEY, SSN varchar(9) NOT NULL, Age int)",
        "INSERT INTO patient VALUES (1, '123456789', 41)",
    )
    assert clinic.run().failed == []
    tables = clinic.tables(patient={"columns": {"SSN": {"exclude": True}}})
    assert clinic.run(tables=tables).failed == []
    assert clinic.rows(clinic.analytics, 'SELECT "SSN", "Age" FROM raw.patient') == [(None, 41)]
    assert "SSN" not in str(clinic.rows(clinic.replication, "SHOW COLUMNS FROM patient"))
    assert clinic.run().failed == []
    assert clinic.differences() == []


def test_a_hint_for_a_column_that_does_not_exist_fails_the_table(clinic: Clinic) -> None:
    """Else a misspelt `exclude` would copy what nobody may see."""
    clinic.sql("CREATE TABLE patient (PatNum int PRIMARY KEY, SSN varchar(9))")
    tables = clinic.tables(patient={"columns": {"ssn": {"exclude": True}}})
    report = clinic.run(tables=tables)
    assert report.failed == ["patient"]
    assert "ssn" in str(report.tables["patient"].error)
    assert clinic.rows(clinic.replication, "SHOW TABLES LIKE 'patient'") == []


def test_a_key_that_is_no_date_fails_with_its_column_until_it_is_text(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE holiday (Day date PRIMARY KEY, Note text)",
        "INSERT INTO holiday VALUES ('0000-00-00', 'column Zanzibar: 1'), ('2024-12-25', '')",
    )
    error = clinic.run().tables["holiday"].error
    assert error is not None
    assert "column Day" in error
    assert "Zanzibar" not in error
    tables = clinic.tables(holiday={"columns": {"Day": {"data_type": "text"}}})
    assert clinic.run(tables=tables).failed == []
    query = 'SELECT "Day" FROM raw.holiday ORDER BY 1'
    assert clinic.rows(clinic.analytics, query) == [("0000-00-00",), ("2024-12-25",)]
    clinic.sql("DELETE FROM holiday WHERE Note <> ''")
    assert clinic.run(tables=tables).failed == []
    assert clinic.rows(clinic.analytics, query) == [("2024-12-25",)]


CLOCK = st.from_regex(r"[0-2][0-9]:[0-6][0-9]:[0-6][0-9]", fullmatch=True)
DAY = st.from_regex(r"[02]0[0-2][0-4]-[01][0-9]-[0-3][0-9]", fullmatch=True)
SOMETHING = st.one_of(st.none(), CLOCK, st.sampled_from(["0", "1"]), st.text(max_size=9))


def at_places(values: list[str | None]) -> tuple[ByteArray, ColumnOffsets]:
    lines = TsvLines(
        np.frombuffer(columns_to_tsv([pa.array(values, pa.large_string())]), np.uint8), 1
    )
    return lines.data, lines.offsets_of(0)


@pytest.mark.parametrize(
    ("data_type", "usual"),
    [(DataType.BOOL, ["0", None, "1"]), (DataType.TIME, ["00:00:00", "23:59:59", None])],
)
@given(values=st.lists(SOMETHING, min_size=1, max_size=5))
def test_a_column_goes_on_as_it_is_only_if_every_value_would(
    data_type: DataType, usual: list[str | None], values: list[str | None]
) -> None:
    target = TARGETS[data_type]
    assert target.is_loadable
    assert target.is_loadable(*at_places(usual))
    if target.is_loadable(*at_places(values)):
        held = pa.array(values, pa.large_string())
        converted, refused = target.convert(held)
        assert (converted.equals(held), refused) == (True, 0)


@given(values=st.lists(st.one_of(st.none(), DAY), min_size=1, max_size=5))
def test_dates_go_on_as_they_are_exactly_if_postgresql_knows_them(
    values: list[str | None],
) -> None:
    rule = RULES["date"]
    assert rule.is_loadable and rule.coerce
    _, changed = rule.coerce(pa.array(values, pa.large_string()))
    assert rule.is_loadable(*at_places(values)) == (changed == 0)
