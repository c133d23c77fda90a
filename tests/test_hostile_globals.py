"""Whatever the servers' administrators set for everybody, a night copies exactly what is there."""

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from tests import edges
from tests.conftest import Clinic
from tests.hostile import EVERYTHING, GROUPS, Hostility, hostile

EDITED = "SecDateTEdit timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()"
ROW = "Note varchar(60), Fee double, Code char(12), Day datetime(6)"
TEXT = r"CONCAT('é 😀 \\ 中 ', seq, IF(seq % 3, '', ' '))"
VALUES = f"{TEXT}, seq / 7e0, CONCAT(seq, ''''), '2024-01-01' + INTERVAL seq SECOND"

TABLES = {
    "payment": (f"Num bigint PRIMARY KEY, {ROW}, {EDITED}", "InnoDB", "seq"),
    "visit": (f"Num int PRIMARY KEY, {ROW}", "MyISAM", "seq"),
    "pair": (f"Num int, Half int, {ROW}, PRIMARY KEY (Half, Num)", "InnoDB", "seq, seq % 2"),
    "code": (
        f"Num varchar(20) COLLATE utf8mb4_bin PRIMARY KEY, {ROW}",
        "MyISAM",
        "CONCAT(IF(seq % 2, 'k', 'K'), seq DIV 2)",
    ),
    "keyless": (f"Num int, {ROW}", "MyISAM", "seq"),
    "versioned": (f"Num int PRIMARY KEY, {ROW}", "InnoDB WITH SYSTEM VERSIONING", "seq"),
}
"""Of each: its columns, its engine, and the values of its key for a number."""

KINDS = {
    **{f"i{bits}": f"{name}int" for bits, name in enumerate(("tiny", "small", "medium", "big"))},
    **{"un": "bigint unsigned", "de": "decimal(65,30)", "dou": "double", "flo": "float"},
    **{
        "ye": "year",
        "bits": "bit(64)",
        "da": "date",
        "dt": "datetime(6)",
        "ts": "timestamp(6) NULL",
    },
    **{"ti": "time(6)", "ch": "char(40)", "vc": "varchar(90)", "tt": "tinytext", "lt": "longtext"},
    **{"la": "varchar(40) CHARACTER SET latin1", "uc": "text CHARACTER SET ucs2"},
    **{"en": "enum('a','1','é''')", "se": "set('a','b c','\"')", "vb": "varbinary(300)"},
    **{"bi": "binary(9)", "bl": "longblob", "ge": "geometry", "ip": "inet6", "uu": "uuid"},
}

ENGINES = "SELECT engine FROM information_schema.tables WHERE table_schema = DATABASE()"


def fill(clinic: Clinic, rows: int) -> None:
    """Makes the tables, with rows of every type at the edges of each."""
    for name, (columns, engine, key) in TABLES.items():
        names = "Num, Half" if name == "pair" else "Num"
        clinic.sql(
            "SET NAMES utf8mb4",
            f"CREATE TABLE {name} ({columns}) CHARSET=utf8mb4 ENGINE={engine}",
            f"INSERT INTO {name} ({names}, Note, Fee, Code, Day)"
            f" SELECT {key}, {VALUES} FROM seq_1_to_{rows}",
        )
    columns = ", ".join(f"{name} {kind}" for name, kind in KINDS.items())
    clinic.sql(
        edges.ANYTHING,
        f"CREATE TABLE kinds (Num int PRIMARY KEY, {columns}) CHARSET=utf8mb4",
        *edge_rows().inserts(40),
    )


def edge_rows() -> edges.EdgeRows:
    """Rows for the table of all types."""
    kinds = [(name, kind.split("(")[0].split(" ")[0], kind) for name, kind in KINDS.items()]
    return edges.EdgeRows("kinds", [("Num", "int", "int"), *kinds], ["Num"], [])


def work(clinic: Clinic, rows: int) -> None:
    """A day: rows edited, deleted and added in every table."""
    for name, (_, _, key) in TABLES.items():
        names = "Num, Half" if name == "pair" else "Num"
        clinic.sql(
            f"UPDATE {name} SET Note = CONCAT('ñ', Note), Fee = Fee / 3 WHERE CRC32(Num) % 50 = 0",
            f"UPDATE {name} SET Code = 'x ', Day = NULL WHERE CRC32(Num) % 70 = 1",
            f"DELETE FROM {name} WHERE CRC32(Num) % 60 = 2",
            f"INSERT INTO {name} ({names}, Note, Fee, Code, Day)"
            f" SELECT {key}, {VALUES} FROM seq_{rows + 1}_to_{rows + 40}",
        )
    clinic.sql(edges.ANYTHING, *edge_rows().updates(30), "DELETE FROM kinds WHERE Num < -35")


def two_nights(clinic: Clinic, settings: Hostility, rows: int) -> None:
    """Two nights and a day between them under hostile settings; both must end exact."""
    fill(clinic, rows)
    with hostile(clinic, settings) as pipeline:
        for night in ("first", "second"):
            report = pipeline.run()
            assert {name: report.tables[name].error for name in report.failed} == {}, night
            assert clinic.differences() == [], night
            assert [one for one in pipeline.verify() if not one.equal] == [], night
            if night == "first":
                work(clinic, rows)
    # rows and watermark can be written in one transaction only there
    assert set(clinic.rows(clinic.replication, ENGINES)) == {("InnoDB",)}


def test_two_nights_are_exact_with_every_setting_at_its_worst(clinic: Clinic) -> None:
    two_nights(clinic, EVERYTHING, 6_000)


@pytest.mark.parametrize("group", [*GROUPS, "no hostility"])
def test_two_nights_are_exact_with_a_group_of_settings_at_its_worst(
    clinic: Clinic, group: str
) -> None:
    two_nights(clinic, GROUPS.get(group, Hostility()), 600)


def test_hostile_servers_mislead_a_session_that_sets_nothing_and_end_as_they_were(
    clinic: Clinic,
) -> None:
    clinic.sql("CREATE TABLE visit (Num int PRIMARY KEY)")
    clinic.sql("INSERT INTO visit SELECT seq FROM seq_1_to_9")
    before = global_settings(clinic)
    with hostile(clinic) as pipeline:
        assert global_settings(clinic) != before
        assert [len(rows) for rows in nine_rows(pipeline)] == [3, 3]
        with sa.create_engine(pipeline.settings.analytics.url()).connect() as connection:
            shown = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in SHOWN]
            assert shown == list(SHOWN.values())
        assert len(clinic.rows(clinic.source, "SELECT * FROM visit")) == 9
    assert global_settings(clinic) == before
    assert clinic.rows(clinic.analytics, "SHOW client_encoding") == [("UTF8",)]


SHOWN = {"IntervalStyle": "iso_8601", "statement_timeout": "20ms", "bytea_output": "escape"}


def nine_rows(clinic: Clinic) -> list[Sequence[sa.Row[Any]]]:
    """What sessions that set nothing get of nine rows, at the source and at replication."""
    found = []
    for config in (clinic.settings.source, clinic.settings.replication):
        with sa.create_engine(config.url()).connect() as connection:
            connection.exec_driver_sql("SET sql_big_selects = ON")
            found.append(connection.exec_driver_sql("SELECT seq FROM seq_1_to_9").all())
    return found


def global_settings(clinic: Clinic) -> list[list[tuple[Any, ...]]]:
    """All global settings of both servers of MySQL."""
    query = (
        "SELECT variable_name, global_value FROM information_schema.system_variables"
        " WHERE global_value IS NOT NULL AND variable_name <> 'GTID_BINLOG_POS' ORDER BY 1"
    )
    return [clinic.rows(engine, query) for engine in (clinic.source, clinic.replication)]
