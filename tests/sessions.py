"""The tests' own sessions: they set all that their statements rely on, whatever the servers say.

Nothing here is shared with the code under test: a server that misleads both would be believed.
"""

import re
from collections.abc import Mapping
from typing import Any

import psycopg2
import pymysql
import sqlalchemy as sa

_BOTH = {
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
    "completion_type": "'NO_CHAIN'",
    "unique_checks": "ON",
    "foreign_key_checks": "ON",
    "innodb_lock_wait_timeout": "50",
    "lock_wait_timeout": "60",
    "wait_timeout": "28800",
    "net_read_timeout": "60",
    "net_write_timeout": "60",
    "updatable_views_with_limit": "1",
    "character_set_filesystem": "binary",
}
"""Of MySQL and MariaDB, with values as SQL; `SET NAMES` is the driver's, told by its charset."""

_MARIADB = {
    "old_mode": "''",
    "tx_isolation": "'REPEATABLE-READ'",
    "tx_read_only": "OFF",
    "idle_transaction_timeout": "0",
    "max_statement_time": "0",
    "system_versioning_asof": "DEFAULT",
    "explicit_defaults_for_timestamp": "ON",
}
_MARIADB_SINCE_10_6 = {"old_mode": "'UTF8_IS_UTF8MB3'"}
"""Before, utf8 never meant anything else."""

_MYSQL_SINCE_8 = {
    "transaction_isolation": "'REPEATABLE-READ'",
    "transaction_read_only": "OFF",
    "max_execution_time": "0",
    "information_schema_stats_expiry": "0",
    "explicit_defaults_for_timestamp": "ON",
    "cte_max_recursion_depth": "4294967295",
}

_SEQUENCE = re.compile(r"\bseq_(\d+)_to_(\d+)\b(?! [a-z])")
_NUMBERS = (
    r"(WITH RECURSIVE counted (seq) AS (SELECT \1 UNION ALL SELECT seq + 1 FROM counted"
    r" WHERE seq < \2) SELECT seq FROM counted) AS numbers"
)

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
    "idle_in_transaction_session_timeout": "0",
    "default_transaction_read_only": "off",
    "default_transaction_isolation": "read\\ committed",
}


def mysql_settings(**settings: str) -> str:
    """The statement that gives a session of MySQL or MariaDB every setting the tests rely on.

    Either reads the comments that are meant for it as a part of the statement.

    Args:
        settings: more of them, or other values, as SQL.
    """
    return (
        f"SET {_assigned({**_BOTH, **settings})}"
        f" /*M! , {_assigned(_MARIADB)} */"
        f" /*M!100600 , {_assigned(_MARIADB_SINCE_10_6)} */"
        f" /*!80000 , {_assigned(_MYSQL_SINCE_8)} */"
    )


def _assigned(wanted: Mapping[str, str]) -> str:
    return ", ".join(f"SESSION {name} = {value}" for name, value in wanted.items())


def mysql_session(url: sa.URL, **settings: str) -> "pymysql.connections.Connection[Any]":
    """A session of MySQL or MariaDB that gets each value as the text that the server prints."""
    return pymysql.connect(
        host=url.host or "",
        port=url.port or 0,
        user=url.username,
        password=url.password or "",
        database=url.database,
        charset="utf8mb4",
        conv=dict(pymysql.converters.encoders.items()),
        ssl_disabled=True,
        init_command=mysql_settings(**settings),
    )


def postgres_session(url: sa.URL) -> "psycopg2.extensions.connection":
    """A session of PostgreSQL."""
    address = url.set(drivername="postgresql").render_as_string(False)
    options = " ".join(f"-c {name}={value}" for name, value in _POSTGRES.items())
    session = psycopg2.connect(address, client_encoding="UTF8", options=options)
    with session.cursor() as cursor:
        # which PostgreSQL 13 has not
        cursor.execute(
            "SELECT set_config(name, '0', false) FROM pg_settings"
            " WHERE name = 'idle_session_timeout'"
        )
    session.commit()
    return session


def engine(url: sa.URL, **settings: str) -> sa.Engine:
    """An engine whose sessions are like these, and are closed after each use.

    Args:
        url: of any of the three databases.
        settings: of MySQL or MariaDB, more or others.
    """
    if url.get_backend_name() == "postgresql":
        return sa.create_engine(url, poolclass=sa.NullPool, creator=lambda: postgres_session(url))
    arguments = {"init_command": mysql_settings(**settings)}
    made = sa.create_engine(url, poolclass=sa.NullPool, connect_args=arguments)
    sa.event.listen(made, "before_cursor_execute", _with_sequences, retval=True)
    return made


def _with_sequences(
    connection: sa.Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
) -> tuple[str, Any]:
    """Lets MySQL, too, count with the tables that MariaDB has for it, like `seq_1_to_9`."""
    if not getattr(connection.dialect, "is_mariadb", True):
        statement = _SEQUENCE.sub(_NUMBERS, statement)
    return statement, parameters
