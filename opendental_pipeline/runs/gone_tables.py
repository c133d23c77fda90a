"""Tables that tables.yml names and the source no longer has: an upgrade drops some.

The first night without such a table is red if its copy has rows, since a table may be gone by
mistake. Every later night tells of it and is green. Not so where the account may no longer read it,
where nobody ever saw one of that name, and where much is gone at once, which no upgrade did.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from destinations import replication
from opendental_pipeline.databases.driver_errors import mysql_code
from opendental_pipeline.databases.engines import connect, run_sql
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.runs.results import skipped_result
from opendental_pipeline.runs.status_tables import StatusTable
from opendental_pipeline.runs.table_result import HopResult
from opendental_pipeline.settings.errors import PipelineError, SchemaError
from opendental_pipeline.settings.tuning import ConnectionTuning

_FEW = 5
"""Tables that may be gone at once however few there are."""

_NO_SUCH_TABLE, _DENIED = "1146", ("1142", "1143")


@dataclass
class GoneTables:
    """Decides what a run does about them.

    Attributes:
        source: the clinic's server.
        target: replication.
        tuning: of its connection.
        status: of the first hop, which keeps since when a table is gone.
        share: of all tables that may be gone at once.
        confirmed: whether a person said that they may.
    """

    source: Engine
    target: Engine
    tuning: ConnectionTuning
    status: StatusTable
    share: float
    confirmed: bool
    _fresh: dict[str, int] = field(default_factory=dict, init=False)

    def look(
        self, names: Sequence[str], copies: Collection[str], configured: int
    ) -> dict[str, HopResult]:
        """Tells of each whether it may be gone; with an error where a person should look.

        Args:
            names: the tables that the source does not have.
            copies: those that replication has.
            configured: tables of the run.
        """
        known, seen = self.status.gone(), self.status.seen()
        errors: dict[str, PipelineError] = {
            name: _unknown(name) for name in names if name not in seen | known.keys()
        }
        errors |= self._hidden(set(names) - errors.keys())
        results = {name: _told_before(*known[name]) for name in names if name in known}
        fresh = [name for name in names if name not in known and name not in errors]
        rows = self._count([name for name in fresh if name in copies])
        filled = [name for name in fresh if rows.get(name)]
        is_much = len(filled) > max(_FEW, self.share * configured) or len(names) == configured > 1
        if filled and is_much and not self.confirmed:
            errors |= {name: _too_many(name, len(filled)) for name in fresh}
            return results | {name: skipped_result(error) for name, error in errors.items()}
        now = datetime.now(UTC)
        for name in fresh:
            kept = rows.get(name, 0)
            red = kept > 0 and not self.confirmed
            results[name] = _result(now, kept, str(_first_night(name, kept)) if red else None)
        # what vanishes while a run is at work comes with a second look
        self._fresh |= {name: rows.get(name, 0) for name in fresh}
        return results | {name: skipped_result(error) for name, error in errors.items()}

    def note(self) -> None:
        """Notes what was told of; a run that does not come to its end has told nobody."""
        self.status.note_gone(self._fresh, datetime.now(UTC))
        self._fresh = {}

    def _hidden(self, names: Collection[str]) -> dict[str, PipelineError]:
        """Tables that are there, though the catalogue does not show them."""
        found: dict[str, PipelineError] = {}
        with self.source.connect() as connection:
            for name in names:
                try:
                    run_sql(connection, f"SELECT 1 FROM {ident(name)} LIMIT 0")
                except sa.exc.DBAPIError as error:
                    code = mysql_code(error.orig or error)
                    if code in _DENIED:
                        found[name] = _there(name, "give the account SELECT on it")
                    elif code != _NO_SUCH_TABLE:
                        raise
                else:
                    found[name] = _there(name, "it may be a view now, and only tables are copied")
        return found

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


def _unknown(name: str) -> SchemaError:
    return _error(
        name,
        "the source has no such table, and never had one while this pipeline ran; see how it is"
        " spelled in tables.yml, or remove it there",
    )


def _there(name: str, remedy: str) -> SchemaError:
    return _error(
        name,
        "the source's catalogue does not show this table, though there is something of its name:"
        f" {remedy}. Its copy is kept",
    )


def _told_before(since: datetime, rows: int) -> HopResult:
    """The result of a table that an earlier night told of; an empty one is not told again."""
    result = _result(since, rows)
    return result if rows else result.model_copy(update={"gone": ""})


def _first_night(name: str, rows: int) -> SchemaError:
    return _error(
        name,
        f"the source no longer has this table; its {rows:,} rows are kept in replication and raw."
        " If an upgrade dropped it, nothing is to be done: later nights tell of it and do not fail."
        " If not, see who dropped it. Should it come back, it is moved as before",
    )


def _too_many(name: str, count: int) -> SchemaError:
    return _error(
        name,
        f"the source no longer has {count} tables that had rows, of which this is one: more than an"
        " upgrade drops. See whether the right database is asked; if they are to be gone, run once"
        " with --yes-i-mean-it. All rows are kept",
    )


def _error(name: str, text: str) -> SchemaError:
    return SchemaError(text, table=name, hop=replication.HOP)
