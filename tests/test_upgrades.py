"""OpenDental is upgraded: its tables change between two nights, and in the middle of one."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.runs.copy_hop import CopyHop
from opendental_pipeline.runs.fault_isolation import Slices
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.tables_file import TablesFile
from tests.conftest import Clinic

TABLE = """CREATE TABLE {table} (VisitNum int AUTO_INCREMENT PRIMARY KEY, Code varchar(5) NOT NULL,
    Fee int NOT NULL DEFAULT 0, Kind enum('new','old') NOT NULL, Note text, Day date NOT NULL,
    Edited timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
    KEY by_code (Code)) ENGINE=MyISAM"""
ROWS = """INSERT INTO {table} (Code, Fee, Kind, Note, Day) VALUES
    ('a', 5, 'new', 'x', '2024-02-29'), ('b', -7, 'old', NULL, '0001-01-01'),
    ('', 0, 'new', '', '0000-00-00')"""

VIEWS = (
    'CREATE VIEW staging.stg_{table} AS SELECT "VisitNum" AS visit_id, "Code" AS code,'
    ' "Fee" AS fee, "Kind"::text AS kind, "Day" AS day FROM raw.{table}',
    "CREATE VIEW staging.{table}s WITH (security_barrier) AS"
    " SELECT v.code::text, count(*) AS visits FROM staging.stg_{table} v GROUP BY 1",
    "CREATE MATERIALIZED VIEW staging.{table}_codes AS SELECT code::text FROM staging.{table}s",
    "CREATE UNIQUE INDEX ON staging.{table}_codes (code)",
    "COMMENT ON VIEW staging.stg_{table} IS 'who came, it''s said'",
    "COMMENT ON COLUMN staging.stg_{table}.fee IS 'in cents'",
    "GRANT SELECT ON staging.stg_{table} TO PUBLIC",
    "GRANT SELECT (code) ON staging.{table}s TO analyst_{clinic} WITH GRANT OPTION",
    "ALTER VIEW staging.{table}s OWNER TO owner_{clinic}",
)
STANDING = """
    SELECT c.relname, c.relkind::text, c.relacl::text, c.reloptions::text, obj_description(c.oid),
           col_description(c.oid, 3), pg_get_userbyid(c.relowner),
           (SELECT string_agg(attname || attacl::text, ',') FROM pg_attribute
            WHERE attrelid = c.oid AND attacl IS NOT NULL),
           (SELECT string_agg(pg_get_indexdef(indexrelid), ',') FROM pg_index
            WHERE indrelid = c.oid)
    FROM pg_class c WHERE c.relnamespace = 'staging'::regnamespace AND c.relkind IN ('v', 'm')
    ORDER BY 1"""


def on_raw(clinic: Clinic, *statements: str) -> None:
    with clinic.analytics.connect() as connection:
        for statement in statements:
            connection.execution_options(no_parameters=True).exec_driver_sql(statement)
        connection.commit()


@dataclass(frozen=True)
class Upgrade:
    """Some statements of an upgrade, and what the report says of the table afterwards."""

    statements: tuple[str, ...]
    changes: tuple[str, ...]


UPGRADES = {
    "a new column": Upgrade(
        (
            "ALTER TABLE {table} ADD Room varchar(9) NOT NULL DEFAULT 'r1' AFTER Code",
            "UPDATE {table} SET Room = 'r2', Edited = Edited WHERE VisitNum = 1",
        ),
        ("column Room was added",),
    ),
    "a removed column": Upgrade(
        ("ALTER TABLE {table} DROP Note",), ("column Note is gone at the source; NULL in new rows",)
    ),
    "a renamed column": Upgrade(
        ("ALTER TABLE {table} CHANGE Fee Amount int NOT NULL DEFAULT 0",),
        ("column Amount was added", "column Fee is gone at the source; NULL in new rows"),
    ),
    "a column spelled otherwise": Upgrade(
        ("ALTER TABLE {table} CHANGE Fee FEE int NOT NULL DEFAULT 0",),
        ("column Fee is called FEE now", "column FEE was added"),
    ),
    "wider columns": Upgrade(
        (
            "ALTER TABLE {table} MODIFY Code varchar(50) NOT NULL, MODIFY Fee bigint NOT NULL,"
            " MODIFY Kind enum('older','new','old') NOT NULL",
            "INSERT INTO {table} (Code, Fee, Kind, Day) VALUES"
            " ('a longer code', 5000000000, 'older', NOW())",
        ),
        (
            "column Code is varchar(50) now",
            "column Fee is bigint now",
            "column Kind is enum('older','new','old') now",
        ),
    ),
    "an indexed column becomes text": Upgrade(
        (
            "ALTER TABLE {table} DROP KEY by_code, MODIFY Code text NOT NULL,"
            " ADD KEY by_code (Code(7))",
        ),
        ("column Code is text now",),
    ),
    "narrower columns": Upgrade(
        # values change, and no row counts as edited
        (
            "UPDATE {table} SET Fee = 300, Edited = Edited WHERE VisitNum = 1",
            "ALTER TABLE {table} MODIFY Fee tinyint NOT NULL, MODIFY Note tinytext,"
            " MODIFY Code varchar(2) NOT NULL",
        ),
        (),
    ),
    "other types": Upgrade(
        (
            "ALTER TABLE {table} MODIFY Fee varchar(12) NOT NULL, MODIFY Day datetime NOT NULL,"
            " MODIFY Kind tinyint NOT NULL",
        ),
        (
            "column Fee is varchar(12) now",
            "column Kind is tinyint now",
            "column Day is datetime now",
        ),
    ),
    "a value that a type no longer lists": Upgrade(
        ("ALTER TABLE {table} MODIFY Kind enum('new','odd') NOT NULL",),
        ("column Kind is enum('new','odd') now",),
    ),
    "another character set": Upgrade(
        ("ALTER TABLE {table} MODIFY Note text CHARACTER SET latin1",),
        ("column Note is text now",),
    ),
    "NULL allowed": Upgrade(
        (
            "ALTER TABLE {table} MODIFY Fee int NULL",
            "INSERT INTO {table} (Code, Fee, Kind, Day) VALUES ('n', NULL, 'new', '2024-01-01')",
        ),
        ("column Fee may be NULL now",),
    ),
    "NULL forbidden": Upgrade(("ALTER TABLE {table} MODIFY Note text NOT NULL",), ()),
    "another default": Upgrade(
        ("ALTER TABLE {table} MODIFY Fee int NOT NULL DEFAULT 9",),
        (),
    ),
    "another key": Upgrade(
        (
            "ALTER TABLE {table} MODIFY VisitNum int NOT NULL, DROP PRIMARY KEY,"
            " ADD PRIMARY KEY (Code, VisitNum)",
        ),
        (
            "its key is VisitNum in tables.yml, and Code, VisitNum at the source",
            "its primary key is Code, VisitNum now",
        ),
    ),
    "a key that the old rows break": Upgrade(
        (
            "DELETE FROM {table} WHERE VisitNum = 3",
            "ALTER TABLE {table} MODIFY VisitNum int NOT NULL, DROP PRIMARY KEY,"
            " ADD PRIMARY KEY (Kind)",
        ),
        (),
    ),
    "a key of another name and type": Upgrade(
        ("ALTER TABLE {table} CHANGE VisitNum VisitId bigint NOT NULL AUTO_INCREMENT",),
        (
            "its key is VisitNum in tables.yml, and VisitId at the source",
            "column VisitId was added",
            "column VisitNum is gone at the source; NULL in new rows",
            "its primary key is VisitId now",
        ),
    ),
    "no key": Upgrade(
        ("ALTER TABLE {table} MODIFY VisitNum int NOT NULL, DROP PRIMARY KEY",),
        (
            "its key is VisitNum in tables.yml, and none at the source",
            "it has no primary key now",
        ),
    ),
    "a wider key": Upgrade(
        ("ALTER TABLE {table} MODIFY VisitNum bigint NOT NULL AUTO_INCREMENT",),
        ("column VisitNum is bigint now",),
    ),
    "no cursor": Upgrade(
        ("ALTER TABLE {table} DROP Edited", "UPDATE {table} SET Fee = 77 WHERE VisitNum = 2"),
        (
            "incremental_columns in tables.yml names Edited, which the source lacks",
            "column Edited is gone at the source; NULL in new rows",
        ),
    ),
    "a table made anew": Upgrade(
        (
            "CREATE TABLE {table}_x LIKE {table}",
            "INSERT INTO {table}_x SELECT VisitNum + 1, Code, Fee + 1, Kind, Note, Day,"
            " '2020-01-01 00:00:00' FROM {table}",
            "DROP TABLE {table}",
            "RENAME TABLE {table}_x TO {table}",
        ),
        (),
    ),
    "an older backup": Upgrade(
        (
            "UPDATE {table} SET Edited = '2020-01-01 00:00:00', Fee = Fee + 1 WHERE VisitNum < 3",
            "DELETE FROM {table} WHERE VisitNum = 3",
        ),
        (),
    ),
    "a truncated table": Upgrade(("TRUNCATE TABLE {table}",), ()),
}


TABLES = {f"visit_{number}": kind for number, kind in enumerate(UPGRADES)}
"""A table for each kind."""

MEANWHILE = {
    table: kind
    for table, kind in TABLES.items()
    if kind
    in (
        *("a new column", "a removed column", "a renamed column", "wider columns", "other types"),
        *("another key", "no cursor", "an older backup", "a table made anew"),
    )
}
"""Those that are tried in the middle of a night, too."""


def open_clinic(clinic: Clinic, kinds: Mapping[str, str] = TABLES) -> TablesFile:
    """A first night of some tables, with dbt's views on raw after it; and their tables.yml."""
    for table in kinds:
        clinic.sql(TABLE.format(table=table), ROWS.format(table=table))
    tables = clinic.tables()
    assert clinic.run(tables=tables).failed == []
    roles = (f"CREATE ROLE analyst_{clinic.name}", f"CREATE ROLE owner_{clinic.name}")
    on_raw(clinic, *roles, "CREATE SCHEMA staging")
    for table in kinds:
        on_raw(clinic, *(view.format(table=table, clinic=clinic.name) for view in VIEWS))
    return tables


def upgrade(clinic: Clinic, kinds: Mapping[str, str] = TABLES) -> None:
    """All kinds at once."""
    for table, kind in kinds.items():
        statements = (statement.format(table=table) for statement in UPGRADES[kind].statements)
        clinic.sql("SET SESSION sql_mode = ''", *statements)


def check(clinic: Clinic, report: RunReport, *, later: str = "") -> None:
    """Every table arrived, equal in all three tiers, and every view can be read.

    Only a table of the kind `later` may still be as it was before.
    """
    assert report.failed == [], [report.tables[name].error for name in report.failed]
    found = {TABLES[d.table]: (d.tier, d.kind, d.key, d.columns) for d in clinic.differences()}
    assert found.keys() <= {later}, found
    for table in report.tables:
        query = (
            f"SELECT (SELECT count(*) FROM raw.{table}), (SELECT count(*) FROM staging.stg_{table})"
        )
        ((rows, seen),) = clinic.rows(clinic.analytics, query)
        assert rows == seen


def test_a_night_after_an_upgrade_is_exact_and_views_stand(clinic: Clinic) -> None:
    tables = open_clinic(clinic)
    views = clinic.rows(clinic.analytics, STANDING)
    upgrade(clinic)
    # one of them empties its table
    report = clinic.run(tables=tables, confirmed=True)
    check(clinic, report)
    assert clinic.rows(clinic.analytics, STANDING) == views
    untold = {
        kind: set(UPGRADES[kind].changes) - set(report.tables[table].changes)
        for table, kind in TABLES.items()
    }
    assert {kind: missing for kind, missing in untold.items() if missing} == {}

    again = clinic.run(tables=tables)
    check(clinic, again)
    loaded = {
        kind: result.rows
        for table, kind in TABLES.items()
        if (result := again.tables[table].load_result) and result.rows
    }
    # a table without a key is compared with nothing, so it is always loaded anew
    assert loaded.keys() <= {"no key"}


@pytest.mark.parametrize("moment", ["before they are read", "after they are read"])
def test_an_upgrade_in_the_middle_of_a_night_is_exact_in_the_same_night(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    tables = open_clinic(clinic, MEANWHILE)
    for table in MEANWHILE:
        clinic.sql(f"UPDATE {table} SET Note = 'edited' WHERE VisitNum = 1")
    copy = CopyHop.move
    upgrades = [upgrade]

    def copy_meanwhile(
        self: CopyHop, plans: Sequence[TablePlan], moved: dict[str, TableProgress]
    ) -> Generator[Slices, None, None]:
        if moment == "before they are read" and upgrades:
            upgrades.pop()(clinic, MEANWHILE)
        yield from copy(self, plans, moved)
        if upgrades:
            upgrades.pop()(clinic, MEANWHILE)

    monkeypatch.setattr(CopyHop, "move", copy_meanwhile)
    # no catalogue tells of rows that were edited after they were read
    later = "an older backup" if moment == "after they are read" else ""
    check(clinic, clinic.run(tables=tables), later=later)
    check(clinic, clinic.run(tables=tables))


def test_a_missing_table_fails_alone_and_is_exact_when_it_is_back(clinic: Clinic) -> None:
    clinic.sql(TABLE.format(table="visit"), ROWS.format(table="visit"))
    clinic.sql(TABLE.format(table="fee"), ROWS.format(table="fee"))
    tables = clinic.tables()
    assert clinic.run(tables=tables).failed == []
    clinic.sql("RENAME TABLE visit TO tempConv_visit", "UPDATE fee SET Fee = 8")
    report = clinic.run(tables=tables)
    assert report.failed == ["visit"]
    assert "the source no longer has this table" in (report.tables["visit"].error or "")
    assert clinic.rows(clinic.analytics, "SELECT count(*) FROM raw.visit") == [(3,)]
    assert clinic.rows(clinic.replication, "SELECT count(*) FROM visit") == [(3,)]
    assert clinic.differences("fee") == []
    clinic.sql("RENAME TABLE tempConv_visit TO visit", "DELETE FROM visit WHERE VisitNum = 2")
    clinic.sql("ALTER TABLE visit ADD Room int NOT NULL DEFAULT 4")
    assert clinic.run(tables=tables).failed == []
    assert clinic.differences() == []


def test_a_view_that_cannot_be_made_again_keeps_its_table_as_it_was(clinic: Clinic) -> None:
    for table in ("visit", "other"):
        clinic.sql(TABLE.format(table=table), ROWS.format(table=table))
    tables = clinic.tables()
    assert clinic.run(tables=tables).failed == []
    on_raw(clinic, 'CREATE VIEW raw.sums AS SELECT "Fee" + 1 AS fee FROM raw.visit')
    clinic.sql("ALTER TABLE visit MODIFY Fee varchar(9) NOT NULL")
    # its load is done again, because it shares a package with the one that fails
    drop = "ALTER TABLE other MODIFY VisitNum int NOT NULL, DROP PRIMARY KEY"
    clinic.sql(f"{drop}, ADD PRIMARY KEY (Code, VisitNum)")
    report = clinic.run(tables=tables)
    assert report.failed == ["visit"]
    error = report.tables["visit"].error or ""
    assert error.startswith("table visit, hop raw: its columns change, and the view raw.sums")
    assert clinic.rows(clinic.analytics, "SELECT sum(fee) FROM raw.sums") == [(1,)]
    assert clinic.differences("other") == []
    on_raw(clinic, "DROP VIEW raw.sums")
    assert clinic.run(tables=tables).failed == []
    assert clinic.differences() == []
