"""Replication's tables elsewhere: in DuckDB and as Parquet they are what replication has."""

import json
import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest

from opendental_pipeline.exporting.destination import PIPELINE, takes_parquet
from opendental_pipeline.exporting.export import Export, export
from opendental_pipeline.exporting.report import ExportReport, Outcome
from opendental_pipeline.runs.nightly import NightlyRun, Options
from opendental_pipeline.settings.errors import ConfigurationError, ConnectionFailedError
from opendental_pipeline.settings.tables_file import TablesFile
from sources.opendental import replica_loader
from tests import edges, programs
from tests.comparison import Difference, exported
from tests.conftest import Clinic

KINDS = {
    **{"i8": "tinyint", "i16": "smallint", "i24": "mediumint", "i64": "bigint"},
    **{"u8": "tinyint unsigned", "u32": "int unsigned", "u64": "bigint unsigned"},
    **{"de": "decimal(65,30)", "fee": "decimal(10,2)", "dou": "double", "flo": "float"},
    **{"ye": "year", "b1": "bit(1)", "b64": "bit(64)", "da": "date", "dt": "datetime(6)"},
    **{"ts": "timestamp(6) NULL", "ti": "time(6)", "ch": "char(40)", "vc": "varchar(90)"},
    **{"lt": "longtext", "la": "varchar(40) CHARACTER SET latin1", "en": "enum('a','1','é''')"},
    **{"se": "set('a','b c')", "bi": "binary(9)", "vb": "varbinary(300)", "lb": "longblob"},
    **{"ge": "geometry", 'Odd "na.me"': "int", "_deleted_at": "int"},
}
EDGES = edges.EdgeRows(
    "kinds",
    [
        ("Num", "int", "int"),
        *((name, re.split(r"\W", kind)[0], kind) for name, kind in KINDS.items()),
    ],
    ["Num"],
    [],
)
TABLES = ("kinds", "Pair", "code", "keyless", "nothing", "still", "gone", "odd table.x")


@dataclass(frozen=True)
class Elsewhere:
    """Where a clinic's tables are exported to.

    Attributes:
        to: dlt's name of the destination.
        folder: what it has.
    """

    clinic: Clinic
    to: str
    folder: Path
    dataset: str = "raw"

    def export(self, *tables: str, file: TablesFile | None = None) -> ExportReport:
        patch = self.clinic.monkeypatch
        patch.setenv("DLT_DATA_DIR", str(self.clinic.home))
        for name, value in self.variables.items():
            patch.setenv(name, value)
        given: Any = {"settings": self.clinic.settings, "tuning": self.clinic.tuning}
        return export(self.to, self.dataset, tables, **given, file=file or self.clinic.tables())

    def on_a_new_machine(self) -> "Elsewhere":
        """The same, seen from a machine that has never run before."""
        home = self.clinic.home.with_name("another")
        return replace(self, clinic=self.clinic.on_a_new_machine(home))

    @property
    def variables(self) -> dict[str, str]:
        """Dlt's own settings of the place."""
        return {
            "DESTINATION__DUCKDB__CREDENTIALS": self.file,
            "DESTINATION__FILESYSTEM__BUCKET_URL": self.folder.as_uri(),
        }

    @property
    def file(self) -> str:
        return str(self.folder / "clinic.duckdb")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(duckdb.connect(self.file if self.to == "duckdb" else ":memory:")) as found:
            return found.sql(query).fetchall()

    def differences(self, tables: Iterable[str]) -> list[Difference]:
        with closing(duckdb.connect(self.file if self.to == "duckdb" else ":memory:")) as found:
            return exported(self.clinic.tiers, found, self.place, tables)

    def place(self, table: str) -> str:
        """What DuckDB calls a table."""
        if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", table):
            plain = re.sub("[^A-Za-z0-9]+", "_", table)
            table = f"{plain}-{sha256(table.encode()).hexdigest()[:8]}"
        if self.to == "duckdb":
            return f'{self.dataset}."{table}"'
        return f"read_parquet('{self.folder}/{self.dataset}/{table}/*.parquet')"


@pytest.fixture
def in_duckdb(clinic: Clinic, tmp_path: Path) -> Elsewhere:
    return Elsewhere(clinic, "duckdb", tmp_path)


def fill(clinic: Clinic) -> None:
    """Keys of all kinds and none, the edges of all types, odd names, and no rows."""
    columns = ", ".join(f"`{name}` {kind}" for name, kind in KINDS.items())
    clinic.sql(
        edges.ANYTHING,
        "SET NAMES utf8mb4",
        f"CREATE TABLE kinds (Num int PRIMARY KEY, {columns}) CHARSET=utf8mb4",
        *EDGES.inserts(40),
        "CREATE TABLE Pair (Num int, Day date, Note text, PRIMARY KEY (Day, Num))",
        *(f"INSERT INTO Pair VALUES ({n}, '2024-01-{1 + n % 9}', 'é')" for n in range(50)),
        "CREATE TABLE code (Code varchar(20) PRIMARY KEY, Note text) CHARSET=utf8mb4",
        "INSERT INTO code VALUES ('a', '1'), ('B', '2'), ('c', '3'), ('\\'', '4')",
        "CREATE TABLE keyless (Num int, Note text)",
        "INSERT INTO keyless VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, NULL)",
        "CREATE TABLE nothing (Num int PRIMARY KEY, Fee decimal(10,2))",
        "CREATE TABLE still (Num int PRIMARY KEY, doc json)",
        """INSERT INTO still VALUES (1, '{"a": [1.10, "\\\\u00e9"]}'), (2, NULL)""",
        "CREATE TABLE gone (Num int PRIMARY KEY)",
        "INSERT INTO gone VALUES (1), (2)",
        "CREATE TABLE `odd table.x` (Num binary(2) PRIMARY KEY)",
        "INSERT INTO `odd table.x` VALUES (0x00FF), (0x4100)",
    )


def work(clinic: Clinic) -> None:
    """A day: rows come, change and go, a key is spelled otherwise, a column and a table too."""
    clinic.sql(
        edges.ANYTHING,
        "SET NAMES utf8mb4",
        *EDGES.updates(30),
        "DELETE FROM kinds WHERE Num < -35",
        "DELETE FROM Pair WHERE Num % 7 = 0",
        "UPDATE Pair SET Note = '' WHERE Num % 7 = 1",
        "INSERT INTO Pair VALUES (51, '2024-03-10', NULL)",
        "UPDATE code SET Code = 'A' WHERE Code = 'a'",
        "DELETE FROM code WHERE Code = 'c'",
        "DELETE FROM keyless WHERE Num = 1 LIMIT 1",
        "ALTER TABLE nothing ADD New varchar(9) NOT NULL DEFAULT '-', MODIFY Fee decimal(12,3)",
        "INSERT INTO nothing VALUES (1, 5.125, 'n')",
        "DROP TABLE gone",
        "DELETE FROM `odd table.x` WHERE Num = 0x00FF",
    )


def outcomes(report: ExportReport) -> dict[str, Outcome]:
    assert [one.error for one in report.failed] == []
    return {one.table: one.outcome for one in report.tables}


def test_two_nights_with_deletes_are_equal_to_replication(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [Elsewhere(clinic, to, tmp_path) for to in ("duckdb", "filesystem")]
    fill(clinic)
    assert clinic.run().failed == []
    for place in places:
        assert outcomes(place.export()) == dict.fromkeys(TABLES, Outcome.MADE_ANEW)
        assert place.differences(TABLES) == []
        assert set(outcomes(place.export()).values()) == {Outcome.UNCHANGED}

    work(clinic)
    clinic.run(confirmed=True)
    assert clinic.differences() == []
    for place in places:
        # nothing that a machine remembers is needed
        second = place.on_a_new_machine().export()
        changed = Outcome.MERGED if place.to == "duckdb" else Outcome.REPLACED
        assert outcomes(second) == {
            **dict.fromkeys(("kinds", "Pair", "code", "odd table.x"), changed),
            **{"keyless": Outcome.REPLACED, "nothing": Outcome.MADE_ANEW},
            "still": Outcome.UNCHANGED,
        }
        assert place.differences(TABLES) == []
        assert set(outcomes(place.export()).values()) == {Outcome.UNCHANGED}
    # in statements that bring a few rows each
    monkeypatch.setattr(replica_loader, "_ROWS", 1)
    again = replace(places[0], dataset="again")
    again.export()
    left = [table for table in TABLES if table != "gone"]
    assert again.differences(left) == []


def test_before_the_first_night_there_is_nothing_to_export(in_duckdb: Elsewhere) -> None:
    in_duckdb.clinic.sql("CREATE TABLE visit (n int PRIMARY KEY)")
    with pytest.raises(ConfigurationError, match="no night has run"):
        in_duckdb.export()


def test_types_are_those_of_raw_where_dlt_has_them(in_duckdb: Elsewhere) -> None:
    fill(in_duckdb.clinic)
    tables = in_duckdb.clinic.tables(
        kinds={"columns": {"i8": {"data_type": "text"}}},
        still={"columns": {"doc": {"data_type": "json"}}},
    )
    in_duckdb.clinic.run("kinds", "still", tables=tables)
    in_duckdb.export("kinds", "still", file=tables)
    ((doc, kind),) = in_duckdb.rows("SELECT doc, typeof(doc) FROM raw.still WHERE Num = 1")
    assert (json.loads(doc), kind) == ({"a": [1.1, "é"]}, "JSON")
    found = {name: kind for name, kind, *_ in in_duckdb.rows("DESCRIBE raw.kinds")}
    assert found == {
        **dict.fromkeys(("Num", "i24", 'Odd "na.me"', "_deleted_at_d8f23754"), "INTEGER"),
        **dict.fromkeys(("i16", "u8", "ye"), "SMALLINT"),
        **dict.fromkeys(("i64", "u32"), "BIGINT"),
        **dict.fromkeys(("u64", "b64"), "DECIMAL(20,0)"),
        **dict.fromkeys(("de", "ti", "ch", "vc", "lt", "la", "en", "se", "i8"), "VARCHAR"),
        **dict.fromkeys(("bi", "vb", "lb", "ge"), "BLOB"),
        **dict.fromkeys(("dou", "flo"), "DOUBLE"),
        **dict.fromkeys(("dt", "ts", "_loaded_at", "_deleted_at"), "TIMESTAMP"),
        **{"fee": "DECIMAL(10,2)", "b1": "BOOLEAN", "da": "DATE"},
    }


def test_a_key_that_was_deleted_and_came_again_is_there(in_duckdb: Elsewhere) -> None:
    clinic = in_duckdb.clinic
    clinic.sql("CREATE TABLE visit (n int PRIMARY KEY)", "INSERT INTO visit VALUES (1), (2), (3)")
    clinic.run()
    in_duckdb.export()
    for statement in ("DELETE FROM visit WHERE n < 3", "INSERT INTO visit VALUES (1)"):
        clinic.sql(statement)
        clinic.run(confirmed=True)
    (done,) = in_duckdb.export().tables
    assert (done.outcome, done.rows, done.deleted) == (Outcome.MERGED, 1, 2)
    assert in_duckdb.differences(["visit"]) == []


def test_hints_are_followed_and_a_table_that_cannot_be_exported_fails_alone(
    in_duckdb: Elsewhere,
) -> None:
    clinic = in_duckdb.clinic
    clinic.sql(
        "CREATE TABLE visit (n int PRIMARY KEY, Flag tinyint, Start time, SSN text, Note text)",
        "INSERT INTO visit VALUES (1, 1, '08:30:00', '123', 'x'), (2, 0, NULL, NULL, '')",
        "CREATE TABLE bad (n int PRIMARY KEY, Flag tinyint)",
        "INSERT INTO bad VALUES (1, 1), (2, 77), (3, 77)",
        "CREATE TABLE zero (Day date PRIMARY KEY)",
        "INSERT INTO zero VALUES ('0000-00-00')",
        "CREATE TABLE Like_this (n int PRIMARY KEY)",
        "CREATE TABLE like_this (n int PRIMARY KEY)",
    )
    hints = {"Flag": {"data_type": "bool"}, "Start": {"data_type": "time"}}
    tables = clinic.tables(
        visit={"columns": {**hints, "SSN": {"exclude": True}}},
        bad={"columns": {"Flag": {"data_type": "bool"}}},
    )
    clinic.run(tables=tables)
    report = in_duckdb.export(file=tables)
    case = "another table's name differs in case only, which is the same name in most destinations"
    text = "make it data_type: text in tables.yml"
    assert {one.table: one.error for one in report.failed} == {
        "bad": "columns hold values that their data_type in tables.yml cannot take: Flag (2)",
        "zero": f"its key Day has dates that are in no calendar; {text}",
        **{"Like_this": case, "like_this": case},
    }
    assert in_duckdb.rows("SELECT * EXCLUDE (_loaded_at) FROM raw.visit ORDER BY n") == [
        (1, True, time(8, 30), "x", None),
        (2, False, None, "", None),
    ]


def test_a_crash_between_emptying_and_filling_a_table_is_mended(
    in_duckdb: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = in_duckdb.clinic
    clinic.sql("CREATE TABLE visit (n int PRIMARY KEY)", "INSERT INTO visit VALUES (1), (2)")
    clinic.run()
    in_duckdb.export()
    # its clock was put back, so all rows are written again
    clinic.execute(clinic.replication, "UPDATE visit SET _replicated_at = '2020-01-01'")
    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(Export, "_write", lambda *_: 1 / 0)
        in_duckdb.export()
    in_duckdb.rows("TRUNCATE raw.visit")
    clinic.sql("INSERT INTO visit VALUES (3)")
    clinic.run()
    assert outcomes(in_duckdb.export()) == {"visit": Outcome.MADE_ANEW}
    assert in_duckdb.differences(["visit"]) == []


def test_it_says_as_a_program_what_came_of_it(in_duckdb: Elsewhere) -> None:
    clinic = in_duckdb.clinic
    clinic.sql("CREATE TABLE visit (n int PRIMARY KEY)", "INSERT INTO visit VALUES (1)")
    clinic.run()
    environ = {**programs.environment(clinic), **in_duckdb.variables}
    options: Any = {"environ": environ, "cwd": in_duckdb.folder}
    night = NightlyRun.prepare(Options(), clinic.settings, clinic.tuning, clinic.tables())
    with night.connections, night.locked():
        done = programs.start("export.py", "--to", "duckdb", **options)
    assert done.code == 3
    assert done.err == "another run holds the lock on this machine; wait for it to end\n"
    done = programs.start("export.py", "--to", "duckdb", "--json", **options)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["tables"] == [
        {"table": "visit", "outcome": "made anew", "rows": 1, "deleted": 0, "error": None}
    ]
    done = programs.start("export.py", "--to", "duckdb", "--table", "visti", **options)
    assert (done.code, done.out) == (2, "")
    assert "visti" in done.err
    done = programs.start("export.py", "--to", "duckdb", "--table", "visit", **options)
    assert re.fullmatch(
        r"duckdb, raw: 1 tables \(1 unchanged\), 0 rows written, 0 deleted, in [\d.]+ s\n", done.out
    )


def test_values_travel_as_parquet_wherever_a_destination_takes_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def takes(to: str) -> bool:
        return takes_parquet(dlt.pipeline(PIPELINE, str(tmp_path / to), destination=to))

    assert takes("postgres")
    assert takes("snowflake")
    assert takes("bigquery")
    assert not takes("redshift")
    # as docs/elsewhere.md says
    monkeypatch.setenv("PIPELINES__OPENDENTAL_EXPORT__STAGING_TYPE", "filesystem")
    monkeypatch.setenv("DESTINATION__FILESYSTEM__BUCKET_URL", tmp_path.as_uri())
    assert takes("redshift")


@pytest.mark.parametrize(
    ("to", "variable", "value", "kind", "said"),
    [
        ("nonsense", "", "", ConfigurationError, "dlt has no destination nonsense"),
        (
            "filesystem",
            "",
            "",
            ConfigurationError,
            "the destination filesystem lacks settings: bucket_url",
        ),
        ("snowflake", "", "", ConfigurationError, "snowflake lacks settings: credentials"),
        (
            "snowflake",
            "DESTINATION__SNOWFLAKE__CREDENTIALS",
            "snowflake://me:geheim@account/clinic?warehouse=w&role=r",
            ConfigurationError,
            "needs packages: dlt[snowflake]",
        ),
        (
            "postgres",
            "DESTINATION__POSTGRES__CREDENTIALS",
            "postgresql://me:geheim@127.0.0.1:9/clinic",
            ConnectionFailedError,
            "cannot be used: OperationalError",
        ),
        (
            "duckdb",
            "DESTINATION__DUCKDB__CREDENTIALS",
            "{}/text",
            ConnectionFailedError,
            "not a valid DuckDB database file",
        ),
        ("postgres", "-", "", ConfigurationError, "raw is the pipeline's own name there"),
    ],
)
def test_a_destination_that_cannot_be_used_is_told_in_one_sentence(
    in_duckdb: Elsewhere,
    to: str,
    variable: str,
    value: str,
    kind: type[Exception],
    said: str,
) -> None:
    (in_duckdb.folder / "text").write_text("geheim " * 9_000)
    clinic = in_duckdb.clinic
    clinic.sql("CREATE TABLE visit (n int PRIMARY KEY)")
    clinic.run()
    dataset = "raw" if variable == "-" else "elsewhere"
    if value:
        clinic.monkeypatch.setenv(variable, value.format(in_duckdb.folder))
    given: Any = {"settings": clinic.settings, "tuning": clinic.tuning}
    with pytest.raises(kind) as refused:
        export(to, dataset, file=clinic.tables(), **given)
    assert said in str(refused.value)
    assert "geheim" not in str(refused.value)
    assert "\n" not in str(refused.value)
