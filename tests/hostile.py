"""Servers whose global settings are as hostile as their administrators may make them.

A session that does not say what it relies on gets these: rows are left out, texts are read in
another charset, statements are stopped. The pipeline works as accounts without special rights
meanwhile: those with them are spared some of it, `init_connect` above all.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_

from demo.servers import Server
from tests import sessions
from tests.conftest import Clinic

ACCOUNT, SECRET = "plain", "no special rights"


@dataclass(frozen=True)
class Hostility:
    """Settings by name, with values as SQL.

    Attributes:
        mysql: global ones of both servers of MySQL.
        replication: those of replication alone.
        postgres: those of the database in PostgreSQL.
    """

    mysql: Mapping[str, str] = field(default_factory=dict)
    replication: Mapping[str, str] = field(default_factory=dict)
    postgres: Mapping[str, str] = field(default_factory=dict)

    def __or__(self, other: "Hostility") -> "Hostility":
        return Hostility(
            {**self.mysql, **other.mysql},
            {**self.replication, **other.replication},
            {**self.postgres, **other.postgres},
        )


MODES = (
    "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,NO_UNSIGNED_SUBTRACTION,IGNORE_SPACE,"
    "PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,REAL_AS_FLOAT,TRADITIONAL,ONLY_FULL_GROUP_BY,"
    "EMPTY_STRING_IS_NULL,SIMULTANEOUS_ASSIGNMENT,TIME_ROUND_FRACTIONAL,NO_TABLE_OPTIONS,"
    "NO_FIELD_OPTIONS,NO_KEY_OPTIONS,NO_AUTO_VALUE_ON_ZERO"
)

GROUPS = {
    "limits": Hostility(
        {
            "sql_select_limit": "3",
            "max_join_size": "2",
            "sql_big_selects": "OFF",
            "group_concat_max_len": "4",
            "max_sort_length": "64",
            "max_error_count": "0",
            "sql_notes": "OFF",
            "div_precision_increment": "0",
        }
    ),
    "modes": Hostility(
        {
            "sql_mode": f"'{MODES}'",
            "sql_safe_updates": "ON",
            "sql_quote_show_create": "OFF",
            "sql_auto_is_null": "ON",
            "old_mode": "'NO_DUP_KEY_WARNINGS_WITH_IGNORE,ZERO_DATE_TIME_CAST'",
            "lc_time_names": "'ja_JP'",
            "default_week_format": "7",
            "updatable_views_with_limit": "0",
        }
    ),
    "transactions": Hostility(
        {
            "tx_isolation": "'SERIALIZABLE'",
            "tx_read_only": "ON",
            "autocommit": "OFF",
            "completion_type": "'CHAIN'",
            "unique_checks": "OFF",
            "foreign_key_checks": "OFF",
            "innodb_strict_mode": "ON",
        },
        replication={"default_storage_engine": "'MyISAM'"},
    ),
    "waits": Hostility(
        {
            "max_statement_time": "0.05",
            "innodb_lock_wait_timeout": "1",
            "lock_wait_timeout": "1",
            "idle_transaction_timeout": "1",
            "wait_timeout": "2",
            "net_read_timeout": "1",
            "net_write_timeout": "1",
        }
    ),
    "clocks": Hostility(
        {
            "system_versioning_asof": "'2001-01-01 00:00:00'",
            "explicit_defaults_for_timestamp": "OFF",
        },
        # the source's own zone is the clinic's
        replication={"time_zone": "'+13:00'"},
    ),
    "charsets": Hostility(
        {
            "character_set_server": "latin1",
            "collation_server": "latin1_swedish_ci",
            "character_set_client": "latin1",
            "character_set_connection": "latin1",
            "collation_connection": "latin1_bin",
            "character_set_results": "latin1",
            "character_set_filesystem": "ucs2",
            "init_connect": "'SET NAMES latin1'",
        }
    ),
    "PostgreSQL's texts": Hostility(
        postgres={
            "client_encoding": "LATIN1",
            "DateStyle": "'SQL, DMY'",
            "IntervalStyle": "iso_8601",
            "TimeZone": "'Pacific/Chatham'",
            "bytea_output": "escape",
            "extra_float_digits": "-15",
            "standard_conforming_strings": "off",
            "quote_all_identifiers": "on",
            "transform_null_equals": "on",
            "search_path": "''",
        }
    ),
    "PostgreSQL's limits": Hostility(
        postgres={
            "statement_timeout": "'20ms'",
            "lock_timeout": "'1ms'",
            "idle_session_timeout": "'1s'",
            "idle_in_transaction_session_timeout": "'1s'",
            "default_transaction_read_only": "on",
            "default_transaction_isolation": "serializable",
            "row_security": "off",
            "synchronous_commit": "on",
        }
    ),
}
"""What belongs together, so that a failure names it."""

EVERYTHING = reduce(or_, GROUPS.values())


@contextmanager
def hostile(clinic: Clinic, settings: Hostility = EVERYTHING) -> Iterator[Clinic]:
    """Make a clinic's servers hostile, and the servers as they were afterwards.

    Args:
        clinic: whose databases exist.
        settings: what is set.

    Yields:
        The same clinic, whose pipeline works as accounts without special rights.
    """
    cluster = clinic.cluster
    with ExitStack() as restored:
        plain = restored.enter_context(_plain_accounts(clinic))
        both = {cluster.source: settings.mysql}
        both[cluster.replication] = {**settings.mysql, **settings.replication}
        for server, wanted in both.items():
            restored.enter_context(_hostile_mysql(server, wanted))
        alter = f"ALTER DATABASE {clinic.name}"
        restored.callback(clinic.execute, clinic.analytics, f"{alter} RESET ALL")
        clinic.execute(
            clinic.analytics,
            *(f"{alter} SET {name} = {value}" for name, value in settings.postgres.items()),
        )
        yield plain


@contextmanager
def _hostile_mysql(server: Server, wanted: Mapping[str, str]) -> Iterator[None]:
    # one session for both, which began before
    with closing(sessions.mysql_session(server.url())) as session, session.cursor() as cursor:
        before = {}
        for name in wanted:
            cursor.execute(f"SELECT @@GLOBAL.{name}")
            (before[name],) = cursor.fetchone() or (None,)
        try:
            for name, value in wanted.items():
                cursor.execute(f"SET GLOBAL {name} = {value}")
            yield
        finally:
            for name, value in before.items():
                cursor.execute(f"SET GLOBAL {name} = {_as_sql(value)}")


def _as_sql(value: str) -> str:
    """A value of a global setting, as the server shows it, as one that can be set."""
    if value == "DEFAULT" or value.replace(".", "").isdigit():
        return value
    return f"'{value}'"


@contextmanager
def _plain_accounts(clinic: Clinic) -> Iterator[Clinic]:
    """Accounts with the rights that the README asks for and no others."""
    account = f"'{ACCOUNT}'@'127.0.0.1'"
    role = f"{ACCOUNT}_{clinic.name}"
    clinic.execute(
        clinic.replication,
        f"DROP USER IF EXISTS {account}",
        f"CREATE USER {account} IDENTIFIED BY '{SECRET}'",
        f"GRANT ALL ON {clinic.name}.* TO {account}",
    )
    clinic.execute(
        clinic.analytics,
        f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}'",
        f"GRANT CREATE, CONNECT ON DATABASE {clinic.name} TO {role}",
    )
    environ = {
        **clinic.environ,
        "MYSQL_REPLICATION_USER": ACCOUNT,
        "MYSQL_REPLICATION_PASSWORD": SECRET,
        "POSTGRES_ANALYTICS_USER": role,
        "POSTGRES_ANALYTICS_PASSWORD": SECRET,
    }
    try:
        yield replace(clinic, environ=environ)
    finally:
        clinic.execute(clinic.replication, f"DROP USER {account}")
        clinic.execute(
            clinic.analytics,
            f"REASSIGN OWNED BY {role} TO CURRENT_USER",
            f"DROP OWNED BY {role}",
            f"DROP ROLE {role}",
        )
