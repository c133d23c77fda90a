"""What tables.yml says of a column is done, and every kind of key finds its row again."""

from typing import Any

import pytest

from tests.conftest import Clinic


def columns_in(clinic: Clinic, tier: str, table: str) -> list[str]:
    """The column names of a table in `replication` or `raw`, the pipeline's own left out."""
    if tier == "raw":
        engine, schema = clinic.analytics, "'raw'"
    else:
        engine, schema = clinic.replication, "DATABASE()"
    query = (
        "SELECT column_name FROM information_schema.columns"
        f" WHERE table_schema = {schema} AND table_name = '{table}' ORDER BY ordinal_position"
    )
    return [row[0] for row in clinic.rows(engine, query) if not row[0].startswith("_")]


def raw_types(clinic: Clinic, table: str) -> dict[str, str]:
    query = (
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        f" WHERE attrelid = 'raw.\"{table}\"'::regclass AND attnum > 0"
    )
    return dict(clinic.rows(clinic.analytics, query))


def test_an_excluded_column_is_in_neither_tier_and_the_others_arrive(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE patient (PatNum int PRIMARY KEY, SSN varchar(9), LName varchar(9),"
        " KEY by_both (SSN, LName), KEY by_name (LName))",
        "INSERT INTO patient VALUES (1, '123456789', 'Ng'), (2, '', 'Li')",
    )
    tables = clinic.tables(patient={"columns": {"SSN": {"exclude": True}}})
    assert clinic.run(tables=tables).failed == []
    clinic.sql("UPDATE patient SET SSN = '987654321', LName = 'Lo' WHERE PatNum = 2")
    assert clinic.run(tables=tables).failed == []
    for tier in ("replication", "raw"):
        assert columns_in(clinic, tier, "patient") == ["PatNum", "LName"]
    query = "SELECT * FROM (SELECT PatNum, LName FROM patient) p ORDER BY 1"
    assert clinic.rows(clinic.replication, query) == [(1, "Ng"), (2, "Lo")]
    query = 'SELECT "PatNum", "LName" FROM raw.patient ORDER BY 1'
    assert clinic.rows(clinic.analytics, query) == [(1, "Ng"), (2, "Lo")]


HINTS: dict[str, tuple[str, str, str, str, str]] = {
    "IsHidden": ("tinyint unsigned NOT NULL", "bool", "1", "boolean", "true"),
    "IsOpen": ("tinyint(1)", "bool", "NULL", "boolean", "NULL"),
    "Flags": ("varchar(5)", "bool", "'0'", "boolean", "false"),
    "Small": ("bigint", "smallint", "-7", "smallint", "-7"),
    "Whole": ("varchar(20)", "integer", "'42'", "integer", "42"),
    "Big": ("bigint unsigned", "bigint", "9", "bigint", "9"),
    "Money": ("double", "numeric", "0.1", "numeric", "0.1"),
    "Ratio": ("decimal(10,4)", "double", "0.2500", "double precision", "0.25"),
    "Code": ("int", "text", "12", "text", "12"),
    "Born": ("datetime", "date", "'2001-02-03 00:00:00'", "date", "2001-02-03"),
    "Moment": (
        "date",
        "timestamp",
        "'2001-02-03'",
        TIMESTAMP := "timestamp without time zone",
        "2001-02-03 00:00:00",
    ),
    "StartTime": ("time", "time", "'08:30:00'", "time without time zone", "08:30:00"),
    "Hours": ("time", "interval", "'-30:15:00'", "interval", "-30:15:00"),
    "Answers": ("text", "json", "'{\"a\": [1, null]}'", "jsonb", '{"a": [1, null]}'),
    "Unset": ("datetime NOT NULL", "timestamp", "'0000-00-00 00:00:00'", TIMESTAMP, "NULL"),
}


def test_a_hinted_type_is_the_columns_type_in_raw(clinic: Clinic) -> None:
    columns = ", ".join(f"{name} {hint[0]}" for name, hint in HINTS.items())
    values = ", ".join(hint[2] for hint in HINTS.values())
    clinic.sql(
        f"CREATE TABLE hinted (id int PRIMARY KEY, {columns})",
        f"INSERT INTO hinted VALUES (1, {values})",
    )
    hints = {name: {"data_type": hint[1]} for name, hint in HINTS.items()}
    report = clinic.run(tables=clinic.tables(hinted={"columns": hints}))
    assert report.failed == [], report.tables["hinted"].error
    types = raw_types(clinic, "hinted")
    assert {name: types[name] for name in HINTS} == {n: hint[3] for n, hint in HINTS.items()}
    shown = ", ".join(f"coalesce(\"{name}\"::text, 'NULL')" for name in HINTS)
    row = clinic.rows(clinic.analytics, f"SELECT {shown} FROM raw.hinted")[0]
    assert dict(zip(HINTS, row, strict=True)) == {n: hint[4] for n, hint in HINTS.items()}


def test_generated_columns_arrive_as_plain_ones_that_follow_the_source(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE fee (FeeNum int PRIMARY KEY, Amount int NOT NULL,"
        " Doubled int GENERATED ALWAYS AS (Amount * 2) VIRTUAL,"
        " Label varchar(40) GENERATED ALWAYS AS (concat('(', Amount, ') AS x')) STORED,"
        " KEY by_label (Label)) ENGINE=InnoDB",
        "INSERT INTO fee (FeeNum, Amount) VALUES (1, 10), (2, -3)",
    )
    assert clinic.run().failed == []
    clinic.sql("UPDATE fee SET Amount = 7 WHERE FeeNum = 1")
    assert clinic.run().failed == []
    assert clinic.differences() == []


UNORDERED = {
    "grade": ("enum('z','a','m','b')", "('a'), ('b'), ('m'), ('z')"),
    "flags": ("set('z','a')", "(0), (1), (2), (3)"),
    "score": ("float", "(0.1), (0.2), (0.3), (1e-20), (-0.7)"),
}


def test_keys_that_are_sorted_in_one_way_and_compared_in_another_lose_no_row(
    clinic: Clinic,
) -> None:
    for name, (kind, values) in UNORDERED.items():
        clinic.sql(
            f"CREATE TABLE {name} (K {kind} NOT NULL PRIMARY KEY, Note text) ENGINE=InnoDB",
            f"INSERT INTO {name} (K) VALUES {values}",
        )
    tables = clinic.tables(**{name: {"batch_size": 1} for name in UNORDERED})
    assert clinic.run(tables=tables).failed == []
    assert clinic.differences() == []


def test_a_key_of_zero_is_not_numbered_anew(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE provider (ProvNum bigint AUTO_INCREMENT PRIMARY KEY, Abbr varchar(5))",
        "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
        "INSERT INTO provider VALUES (0, 'none'), (1, 'A'), (-5, 'B')",
    )
    assert clinic.run().failed == []
    clinic.sql(
        "UPDATE provider SET Abbr = CONCAT(Abbr, '2')", "INSERT INTO provider VALUES (9, 'C')"
    )
    assert clinic.run().failed == []
    assert clinic.differences() == []


def test_the_copy_has_no_index_but_the_key_and_its_cursor(clinic: Clinic) -> None:
    """Two rows may swap a unique value in one night; the copy sees them in any order."""
    clinic.sql(
        "CREATE TABLE userod (UserNum int PRIMARY KEY, UserName varchar(20) NOT NULL,"
        " Email varchar(20), UNIQUE KEY by_name (UserName), KEY by_mail (Email(5)))",
        "INSERT INTO userod VALUES (1, 'ann', NULL), (2, 'bob', 'b@c')",
    )
    assert clinic.run().failed == []
    clinic.sql(
        "UPDATE userod SET UserName = 'x' WHERE UserNum = 1",
        "UPDATE userod SET UserName = 'ann' WHERE UserNum = 2",
        "UPDATE userod SET UserName = 'bob' WHERE UserNum = 1",
    )
    assert clinic.run().failed == []
    assert clinic.differences() == []
    indexes = clinic.rows(clinic.replication, "SHOW INDEX FROM userod")
    assert {row[2]: row[1] for row in indexes} == {"PRIMARY": 0, "_replicated_at": 1}


@pytest.mark.parametrize("cursor", [False, True], ids=["full table", "incremental"])
def test_rows_are_found_again_by_any_kind_of_key(clinic: Clinic, cursor: bool) -> None:
    stamp = (
        "DateTStamp timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),"
        if cursor
        else ""
    )
    keys: dict[str, tuple[str, str, list[str]]] = {
        "composite": ("a bigint, b varchar(9)", "a, b", ["1, ''", "1, 'x'", "2, ''", "-1, 'x'"]),
        "texts": (
            "k varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "k",
            ["''", "'a'", "'A'", "'é, \"\\'\\\\N'"],
        ),
        "dates": ("k date", "k", ["'0001-01-01'", "'9999-12-31'", "'2024-02-29'", "'1969-07-20'"]),
        "moments": ("k datetime(6)", "k", [f"'2024-01-01 00:00:00.{n}'" for n in (0, 1, 2, 25)]),
        "bytes": ("k binary(16)", "k", ["0x00", "0xFF5C4E", "0x27", f"0x{'0a' * 16}"]),
        "blobs": ("k blob", "k(100)", ["''", "0x00", "0xFF5C4E", "0x0D0A22"]),
        "decimals": ("k decimal(30,12)", "k", ["0", "0.000000000001", "-1.5", "99.999999999999"]),
        "naturals": ("k bigint unsigned", "k", ["0", "1", "9223372036854775808", f"{2**64 - 1}"]),
        "bits": ("k bit(64)", "k", ["0", "1", "48", f"{2**64 - 1}"]),
        "times": ("k time", "k", ["'-838:59:59'", "'00:00:00'", "'08:30:00'", "'24:00:01'"]),
        "letters": ("k enum('b','a','c','')", "k", ["'a'", "'b'", "'c'", "''"]),
    }
    for name, (columns, key, values) in keys.items():
        rows = ", ".join(f"({value}, {number})" for number, value in enumerate(values))
        names = ", ".join(part.split()[0] for part in columns.split(", "))
        clinic.sql(
            f"CREATE TABLE {name} ({columns}, n int, {stamp} PRIMARY KEY ({key})) ENGINE=MyISAM",
            f"INSERT INTO {name} ({names}, n) VALUES {rows}",
        )
    first = clinic.run()
    assert first.failed == [], [first.tables[name].error for name in first.failed]
    assert clinic.differences() == []

    deletes: Any = () if cursor else [f"DELETE FROM {name} WHERE n IN (1, 3)" for name in keys]
    changes = [f"UPDATE {name} SET n = 20 WHERE n = 2" for name in keys]
    clinic.sql(*deletes, *changes)
    second = clinic.run()
    assert second.failed == [], [second.tables[name].error for name in second.failed]
    assert clinic.differences() == []
    if not cursor:
        buried = {
            t.table_name: t.load_result.deleted for t in second.tables.values() if t.load_result
        }
        assert buried == dict.fromkeys(keys, 2)


@pytest.mark.only_on(source="mariadb")
def test_a_key_that_is_sorted_otherwise_than_compared_loses_no_row(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE code (k char(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PRIMARY KEY,"
        " n int) ENGINE=InnoDB",
        "INSERT INTO code VALUES ('', 1), ('\t', 2), ('a', 3), ('a\t', 4), ('b', 5)",
    )
    tables = clinic.tables(code={"batch_size": 1})
    assert clinic.run(tables=tables).failed == []
    assert clinic.differences() == []
    clinic.sql("UPDATE code SET n = -n")
    assert clinic.run(tables=tables).failed == []
    assert clinic.differences() == []
