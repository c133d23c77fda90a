"""Tables and columns may be called anything that MySQL allows."""

from hashlib import sha256

import pytest

from opendental_pipeline.databases.sql import ident
from tests.conftest import Clinic

NAMES = [
    *("order", "select", "table", "user", "all", "null", "values", "primary", "rows"),
    *("my table", "größe", "漢字", "_under", "__twice", "1st", "2026", "1e5", "trailing_"),
    *("dash-ed", "-", "it's", "per%cent", "%s", "%(a)s", "co:lon", ":bound", "semi;colon", "a,b"),
    *("(round)", "{curly}", "[square]", "a=b", "a+b", "hash#", "--", "/*", "$dollar", "@at"),
    *("Upper", "back\\slash", "q?", "tab\tbed", "&", "~", "!", "a.b", "a/b", ".", "..", "/"),
    *("line\nbreak", "_load", "_dlt_id", "_dlt_x", "_loaded_at", "_deleted_at", "xmin", "ctid"),
    *("x" * 64, "x" * 63 + "y", "ß" * 40, "漢" * 21, "é" + "x" * 61, "NULL), (", "a.1.parquet"),
]
"""Names for tables and columns; PostgreSQL has no room for some of them."""


def test_columns_may_be_called_anything(clinic: Clinic) -> None:
    names = [*NAMES, "c1", "v0", "id", "t", "s"]
    columns = ", ".join(f"{ident(name)} varchar(20) NOT NULL" for name in names)
    row = ", ".join(f"'{number}'" for number in range(len(names)))
    clinic.sql(
        f"CREATE TABLE odd (`the key` int, {columns}, PRIMARY KEY (`the key`),"
        f" KEY {ident('my index')} ({ident('order')}, {ident('a,b')}), UNIQUE KEY {ident('%s')}"
        f" ({ident('(round)')}))",
        f"INSERT INTO odd VALUES (1, {row})",
    )
    report = clinic.run()
    assert report.failed == [], report.tables["odd"].error
    clinic.sql("UPDATE odd SET " + ", ".join(f"{ident(name)} = 'new'" for name in names[::2]))
    assert clinic.run().failed == []
    assert clinic.differences() == []


def test_tables_may_be_called_anything(clinic: Clinic) -> None:
    names = [*NAMES, "UPPER", "upper"]  # tables can differ by case alone, columns cannot
    for name in names:
        clinic.sql(
            f"CREATE TABLE {ident(name)} (id int PRIMARY KEY, v varchar(9)) ENGINE=MyISAM",
            f"INSERT INTO {ident(name)} VALUES (1, 'a'), (2, 'b'), (3, '')",
        )
    report = clinic.run()
    assert report.failed == [], [report.tables[name].error for name in report.failed]
    for name in names:
        clinic.sql(f"DELETE FROM {ident(name)} WHERE id = 2", f"UPDATE {ident(name)} SET v = 'c'")
    report = clinic.run()
    assert report.failed == [], [report.tables[name].error for name in report.failed]
    assert clinic.differences() == []


@pytest.mark.parametrize("quote", ['"', "`", "``", 'a"b`c'])
def test_names_may_hold_the_quotes_that_quote_them(clinic: Clinic, quote: str) -> None:
    column, key, table = f"c{quote}", f"k{quote}", "quoted"
    clinic.sql(
        f"CREATE TABLE {ident(table)} ({ident(key)} int, {ident(column)} int,"
        f" PRIMARY KEY ({ident(key)}), KEY {ident(column)} ({ident(column)}))",
        f"INSERT INTO {ident(table)} VALUES (1, 10), (2, 20), (3, 30)",
    )
    assert clinic.run().failed == []
    clinic.sql(
        f"DELETE FROM {ident(table)} WHERE {ident(key)} = 2",
        f"UPDATE {ident(table)} SET {ident(column)} = 31 WHERE {ident(key)} = 3",
    )
    assert clinic.run().failed == []
    names = [name.replace('"', '""') for name in (key, column, table)]
    query = 'SELECT "{}", "{}" FROM raw."{}" ORDER BY 1'.format(*names)
    assert clinic.rows(clinic.analytics, query) == [(1, 10), (3, 31)]
    query = f"SELECT {ident(key)}, {ident(column)} FROM {ident(table)} ORDER BY 1"
    assert clinic.rows(clinic.replication, query) == [(1, 10), (3, 31)]


def test_the_cursor_and_hinted_columns_may_be_called_anything(clinic: Clinic) -> None:
    clinic.sql(
        'CREATE TABLE log (id int PRIMARY KEY, `it\'s %s :on` tinyint NOT NULL, `last "edit"`'
        " timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp())",
        "INSERT INTO log (id, `it's %s :on`) VALUES (1, 1), (2, 0)",
    )
    tables = clinic.tables(log={"columns": {"it's %s :on": {"data_type": "bool"}}})
    assert clinic.run(tables=tables).failed == []
    clinic.sql("UPDATE log SET `it's %s :on` = 1 WHERE id = 2")
    report = clinic.run(tables=tables)
    copied = report.tables["log"].copy_result
    assert copied and (copied.strategy_used, copied.error) == ("incremental", None)
    query = 'SELECT id, "it\'s %s :on" FROM raw.log ORDER BY 1'
    assert clinic.rows(clinic.analytics, query) == [(1, True), (2, True)]


def test_a_name_that_postgresql_has_no_room_for_is_cut_and_marked(clinic: Clinic) -> None:
    long, other = "x" * 63 + "a", "x" * 63 + "b"
    clinic.sql(
        f"CREATE TABLE {long} (id int PRIMARY KEY, {long} int, {other} int, _loaded_at int)",
        f"INSERT INTO {long} VALUES (1, 10, 20, 30)",
    )
    assert clinic.run().failed == []
    marks = [sha256(name.encode()).hexdigest()[:8] for name in (long, other, "_loaded_at")]
    first, second, third = (
        f"{name[:54]}_{mark}" for name, mark in zip((long, other, "_loaded_at"), marks, strict=True)
    )
    query = f'SELECT "{first}", "{second}", "{third}", _loaded_at IS NOT NULL FROM raw."{first}"'
    assert clinic.rows(clinic.analytics, query) == [(10, 20, 30, True)]


@pytest.mark.parametrize("name", ["etl_tombstones", "etl_load_status", "_dlt_loads"])
def test_a_table_with_a_name_of_the_pipelines_own_fails_alone(clinic: Clinic, name: str) -> None:
    clinic.sql(f"CREATE TABLE {name} (id int PRIMARY KEY)", "CREATE TABLE t (id int PRIMARY KEY)")
    report = clinic.run()
    assert report.failed == [name]
    assert "disable it" in str(report.tables[name].error)


def test_a_column_that_replication_adds_must_be_excluded(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE t (id int PRIMARY KEY, _replicated_at int)", "INSERT INTO t VALUES (1, 2)"
    )
    report = clinic.run()
    assert "exclude it in tables.yml" in str(report.tables["t"].error)
    tables = clinic.tables(t={"columns": {"_replicated_at": {"exclude": True}}})
    assert clinic.run(tables=tables).failed == []
    clinic.sql("INSERT INTO t VALUES (2, 3)")
    assert clinic.run(tables=tables).failed == []
    assert clinic.rows(clinic.analytics, "SELECT id FROM raw.t ORDER BY 1") == [(1,), (2,)]


def test_long_keys_of_any_length_are_buried(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE long_key (a varbinary(1500), b varchar(700), PRIMARY KEY (a, b))"
        " ENGINE=InnoDB CHARSET=latin1",
        "INSERT INTO long_key VALUES (REPEAT('\\\\', 1500), REPEAT('\"', 700)), ('', '')",
    )
    assert clinic.run().failed == []
    clinic.sql("DELETE FROM long_key WHERE a <> ''")
    assert clinic.run().failed == []
    assert clinic.differences() == []
