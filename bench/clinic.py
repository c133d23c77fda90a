"""`make clinic`: what each tier needs for the nights of a whole clinic, all 410 tables of it."""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from bench.data import change_clinic, fill_clinic
from bench.ours import Ours
from bench.programs import Workplace, carried_out
from bench.servers import Route, connect_to, number, private
from bench.watch import Run, Took, watched
from demo.servers import Server
from opendental_pipeline.settings.home import CHECKOUT

SOURCE, TARGET = "clinic", "copy"
SERVERS = ("source", "replication", "analytics")
_LOOK_SECONDS = 0.1

_OURS = f"IN ('{SOURCE}', '{TARGET}')"
_COUNT = {
    True: f"SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '{TARGET}'",
    False: f"SELECT COUNT(*) FROM information_schema.processlist WHERE db {_OURS}",
}
_SIZE = {
    True: f"SELECT pg_database_size('{TARGET}')",
    False: "SELECT SUM(data_length + index_length) FROM information_schema.tables"
    f" WHERE table_schema {_OURS}",
}
"""What is asked of a server; true of PostgreSQL."""


@dataclass(frozen=True)
class Night:
    """A night of the clinic.

    Attributes:
        name: what was done since the one before.
        run: what it took.
        connections: the most that each server had of it at once.
    """

    name: str
    run: Run
    connections: dict[str, int]

    def __str__(self) -> str:
        usage, servers = self.run.usage, self.run.servers_cpu_seconds
        spent = ", ".join(f"{name} {servers[name]:.1f}" for name in SERVERS)
        most = ", ".join(f"{name} {self.connections[name]}" for name in SERVERS)
        return (
            f"{self.name}: {usage.seconds:.1f} s, {usage.peak_mb:.0f} MB;"
            f" CPU s: pipeline {usage.cpu_seconds:.1f}, {spent};"
            f" sent by the source {self.run.bytes_sent / 1e6:,.1f} MB;"
            f" connections: {most};"
            f" longest statement {self.run.longest_statement_seconds:.2f} s"
        )


@contextmanager
def counted(route: Route) -> Iterator[dict[str, int]]:
    """The most connections that each server has at once while the block runs."""
    most = dict.fromkeys(SERVERS, 0)
    done = Event()

    def look(name: str) -> None:
        server: Server = getattr(route.cluster, name)
        with connect_to(server).connect() as connection:
            while not done.wait(_LOOK_SECONDS):
                query = _COUNT[server.kind == "postgres"]
                found: int = connection.exec_driver_sql(query).scalar_one()
                most[name] = max(most[name], found)

    with ThreadPoolExecutor(len(SERVERS)) as pool:
        looking = [pool.submit(look, name) for name in SERVERS]
        try:
            yield most
        finally:
            done.set()
            for one in looking:
                one.result()


def nights(place: Workplace, rows: int) -> Iterator[Night]:
    """The nights of a clinic that is made for them: the first, and each kind of later ones.

    Args:
        place: the benchmark's folder.
        rows: of the clinic, about.

    Raises:
        BenchError: a night failed.
    """
    ours = Ours(place)
    with private(place.directory / "servers", print) as cluster:
        route = Route(cluster, SOURCE, TARGET)
        began = time.monotonic()
        made = fill_clinic(cluster, SOURCE, rows)
        print(f"a clinic of {made:,} rows, made in {time.monotonic() - began:.0f} s")
        route.empty()
        ours.prepare_night(route)

        def night(name: str, work: Callable[[], Took]) -> Night:
            with counted(route) as most:
                return Night(name, watched(cluster, made, work), most)

        yield night("first night", lambda: ours.night(route))
        yield night("nothing changed", lambda: ours.night(route))
        change_clinic(route.owner(), " ~1")
        yield night("0.5 % of 60 tables changed", lambda: ours.night(route))
        yield night("every row compared, all tiers", lambda: ours.verify(route))
        for name in SERVERS:
            server: Server = getattr(cluster, name)
            size = number(connect_to(server), _SIZE[server.kind == "postgres"])
            print(f"disk of {name}: {size / 1e6:,.0f} MB")


def main() -> int:
    """Measures and prints."""
    made = argparse.ArgumentParser(prog="python -m bench.clinic", description=__doc__)
    made.add_argument("--rows", type=int, default=2_000_000, help="of the clinic, about")
    made.add_argument("--output", type=Path, default=CHECKOUT / ".bench", help="its folder")
    args = made.parse_args()

    def measure(place: Workplace) -> int:
        for night in nights(place, args.rows):
            print(night, flush=True)
        return 0

    return carried_out(args.output, measure)


if __name__ == "__main__":
    # whoever ends it politely ends it as Ctrl-C does, so that the servers stop
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
