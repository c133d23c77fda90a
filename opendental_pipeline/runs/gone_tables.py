"""Tables that tables.yml names and the source no longer has: an upgrade drops some.

The first night without such a table is red if its copy has rows, since a table may be gone by
mistake, and an account that lost its right to read one sees none either. Every later night tells of
it and is green. Where much is gone at once, no upgrade did it: every night is red until a person
says that it is right.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.engine import Engine

from opendental_pipeline.databases.engines import connect, run_sql
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.runs.report import HopResult
from opendental_pipeline.runs.results import skipped_result
from opendental_pipeline.runs.status_tables import StatusTable
from opendental_pipeline.settings.errors import SchemaError
from opendental_pipeline.settings.tuning import ConnectionTuning

_FEW = 10
"""Tables that may be gone at once however few there are; an upgrade of OpenDental drops as many."""


@dataclass(frozen=True)
class GoneTables:
    """Decides what a run does about them.

    Attributes:
        target: replication.
        tuning: of its connection.
        status: of the first hop, which keeps since when a table is gone.
        share: of all tables that may be gone at once.
        confirmed: whether a person said that they may.
    """

    target: Engine
    tuning: ConnectionTuning
    status: StatusTable
    share: float
    confirmed: bool

    def look(
        self, names: Sequence[str], copies: Collection[str], configured: int, *, note: bool
    ) -> dict[str, HopResult]:
        """Tells of each whether it may be gone; with an error where a person should look.

        Args:
            names: the tables that the source does not have.
            copies: those that replication has.
            configured: tables of the run.
            note: whether it is noted that they are gone.
        """
        known = self.status.gone()
        fresh = [name for name in names if name not in known]
        rows = self._count([name for name in fresh if name in copies])
        filled = [name for name in fresh if rows.get(name)]
        results = {name: _told_before(*known[name]) for name in names if name in known}
        if len(filled) > max(_FEW, self.share * configured) and not self.confirmed:
            return results | {name: skipped_result(_too_many(name, len(filled))) for name in fresh}
        now = datetime.now(UTC)
        for name in fresh:
            kept = rows.get(name, 0)
            red = kept > 0 and not self.confirmed
            results[name] = _result(now, kept, str(_first_night(name, kept)) if red else None)
        if note:
            self.status.note_gone({name: rows.get(name, 0) for name in fresh}, now)
        return results

    def _count(self, names: Sequence[str]) -> dict[str, int]:
        """The rows that are kept of some tables."""
        found = {}
        with connect(self.target, self.tuning) as connection:
            for name in names:
                query = f"SELECT COUNT(*) FROM {ident(name)}"
                found[name] = int(run_sql(connection, query).scalar_one())
        return found


def _result(since: datetime, rows: int, error: str | None = None) -> HopResult:
    told = f"gone since {since:%Y-%m-%d}, {rows:,} rows kept"
    return HopResult(
        strategy_used="none", reason=f"the source no longer has it; {told}", gone=told, error=error
    )


def _told_before(since: datetime, rows: int) -> HopResult:
    """The result of a table that an earlier night told of; an empty one is not told again."""
    result = _result(since, rows)
    return result if rows else result.model_copy(update={"gone": ""})


def _first_night(name: str, rows: int) -> SchemaError:
    return SchemaError(
        f"the source no longer has this table; its {rows:,} rows are kept in replication and raw."
        " If an upgrade dropped it, nothing is to be done: later nights tell of it and do not fail."
        " If not, see who dropped it, or whether the account may still read it. Should it come"
        " back, it is moved as before",
        table=name,
        hop="replication",
    )


def _too_many(name: str, count: int) -> SchemaError:
    return SchemaError(
        f"the source no longer has {count} tables that had rows, of which this is one: more than an"
        " upgrade drops. See whether the right database is asked, and whether its account may read"
        " them; if they are to be gone, run once with --yes-i-mean-it. All rows are kept",
        table=name,
        hop="replication",
    )
