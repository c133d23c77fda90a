"""A hashed column holds HMAC-SHA256 of what the source has, and the clear value nowhere."""

import hmac
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from demo.servers import Cluster
from opendental_pipeline.databases.catalog import read_catalogue
from opendental_pipeline.databases.hashing import HashKey
from tests import programs
from tests.conftest import Clinic, new_clinic

KEY = "a key of the tests, nowhere else"

VALUES = {
    "SSN": ("varchar(11) CHARACTER SET latin1 NOT NULL", "'Zürich-1'", "Zürich-1".encode()),
    "Blank": ("varchar(11)", "''", b""),
    "Whole": ("bigint unsigned", str(2**64 - 1), str(2**64 - 1).encode()),
    "Fee": ("decimal(10,2)", "-1.5", b"-1.50"),
    "Born": ("date NOT NULL", "'1969-07-20'", b"1969-07-20"),
    "Unborn": ("date NOT NULL", "'0000-00-00'", b"0000-00-00"),
    "Moment": ("datetime(3)", "'2024-01-02 03:04:05.67'", b"2024-01-02 03:04:05.670"),
    "Flags": ("bit(9)", "5", b"5"),
    "Scan": ("blob", "0x00FF5C22", b"\x00\xff\x5c\x22"),
    "Note": ("text CHARACTER SET utf8mb4", "'a\\0b😀\\n'", "a\0b😀\n".encode()),
    "Nothing": ("varchar(5)", "NULL", None),
}


def hashed(message: bytes | None, key: str = KEY) -> str | None:
    return None if message is None else hmac.new(key.encode(), message, sha256).hexdigest()


def with_key(clinic: Clinic, key: str = KEY) -> Clinic:
    clinic.environ["ETL_HASH_KEY"] = key
    return clinic


def in_clear(clinic: Clinic, text: str) -> list[str]:
    """The tables of replication and raw that hold a text anywhere."""
    tables = [row[0] for row in clinic.rows(clinic.replication, "SHOW TABLES")]
    found = [
        f"replication.{table}"
        for table in tables
        if text in str(clinic.rows(clinic.replication, f"SELECT * FROM `{table}`"))
    ]
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'raw'"
    for (table,) in clinic.rows(clinic.analytics, query):
        if text in str(clinic.rows(clinic.analytics, f'SELECT * FROM raw."{table}"')):
            found.append(f"raw.{table}")
    return found


def test_values_of_every_kind_become_their_keyed_hash(clinic: Clinic) -> None:
    columns = ", ".join(f"{name} {kind}" for name, (kind, _, _) in VALUES.items())
    values = ", ".join(value for _, value, _ in VALUES.values())
    clinic.sql(
        f"CREATE TABLE patient (PatNum int PRIMARY KEY, {columns}, KEY by_ssn (SSN),"
        " KEY by_born (Born, PatNum))",
        f"INSERT INTO patient VALUES (1, {values}), (2, {values})",
    )
    hints = {name: {"hash": True} for name in VALUES}
    report = with_key(clinic).run(tables=clinic.tables(patient={"columns": hints}))
    assert report.failed == [], report.tables["patient"].error
    expected = tuple(hashed(message) for _, _, message in VALUES.values())
    for engine, place, quote in (
        (clinic.replication, "patient", "`"),
        (clinic.analytics, "raw.patient", '"'),
    ):
        names = ", ".join(f"{quote}{name}{quote}" for name in VALUES)
        assert clinic.rows(engine, f"SELECT {names} FROM {place}") == [expected, expected]
    loaded = report.tables["patient"].load_result
    assert loaded and loaded.coercions == {}
    assert in_clear(clinic, "rich-1") == []


def test_a_column_that_is_hashed_later_leaves_no_clear_value_behind(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE patient (PatNum int PRIMARY KEY, SSN varchar(9) NOT NULL, Age int,"
        " DateTStamp timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp())",
        "INSERT INTO patient (PatNum, SSN, Age) VALUES (1, '123456789', 41), (2, '', 42)",
    )
    assert clinic.run().failed == []
    assert in_clear(clinic, "123456789") == ["replication.patient", "raw.patient"]

    hiding = clinic.tables(patient={"columns": {"SSN": {"hash": True}}})
    assert with_key(clinic).run(tables=hiding).failed == []
    assert in_clear(clinic, "123456789") == []
    raw = 'SELECT "PatNum", "SSN", "Age" FROM raw.patient ORDER BY 1'
    assert clinic.rows(clinic.analytics, raw) == [
        (1, hashed(b"123456789"), 41),
        (2, hashed(b""), 42),
    ]
    # and the other way round
    assert clinic.run().failed == []
    assert clinic.differences() == []


def test_another_key_makes_every_hash_anew(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE patient (PatNum int PRIMARY KEY, SSN varchar(9)) ENGINE=MyISAM",
        "INSERT INTO patient VALUES (1, '123456789')",
    )
    hiding = clinic.tables(patient={"columns": {"SSN": {"hash": True}}})
    assert with_key(clinic).run(tables=hiding).failed == []
    other = KEY[::-1]
    report = with_key(clinic, other).run(tables=hiding)
    assert report.failed == []
    assert clinic.rows(clinic.analytics, 'SELECT "SSN" FROM raw.patient') == [
        (hashed(b"123456789", other),)
    ]


def test_values_too_large_to_hash_fail_their_table_with_a_count(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE document (DocNum int PRIMARY KEY, Raw longtext)",
        "INSERT INTO document VALUES (1, 'x'), (2, REPEAT('x', 1048000)), (3, 'y')",
    )
    hiding = clinic.tables(document={"columns": {"Raw": {"hash": True}}})
    limit = clinic.rows(clinic.source, "SELECT @@GLOBAL.max_allowed_packet")[0][0]
    clinic.sql("SET GLOBAL max_allowed_packet = 1048576")
    clinic.sql("UPDATE document SET Raw = CONCAT(Raw, REPEAT('x', 550)) WHERE DocNum = 2")
    try:
        report = with_key(clinic).run(tables=hiding)
    finally:
        clinic.sql(f"SET GLOBAL max_allowed_packet = {limit}")
    error = report.tables["document"].error
    assert error is not None
    assert "Raw: 1 of 3" in error
    assert "max_allowed_packet" in error


def test_a_missing_key_stops_the_run_before_it_begins(clinic: Clinic) -> None:
    clinic.sql("CREATE TABLE patient (PatNum int PRIMARY KEY, SSN varchar(9))")
    file = clinic.write_tables(patient={"columns": {"SSN": {"hash": True}}})
    hiding = file.rename(file.with_name("hiding.yml"))
    job = programs.nightly(clinic, SOURCES__OPENDENTAL__TABLES_FILE=str(hiding))
    assert job.code == 2
    assert "ETL_HASH_KEY is missing" in job.err
    short = programs.nightly(clinic, ETL_HASH_KEY="too short")
    assert short.code == 2
    assert "ETL_HASH_KEY must be a secret of 16 characters or more" in short.err
    assert "too short" not in short.err


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.reuse, Phase.generate],  # each example asks a server
)
@given(
    keys=st.lists(st.text(min_size=16, max_size=200), min_size=20, max_size=20),
    texts=st.lists(st.text(), min_size=20, max_size=20),
)
def test_mysql_computes_the_same_hash_as_python(
    cluster: Cluster,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    keys: list[str],
    texts: list[str],
) -> None:
    with new_clinic(cluster, tmp_path_factory.mktemp("hash"), monkeypatch) as clinic:
        clinic.sql("CREATE TABLE t (v longtext CHARACTER SET utf8mb4)")
        with clinic.source.connect() as connection:
            column = read_catalogue(connection, clinic.name)["t"].column("v")
        for key, text in zip(keys, texts, strict=True):
            literal = f"_utf8mb4 0x{text.encode().hex()}" if text else "''"
            clinic.sql("DELETE FROM t", f"INSERT INTO t VALUES ({literal})")
            expression = HashKey(SecretStr(key)).expression(column)
            assert clinic.rows(clinic.source, f"SELECT {expression} FROM t") == [
                (hashed(text.encode(), key),)
            ]
