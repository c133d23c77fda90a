"""Hard values of every MySQL type arrive unchanged, in the types that the design promises."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import pytest
import sqlalchemy as sa

from opendental_pipeline.settings.tuning import RunTuning, Tuning
from tests import edges
from tests.comparison import compare
from tests.conftest import Clinic
from tests.edges import (
    BYTES,
    DATES,
    EMOJI,
    EVERY_BYTE,
    FIRST_STAMP,
    LAST_STAMP,
    MOMENTS,
    NO_DATES,
    NO_MOMENTS,
    NULS,
    STAMPS,
    TEXTS,
    ends,
    quoted,
)
from tests.generated import known
from tests.releases import KINDS, RELEASES


@dataclass(frozen=True)
class Kind:
    """A column type, the type it gets in raw, and values to try as SQL.

    Attributes:
        lost: those of the values that PostgreSQL cannot hold as they are.
    """

    mysql: str
    raw: str
    values: Sequence[str]
    lost: Sequence[str] = ()


INTEGERS = [
    Kind("tinyint(4)", "smallint", ends(-128, 127)),
    Kind("tinyint(1)", "smallint", ends(-128, 127)),
    Kind("tinyint unsigned", "smallint", ends(0, 255)),
    Kind("tinyint(1) unsigned NOT NULL", "smallint", ["255", "0", "2", "1"]),
    Kind("smallint", "smallint", ends(-(2**15), 2**15 - 1)),
    Kind("smallint unsigned", "integer", ends(0, 2**16 - 1)),
    Kind("mediumint", "integer", ends(-(2**23), 2**23 - 1)),
    Kind("mediumint unsigned", "integer", ends(0, 2**24 - 1)),
    Kind("int", "integer", ends(-(2**31), 2**31 - 1)),
    Kind("int unsigned", "bigint", ends(0, 2**32 - 1)),
    Kind("int(5) unsigned zerofill", "bigint", ends(0, 2**32 - 1)),
    Kind("bigint", "bigint", ends(-(2**63), 2**63 - 1)),
    Kind("bigint unsigned", "numeric(20,0)", ends(0, 2**64 - 1)),
    Kind("bigint(20) unsigned zerofill", "numeric(20,0)", ends(0, 2**64 - 1)),
]
YEAR = [Kind("year", "smallint", edges.YEARS)]
NUMBERS = [
    Kind("decimal(65,30)", "numeric(65,30)", edges.DECIMALS),
    Kind("decimal(18,0)", "numeric(18,0)", ["999999999999999999", "-1", "0"]),
    Kind("decimal(30,30) unsigned", "numeric(30,30)", [f"0.{'9' * 30}", f"0.{'0' * 29}1", "0"]),
    Kind("double", "double precision", edges.DOUBLES),
    Kind("double unsigned NOT NULL", "double precision", ["0.1e0", "0e0", "1e308"]),
    Kind("double(10,2)", "double precision", ["0.1", "-12345678.91", "2.675"]),
    Kind("float", "real", edges.FLOATS),
]
BITS = [
    Kind("bit(1)", "boolean", ["b'0'", "b'1'", "NULL"]),
    Kind("bit(8)", "bigint", ["b'0'", "255", "48", "NULL"]),
    Kind("bit(63)", "bigint", ["0", str(2**63 - 1), "92"]),
    Kind("bit(64)", "numeric(20,0)", ["0", str(2**64 - 1), str(2**63)]),
]

TEMPORALS = [
    Kind("date", "date", [*DATES, *NO_DATES], NO_DATES),
    Kind("date NOT NULL", "date", [*DATES[:-1], NO_DATES[0]], NO_DATES),
    *(
        Kind(
            f"datetime({digits})" if digits else "datetime",
            f"timestamp({digits}) without time zone",
            [*MOMENTS, *NO_MOMENTS, "NULL"],
            NO_MOMENTS,
        )
        for digits in range(7)
    ),
    Kind(
        "timestamp NOT NULL DEFAULT '0000-00-00 00:00:00'",
        "timestamp(0) without time zone",
        [*STAMPS, "'0000-00-00 00:00:00'"],
        NO_MOMENTS,
    ),
    Kind(
        "timestamp(6) NULL",
        "timestamp(6) without time zone",
        [FIRST_STAMP, LAST_STAMP, NO_MOMENTS[-1], "NULL"],
        NO_MOMENTS,
    ),
]
CLOCKS = [
    Kind("time", "interval(0)", edges.TIMES),
    *(Kind(f"time({n})", f"interval({n})", edges.TIMES) for n in (1, 3, 6)),
]
WIDE, LATIN = "CHARACTER SET utf8mb4", "CHARACTER SET latin1"
WORDS = [
    Kind(f"varchar(20) {WIDE}", "character varying(20)", [*TEXTS, *EMOJI, *NULS], NULS),
    Kind(f"char(20) {WIDE}", "character varying(20)", [*TEXTS, *EMOJI, *NULS], NULS),
    Kind(f"varchar(9) {LATIN} NOT NULL", "character varying(9)", quoted("é", "ÿ", "€", "", "Ñ")),
    Kind("varchar(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin", "character varying(20)", TEXTS),
    *(
        Kind(f"{size}text {WIDE}", "text", [*TEXTS, *EMOJI, *NULS], NULS)
        for size in ("tiny", "", "medium", "long")
    ),
    Kind(f"text {LATIN}", "text", quoted("Müller", "", "\\é\\")),
    Kind(f"longtext {WIDE} NOT NULL CHECK (json_valid(c9))", "text", ["'{\"a\": [1, null]}'"]),
]
CHOICES = [
    Kind(
        "enum('','a','b,c','it''s','q\"q','é','back\\\\slash')",
        "character varying(10)",
        ["''", "'a'", "'b,c'", "'it''s'", "'q\"q'", "'é'", "7", "NULL"],
    ),
    Kind(
        "set('a','it''s','q\"q','é','x y')",
        "character varying(16)",
        ["''", "'a'", "'a,it''s,q\"q,é,x y'", "'é,x y'", "NULL"],
    ),
    # what is none of an ENUM's members became its error value, which shows as the empty text
    Kind("enum('1','0','2') NOT NULL", "character varying(1)", ["'0'", "'x'", "'2'", "'y'"]),
    Kind(f"enum('é','x') {LATIN}", "character varying(1)", ["'é'", "'y'", "'x'", "''", "NULL"]),
]
BINARIES = [
    Kind("binary(4)", "bytea", BYTES),
    Kind("varbinary(256)", "bytea", [*BYTES, EVERY_BYTE]),
    Kind("tinyblob", "bytea", BYTES),
    Kind("blob", "bytea", [*BYTES, EVERY_BYTE]),
    Kind("mediumblob", "bytea", [*BYTES, EVERY_BYTE]),
    Kind("longblob NOT NULL", "bytea", [*BYTES[:-1], EVERY_BYTE]),
]
OTHERS = [
    Kind("geometry", "bytea", edges.SHAPES),
    Kind("point NOT NULL", "bytea", ["POINT(1.5, -2)", "POINT(0, 0)"]),
    Kind("polygon", "bytea", edges.SHAPES[1:2]),
    Kind(f"text {WIDE}", "text", quoted("a" * 999, "", "é")),
]
OF_MARIADB = [
    Kind("uuid", "text", ["'00000000-0000-0000-0000-000000000000'", "UUID()", "NULL"]),
    Kind("inet6", "text", ["'::1'", "'2001:db8::ff00:42:8329'", "'::ffff:10.0.0.1'", "NULL"]),
    Kind("inet4", "text", ["'0.0.0.0'", "'255.255.255.255'", "NULL"]),
    Kind("text /*M!100301 COMPRESSED*/", "text", quoted("a" * 999, "", "é")),
]
FIVE_MEGABYTES = "REPEAT({}, 270000)".format(*quoted('"é😀\\ \n,1234567'))
LARGE = [
    Kind(f"longtext {WIDE}", "text", [FIVE_MEGABYTES, "''"]),
    Kind("longblob", "bytea", ["''", f"REPEAT({EVERY_BYTE}, 4000)"]),
]

# how a column is stored on the disk, and its default, are nothing that a copy needs
COLUMNS = """
    SELECT column_name, REPLACE(REPLACE(column_type, '/*M!', '/*!'), ' /*!100301 COMPRESSED*/', '')
            AS column_type,
        is_nullable, character_set_name, collation_name
    FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'kinds'
        AND column_name <> '_replicated_at' ORDER BY ordinal_position"""

# servers call three-byte UTF-8 by its old name or its new one, and some show no widths
SPELLINGS = {
    r"^((?:tiny|small|medium|big)?int)\(\d+\)(?!.*zerofill)": r"\1",
    r"^utf8(?=_|$)": "utf8mb3",
    # MySQL takes fewer shapes than MariaDB has
    **({r"^(geometry|point|polygon)$": "longblob"} if edges.MYSQL_COPIES else {}),
}


def columns_of(clinic: Clinic, engine: sa.Engine) -> list[list[str | None]]:
    """The columns of `kinds` at a server, in one spelling where the two are not of one release."""

    def plain(text: str | None) -> str | None:
        for spelled, instead in SPELLINGS.items():
            text = text and re.sub(spelled, instead, text)
        return "year" if text == "year(4)" else text

    rows = [list(row) for row in clinic.rows(engine, COLUMNS)]
    if RELEASES.get("source") == RELEASES.get("replication") and not edges.MYSQL_COPIES:
        return rows
    # another release may have collations of other names
    return [[plain(text) for text in row[:-1]] for row in rows]


RAW_COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = 'raw.kinds'::regclass AND attnum > 0 ORDER BY attnum"""


HALF = "_utf8mb3 x'41EDA0BDEDB88042'"
NO_CHARACTERS = (
    "CREATE TABLE note (id int PRIMARY KEY, t varchar(20) CHARACTER SET utf8mb3,"
    " k varchar(9) CHARACTER SET cp1251, g varchar(9) CHARACTER SET greek, l text CHARACTER SET"
    " latin1, b blob) ENGINE=MyISAM",
    f"INSERT INTO note VALUES (1, {HALF}, _cp1251 x'4198', _greek x'41FF', _latin1 x'8198',"
    " 0xEDA080), (2, 'a?', 'b?', NULL, '?', 0xED),"
    " (3, _utf8mb3 x'EDA080', _cp1251 x'983F98', 'c', 'é', '')",
    "CREATE TABLE keyed (t varchar(20) CHARACTER SET utf8mb3 PRIMARY KEY) ENGINE=MyISAM",
    f"INSERT INTO keyed VALUES ({HALF}), ('b'), ('c'), ('d'), ('e')",
)


# MySQL stores no half of a surrogate pair
@pytest.mark.only_on(source="mariadb", replication="mariadb")
@pytest.mark.parametrize("handed", [1, 10_000])
def test_what_is_no_character_is_changed_by_a_stated_rule_and_counted(
    clinic: Clinic, handed: int
) -> None:
    clinic.sql(*NO_CHARACTERS)
    tuning = Tuning(runs=RunTuning(handover_rows=handed))
    report = clinic.run(tuning=tuning)
    result = report.tables["note"]
    assert {name: report.tables[name].error for name in report.failed} == {}
    copied, loaded = result.copy_result, result.load_result
    assert copied and copied.coercions == {"k": 2, "g": 1}
    assert loaded and loaded.coercions == {"t": 2}
    bytes_ = "SELECT id, HEX(CAST(t AS BINARY)), HEX(b) FROM note ORDER BY id"
    assert clinic.rows(clinic.replication, bytes_) == clinic.rows(clinic.source, bytes_)
    assert clinic.rows(clinic.analytics, "SELECT t, k, g, l FROM raw.note ORDER BY id") == [
        ("A\ufffd\ufffdB", "A?", "A?", "\x81\u02dc"),
        ("a?", "b?", None, "?"),
        ("\ufffd", "???", "c", "é"),
    ]
    assert all(one.equal for one in clinic.verify())
    clinic.sql("DELETE FROM keyed WHERE t < 'b'")
    assert clinic.run(tuning=tuning).failed == []
    assert clinic.rows(clinic.analytics, "SELECT t FROM raw.keyed ORDER BY 1") == [
        (letter,) for letter in "bcde"
    ]


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(INTEGERS, id="integers"),
        pytest.param(YEAR, id="years"),
        pytest.param(NUMBERS, id="decimals, floats and doubles"),
        pytest.param(BITS, id="bits"),
        pytest.param(TEMPORALS, id="dates and moments"),
        pytest.param(CLOCKS, id="times"),
        pytest.param(WORDS, id="texts"),
        pytest.param(CHOICES, id="enums and sets"),
        pytest.param(BINARIES, id="binaries"),
        pytest.param(OTHERS, id="shapes and other types"),
        pytest.param(
            OF_MARIADB,
            id="addresses and other types of MariaDB",
            marks=pytest.mark.only_on(source="mariadb", replication="mariadb"),
        ),
        pytest.param(LARGE, id="megabytes"),
    ],
)
def test_every_value_survives_being_entered_and_being_changed(
    clinic: Clinic, kinds: list[Kind]
) -> None:
    if kinds is OF_MARIADB:
        # what one of its releases lacks is in tests/test_across.py
        types = known(clinic.replication, known(clinic.source, (kind.mysql for kind in kinds)))
        kinds = [kind for kind in kinds if kind.mysql in types]
    names = [f"c{number}" for number in range(len(kinds))]
    count = max(len(kind.values) for kind in kinds)
    columns = [list(islice(cycle(kind.values), count)) for kind in kinds]
    defined = ", ".join(f"{name} {kind.mysql}" for name, kind in zip(names, kinds, strict=True))
    numbers = map(str, range(1, count + 1))
    rows = ", ".join(f"({', '.join(row)})" for row in zip(numbers, *columns, strict=True))
    clinic.sql(
        edges.ANYTHING,
        f"CREATE TABLE kinds (id int NOT NULL PRIMARY KEY, {defined}) ENGINE=MyISAM",
        f"INSERT INTO kinds VALUES {rows}",
    )

    report = clinic.run()

    assert report.failed == [], report.tables["kinds"].error
    assert clinic.differences() == []
    lost = {
        name: sum(value in kind.lost for value in column)
        for name, kind, column in zip(names, kinds, columns, strict=True)
    }
    result = report.tables["kinds"].load_result
    coerced = {column: n for (_, column), n in compare(clinic.tiers).coerced.items()}
    assert result and result.coercions == coerced
    if KINDS["source"] == "mariadb":
        # MySQL stores some impossible moments as zero
        assert coerced == {name: n for name, n in lost.items() if n}
    assert columns_of(clinic, clinic.replication) == columns_of(clinic, clinic.source)
    in_raw = dict(clinic.rows(clinic.analytics, RAW_COLUMNS))
    assert [in_raw[name] for name in names] == [kind.raw for kind in kinds]

    moved = ", ".join(f"k.{name} = b.{name}" for name in names)
    clinic.sql(
        edges.ANYTHING,
        "CREATE TEMPORARY TABLE earlier LIKE kinds",
        "INSERT INTO earlier SELECT * FROM kinds",
        f"UPDATE kinds k JOIN earlier b ON b.id = k.id % {count} + 1 SET {moved}",
    )
    report = clinic.run()
    assert report.failed == [], report.tables["kinds"].error
    assert clinic.differences() == []


@pytest.mark.only_on(source="mariadb", replication="mysql")
def test_a_value_without_room_in_mysql_fails_its_table_alone_and_in_words(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE late (id int PRIMARY KEY, t time(6), s timestamp(6) NULL)",
        "INSERT INTO late VALUES (1, '838:59:59.5', '2038-01-19 03:14:07.9'), (2, '1:00', NULL)",
        "CREATE TABLE early (id int PRIMARY KEY, t time(6))",
        "INSERT INTO early VALUES (1, '838:59:59')",
    )
    report = clinic.run()
    error = "table late, hop replication: not all of 2 rows would arrive unchanged: MySQL warns"
    assert report.failed == ["late"]
    assert (report.tables["late"].error or "").startswith(error)
    assert clinic.rows(clinic.replication, "SELECT COUNT(*) FROM late") == [(0,)]
    assert clinic.rows(clinic.analytics, "SELECT t::text FROM raw.early") == [("838:59:59",)]


def test_texts_beyond_what_a_server_sends_at_once_arrive(clinic: Clinic) -> None:
    """No function gets anything larger than max_allowed_packet."""
    megabyte = "REPEAT('0123456789abcde\n', 65536)"
    clinic.sql(
        "CREATE TABLE document (DocNum int PRIMARY KEY, Raw longtext, Scan longblob, Note text)",
        f"INSERT INTO document VALUES (1, REPEAT({megabyte}, 30),"
        " UNHEX(REPEAT('00FF5C22', 5000000)), 'large'), (2, '', '', 'small'),"
        " (3, NULL, NULL, 'none')",
    )
    limit = clinic.rows(clinic.replication, "SELECT @@GLOBAL.max_allowed_packet")[0][0]
    with clinic.replication.connect() as connection:
        connection.exec_driver_sql("SET GLOBAL max_allowed_packet = 16777216")
    try:
        report = clinic.run()
        assert report.failed == [], report.tables["document"].error
        assert clinic.differences() == []
        clinic.sql("UPDATE document SET Note = 'edited'")
        assert clinic.run().failed == []
        assert clinic.differences() == []
    finally:
        with clinic.replication.connect() as connection:
            connection.exec_driver_sql(f"SET GLOBAL max_allowed_packet = {limit}")


@pytest.mark.only_on(source="mariadb", replication="mariadb")
def test_the_time_types_of_old_servers_arrive(clinic: Clinic) -> None:
    clinic.sql("SET GLOBAL mysql56_temporal_format = OFF")
    try:
        clinic.sql(
            "CREATE TABLE old (id int PRIMARY KEY, d datetime(3), t time(2), s timestamp(4) NULL,"
            " e datetime NOT NULL DEFAULT '0000-00-00 00:00:00') ENGINE=MyISAM"
        )
    finally:
        clinic.sql("SET GLOBAL mysql56_temporal_format = ON")
    shown = clinic.rows(clinic.source, "SHOW CREATE TABLE old")[0][1]
    assert "mariadb-5.3" in shown
    clinic.sql(
        "INSERT INTO old VALUES (1, '9999-12-31 23:59:59.999', '-838:59:59.99',"
        " '2038-01-19 03:14:07.9999', '2024-02-29 01:02:03'), (2, NULL, NULL, NULL, DEFAULT)"
    )
    assert clinic.run().failed == []
    assert clinic.differences() == []
    clinic.sql("UPDATE old SET t = '12:00:00.5'")
    assert clinic.run().failed == []
    assert clinic.differences() == []


@pytest.mark.only_on(source="mariadb")
def test_invisible_columns_and_versioned_tables_arrive(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE hidden (id int PRIMARY KEY, v varchar(20) INVISIBLE"
        " DEFAULT 'x, AS (1) STORED',"
        " n int INVISIBLE, c int CHECK (c <> id), j json,"
        " w varchar(9) COMMENT 'a, `b` (INVISIBLE\nKEY `x` (`y`)') ENGINE=InnoDB",
        "INSERT INTO hidden (id, n, c, j) VALUES (1, 5, 2, '{}')",
        "CREATE TABLE versioned (id int PRIMARY KEY, v int) WITH SYSTEM VERSIONING",
        "INSERT INTO versioned VALUES (1, 1), (2, 2)",
    )
    assert clinic.run().failed == []
    assert clinic.differences() == []
    clinic.sql("UPDATE versioned SET v = 3", "DELETE FROM versioned WHERE id = 2")
    tables = clinic.tables(hidden={"columns": {"c": {"exclude": True}}})
    assert clinic.run(tables=tables).failed == []
    assert clinic.differences("versioned") == []
