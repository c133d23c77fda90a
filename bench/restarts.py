"""`make restarts`: what a first night costs the source that is killed ten times on its way."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.ours import Ours
from bench.programs import TimedOutError, Workplace, carried_out
from bench.servers import Route, connect_to, cpu_seconds, execute, number, private, remake
from bench.watch import LOG, statements_logged
from opendental_pipeline.settings.home import CHECKOUT

CLINIC = "restarts"
MANY, WIDE, SMALL = "entry", "letter", 60
AIM = 1.5

_TABLE = """
    CREATE TABLE {database}.{name} (
        Num bigint NOT NULL PRIMARY KEY, PatNum bigint NOT NULL, Amount double NOT NULL,
        Note mediumtext NOT NULL, DateTStamp timestamp NOT NULL DEFAULT '2024-01-01'
    ) ENGINE={engine} DEFAULT CHARSET=utf8mb4"""
_FILL = """
    INSERT INTO {database}.{name} (Num, PatNum, Amount, Note)
    SELECT seq, seq % 997, seq / 7, {note} FROM {database}.seq_1_to_{rows}"""
_NOTE = "CONCAT('note ', seq)"
# 2 to 8 KB, each another one
_LETTER = "REPEAT(CONCAT('line ', seq, ' of a letter to a patient\\n'), 50 + seq % 150)"


@dataclass(frozen=True)
class Cost:
    """What some runs cost.

    Attributes:
        sent: bytes that the source sent.
        rows: rows that it sent to the account that reads.
        examined: rows that it looked at for them.
        cpu_seconds: of each server.
    """

    sent: float
    rows: float
    examined: float
    cpu_seconds: dict[str, float]

    def over(self, other: "Cost") -> str:
        """How many times those of another."""
        servers = sum(self.cpu_seconds.values()) / sum(other.cpu_seconds.values())
        return (
            f"bytes {self.sent / other.sent:.2f}, rows {self.rows / other.rows:.2f},"
            f" rows looked at {self.examined / other.examined:.2f}, servers' CPU {servers:.2f}"
        )

    def __str__(self) -> str:
        servers = ", ".join(f"{name} {spent:.0f}" for name, spent in self.cpu_seconds.items())
        return (
            f"{self.sent / 1e6:,.0f} MB and {self.rows:,.0f} rows sent,"
            f" {self.examined:,.0f} looked at; CPU s: {servers}"
        )


def fill(owner: sa.Engine, rows: int, letters: int) -> None:
    """Makes a clinic of a table of many rows, one of wide ones, and small ones."""
    sizes = [(MANY, "MyISAM", rows, _NOTE), (WIDE, "InnoDB", letters, _LETTER)]
    sizes += [(f"small_{n}", "MyISAM", 10 * n + 1, _NOTE) for n in range(SMALL)]
    for name, engine, count, note in sizes:
        known = {"database": CLINIC, "name": name, "engine": engine, "note": note, "rows": count}
        execute(owner, _TABLE.format(**known), _FILL.format(**known))


@contextmanager
def counted(route: Route, costs: list[Cost]) -> Iterator[None]:
    """Adds what the block cost."""
    source = connect_to(route.cluster.source)
    sent, before = _sent(source), cpu_seconds(route.cluster)
    with statements_logged(source):
        yield
    after = cpu_seconds(route.cluster)
    user = route.reader.user
    rows, examined = (
        number(source, f"SELECT SUM({what}) FROM {LOG} WHERE user_host LIKE '{user}[%'")
        for what in ("rows_sent", "rows_examined")
    )
    spent = {name: after[name] - before[name] for name in after}
    costs.append(Cost(_sent(source) - sent, rows, examined, spent))


def reached(route: Route) -> str:
    """How far the large tables are."""
    replication, analytics = connect_to(route.replication), connect_to(route.analytics)
    return "; ".join(
        f"{table} {_rows(replication, table):,.0f} and {_rows(analytics, f'raw.{table}'):,.0f}"
        for table in (MANY, WIDE)
    )


def _rows(engine: sa.Engine, table: str) -> float:
    try:
        return number(engine, f"SELECT COUNT(*) FROM {table}")
    except sa.exc.DBAPIError:
        return 0


def _sent(source: sa.Engine) -> float:
    query = (
        "SELECT variable_value FROM information_schema.global_status"
        " WHERE variable_name = 'BYTES_SENT'"
    )
    return number(source, query)


def measure(place: Workplace, rows: int, letters: int, kills: int, seconds: float) -> float:
    """Measures an undisturbed first night and one that is killed; how many times the bytes."""
    ours = Ours(place)
    with private(place.directory / "servers", print) as cluster:
        quiet, killed = Route(cluster, CLINIC, "quiet"), Route(cluster, CLINIC, "killed")
        remake(cluster.source, CLINIC)
        fill(connect_to(cluster.source), rows, letters)
        costs: list[Cost] = []
        with counted(quiet, costs):
            quiet.empty()
            ours.prepare_night(quiet)
            took = ours.night(quiet).usage
        print(f"undisturbed, {took.seconds:.0f} s, {took.cpu_seconds:.1f} CPU s: {costs[0]}")
        killed.empty()
        with counted(killed, costs):
            ours.prepare_night(killed)
            for number_ in range(1, kills + 1):
                try:
                    ours.night(killed, timeout=seconds)
                except TimedOutError:
                    print(f"kill {number_}: {reached(killed)}")
                else:
                    print(f"only {number_ - 1} kills: the night was over")
                    break
            took = ours.night(killed).usage
        print(f"its last run, {took.seconds:.0f} s: {costs[1]}")
        print(f"times the undisturbed night's: {costs[1].over(costs[0])}")
        return costs[1].sent / costs[0].sent


def main() -> int:
    """Measures, and tells whether the ratio is what it should be."""
    made = argparse.ArgumentParser(prog="python -m bench.restarts", description=__doc__)
    made.add_argument("--rows", type=int, default=2_500_000, help="of the table of small rows")
    made.add_argument("--letters", type=int, default=150_000, help="rows of 2 to 8 KB")
    made.add_argument("--kills", type=int, default=10)
    made.add_argument("--seconds", type=float, default=13.0, help="from a start to its kill")
    made.add_argument("--output", type=Path, default=CHECKOUT / ".bench", help="its folder")
    args = made.parse_args()
    asked = (args.rows, args.letters, args.kills, args.seconds)
    return carried_out(args.output, lambda place: int(measure(place, *asked) > AIM))


if __name__ == "__main__":
    # whoever ends it politely ends it as Ctrl-C does, so that the servers stop
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
