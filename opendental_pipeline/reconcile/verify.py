"""Compares all three tiers of a table and writes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import Engine

from destinations import raw, replication
from destinations.copied_column import copied_columns, holds_text
from opendental_pipeline.databases.clock import Clock
from opendental_pipeline.databases.identifiers import postgres_ident, postgres_identifier
from opendental_pipeline.databases.sql import Key, ident, literal
from opendental_pipeline.databases.table import Catalogue, Table
from opendental_pipeline.planning.copy_planner import plan_comparison, usable_cursors
from opendental_pipeline.planning.load_planner import plan_full_load
from opendental_pipeline.planning.plan_context import PlanContext
from opendental_pipeline.planning.source_contract import at_replica, at_source
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_state import CompareMode, TableState
from opendental_pipeline.reconcile.range_differ import RangeDiffer
from opendental_pipeline.reconcile.raw_diff import read_raw_diff
from opendental_pipeline.reconcile.table_diff import TableDiff, compare_keyless
from opendental_pipeline.settings.errors import PipelineError, SchemaError
from opendental_pipeline.settings.table_config import TableConfig
from sources.opendental.table_query import ServerAccess, TableQuery

_ALWAYS = Clock("9999-12-31", "9999-12-31")
_AT = PlanContext(clock=_ALWAYS, target_has_rows=True)


@dataclass(frozen=True)
class VerifyResult:
    """What a tier of a table lacks, has otherwise, or has alone.

    Attributes:
        table: its name.
        tier: `replication`, compared with the source, or `raw`, compared with replication.
        found: the keys.
        error: why it could not be compared; None if it could.
    """

    table: str
    tier: str
    found: TableDiff
    error: str | None = None

    @property
    def equal(self) -> bool:
        """Whether both have the same rows."""
        return self.error is None and not self.found.count


@dataclass(frozen=True)
class Verifier:
    """Compares tables in three tiers.

    Attributes:
        source: where the source is read, and how.
        replica: likewise replication.
        analytics: PostgreSQL.
        schema: of raw.
        tables: the source's catalogue.
        copies: replication's.
        scratch: a directory with room for some hundred thousand rows.
        since: only rows whose cursor is at least this, where a table has one; None for all.
    """

    source: ServerAccess
    replica: ServerAccess
    analytics: Engine
    schema: str
    tables: Catalogue
    copies: Catalogue
    scratch: Path
    since: str | None = None

    def verify(self, config: TableConfig) -> Iterator[VerifyResult]:
        """Compares replication with the source, and raw with replication.

        Args:
            config: the table's entry in tables.yml.
        """
        for tier, compared in ((replication.HOP, self._copied), (raw.HOP, self._loaded)):
            found, error = TableDiff(), None
            try:
                for part in compared(config):
                    found.add(part)
            except PipelineError as fault:
                error = fault.message
            yield VerifyResult(config.table_name, tier, found, error)

    def _copied(self, config: TableConfig) -> Iterator[TableDiff]:
        name = config.table_name
        table = at_source(config, _known(self.tables, name, "the source"), self.source.hash_key)
        copied = _known(self.copies, name, "replication")
        if lacking := [column.name for column in table.columns if not copied.has(column.name)]:
            raise SchemaError(f"replication has no columns {', '.join(lacking)}; run nightly.py")
        if others := [
            f"column {column.name} is {have.charset}, and {column.charset} was meant"
            for column in copied_columns(table, self.replica.kind)
            if not holds_text(have := copied.column(column.name), column)
        ]:
            raise SchemaError(f"of its copy in replication, {', '.join(others)}; run nightly.py")
        plan = plan_comparison(CompareMode.ROWS, config, table, TableState(), _AT, "")
        where = self._recent(plan, ident)
        differ = RangeDiffer(plan, TableQuery(name, self.source), self.replica, where)
        if not table.has_integer_key:
            yield compare_keyless(differ.original, differ.copy)
            return
        after: Key | None = None
        while True:
            keys, found = differ.behind(after)
            yield found
            if keys.upto is None:
                return
            after = keys.upto

    def _loaded(self, config: TableConfig) -> Iterator[TableDiff]:
        table = at_replica(config, _known(self.copies, config.table_name, "replication"))
        plan = plan_full_load(config, table, TableState(), _AT, "", compared=True)
        if recent := self._recent(plan, ident):
            plan = replace(plan, where=f"({plan.where}) AND ({recent})")
        where = self._recent(plan, lambda name: postgres_ident(postgres_identifier(name)))
        while True:
            with TemporaryDirectory(dir=self.scratch) as directory:
                reader = read_raw_diff(plan, self.replica, self.analytics, self.schema)
                read = reader.replica.read_to(Path(directory) / "rows")
                if read.error:
                    raise read.error
                found = reader.compare(read, where)
                yield found
                if not found.count:
                    reader.compare_texts(read, where)
            if read.complete:
                return
            plan = replace(plan, checkpoint=read.checkpoint)

    def _recent(self, plan: TablePlan, quoted: Callable[[str], str]) -> str | None:
        """The condition on recent rows; None if all count."""
        table = plan.table
        names = [n for n in usable_cursors(plan.config, table) if table.column(n).temporal]
        if self.since is None or not names:
            return None
        return " OR ".join(f"{quoted(name)} >= {literal(self.since)}" for name in names)


def _known(catalogue: Catalogue, name: str, where: str) -> Table:
    try:
        return catalogue[name]
    except KeyError:
        raise SchemaError(f"{where} has no such table") from None
