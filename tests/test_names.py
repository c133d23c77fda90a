"""Tables and columns may be called anything that MySQL allows."""

import pytest

from sources.opendental.sql import ident
from tests.conftest import Clinic

NAMES = [
    *("order", "select", "table", "user", "all", "null", "values", "primary", "rows"),
    *("my table", "größe", "漢字", "_under", "__twice", "1st", "2026", "1e5", "trailing_"),
    *("dash-ed", "-", "it's", "per%cent", "%s", "%(a)s", "co:lon", ":bound", "semi;colon", "a,b"),
    *("(round)", "{curly}", "[square]", "a=b", "a+b", "hash#", "--", "/*", "$dollar", "@at"),
    *("Upper", "back\\slash", "q?", "tab\tbed", "&", "~", "!", "a.b"),
]
FOR_COLUMNS = {
    "/*",
    "a.b",
    "it's",
    "back\\slash",
    "tab\tbed",
    "q?",
    "{curly}",
    "null",
    "all",
    "rows",
    "values",
    "__twice",
    "trailing_",
    "a+b",
    "@at",
    "~",
    "!",
    "&",
    "(round)",
    "[square]",
    "hash#",
} | {name for name in NAMES if "%" in name or ":" in name}
"""Names that are tried for columns only."""


def test_columns_may_be_called_anything(clinic: Clinic) -> None:
    names = [name for name in NAMES if name != "Upper"] + ["Upper", "c1", "v0", "id", "t", "s"]
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
    names = [name for name in NAMES if name not in FOR_COLUMNS]
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
