"""What the source and replication have when the first hop looks at them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy.engine import Engine

from opendental_pipeline.databases.catalog import read_catalogue, respell
from opendental_pipeline.databases.clock import Clock, in_utc, read_clock
from opendental_pipeline.databases.engines import non_empty_tables, run_sql
from opendental_pipeline.databases.needed_options import check_writable
from opendental_pipeline.databases.server import Server
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.databases.table import Catalogue
from opendental_pipeline.planning.table_state import TableState
from opendental_pipeline.reconcile.row_counts import count_rows


@dataclass
class CopyCatalogs:
    """The tables of both servers at one moment.

    Attributes:
        clock: the source's moment, never ahead of this machine's.
        source: the source's tables.
        replica: replication's.
        filled: copies with any rows.
        copied_rows: how many rows a copy has, where that tells whether it is complete.
    """

    clock: Clock = field(default_factory=lambda: Clock("", ""))
    source: Catalogue = field(default_factory=dict)
    replica: Catalogue = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)
    copied_rows: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(
        cls, source: Engine, target: Engine, place: str, replication: Server
    ) -> "CopyCatalogs":
        """Reads both catalogs.

        Args:
            source: the clinic's server.
            target: replication.
            place: what the clinic's server is, and where.
            replication: what that is.

        Raises:
            ConfigurationError: the replication server's configuration lets nobody copy.
        """
        with source.connect() as connection:
            clock = read_clock(connection).not_after(datetime.now(UTC))
            with in_utc(connection):
                originals = read_catalogue(connection, str(source.url.database))
        with target.connect() as connection:
            check_writable(connection)
            copies = read_catalogue(connection, str(target.url.database))
            if replication.folds_names:
                copies = respell(copies, originals)
            names = {ident(name): name for name in copies if name in originals}
            return cls(
                clock=clock,
                source={name: replace(t, server=place) for name, t in originals.items()},
                replica=copies,
                filled={names[one] for one in non_empty_tables(connection, names)},
            )

    def changed_since(self, earlier: "CopyCatalogs") -> set[str]:
        """Tells which tables of the source are others than they were."""
        before, after = earlier.source, self.source
        return {
            name
            for name in before.keys() | after.keys()
            if name not in before or name not in after or after[name].differs_from(before[name])
        }

    def count_copies(
        self, target: Engine, names: Iterable[str], states: Callable[[str], TableState]
    ) -> None:
        """Counts the rows of copies that may be unchanged, for all that MyISAM tells.

        Args:
            target: replication.
            names: the tables of the run.
            states: what dlt remembers of a table.
        """
        tables = [self.source[name] for name in names if name in self.source.keys() & self.replica]
        unmoved = [
            table
            for table in tables
            if table.has_exact_count and str(table.updated_at) == states(table.name).updated_at
        ]
        with target.connect() as connection:
            self.copied_rows = count_rows(lambda sql: run_sql(connection, sql).all(), unmoved)

    def forget_rows(self, table: str) -> None:
        """Notes that a copy was emptied."""
        self.filled.discard(table)
        self.copied_rows.pop(table, None)
