"""A copy holds the source's values, whatever else their tables say."""

import pytest
import sqlalchemy as sa

from opendental_pipeline.databases import catalog, server
from opendental_pipeline.reconcile import verify as verifying
from tests.conftest import Clinic
from tests.releases import KINDS

CHARSETS = """
    SELECT table_name, column_name, character_set_name, collation_name
    FROM information_schema.columns WHERE table_schema = DATABASE()
        AND character_set_name IS NOT NULL AND table_name IN ({}) ORDER BY 1, 2"""

TEXTS = "(1, 'é 😀'), (2, '中文'), (3, 'plain'), (4, '')"


@pytest.fixture
def latin(clinic: Clinic) -> Clinic:
    """A clinic whose replication database is what CREATE DATABASE makes of it on many servers."""
    clinic.execute(clinic.replication, f"ALTER DATABASE {clinic.name} CHARACTER SET latin1")
    return clinic


def charsets(clinic: Clinic, engine: sa.Engine, *tables: str) -> list[tuple[object, ...]]:
    return clinic.rows(engine, CHARSETS.format(", ".join(f"'{name}'" for name in tables)))


ODD_TABLES = {
    "parted": (
        "CREATE TABLE parted (id int, t varchar(9), PRIMARY KEY (id))"
        f" ENGINE={'MyISAM' if KINDS['source'] == 'mariadb' else 'InnoDB'}"
        " CHARSET=utf8mb4 PARTITION BY HASH (id) PARTITIONS 2",
        f"INSERT INTO parted VALUES {TEXTS}",
    ),
    "child": (
        "CREATE TABLE child (id int, t varchar(9), PRIMARY KEY (id)) ENGINE=MyISAM CHARSET=utf8mb4",
        f"INSERT INTO child VALUES {TEXTS}",
    ),
    "merged": (
        "CREATE TABLE merged (id int, t varchar(9), PRIMARY KEY (id)) ENGINE=MERGE UNION=(child)"
        " CHARSET=utf8mb4",
    ),
    "表": ("CREATE TABLE `表` (id int PRIMARY KEY)", "INSERT INTO `表` VALUES (1)"),
    "spelled": (
        "CREATE TABLE spelled (t varchar(9) COLLATE utf8mb4_bin, n int, PRIMARY KEY (t))"
        " ENGINE=InnoDB CHARSET=utf8mb4 PARTITION BY KEY (t) PARTITIONS 3",
        "INSERT INTO spelled VALUES ('a', 1), ('A', 2), ('ä', 3), ('中', 4)",
    ),
}


def test_text_keeps_its_charset_in_tables_of_every_kind(latin: Clinic) -> None:
    for statements in ODD_TABLES.values():
        latin.sql(*statements)
    assert latin.run().failed == []
    assert latin.differences() == []
    told = [charsets(latin, one, *ODD_TABLES) for one in (latin.replication, latin.source)]
    if KINDS["source"] != KINDS["replication"]:
        # whose collations have other names
        told = [[row[:3] for row in rows] for rows in told]
    assert told[0] == told[1]
    others = ("parted", "child", "spelled")
    latin.sql(*(f"UPDATE {name} SET t = CONCAT(t, '語')" for name in others))
    assert latin.run(confirmed=True).failed == []
    assert latin.differences() == []
    assert all(one.equal for one in latin.verify())


def test_a_copy_in_another_charset_is_found_by_verify_and_mended_by_the_next_night(
    latin: Clinic,
) -> None:
    """As an earlier version made it: texts whose bytes are read in another charset."""
    latin.sql(*ODD_TABLES["parted"])
    assert latin.run().failed == []
    mojibake = "CONVERT(CONVERT(t USING binary) USING latin1)"
    latin.execute(
        latin.replication,
        "SET SESSION sql_mode = ''",
        "CREATE TABLE texts SELECT id, t, _replicated_at FROM parted",
        "DELETE FROM parted",
        "ALTER TABLE parted MODIFY t varchar(40) CHARACTER SET latin1",
        f"INSERT INTO parted SELECT id, {mojibake}, _replicated_at FROM texts",
        "DROP TABLE texts",
    )
    latin.execute(latin.analytics, "UPDATE raw.parted SET t = 'Ã©' WHERE t LIKE 'é%'")
    found = {one.tier: one for one in latin.verify("parted")}
    assert "column t is latin1, and utf8mb4 was meant" in (found["replication"].error or "")
    assert found["raw"].found.changed
    report = latin.run()
    assert report.failed == []
    result = report.tables["parted"].copy_result
    assert result and result.changes == ("column t was stored as latin1 and is utf8mb4 now",)
    assert latin.differences() == []
    assert all(one.equal for one in latin.verify())
    result = latin.run().tables["parted"].copy_result
    assert result and result.changes == ()


def test_a_text_that_only_the_charset_of_its_copy_changes_is_a_difference(
    latin: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the copy's own column makes of the bytes counts, not what was meant to be there."""
    monkeypatch.setattr(verifying, "holds_text", lambda *_: True)
    latin.sql(*ODD_TABLES["parted"])
    assert latin.run().failed == []
    latin.execute(
        latin.replication,
        "ALTER TABLE parted MODIFY t varbinary(40)",
        "ALTER TABLE parted MODIFY t varchar(40) CHARACTER SET latin1",
    )
    (copied, _) = latin.verify("parted")
    assert not copied.equal and {key for (key,) in copied.found.changed} == {1, 2}


OF_MARIADB = {
    # what old rows break, since the source looks at new ones only
    "checked": (
        "CREATE TABLE checked (id int PRIMARY KEY, n int, j longtext CHECK (json_valid(j)),"
        " CONSTRAINT few CHECK (n < 10)) ENGINE=InnoDB",
        "SET check_constraint_checks = 0",
        "INSERT INTO checked VALUES (1, 99, 'no json'), (2, 1, '{}')",
    ),
    "numbered": (
        "CREATE SEQUENCE s",
        "CREATE TABLE numbered (id int PRIMARY KEY DEFAULT nextval(s),"
        " t text NOT NULL DEFAULT uuid())",
        "INSERT INTO numbered (t) VALUES ('a'), ('b')",
    ),
    "booked": (
        "CREATE TABLE booked (room int, since date, until date, PERIOD FOR stay (since, until),"
        " PRIMARY KEY (room, stay WITHOUT OVERLAPS)) ENGINE=InnoDB",
        "INSERT INTO booked VALUES (1, '2024-01-01', '2024-02-01'),"
        " (1, '2024-02-01', '2024-03-01')",
    ),
}
CONSTRAINED = {
    "parent": (
        "CREATE TABLE parent (id int PRIMARY KEY) ENGINE=InnoDB",
        "INSERT INTO parent VALUES (1)",
    ),
    "orphan": (
        "CREATE TABLE orphan (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES parent (id))"
        " ENGINE=InnoDB",
        "SET foreign_key_checks = 0",
        "INSERT INTO orphan VALUES (1, 1), (2, 99)",
    ),
    "prefixed": (
        "CREATE TABLE prefixed (t text, n int, PRIMARY KEY (t(5))) ENGINE=MyISAM CHARSET=utf8mb3",
        "INSERT INTO prefixed VALUES ('abcdef', 1), ('abcdx', 2)",
    ),
    "listed": (
        "CREATE TABLE listed (id int PRIMARY KEY, e enum('a😀', 'b', '?') CHARACTER SET utf8mb4,"
        " s set('😀', 'x') CHARACTER SET utf8mb4) ENGINE=MyISAM",
        "SET sql_mode = ''",
        "INSERT INTO listed VALUES (1, 'a😀', '😀,x'), (2, 'none', ''), (3, '?', 'x')",
    ),
    "stamped": (
        "CREATE TABLE stamped (id int PRIMARY KEY, a timestamp NOT NULL, b timestamp NULL,"
        " v int DEFAULT 7 INVISIBLE, g int AS (id + 1) STORED) ENGINE=MyISAM",
        "SET sql_mode = ''",
        "INSERT INTO stamped (id, a, b) VALUES (1, 0, NULL), (2, '2024-01-01 10:00:00', NOW())",
    ),
}


@pytest.mark.only_on(source="mariadb")
def test_what_only_mariadb_says_of_a_table_stays_at_the_source(latin: Clinic) -> None:
    for statements in OF_MARIADB.values():
        latin.sql(*statements)
    tables = latin.tables()
    names = [name for name in tables.tables if name != "s"]
    for changes in ([], ["UPDATE numbered SET t = 'c'", "DELETE FROM booked"]):
        latin.sql("SET check_constraint_checks = 0", *changes)
        report = latin.run(tables=tables, confirmed=True)
        assert {name: report.tables[name].error for name in report.failed} == {}
        assert latin.differences(*names) == []


def test_what_a_table_says_beside_its_values_stays_at_the_source(latin: Clinic) -> None:
    for statements in CONSTRAINED.values():
        latin.sql(*statements)
    tables = latin.tables()
    report = latin.run(tables=tables)
    assert {name: report.tables[name].error for name in report.failed} == {}
    assert latin.differences() == []
    latin.sql("SET sql_mode = ''", "UPDATE listed SET s = 'x', e = 'b'", "DELETE FROM stamped")
    report = latin.run(tables=tables, confirmed=True)
    assert {name: report.tables[name].error for name in report.failed} == {}
    assert latin.differences() == []


@pytest.mark.only_on(source="mariadb", replication="mariadb")
def test_collations_that_replication_does_not_know_take_no_two_texts_for_the_same(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those of MySQL 8 are unknown to MariaDB, and the other way round."""
    known = catalog.read_collations

    def fewer(connection: sa.Connection) -> frozenset[str]:
        return frozenset(n for n in known(connection) if "thai" not in n and "general" not in n)

    monkeypatch.setattr(server, "read_collations", fewer)
    clinic.sql(
        "CREATE TABLE word (t varchar(9) COLLATE utf8mb4_thai_520_w2, n int, PRIMARY KEY (t))"
        " ENGINE=InnoDB",
        "INSERT INTO word VALUES ('a', 1), ('b ', 2), ('ä', 3)",
        "CREATE TABLE note (n int PRIMARY KEY, t text CHARACTER SET utf8mb3) ENGINE=MyISAM",
        "INSERT INTO note VALUES (1, 'é'), (2, 'É')",
    )
    assert clinic.run().failed == []
    assert clinic.differences() == []
    held = charsets(clinic, clinic.replication, "word", "note")
    # each in its own charset, which may take fewer bytes than utf8mb4
    assert [row[3] for row in held] == ["utf8mb3_nopad_bin", "utf8mb4_nopad_bin"]
    clinic.sql("UPDATE word SET t = 'A' WHERE n = 1", "UPDATE note SET t = 'e' WHERE n = 1")
    report = clinic.run(confirmed=True)
    assert report.failed == []
    results = [report.tables[name].copy_result for name in ("word", "note")]
    assert [one and one.changes for one in results] == [(), ()]
    assert clinic.differences() == []
    assert all(one.equal for one in clinic.verify())
