"""What the clinic's server feels of a run: processors, long statements, a writer that waits."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from threading import Event
from typing import Any

import sqlalchemy as sa

from bench.programs import Usage
from bench.servers import connect_to, cpu_seconds, execute, number
from demo.servers import Cluster

LOG = "mysql.slow_log"


@dataclass(frozen=True)
class Run:
    """One measured run.

    Attributes:
        rows: how many it moved.
        usage: what the program took.
        servers_cpu_seconds: what each server took for it.
        longest_statement_seconds: the longest that the reading account ran at the source.
        statements_seconds: what all its statements took at the source together.
        bytes_sent: by the source.
        parts_seconds: the parts of `usage.seconds`, if the run has any.
    """

    rows: int
    usage: Usage
    servers_cpu_seconds: dict[str, float]
    longest_statement_seconds: float
    statements_seconds: float
    bytes_sent: float
    parts_seconds: dict[str, float]

    @property
    def rows_per_second(self) -> float:
        """The speed of the whole run."""
        return self.rows / self.usage.seconds

    def per_million(self, seconds: float) -> float:
        """Seconds of this run, as so many for a million rows."""
        return seconds * 1e6 / self.rows

    def to_json(self) -> dict[str, Any]:
        """Everything, and the figures by row."""
        servers = {n: self.per_million(s) for n, s in self.servers_cpu_seconds.items()}
        return asdict(self) | {
            "rows_per_second": self.rows_per_second,
            "cpu_seconds_per_million_rows": self.per_million(self.usage.cpu_seconds),
            "servers_cpu_seconds_per_million_rows": servers,
        }


@dataclass(frozen=True)
class Took:
    """What a tool says of its run: the whole, and the seconds of its parts if it has any."""

    usage: Usage
    parts_seconds: dict[str, float]


def watched(cluster: Cluster, rows: int, work: Callable[[], Took]) -> Run:
    """Do a piece of work and measure what it costs the servers.

    Args:
        cluster: the servers; nothing else may use them meanwhile.
        rows: how many rows the work is about.
        work: runs the programs.
    """
    source = connect_to(cluster.source)
    before, sent = cpu_seconds(cluster), _sent(source)
    with statements_logged(source):
        took = work()
    after = cpu_seconds(cluster)
    sent = _sent(source) - sent
    return Run(
        rows,
        took.usage,
        {name: after[name] - before[name] for name in after},
        longest_statement(source, cluster.reader_user),
        _of_statements("SUM", source, cluster.reader_user),
        sent,
        took.parts_seconds,
    )


@contextmanager
def statements_logged(source: sa.Engine) -> Iterator[None]:
    """Log each statement of sessions that begin in the block, in a table emptied before.

    A table and no file: it has one format on every version, and the server reads it for us.
    """
    execute(
        source,
        "SET GLOBAL slow_query_log = OFF",
        "SET GLOBAL log_output = 'TABLE', GLOBAL long_query_time = 0",
        f"TRUNCATE {LOG}",
        "SET GLOBAL slow_query_log = ON",
    )
    try:
        yield
    finally:
        execute(source, "SET GLOBAL slow_query_log = OFF")


def longest_statement(source: sa.Engine, user: str) -> float:
    """The seconds of the longest statement by an account that is in the log; 0 without any.

    What it took to send its rows is in it: so long a MyISAM table stays locked.
    """
    return _of_statements("MAX", source, user)


def _of_statements(what: str, source: sa.Engine, user: str) -> float:
    # MySQL's TIME_TO_SEC knows no fractions
    return number(
        source,
        f"SELECT {what}(60 * MINUTE(query_time) + SECOND(query_time)"
        " + MICROSECOND(query_time) / 1000000)"
        f" FROM {LOG} WHERE user_host LIKE '{user}[%'",
    )


def _sent(source: sa.Engine) -> float:
    """Bytes that the server has sent to anybody since it started."""
    with source.connect() as connection:
        shown = connection.exec_driver_sql("SHOW GLOBAL STATUS LIKE 'Bytes\\_sent'").one()
    return float(shown[1])


@contextmanager
def writing(source: sa.Engine, statement: str, *, every: float = 0.05) -> Iterator[list[float]]:
    """A workstation at work: while the block runs, a session that changes a row again and again.

    Args:
        source: as somebody who may write.
        statement: changes one row; its parameter `n` is another number each time.
        every: seconds between two of them.

    Yields:
        How many seconds each change waited and took; complete when the block is left.
    """
    waits: list[float] = []
    done = Event()

    def write() -> None:
        with source.connect() as connection:
            while not done.wait(every):
                start = time.monotonic()
                connection.execute(sa.text(statement), {"n": len(waits)})
                waits.append(time.monotonic() - start)

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        try:
            yield waits
        finally:
            done.set()
            writer.result()
