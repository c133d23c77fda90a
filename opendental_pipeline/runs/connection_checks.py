"""Tries each server the way a night uses it, before one does; what it makes, it takes away."""

import io
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from enum import StrEnum
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from destinations.exclusive_lock import cursor_of
from opendental_pipeline.databases.catalog import read_catalogue
from opendental_pipeline.databases.driver_errors import connecting_reason, reason
from opendental_pipeline.databases.engines import make_engine, run_sql, sessions_of
from opendental_pipeline.databases.identifiers import postgres_ident
from opendental_pipeline.databases.needed_options import check_writable
from opendental_pipeline.databases.server import check_server, read_server
from opendental_pipeline.settings.connection import ConnectionConfig, TlsMode
from opendental_pipeline.settings.environment import DatabaseType, PostgresSchema, Settings
from opendental_pipeline.settings.errors import PipelineError
from opendental_pipeline.settings.frozen import Frozen
from opendental_pipeline.settings.tuning import Tuning
from sources.opendental.domain import upgrading_computer

PROBE = "etl_connection_test"
"""The table that is made and dropped."""

_MOST_PACKET = 16 << 20
"""Bytes of a packet that no longer text of OpenDental's needs more of than this."""


class Outcome(StrEnum):
    """What came of a check."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Check(Frozen):
    """One thing that was tried.

    Attributes:
        server: of which database.
        what: was tried.
        outcome: of it.
        text: what was found, or what to do.
        milliseconds: that it took.
    """

    server: DatabaseType
    what: str
    outcome: Outcome
    text: str
    milliseconds: float


class _Unfit(Exception):  # noqa: N818  not an error, but what is said of one
    """A check found something that keeps a night from working, or that is worth a look."""

    def __init__(self, text: str, outcome: Outcome = Outcome.FAILED) -> None:
        super().__init__(text)
        self.text, self.outcome = text, outcome


def check_connections(settings: Settings, tuning: Tuning) -> Iterator[Check]:
    """Tries all three servers; what needs a login is not tried without one.

    Args:
        settings: where they are.
        tuning: the limits of their sessions.

    Yields:
        each check as soon as it is done.
    """
    for database in DatabaseType:
        config = settings.connection(database)
        yield from _check(config, tuning, settings.schema_name(PostgresSchema.RAW))


def _check(config: ConnectionConfig, tuning: Tuning, schema: str) -> Iterator[Check]:
    seconds = tuning.connections[config.type].connect_timeout_seconds
    for what, look in {
        "name": partial(_resolve, config),
        "network": partial(_reach, config, seconds),
    }.items():
        done = _try(config.type, what, look)
        yield done
        if done.outcome is Outcome.FAILED:
            return
    engine = make_engine(sessions_of(config, tuning.connections[config.type]))
    try:
        done = _try(config.type, "login", partial(_log_in, engine))
        yield done
        if done.outcome is Outcome.FAILED:
            return
        with engine.connect() as connection:
            for what, use in _USES[config.type].items():
                yield _try(config.type, what, partial(use, connection, config, schema))
                connection.rollback()
    finally:
        engine.dispose()


def _try(server: DatabaseType, what: str, look: Callable[[], str]) -> Check:
    began = time.perf_counter()
    outcome = Outcome.OK
    try:
        text = look()
    except _Unfit as unfit:
        outcome, text = unfit.outcome, unfit.text
    except PipelineError as error:
        outcome, text = Outcome.FAILED, error.message
    except sa.exc.SQLAlchemyError as error:
        outcome, text = Outcome.FAILED, reason(error)
    taken = round(1_000 * (time.perf_counter() - began), 1)
    return Check(server=server, what=what, outcome=outcome, text=text, milliseconds=taken)


def _resolve(config: ConnectionConfig) -> str:
    try:
        found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _Unfit(f"nobody knows {config.host}: {error.strerror}") from None
    return ", ".join(dict.fromkeys(str(address[4][0]) for address in found))


def _reach(config: ConnectionConfig, seconds: float) -> str:
    try:
        with closing(socket.create_connection((config.host, config.port), timeout=seconds)):
            return f"port {config.port} answers"
    except TimeoutError:
        raise _Unfit(
            f"port {config.port} of {config.host} does not answer within {seconds:g} s: a firewall?"
        ) from None
    except OSError as error:
        raise _Unfit(f"port {config.port} of {config.host}: {error.strerror}") from None


def _log_in(engine: Engine) -> str:
    try:
        with engine.connect() as connection:
            return str(run_sql(connection, "SELECT VERSION()").scalar()).split(" on ")[0]
    except sa.exc.DBAPIError as error:
        raise _Unfit(connecting_reason(error)) from None


def _version(connection: Connection, config: ConnectionConfig, _: str) -> str:
    server = read_server(connection)
    check_server(config.type, server)
    return str(server)


def _encryption(connection: Connection, config: ConnectionConfig, _: str) -> str:
    mode = config.tls.effective_mode
    if config.type is DatabaseType.ANALYTICS:
        query = "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        found: Any = run_sql(connection, query).one_or_none()
        version = str(found[1]) if found and found[0] else ""
    else:
        shown: Any = run_sql(connection, "SHOW STATUS LIKE 'Ssl_version'").one_or_none()
        version = str(shown[1]) if shown else ""
    if version:
        verified = mode in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL)
        return f"{version}, the server's certificate is {'' if verified else 'not '}verified"
    if config.is_local:
        return "none, and none is needed on this machine"
    raise _Unfit("none: rows cross the network in clear; see …_SSL_MODE", Outcome.WARNING)


def _read_only(connection: Connection, _: ConnectionConfig, __: str) -> str:
    granted = {
        name.strip()
        for (line,) in run_sql(connection, "SHOW GRANTS").all()
        if (found := re.match(r"GRANT (.+?) ON ", str(line)))
        for name in re.sub(r"\([^)]*\)", "", found[1]).split(",")
    }
    if more := sorted(granted - {"USAGE", "SELECT", "SHOW VIEW", "PROCESS", "PROXY"}):
        raise _Unfit(f"the account has more than SELECT: {', '.join(more)}", Outcome.WARNING)
    return "the account may read, and nothing else"


def _stoppable(connection: Connection, _: ConnectionConfig, __: str) -> str:
    if read_server(connection).limited_select is None:
        return "the server stops no statement that takes too long; a second connection does"
    return "the server stops statements that take too long"


def _clock(connection: Connection, _: ConnectionConfig, __: str) -> str:
    query = "SELECT @@global.time_zone, @@system_time_zone, NOW()"
    row: Any = run_sql(connection, query).one()
    zone, system, now = row
    return f"{system if zone == 'SYSTEM' else zone}, it is {now:%Y-%m-%d %H:%M}"


def _upgrade(connection: Connection, config: ConnectionConfig, _: str) -> str:
    catalogue = read_catalogue(connection, config.database, ["preference"])
    if upgrading_computer(connection, catalogue):
        raise _Unfit("OpenDental is being upgraded: a run is refused until that is over")
    return "OpenDental is not being upgraded" if catalogue else "no table preference here"


def _options(connection: Connection, _: ConnectionConfig, __: str) -> str:
    check_writable(connection)
    size = int(run_sql(connection, "SELECT @@max_allowed_packet").scalar_one())
    if size < _MOST_PACKET:
        raise _Unfit(f"max_allowed_packet is {size:,}; make it {_MOST_PACKET:,}", Outcome.WARNING)
    return f"LOAD DATA LOCAL is on, max_allowed_packet is {size:,}"


def _tables_of_mysql(connection: Connection, _: ConnectionConfig, __: str) -> str:
    for statement in (
        f"DROP TABLE IF EXISTS {PROBE}",
        f"CREATE TABLE {PROBE} (n int PRIMARY KEY) ENGINE=InnoDB",
        f"ALTER TABLE {PROBE} ADD COLUMN m int",
        f"INSERT INTO {PROBE} VALUES (1, 2)",
        f"DELETE FROM {PROBE}",
        f"DROP TABLE {PROBE}",
    ):
        run_sql(connection, statement)
    return "a table was made, altered, filled and dropped"


def _tables_of_postgres(connection: Connection, _: ConnectionConfig, schema: str) -> str:
    quoted = postgres_ident(schema)
    there = sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :schema")
    found = connection.execute(there, {"schema": schema}).scalar()
    statements = [] if found else [f"CREATE SCHEMA {quoted}"]
    statements += [
        f"CREATE TABLE {quoted}.{PROBE} (n int PRIMARY KEY)",
        f"ALTER TABLE {quoted}.{PROBE} ADD COLUMN m int",
        f"CREATE TEMPORARY TABLE {PROBE}_stage (LIKE {quoted}.{PROBE}) ON COMMIT DROP",
    ]
    for statement in statements:
        run_sql(connection, statement)
    with closing(cursor_of(connection)) as cursor:
        cursor.copy_expert(f"COPY {PROBE}_stage FROM STDIN", io.StringIO("1\t2\n"))
    run_sql(connection, f"INSERT INTO {quoted}.{PROBE} SELECT * FROM {PROBE}_stage")
    return "a table was made, altered, filled by COPY, and taken back"


def _lock(connection: Connection, _: ConnectionConfig, __: str) -> str:
    query = f"SELECT pg_try_advisory_xact_lock(hashtext('{PROBE}'))"
    if not run_sql(connection, query).scalar():
        raise _Unfit("another test is at work", Outcome.WARNING)
    return "locks are taken and given back"


_USES: dict[DatabaseType, dict[str, Callable[[Connection, ConnectionConfig, str], str]]] = {
    DatabaseType.SOURCE: {
        "version": _version,
        "encryption": _encryption,
        "privileges": _read_only,
        "statement limit": _stoppable,
        "clock": _clock,
        "upgrade": _upgrade,
    },
    DatabaseType.REPLICATION: {
        "version": _version,
        "encryption": _encryption,
        "options": _options,
        "tables": _tables_of_mysql,
    },
    DatabaseType.ANALYTICS: {
        "version": _version,
        "encryption": _encryption,
        "tables": _tables_of_postgres,
        "lock": _lock,
    },
}
