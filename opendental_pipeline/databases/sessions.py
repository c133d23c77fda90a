"""The settings that our statements rely on, by kind of session, each set and not hoped for.

Servers, databases and accounts bring settings of their own that change what a SELECT returns, how a
text is read and when a statement ends. A session begins by giving every setting the value that is
listed here. What a server does not know is left out. What an account may not set is refused before
anything is read or written; or left as it is, where only few tables need it and those say so.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import psycopg2
import pymysql

from opendental_pipeline.databases.postgres_session import Connection
from opendental_pipeline.databases.session_setting import Limit
from opendental_pipeline.databases.session_setting import Setting as Setting
from opendental_pipeline.settings.connection import ConnectionConfig, DatabaseType
from opendental_pipeline.settings.errors import ConfigurationError
from opendental_pipeline.settings.tuning import ConnectionTuning

_MOST = "18446744073709551615"


def _isolation(shown: Mapping[str, str]) -> str:
    # InnoDB refuses to write in READ COMMITTED where statements are logged (error 1665)
    logs_statements = _plain(shown.get("log_bin", "")) == "1" and (
        shown.get("binlog_format", "").upper() == "STATEMENT"
    )
    return "REPEATABLE-READ" if logs_statements else "READ-COMMITTED"


def _at_least(name: str, least: int) -> Callable[[Mapping[str, str]], str]:
    return lambda shown: str(max(least, int(shown.get(name, least))))


_LOCKS = Limit("lock_timeout_seconds")
_ASKED_ONLY = ("log_bin", "binlog_format")

# statements of any MySQL and MariaDB, which need no privilege; first of all, since a limit of rows
# cuts off the answer to SHOW VARIABLES, too
_MYSQL_FIRST = (
    # setting max_join_size resets sql_big_selects, and both refuse even SHOW (1104)
    f"SET SESSION sql_select_limit = {_MOST}, max_join_size = {_MOST}, sql_big_selects = 1",
    "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci",
)

_MYSQL = (
    Setting("sql_safe_updates", "0", "statements without a key are refused (1175)"),
    Setting("sql_auto_is_null", "0", "IS NULL finds the row that was inserted last"),
    Setting("sql_notes", "1", "a changed value that is only noted is not counted"),
    Setting("note_verbosity", "basic", "notes about plans are counted as changed values"),
    Setting("sql_quote_show_create", "1", "dlt cannot read what it made"),
    Setting("max_sort_length", "8192", "long keys are sorted by their beginnings"),
    Setting("completion_type", "NO_CHAIN", "COMMIT begins another transaction, or disconnects"),
    Setting("character_set_filesystem", "binary", "LOAD DATA does not find its file"),
    Setting("max_statement_time", "0.000000", "statements that are no SELECT of ours are stopped"),
    Setting("max_execution_time", "0", "likewise on MySQL"),
    Setting("information_schema_stats_expiry", "0", "UPDATE_TIME is a day old, edits stay unseen"),
    Setting("system_versioning_asof", "DEFAULT", "versioned tables are shown as they once were"),
    Setting("idle_transaction_timeout", "0", "a connection that waits for the other hop is ended"),
    Setting("idle_write_transaction_timeout", "0", "likewise"),
    Setting("idle_readonly_transaction_timeout", "0", "likewise"),
    Setting("net_write_timeout", "600", "a result that is written to a slow disk is cut off"),
    Setting("net_read_timeout", "600", "likewise a file that is loaded"),
    Setting("wait_timeout", "86400", "a connection that waits for the other hop is ended"),
)

_SOURCE = (
    # a second at a time, which is less than a statement has; the session asks again for longer
    Setting("lock_wait_timeout", "1", "a table that somebody holds seems to take too long to read"),
    Setting("sql_mode", "", "names in double quotes, texts without backslashes, padded CHARs"),
    Setting("autocommit", "1", "an open transaction keeps an upgrade from altering its tables"),
    Setting("tx_read_only", "1", "the clinic's data could be written to"),
    Setting("transaction_read_only", "1", "likewise, as newer servers call it"),
    Setting("query_cache_type", "0", "our large results push the clinic's out of the cache"),
)

_REPLICATION = (
    # strict, but with zero and impossible dates, so the copy is exact or fails
    Setting(
        "sql_mode",
        "STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION",
        "values are changed in silence, or zero dates refused",
    ),
    # so that a time which the source shows is never in a gap of this server's clock changes
    Setting("time_zone", "+00:00", "an hour of each spring cannot be stored"),
    Setting("autocommit", "0", "a slice is committed in parts"),
    Setting("tx_read_only", "0", "nothing can be written"),
    Setting("transaction_read_only", "0", "likewise"),
    Setting("tx_isolation", _isolation, "loading a slice locks the rows that are read"),
    Setting("transaction_isolation", _isolation, "likewise"),
    # newer servers let only privileged accounts set these two
    Setting(
        "max_error_count",
        _at_least("max_error_count", 64),
        "warnings name no columns",
        needed=False,
    ),
    Setting("innodb_strict_mode", "0", "the widest tables cannot be made", needed=False),
    Setting("lock_wait_timeout", _LOCKS, "a table that somebody holds is waited for a year"),
    Setting("innodb_lock_wait_timeout", _LOCKS, "a statement that waits for a moment fails"),
    Setting("default_storage_engine", "InnoDB", "dlt's state is not committed with the rows"),
    Setting("check_constraint_checks", "0", "a copy with the source's checks refuses old rows"),
    Setting("foreign_key_checks", "0", "likewise with its foreign keys"),
    Setting("unique_checks", "1", "a key that comes twice is not noticed"),
    Setting("alter_algorithm", "DEFAULT", "a copy cannot be altered"),
    Setting("sql_require_primary_key", "0", "tables without a key cannot be copied"),
    Setting("sql_generate_invisible_primary_key", "0", "copies get a column of the server's own"),
)

MYSQL_SETTINGS: dict[DatabaseType, tuple[Setting, ...]] = {
    DatabaseType.SOURCE: (*_MYSQL, *_SOURCE),
    DatabaseType.REPLICATION: (*_MYSQL, *_REPLICATION),
}

# its own time zone, so TIMESTAMPs read as the clinic's programs show them
_SOURCE_FIRST = ("SET SESSION time_zone = @@GLOBAL.time_zone",)

POSTGRES_SETTINGS = (
    Setting("statement_timeout", "0", "a slice that takes long is rolled back"),
    Setting("default_transaction_read_only", "off", "nothing can be written"),
    Setting("default_transaction_isolation", "read committed", "two hops' statements collide"),
    Setting("client_encoding", "UTF8", "every letter beyond ASCII is stored as two"),
    Setting("standard_conforming_strings", "on", "backslashes in literals are lost"),
    Setting("quote_all_identifiers", "off", "types look like others, and tables are made again"),
    Setting("DateStyle", "ISO, YMD", "day and month change places"),
    Setting("IntervalStyle", "postgres", "durations are read with another sign"),
    Setting("TimeZone", "UTC", "the stamps that both tiers are compared by are shifted"),
    Setting("extra_float_digits", "1", "doubles are shown rounded"),
    Setting("bytea_output", "hex", "bytes are shown in another way"),
    Setting("transform_null_equals", "off", "conditions with NULL find other rows"),
    Setting("row_security", "off", "rows are hidden where they should be an error"),
    Setting("session_replication_role", "origin", "keys and checks are not looked at"),
    Setting(
        "lock_timeout",
        Limit("lock_timeout_seconds", 1000),
        "a table that somebody holds is waited for without end, or one that waits a moment fails",
    ),
    Setting(
        "idle_in_transaction_session_timeout",
        Limit("idle_in_transaction_seconds", 1000),
        "what a run that is no more has locked stays locked, or a connection that waits is ended",
    ),
    Setting("idle_session_timeout", "0", "likewise"),
    Setting("transaction_timeout", "0", "likewise one that works"),
    Setting("synchronous_commit", "off", "small commits wait for the disk; the next run mends"),
    Setting("work_mem", "65536", "staged rows are joined on the disk"),
    Setting("maintenance_work_mem", "262144", "keys are made on the disk"),
)

SERVED_ENCODINGS = ("UTF8", "SQL_ASCII")
"""Encodings of a PostgreSQL database that hold every text: UTF-8, or bytes that nobody looks at."""


def prepare_mysql(
    connection: Any, config: ConnectionConfig, tuning: ConnectionTuning
) -> tuple[str, ...]:
    """Sets all that a session of MySQL relies on.

    Args:
        connection: PyMySQL's, just made.
        config: of the server.
        tuning: the limits of its sessions.

    Returns:
        the statements that did it, for sessions of another driver.

    Raises:
        ConfigurationError: the account may not set something that has another value.
        pymysql.err.Error: the server is gone.
    """
    settings = MYSQL_SETTINGS[config.type]
    first = _MYSQL_FIRST + (_SOURCE_FIRST if config.type is DatabaseType.SOURCE else ())
    names = ", ".join(f"'{name}'" for name in (*(s.name for s in settings), *_ASKED_ONLY))
    with connection.cursor() as cursor:
        for statement in first:
            cursor.execute(statement)
        cursor.execute(f"SHOW SESSION VARIABLES WHERE Variable_name IN ({names})")
        shown = {str(name).lower(): str(value) for name, value in cursor.fetchall()}
        done = list(first)
        for setting, value in _other(settings, shown, tuning):
            statement = f"SET SESSION {setting.name} = {_mysql_value(value)}"
            try:
                cursor.execute(statement)
            except pymysql.err.OperationalError as error:
                if error.args[0] not in _NOT_ALLOWED:
                    raise
                if setting.needed:
                    raise _refusal(config, setting, value) from None
                continue
            done.append(statement)
    connection.commit()
    return tuple(done)


_NOT_ALLOWED = (1227, 1229, 1231, 1238)
"""It needs a privilege, is the whole server's, does not take the value, or cannot be set at all."""


def prepare_postgres(connection: Connection, config: ConnectionConfig | None = None) -> None:
    """Sets all that a session of PostgreSQL relies on.

    Args:
        connection: just made or reset.
        config: of the server; None where the session is one of several of a run.

    Raises:
        ConfigurationError: the database's encoding cannot hold the clinic's text, or the account
            may not set something that has another value.
        psycopg2.Error: the server is gone.
    """
    names = [setting.name for setting in POSTGRES_SETTINGS]
    connection.set_client_encoding("UTF8")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            "SELECT lower(name), setting FROM pg_catalog.pg_settings WHERE lower(name) = ANY(%s)",
            ([name.lower() for name in (*names, "server_encoding")],),
        )
        shown = dict(cursor.fetchall())
        if config and shown["server_encoding"] not in SERVED_ENCODINGS:
            raise ConfigurationError(
                f"{config.place}: the database's encoding is"
                f" {shown['server_encoding']}, which cannot hold every text of the clinic; make one"
                " with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
            )
        for setting, value in _other(POSTGRES_SETTINGS, shown, connection.sessions.tuning):
            try:
                cursor.execute(f"SET {setting.name} = '{value}'")
            except psycopg2.errors.InsufficientPrivilege:
                if config is None:
                    raise
                raise _refusal(config, setting, value) from None
    connection.commit()


def _other(
    settings: Iterable[Setting], shown: Mapping[str, str], tuning: ConnectionTuning
) -> list[tuple[Setting, str]]:
    """The settings that a server knows and has otherwise, and the values that they get."""
    known = [setting for setting in settings if setting.name.lower() in shown]
    wanted = [(setting, setting.wanted(shown, tuning)) for setting in known]
    return [
        (one, value) for one, value in wanted if _plain(shown[one.name.lower()]) != _plain(value)
    ]


def _plain(value: str) -> str:
    plain = value.strip().lower()
    return {"on": "1", "off": "0"}.get(plain, plain)


def _mysql_value(value: str) -> str:
    is_bare = value == "DEFAULT" or value.replace(".", "", 1).isdigit()
    return value if is_bare else f"'{value}'"


def _refusal(config: ConnectionConfig, setting: Setting, value: str) -> ConfigurationError:
    return ConfigurationError(
        f"{config.place}: {setting.name} is not {value or 'empty'}, and"
        f" this account may not set it for its session, without which {setting.why}; set it in the"
        " server's configuration, or give the account the privilege to set session variables"
    )
