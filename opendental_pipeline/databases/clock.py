"""A moment at a server, and what it says of the moments that it shows."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from opendental_pipeline.databases.engines import run_sql


@dataclass(frozen=True)
class Clock:
    """One moment at a server: `local` as its sessions show it, and in `utc`, both as text."""

    local: str
    utc: str

    def not_after(self, moment: datetime) -> "Clock":
        """This moment, or another one if the server's clock is ahead of it.

        A watermark that an advanced clock leaves behind would hide all edits until that time comes.

        Args:
            moment: by another clock, in UTC.
        """
        ahead = datetime.fromisoformat(self.utc) - moment.replace(tzinfo=None)
        if ahead <= timedelta(0):
            return self
        shift = timedelta(seconds=math.ceil(ahead.total_seconds()))
        local, utc = (datetime.fromisoformat(text) - shift for text in (self.local, self.utc))
        return Clock(str(local), str(utc))


def read_clock(connection: Connection) -> Clock:
    """The server's time, as its sessions show it and in UTC."""
    query = "SELECT CAST(NOW() AS CHAR), CAST(UTC_TIMESTAMP() AS CHAR)"
    return Clock(*map(str, run_sql(connection, query).one()))


@contextmanager
def in_utc(connection: Connection) -> Iterator[None]:
    """Lets a session show times in UTC, where no hour comes twice."""
    run_sql(connection, "SET SESSION time_zone = '+00:00'")
    try:
        yield
    finally:
        run_sql(connection, "SET SESSION time_zone = @@GLOBAL.time_zone")
