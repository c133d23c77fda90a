"""The tests' own sessions: they set all that their statements rely on, whatever the servers say.

Nothing here is shared with the code under test: a server that misleads both would be believed.
"""

from typing import Any

import psycopg2
import pymysql
import sqlalchemy as sa

_MYSQL = {
    "autocommit": "OFF",
    "sql_select_limit": "18446744073709551615",
    # this one switches sql_big_selects on as well
    "max_join_size": "18446744073709551615",
    "sql_safe_updates": "OFF",
    "sql_auto_is_null": "OFF",
    "sql_quote_show_create": "ON",
    "sql_notes": "ON",
    "max_error_count": "64",
    "group_concat_max_len": "1048576",
    "max_sort_length": "1024",
    "div_precision_increment": "4",
    "default_week_format": "0",
    "lc_time_names": "'en_US'",
    "old_mode": "'UTF8_IS_UTF8MB3'",
    "tx_isolation": "'REPEATABLE-READ'",
    "tx_read_only": "OFF",
    "completion_type": "'NO_CHAIN'",
    "unique_checks": "ON",
    "foreign_key_checks": "ON",
    "innodb_lock_wait_timeout": "50",
    "lock_wait_timeout": "60",
    "idle_transaction_timeout": "0",
    "wait_timeout": "28800",
    "net_read_timeout": "60",
    "net_write_timeout": "60",
    "max_statement_time": "0",
    "system_versioning_asof": "DEFAULT",
    "explicit_defaults_for_timestamp": "ON",
    "updatable_views_with_limit": "1",
    "character_set_filesystem": "binary",
}
"""Of MariaDB, with values as SQL; `SET NAMES` is the driver's, told by its charset."""

_POSTGRES = {
    "DateStyle": "ISO,YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "quote_all_identifiers": "off",
    "search_path": "public",
    "row_security": "on",
    "lc_numeric": "C",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_session_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "default_transaction_read_only": "off",
    "default_transaction_isolation": "read\\ committed",
}


def mysql_settings(**settings: str) -> str:
    """The statement that gives a session of MariaDB every setting the tests rely on.

    Args:
        settings: more of them, or other values, as SQL.
    """
    wanted = {**_MYSQL, **settings}
    return "SET " + ", ".join(f"SESSION {name} = {value}" for name, value in wanted.items())


def postgres_settings() -> dict[str, Any]:
    """Likewise the arguments of a connection to PostgreSQL."""
    options = " ".join(f"-c {name}={value}" for name, value in _POSTGRES.items())
    return {"client_encoding": "UTF8", "options": options}


def mysql_session(url: sa.URL, **settings: str) -> "pymysql.connections.Connection[Any]":
    """A session of MariaDB that gets each value as the text that the server prints."""
    return pymysql.connect(
        host=url.host or "",
        port=url.port or 0,
        user=url.username,
        password=url.password or "",
        database=url.database,
        charset="utf8mb4",
        conv=dict(pymysql.converters.encoders),
        ssl_disabled=True,
        init_command=mysql_settings(**settings),
    )


def postgres_session(url: sa.URL) -> "psycopg2.extensions.connection":
    """A session of PostgreSQL."""
    address = url.set(drivername="postgresql").render_as_string(False)
    return psycopg2.connect(address, **postgres_settings())


def engine(url: sa.URL, **settings: str) -> sa.Engine:
    """An engine whose sessions are like these, and are closed after each use.

    Args:
        url: of any of the three databases.
        settings: of MariaDB, more or others.
    """
    if url.get_backend_name() == "postgresql":
        arguments = postgres_settings()
    else:
        arguments = {"init_command": mysql_settings(**settings)}
    return sa.create_engine(url, poolclass=sa.NullPool, connect_args=arguments)
