"""A copy is exact whatever servers it goes between: what one has, the other need not know.

Each table is made of what some server knows; one that the source's server refuses is left out.
"""

from contextlib import suppress

import pytest
import sqlalchemy as sa

from opendental_pipeline.databases import catalog, server
from tests.conftest import Clinic

KEYS = ("'a'", "'b'", "'b '", "'ß'", "'é'", "'\\t'", "''")
RESPELLED = "UPDATE {0} SET t = UPPER(t), n = n + 1 WHERE t IN ('a', 'é')"


def key_of_text(definition: str, engine: str = "InnoDB") -> str:
    return f"CREATE TABLE {{0}} (t {definition}, n int, PRIMARY KEY (t)) ENGINE={engine}"


TEXT_KEYS = {
    "by_default": key_of_text("varchar(20)"),
    "by_char": key_of_text("char(20)", "MyISAM"),
    "by_latin1": key_of_text("varchar(20) CHARACTER SET latin1"),
    "by_utf8mb3": key_of_text("varchar(20) CHARACTER SET utf8mb3"),
    "by_bin": key_of_text("varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
    "by_0900": key_of_text("varchar(20) COLLATE utf8mb4_0900_ai_ci"),
    "by_0900_bin": key_of_text("char(20) COLLATE utf8mb4_0900_bin"),
    "by_uca1400": key_of_text("varchar(20) COLLATE utf8mb4_uca1400_ai_ci"),
    "by_nopad": key_of_text("char(20) COLLATE utf8mb4_general_nopad_ci"),
    "by_latin1_nopad": key_of_text("varchar(20) CHARACTER SET latin1 COLLATE latin1_nopad_bin"),
    "by_gb18030": key_of_text("varchar(20) CHARACTER SET gb18030"),
    "by_prefix": (
        "CREATE TABLE {0} (t text CHARACTER SET latin1, n int, PRIMARY KEY (t(9))) ENGINE=MyISAM"
    ),
}


def make(clinic: Clinic, tables: dict[str, str]) -> list[str]:
    """Makes those tables that the source's server knows."""
    made = []
    for name, create in tables.items():
        with suppress(sa.exc.DBAPIError):
            clinic.sql(create.format(name))
            made.append(name)
    assert made
    return made


def arrives(clinic: Clinic) -> None:
    """A night, in ranges of two rows, after which all is equal."""
    ranges = {name: {"batch_size": 2} for name in clinic.tables().tables}
    report = clinic.run(tables=clinic.tables(**ranges), confirmed=True)
    assert {name: report.tables[name].error for name in report.failed} == {}
    assert clinic.differences() == []
    assert [one for one in clinic.verify() if not one.equal] == []


def test_keys_of_text_arrive_in_any_collation_and_in_other_letters(clinic: Clinic) -> None:
    made = make(clinic, TEXT_KEYS)
    for name in made:
        rows = ", ".join(f"({key}, {number})" for number, key in enumerate(KEYS))
        # without what a collation takes for another key
        clinic.sql(f"INSERT IGNORE INTO {name} VALUES {rows}")
    arrives(clinic)
    clinic.sql(*(RESPELLED.format(name) for name in made))
    clinic.sql(*(f"DELETE FROM {name} WHERE t = 'b'" for name in made))
    arrives(clinic)


def test_a_row_whose_key_got_other_letters_arrives_where_its_table_is_read_by_a_cursor(
    clinic: Clinic,
) -> None:
    # in a binary one it is another key
    made = make(clinic, {name: sql for name, sql in TEXT_KEYS.items() if "_bin" not in sql})
    moving = "timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()"
    for name in made:
        clinic.sql(f"ALTER TABLE {name} ADD moved {moving}, ADD KEY (moved)")
        clinic.sql(f"INSERT INTO {name} (t, n) VALUES ('a', 1), ('c', 2)")
    cursor = {
        "extraction_strategy": "incremental",
        "incremental_columns": ["moved"],
        "primary_incremental_column": "moved",
        "reconcile": {"deletes": "off", "rows": "off"},
    }
    tables = clinic.tables(**dict.fromkeys(made, cursor))
    assert clinic.run(tables=tables).failed == []
    clinic.sql(*(f"UPDATE {name} SET t = 'A' WHERE n = 1" for name in made))
    report = clinic.run(tables=tables, confirmed=True)
    assert report.failed == []
    assert clinic.differences() == []
    for name in made:
        result = report.tables[name].copy_result
        compared = "SELECT collation_name FROM information_schema.columns WHERE table_schema ="
        compared += f" DATABASE() AND table_name = '{name}' AND column_name = 't'"
        one, other = (clinic.rows(e, compared) for e in (clinic.source, clinic.replication))
        # said where, and only where, the copy compares otherwise
        same = str(one).replace("utf8mb3", "utf8") == str(other).replace("utf8mb3", "utf8")
        assert result is not None
        assert ("replication compares its key t in" in result.reason) != same


OWN_TYPES = {
    "documents": ("json", "'{\"a\": 1.50}'", "'[1.5, \"\\\\u0000\"]'"),
    "vectors": ("vector(3)", "0x0000803F0000803F000080BF", "NULL"),
    "addresses": ("inet6", "'::1'", "'2001:db8::ff00:42:8329'"),
    "numbers_of_hosts": ("inet4", "'10.0.0.1'", "NULL"),
    "names": ("uuid", "'00000000-0000-0000-0000-00000000000f'", "UUID()"),
    "places": ("point", "0xE6100000010100000000000000000000000000000000C07240", "NULL"),
    # MySQL has no line of one point
    "lines": ("geometry", "0x0000000001020000000100000000000000000008400000000000001040", "NULL"),
    "collections": ("geometrycollection", "0x00000000010700000000000000", "NULL"),
    "years": ("year", "0", "2155"),
    "filled": ("int(7) unsigned zerofill", "42", "NULL"),
    "rounded": ("double(12,3)", "1.0005", "-0.125"),
    "tiny": ("double", "2.2250738585072014e-308", "-1.2345678901234567e-15"),
    "chinese": ("tinytext CHARACTER SET gb18030", "REPEAT('字', 127)", "'é'"),
    "swedish": ("tinytext CHARACTER SET latin1 COLLATE latin1_nopad_bin", "REPEAT('é', 255)", "''"),
    "hidden": ("int INVISIBLE", "1", "2"),
    "generated": ("int AS (id + 1) STORED", "DEFAULT", "DEFAULT"),
    "defaulted": ("text NOT NULL DEFAULT ('x')", "DEFAULT", "'y'"),
    "stamped": ("timestamp NOT NULL", "'1970-01-02 00:00:01'", "'2038-01-19 03:14:07'"),
    "dated": ("datetime", "'0000-00-00 00:00:00'", "'2024-02-31 10:00:00'"),
}


@pytest.mark.parametrize("engine", ["InnoDB", "MyISAM"])
def test_types_of_one_server_arrive_exactly(clinic: Clinic, engine: str) -> None:
    definitions = {
        name: f"CREATE TABLE {{0}} (id int PRIMARY KEY, c {kind}) ENGINE={engine} CHARSET=utf8mb4"
        for name, (kind, *_) in OWN_TYPES.items()
    }
    for name in make(clinic, definitions):
        _, one, other = OWN_TYPES[name]
        # what this server does not take of a type that it has is left out
        for number, value in enumerate((one, other)):
            with suppress(sa.exc.DBAPIError):
                clinic.sql(
                    "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'",
                    f"INSERT INTO {name} (id, c) VALUES ({number}, {value})",
                )
    arrives(clinic)
    clinic.sql("UPDATE tiny SET c = 2.225073858507201e-308 WHERE id = 0", "DELETE FROM filled")
    arrives(clinic)


def test_a_double_that_differs_in_its_last_bit_is_a_difference(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE small (id int PRIMARY KEY, d double) ENGINE=MyISAM",
        "INSERT INTO small VALUES (1, 2.2250738585072014e-308), (2, -1.2345678901234567e-15)",
    )
    arrives(clinic)
    clinic.execute(clinic.replication, "UPDATE small SET d = 2.225073858507202e-308 WHERE id = 1")
    (copied, _) = clinic.verify("small")
    assert copied.found.changed == [(1,)]


def test_a_nul_inside_a_document_is_removed_and_counted(clinic: Clinic) -> None:
    """Of MySQL's JSON; MariaDB's is a text, in which it is six characters."""
    clinic.sql(
        "CREATE TABLE document (id int PRIMARY KEY, j json) ENGINE=InnoDB",
        r"""INSERT INTO document VALUES (1, '{"a\\u0000": "x\\\\\\u0000\\u0000"}'),"""
        r""" (2, '"\\\\u0000"'), (3, '[1.50, 100, 1e2]')""",
    )
    report = clinic.run()
    assert report.failed == []
    assert clinic.differences() == []
    kinds = "SELECT data_type FROM information_schema.columns WHERE table_schema = DATABASE()"
    loaded = report.tables["document"].load_result
    assert loaded is not None
    if (("json",)) in clinic.rows(clinic.source, f"{kinds} AND table_name = 'document'"):
        assert loaded.coercions == {"j": 1}
        [[text]] = clinic.rows(clinic.analytics, "SELECT j::text FROM raw.document WHERE id = 1")
        assert text == r'{"a": "x\\"}'
    assert [one for one in clinic.verify() if not one.equal] == []


def test_texts_that_became_documents_run_into_no_brake(clinic: Clinic) -> None:
    """As a clinic's JSON does when it moves from MariaDB to MySQL, which prints it otherwise."""
    rows = ", ".join(f'({n}, \'{{"b":{n}.50,"a":1}}\')' for n in range(6_000))
    clinic.sql(
        "CREATE TABLE document (id int PRIMARY KEY, j longtext) ENGINE=InnoDB CHARSET=utf8mb4",
        f"INSERT INTO document VALUES {rows}",
    )
    assert clinic.run().failed == []
    clinic.sql("ALTER TABLE document MODIFY j json")
    report = clinic.run()
    assert {name: report.tables[name].error for name in report.failed} == {}
    assert clinic.differences() == []


def test_no_copy_is_emptied_for_a_key_that_it_cannot_have(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = catalog.read_collations

    def no_latin(connection: sa.Connection) -> frozenset[str]:
        return frozenset(name for name in known(connection) if not name.startswith("latin1"))

    monkeypatch.setattr(server, "read_collations", no_latin)
    clinic.sql(
        "CREATE TABLE long_key (n int PRIMARY KEY, t varchar(3000) CHARACTER SET latin1 NOT NULL)"
        " ENGINE=InnoDB",
        "INSERT INTO long_key VALUES (1, 'a'), (2, 'b')",
    )
    assert clinic.run().failed == []
    clinic.sql("ALTER TABLE long_key DROP PRIMARY KEY, ADD PRIMARY KEY (t)")
    report = clinic.run()
    # in utf8mb4 the key is longer than InnoDB has room for
    assert "1071" in (report.tables["long_key"].error or "")
    assert clinic.rows(clinic.replication, "SELECT COUNT(*) FROM long_key") == [(2,)]
    assert clinic.rows(clinic.analytics, "SELECT COUNT(*) FROM raw.long_key") == [(2,)]


def test_a_key_that_the_server_itself_generated_is_the_copys(clinic: Clinic) -> None:
    """Where the source has such keys; elsewhere the table has none."""
    with suppress(sa.exc.DBAPIError):
        clinic.sql("SELECT @@sql_generate_invisible_primary_key")
        clinic.sql("SET sql_generate_invisible_primary_key = 1", "CREATE TABLE keyless (n int)")
    if clinic.rows(clinic.source, "SHOW TABLES LIKE 'keyless'") == []:
        clinic.sql("CREATE TABLE keyless (n int)")
    clinic.sql("INSERT INTO keyless VALUES (1), (1), (2)")
    arrives(clinic)
    clinic.sql("UPDATE keyless SET n = 3 WHERE n = 2", "INSERT INTO keyless VALUES (1)")
    arrives(clinic)
