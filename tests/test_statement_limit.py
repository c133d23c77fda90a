"""The clinic is promised that no statement takes long: at servers that stop none by themselves."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import pymysql
import pytest
from pymysql.constants import COMMAND

from opendental_pipeline.databases import server
from opendental_pipeline.databases.driver_errors import took_too_long
from opendental_pipeline.databases.engines import Connections, driver
from opendental_pipeline.databases.statement_limit import StatementLimit
from opendental_pipeline.reconcile import sample_sessions
from opendental_pipeline.reconcile.sample_budget import Budget
from opendental_pipeline.reconcile.sample_sessions import MySqlSession
from opendental_pipeline.runs.server_access import source_access
from opendental_pipeline.settings.connection import DatabaseType
from opendental_pipeline.settings.errors import (
    EnvironmentSettingError,
    ExtractionError,
    QueryFailedError,
)
from opendental_pipeline.settings.tuning import ReadingTuning, Tuning
from sources.opendental import backends
from sources.opendental.table_query import TableQuery, TooLongError
from tests import programs
from tests.conftest import Clinic

SOURCE = DatabaseType.SOURCE
LIMIT = 0.6
"""Seconds that a statement has here."""

READS = "SELECT COUNT(*) FROM visit WHERE SLEEP(0.1) = 0"
"""Takes four seconds, in which it keeps everybody from writing."""


@dataclass(frozen=True)
class Source:
    """A source that stops no statement by itself, as it is read.

    Attributes:
        query: asks for its only table.
        limit: of its statements.
    """

    clinic: Clinic
    connections: Connections
    query: TableQuery
    limit: StatementLimit

    @property
    def connections_of_reader(self) -> list[tuple[int, str, str]]:
        """Number, command and statement of each connection of the account that reads."""
        found = self.clinic.rows(
            self.clinic.source,
            "SELECT id, command, info FROM information_schema.processlist"
            f" WHERE user = '{self.clinic.cluster.reader_user}'",
        )
        return [(int(number), str(command), str(text)) for number, command, text in found]

    @property
    def at_work(self) -> list[int]:
        """Those that run a statement."""
        return [number for number, command, _ in self.connections_of_reader if command == "Query"]


@pytest.fixture
def unlimited(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """A clinic whose server is taken for one that stops no statement."""
    monkeypatch.setattr(server, "STATEMENT_LIMITS", {})
    clinic.sql(
        "CREATE TABLE visit (VisitNum int PRIMARY KEY, Note text) ENGINE=MyISAM CHARSET=utf8mb4",
        f"INSERT INTO visit VALUES {', '.join(f'({n}, 1)' for n in range(40))}",
    )
    return clinic


@pytest.fixture
def source(unlimited: Clinic) -> Iterator[Source]:
    tuning = Tuning(reading=ReadingTuning(statement_seconds=LIMIT / 2))
    with Connections(unlimited.settings, tuning) as connections:
        access = source_access(unlimited.settings, tuning, connections, "replication")
        yield Source(unlimited, connections, TableQuery("visit", access), access.longest)
    assert not [one for one in threading.enumerate() if isinstance(one, threading.Timer)]


def at_once(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_slow_statement_is_stopped_and_a_writer_waits_no_longer_than_is_promised(
    source: Source,
) -> None:
    waited: list[float] = []

    def write() -> None:
        began = time.monotonic()
        source.clinic.sql("UPDATE visit SET Note = 'b' WHERE VisitNum = 1")
        waited.append(time.monotonic() - began)

    writer = threading.Timer(0.2, write)
    writer.start()
    with pytest.raises(TooLongError, match=r"table visit.*took more than 0\.6 s"):
        source.query.query(READS)
    writer.join()
    assert 0.2 < waited[0] < LIMIT + 0.5
    assert source.at_work == []
    assert source.query.query("SELECT 1") == ((1,),)


def test_a_statement_that_ends_in_time_is_none_of_the_watchdogs_business(source: Source) -> None:
    assert source.query.query("SELECT COUNT(*) FROM visit WHERE SLEEP(0.01) = 0") == ((40,),)
    with pytest.raises(ExtractionError, match=r"MySQL error 1054"):
        source.query.query("SELECT nothing FROM visit")
    time.sleep(LIMIT + 0.3)
    assert source.query.query("SELECT 1") == ((1,),)


def test_the_next_statement_of_a_connection_is_never_hit(source: Source) -> None:
    """Statements that end just when their time is over, each followed by another one at once."""
    engine, limit = source.connections.engine(SOURCE), StatementLimit(0.02, None, _watchdog(source))
    random.seed(17)
    stopped, went_on, hits = 0, 0, []

    def hammer() -> None:
        nonlocal stopped, went_on
        for _ in range(150):
            seconds = random.uniform(0.012, 0.0215)
            try:
                with driver(engine) as connection, closing(connection.cursor()) as cursor:
                    with limit.statement(connection, f"SELECT SLEEP({seconds})") as sql:
                        cursor.execute(sql)
                        slept = cursor.fetchall()
                    # of a SLEEP that was killed, a server answers 1
                    assert slept == ((0,),)
                    try:
                        cursor.execute("SELECT SLEEP(0.004)")
                        assert cursor.fetchall() == ((0,),)
                        went_on += 1
                    except pymysql.err.Error as error:
                        hits.append(repr(error))
            except pymysql.err.OperationalError as error:
                assert took_too_long(error)
                stopped += 1

    threads = [at_once(hammer) for _ in range(4)]
    for thread in threads:
        thread.join()
    assert hits == []
    assert stopped + went_on == 600
    assert min(stopped, went_on) > 30


def _watchdog(source: Source) -> Any:
    assert source.limit.watchdog is not None
    return source.limit.watchdog


def test_a_watchdog_whose_connection_was_lost_makes_a_new_one(source: Source) -> None:
    for number, _, _ in source.connections_of_reader:
        with suppress(Exception):
            source.clinic.sql(f"KILL {number}")
    began = time.monotonic()
    with pytest.raises(TooLongError):
        source.query.query(READS)
    assert time.monotonic() - began < LIMIT + 0.5


def test_a_statement_that_somebody_else_stops_did_not_take_too_long(source: Source) -> None:
    def stop() -> None:
        [number] = source.at_work
        source.clinic.sql(f"KILL QUERY {number}")

    other = threading.Timer(0.2, stop)
    other.start()
    with pytest.raises(ExtractionError, match="somebody else stopped the statement") as told:
        source.query.query(READS)
    other.join()
    assert not isinstance(told.value, TooLongError)


def test_an_interrupted_run_leaves_no_thread_behind(source: Source) -> None:
    with driver(source.connections.engine(SOURCE)) as connection:
        with pytest.raises(KeyboardInterrupt), source.limit.statement(connection, "SELECT 1"):
            raise KeyboardInterrupt
        assert not [one for one in threading.enumerate() if isinstance(one, threading.Timer)]


def test_an_interrupted_run_leaves_no_statement_behind(source: Source) -> None:
    """A server goes on with what nobody waits for any more, if it is not told."""
    with (
        pytest.raises(KeyboardInterrupt),
        driver(source.connections.engine(SOURCE)) as connection,
        source.limit.statement(connection, READS) as statement,
    ):
        connection._execute_command(COMMAND.COM_QUERY, statement)  # type: ignore[attr-defined]
        _wait(lambda: bool(source.at_work))
        raise KeyboardInterrupt
    _wait(lambda: not source.at_work)


def _wait(condition: Callable[[], bool]) -> None:
    """Waits less than the statement takes by itself."""
    until = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def test_a_night_halves_what_was_stopped_and_goes_on(
    unlimited: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    listed = backends._listed

    def slow(expressions: Any) -> str:
        sent.append(listed(expressions))
        return f"{sent[-1]}, SLEEP(0.1) AS slow" if len(sent) == 1 else sent[-1]

    monkeypatch.setattr(backends, "_listed", slow)
    report = unlimited.run(tuning=Tuning(reading=ReadingTuning(statement_seconds=LIMIT / 2)))
    assert report.failed == []
    assert len(sent) > 1
    assert unlimited.differences() == []


def test_connectorx_is_refused_where_nobody_could_stop_it(unlimited: Clinic) -> None:
    tables = unlimited.tables(visit={"backend": "connectorx"})
    with pytest.raises(EnvironmentSettingError, match=r"reads visit .* no limit .* backend: wire"):
        unlimited.run(tables=tables)
    assert programs.tables_made(unlimited) == []


def test_the_second_opinion_stops_its_statements_itself_where_the_server_does_not(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sample_sessions, "_MYSQL_LIMITS", {"no_such_limit": lambda seconds: seconds}
    )
    config = source.clinic.settings.connection(SOURCE)
    budget = Budget(4 * LIMIT)
    with closing(MySqlSession(config, time_zone="'+00:00'", budget=budget)) as session:
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(QueryFailedError, match="source refused a statement"):
                session.query(READS)
            assert time.monotonic() - began < budget.statement_seconds + 0.5
            # as soon as its next row
            time.sleep(0.3)
            assert source.at_work == []
        assert session.query("SELECT 1") == [(b"1",)]
