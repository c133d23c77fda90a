"""What ordinary circumstances at a server end a night with: words that name place and remedy."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pymysql
import pytest
import sqlalchemy as sa

from demo.state import State
from opendental_pipeline.databases import error_words
from opendental_pipeline.databases.driver_errors import connecting_reason, reason
from tests import programs
from tests.conftest import Clinic
from tests.other_servers import mariadb, pgbouncer, standby, with_analytics, with_replication

VISIT = (
    "CREATE TABLE visit (VisitNum int NOT NULL PRIMARY KEY, Note text) ENGINE=MyISAM",
    "INSERT INTO visit VALUES (1, 'a')",
)
FEE = (VISIT[0].replace("visit", "fee"), VISIT[1].replace("visit", "fee"))


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    clinic.sql(*VISIT, *FEE)
    return clinic


def green(clinic: Clinic, **variables: str) -> None:
    done = programs.nightly(clinic, **variables)
    assert done.code == 0, done.err
    assert clinic.differences() == []


def refused(clinic: Clinic, *words: str, **variables: str) -> programs.Done:
    """Runs a night that is refused with some words and no trace."""
    done = programs.nightly(clinic, **variables)
    assert done.code == 2, done.err
    told(done.err, *words)
    return done


def told(text: str | None, *words: str) -> None:
    """Sees that a message has all words, names no file of ours and quotes no driver."""
    assert text is not None
    assert [word for word in words if word not in text] == [], text
    assert "Traceback" not in text
    assert ".py:" not in text


@contextmanager
def role(clinic: Clinic, *statements: str) -> Iterator[dict[str, str]]:
    """A role without rights in PostgreSQL, after some statements about it, as settings."""
    name = f"etl_{clinic.name}"
    clinic.execute(
        clinic.analytics,
        f"CREATE ROLE {name} LOGIN PASSWORD 'x'",
        *(statement.format(role=name, database=clinic.name) for statement in statements),
    )
    try:
        yield {"POSTGRES_ANALYTICS_USER": name, "POSTGRES_ANALYTICS_PASSWORD": "x"}
    finally:
        clinic.execute(
            clinic.analytics,
            f"REASSIGN OWNED BY {name} TO CURRENT_USER",
            f"DROP OWNED BY {name}",
            f"DROP ROLE {name}",
        )


ANY_SCHEMA = "GRANT CREATE ON DATABASE {database} TO {role}"
SCHEMA = ("CREATE SCHEMA raw", "GRANT USAGE, CREATE ON SCHEMA raw TO {role}")


@contextmanager
def account(clinic: Clinic, options: str = "") -> Iterator[dict[str, str]]:
    """An account at replication without special rights, as settings."""
    name = "'worded'@'127.0.0.1'"
    clinic.execute(
        clinic.replication,
        f"CREATE USER {name} IDENTIFIED BY 'x' {options}",
        f"GRANT ALL ON {clinic.name}.* TO {name}",
    )
    try:
        yield {"MYSQL_REPLICATION_USER": "worded", "MYSQL_REPLICATION_PASSWORD": "x"}
    finally:
        clinic.execute(clinic.replication, f"DROP USER {name}")


@contextmanager
def option(clinic: Clinic, name: str, value: str) -> Iterator[None]:
    """A global setting of replication's for a while."""
    with clinic.replication.connect() as connection:
        before = connection.exec_driver_sql(f"SELECT @@GLOBAL.{name}").scalar()
        connection.exec_driver_sql(f"SET GLOBAL {name} = {value}")
        try:
            yield
        finally:
            connection.exec_driver_sql(f"SET GLOBAL {name} = {before}")


# ---- the source


def damage_index(folder: Path) -> None:
    with (folder / "visit.MYI").open("r+b") as file:
        file.truncate(0)


def damage_rows(folder: Path) -> None:
    with (folder / "visit.MYD").open("r+b") as file:
        file.truncate(5_000)


@pytest.mark.parametrize("damage", [damage_index, damage_rows])
def test_a_damaged_table_of_myisam_is_the_sources_and_to_be_repaired(
    practice: Clinic, damage: Callable[[Path], None]
) -> None:
    practice.sql("INSERT INTO visit SELECT seq, REPEAT('x', seq % 99) FROM seq_2_to_9000")
    state = State.read(practice.cluster.directory)
    assert state
    tables = practice.tables()
    practice.sql("FLUSH TABLES")
    damage(state.folder("source") / practice.name)
    practice.sql("FLUSH TABLES")
    report = practice.run(tables=tables)
    assert report.failed == ["visit"]
    told(report.tables["visit"].error, "cannot be read", "REPAIR TABLE", f"/{practice.name}")
    told(report.tables["visit"].error, "damaged", "source (reader@127.0.0.1")


def test_columns_that_the_account_may_not_read_are_done_without(practice: Clinic) -> None:
    practice.sql("ALTER TABLE visit ADD COLUMN SSN text", "UPDATE visit SET SSN = '7331373'")
    reader = "'columns'@'127.0.0.1'"
    practice.sql(
        f"CREATE USER {reader} IDENTIFIED BY 'x'",
        f"GRANT SELECT (VisitNum, Note) ON {practice.name}.visit TO {reader}",
        f"GRANT SELECT ON {practice.name}.fee TO {reader}",
    )
    login = {"OPENDENTAL_SOURCE_USER": "columns", "OPENDENTAL_SOURCE_PASSWORD": "x"}
    try:
        done = programs.nightly(practice, **login)
    finally:
        practice.sql(f"DROP USER {reader}")
    assert done.code == 0, done.err
    query = "SELECT * FROM {}.visit"
    assert practice.rows(practice.analytics, query.format("raw"))[0][:2] == (1, "a")
    found = practice.rows(practice.replication, query.format(practice.name))
    assert "7331373" not in str(found)


# ---- replication


@pytest.mark.only_on(replication="mariadb")
def test_a_server_that_makes_no_table_without_a_key_is_refused(practice: Clinic) -> None:
    with option(practice, "innodb_force_primary_key", "ON"):
        refused(practice, "set innodb_force_primary_key=OFF", "replication server")
    assert programs.tables_made(practice) == []


def test_a_server_that_only_reads_names_its_option(practice: Clinic) -> None:
    with account(practice) as variables, option(practice, "read_only", "1"):
        refused(practice, "read-only", "replication (worded@127.0.0.1", **variables)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("ACCOUNT LOCK", "ACCOUNT UNLOCK"),
        ("PASSWORD EXPIRE", "ALTER USER"),
        ("WITH MAX_QUERIES_PER_HOUR 60", "MAX_QUERIES_PER_HOUR 0"),
        ("WITH MAX_USER_CONNECTIONS 2", "MAX_USER_CONNECTIONS 0"),
    ],
)
def test_an_account_that_may_not_go_on_says_how_it_may(
    practice: Clinic, options: str, words: str
) -> None:
    with account(practice, options) as variables:
        refused(practice, words, "replication (worded@127.0.0.1", **variables)


def test_a_privilege_that_is_lacking_is_named_with_its_table(practice: Clinic) -> None:
    with account(practice) as variables:
        practice.execute(
            practice.replication,
            f"REVOKE ALL ON {practice.name}.* FROM 'worded'@'127.0.0.1'",
            f"GRANT SELECT, CREATE ON {practice.name}.* TO 'worded'@'127.0.0.1'",
        )
        refused(practice, "lacks a privilege", "INSERT", "etl_fence", **variables)


def test_names_beyond_latin1_fit_into_a_status_table_in_latin1(practice: Clinic) -> None:
    green(practice)
    practice.execute(
        practice.replication, "ALTER TABLE etl_copy_status CONVERT TO CHARACTER SET latin1"
    )
    practice.sql(
        "SET NAMES utf8mb4",
        "CREATE TABLE `▲` (n int PRIMARY KEY) CHARSET=utf8mb4",
        "INSERT INTO `▲` VALUES (1)",
    )
    green(practice)


def test_a_server_that_writes_names_small_and_logs_statements_gets_an_exact_copy(
    practice: Clinic, tmp_path: Path
) -> None:
    options = ("--lower-case-table-names=1", "--log-bin", "--binlog-format=STATEMENT")
    with mariadb(tmp_path / "other", *options) as server:
        other = with_replication(practice, server)
        practice.sql(
            "CREATE TABLE Mine (n int PRIMARY KEY, t text)", "INSERT INTO Mine VALUES (1, 'a')"
        )
        names = ("Mine", "visit", "fee")
        for night in range(3):
            report = other.run()
            assert {name: report.tables[name].error for name in report.failed} == {}, night
            query = 'SELECT n, t FROM raw."Mine" ORDER BY 1'
            assert other.rows(other.analytics, query) == other.rows(
                other.source, "SELECT * FROM Mine"
            )
            practice.sql(
                f"INSERT INTO Mine VALUES ({night + 2}, 'b')", "UPDATE visit SET Note = UUID()"
            )
        assert sorted(other.run("Mine").tables) == ["Mine"]
        assert other.run().failed == []
        assert [one for one in other.verify(*names) if not one.equal] == []
        practice.sql("CREATE TABLE mine (n int PRIMARY KEY)")
        report = other.run()
        assert sorted(report.failed) == ["Mine", "mine"]
        for name in report.failed:
            told(report.tables[name].error, "Mine", "mine", "lower_case_table_names=0")


def columns(count: int, kind: str) -> str:
    return ", ".join(f"c{number} {kind}" for number in range(count))


WIDE = {
    "a text of 65,525 bytes": (
        "v varchar(65525)) CHARSET=latin1",
        ("(1, REPEAT('é', 65525))", "(2, '')"),
    ),
    "300 fields of 40": (
        f"{columns(300, 'char(40)')}) CHARSET=latin1 ENGINE=MyISAM",
        (f"(1, {', '.join(['REPEAT(UUID(), 1)'] * 150 + ['NULL'] * 150)})",),
    ),
    "200 texts of 250": (
        f"{columns(200, 'varchar(250)')}) CHARSET=latin1 ENGINE=MyISAM",
        (f"(1, {', '.join(['REPEAT(UUID(), 6)'] * 200)})",),
    ),
}


@pytest.mark.parametrize("shape", WIDE)
def test_a_row_that_is_too_wide_for_innodb_is_held_by_other_types(
    practice: Clinic, shape: str
) -> None:
    definition, rows = WIDE[shape]
    practice.sql(f"CREATE TABLE wide (n int PRIMARY KEY, {definition}")
    practice.sql(*(f"INSERT INTO wide VALUES {row}" for row in rows))
    green(practice)
    practice.sql("INSERT INTO wide (n) VALUES (9)")
    green(practice)
    assert practice.run("wide", prove=True).failed == []
    assert practice.differences() == []
    assert [one for one in practice.verify("wide") if not one.equal] == []


TOO_MUCH = {
    "columns": (
        f"n int PRIMARY KEY, {columns(1100, 'int')}) ENGINE=MyISAM",
        "(n) VALUES (1)",
        ("1,016 columns", "exclude some in tables.yml", "hop replication", "demo@127.0.0.1"),
    ),
    "a row": (
        f"n int PRIMARY KEY, {columns(300, 'char(40)')}) CHARSET=latin1 ENGINE=MyISAM",
        f"VALUES (1, {', '.join(['REPEAT(7, 40)'] * 300)})",
        ("wider than InnoDB takes", "innodb_page_size=64k", "hop replication", "demo@127.0.0.1"),
    ),
    "a key": (
        "n varchar(744) PRIMARY KEY) CHARSET=utf8mb4 ENGINE=InnoDB",
        "SELECT GROUP_CONCAT(CHAR(0x10000 + RAND() * 0xFFFF0 USING utf32) SEPARATOR '')"
        " FROM seq_1_to_744",
        ("2,704 bytes of a key", "hop raw", "SQLSTATE 54000", "analytics (demo@127.0.0.1"),
    ),
}


@pytest.mark.parametrize("limit", TOO_MUCH)
def test_what_is_too_much_for_a_server_is_told_with_its_limit(practice: Clinic, limit: str) -> None:
    definition, row, words = TOO_MUCH[limit]
    practice.sql(f"CREATE TABLE wide ({definition}")
    practice.sql(f"INSERT INTO wide {row}")
    report = practice.run()
    assert report.failed == ["wide"]
    told(report.tables["wide"].error, "table wide", *words)


# ---- PostgreSQL


def errors_of(done: programs.Done) -> dict[str, str]:
    """What the report says of the tables that failed, in either hop."""
    hops = ((name, hop) for name, hops in done.report["tables"].items() for hop in hops.values())
    return {name: hop["error"] for name, hop in hops if isinstance(hop, dict) and hop.get("error")}


def test_a_column_of_somebody_else_in_raw_does_no_harm(practice: Clinic) -> None:
    green(practice)
    add = "ALTER TABLE raw.visit ADD COLUMN seen timestamptz NOT NULL"
    practice.execute(practice.analytics, f"{add} DEFAULT now()")
    practice.sql("UPDATE visit SET Note = 'b'", "INSERT INTO visit VALUES (2, 'c')")
    assert practice.run().failed == []
    query = 'SELECT "VisitNum", "Note", seen IS NULL FROM raw.visit ORDER BY 1'
    assert practice.rows(practice.analytics, query) == [(1, "b", False), (2, "c", False)]
    practice.execute(practice.analytics, "ALTER TABLE raw.visit ALTER seen DROP DEFAULT")
    practice.sql("INSERT INTO visit VALUES (3, 'c')")
    report = practice.run()
    told(report.tables["visit"].error, "column seen", "DROP NOT NULL", "hop raw")


@pytest.mark.parametrize("schema", ["my schema", "o'c \"ß\\"])
def test_a_schema_may_have_any_name(practice: Clinic, schema: str) -> None:
    for note in ("a", "b"):
        practice.sql(f"UPDATE visit SET Note = '{note}'")
        done = programs.nightly(practice, POSTGRES_ANALYTICS_SCHEMA=schema)
        assert done.code == 0, done.err
        place = schema.replace('"', '""')
        assert practice.rows(practice.analytics, f'SELECT "Note" FROM "{place}".visit') == [(note,)]


def test_a_schema_that_somebody_made_and_a_role_that_reads_by_default_do(
    practice: Clinic,
) -> None:
    only_reads = "ALTER ROLE {role} SET default_transaction_read_only = on"
    with role(practice, *SCHEMA, only_reads) as variables:
        green(practice, **variables)
        practice.sql("UPDATE visit SET Note = 'b'")
        green(practice, **variables)


@pytest.mark.parametrize(
    ("grants", "words"),
    [
        ((), "GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {database} TO {role}"),
        (SCHEMA[:1], "GRANT USAGE, CREATE ON SCHEMA raw TO {role}"),
        (
            (SCHEMA[0], "GRANT USAGE ON SCHEMA raw TO {role}"),
            "GRANT USAGE, CREATE ON SCHEMA raw TO {role}",
        ),
    ],
)
def test_a_role_that_lacks_a_privilege_is_told_the_statement_that_gives_it(
    practice: Clinic, grants: tuple[str, ...], words: str
) -> None:
    named = words.format(role=f"etl_{practice.name}", database=practice.name)
    with role(practice, *grants) as variables:
        refused(practice, named, f"/{practice.name})", **variables)


def test_a_table_of_another_role_fails_alone_and_names_its_owner(practice: Clinic) -> None:
    with role(practice, ANY_SCHEMA) as variables:
        green(practice, **variables)
        own = "ALTER TABLE raw.{} OWNER TO CURRENT_USER"
        practice.execute(practice.analytics, own.format("visit"))
        practice.sql("UPDATE visit SET Note = 'b'", "UPDATE fee SET Note = 'b'")
        done = programs.nightly(practice, **variables)
        assert done.code == 1, done.err
        failed = errors_of(done)
        assert list(failed) == ["visit"]
        told(failed["visit"], 'ALTER TABLE "raw"."visit" OWNER TO', "belongs to demo")
        grant = f"GRANT ALL ON raw.visit TO etl_{practice.name}"
        practice.execute(practice.analytics, grant)
        practice.sql("ALTER TABLE visit ADD COLUMN Mark int")
        done = programs.nightly(practice, **variables)
        told(errors_of(done)["visit"], "ALTER TABLE visit OWNER TO", "table visit")


def test_a_deadlock_is_tried_again(practice: Clinic) -> None:
    green(practice)
    practice.sql("UPDATE visit SET Note = 'b'")
    waiting = (
        f"SELECT 1 FROM pg_stat_activity WHERE datname = '{practice.name}'"
        " AND wait_event_type = 'Lock'"
    )
    deadlocks = f"SELECT deadlocks FROM pg_stat_database WHERE datname = '{practice.name}'"
    with practice.analytics.connect() as other, ThreadPoolExecutor(1) as pool:
        # so that the run is the one that is ended
        other.exec_driver_sql("SET deadlock_timeout = '60s'")
        other.exec_driver_sql("LOCK TABLE raw.visit IN EXCLUSIVE MODE")
        night = pool.submit(practice.run)
        while not practice.rows(practice.analytics, waiting):
            assert not night.done(), night.result()
        other.exec_driver_sql("SELECT 1 FROM raw.etl_fence FOR UPDATE")
        other.rollback()
        assert night.result().failed == []
    assert practice.differences() == []
    assert practice.rows(practice.analytics, deadlocks) == [(1,)]


def test_a_standby_is_refused(practice: Clinic, tmp_path: Path) -> None:
    with standby(tmp_path / "standby") as server:
        other = with_analytics(practice, server)
        words = ("it is a standby", "name the primary server", "analytics (other@127.0.0.1")
        refused(other, *words, POSTGRES_ANALYTICS_DB="postgres")


def test_a_pooler_that_keeps_sessions_serves(practice: Clinic, tmp_path: Path) -> None:
    with pgbouncer(tmp_path, practice.cluster.analytics, "session") as server:
        other = with_analytics(practice, server)
        for note in ("a", "b"):
            practice.sql(f"UPDATE visit SET Note = '{note}'")
            done = programs.nightly(other)
            assert done.code == 0, done.err
            assert practice.differences() == []


def test_a_pooler_that_shares_sessions_is_refused(practice: Clinic, tmp_path: Path) -> None:
    with pgbouncer(tmp_path, practice.cluster.analytics, "transaction") as server:
        other = with_analytics(practice, server)
        refused(other, "pool_mode=session", "connect to PostgreSQL itself", "analytics (demo@")
    assert programs.tables_made(practice) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"POSTGRES_ANALYTICS_DB": "nosuch"}, "check its name, or make it"),
        ({"MYSQL_REPLICATION_DB": "nosuch"}, "there is no such database"),
        ({"POSTGRES_ANALYTICS_USER": "nosuch"}, "check user and password"),
    ],
)
def test_what_keeps_us_out_is_told_with_its_remedy(
    practice: Clinic, settings: dict[str, str], words: str
) -> None:
    refused(practice, "cannot connect to", words, **settings)


# ---- the words


def test_no_word_of_a_driver_is_repeated() -> None:
    for code in (*error_words.MYSQL, 4711):
        error = pymysql.err.OperationalError(code, "Zanzibar for column 'x'")
        assert "Zanzibar" not in reason(error)
        assert str(code) in reason(error)
    wrapped = sa.exc.OperationalError("SELECT", {}, pymysql.err.InternalError(145, "Zanzibar"))
    assert "REPAIR TABLE" in reason(wrapped)


def test_an_unknown_way_of_logging_in_names_known_ones() -> None:
    error = pymysql.err.OperationalError(2059, "Authentication plugin 'x' not configured")
    assert "ed25519" in connecting_reason(error)
