"""Sees that replication has as many rows as the source, in every table that was copied."""

from collections.abc import Callable, Generator, Sequence

from opendental_pipeline.databases.sql import literal
from opendental_pipeline.planning.copy_planner import plan_comparison, plan_full_copy
from opendental_pipeline.planning.plan_context import PlanContext
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.planning.table_state import CompareMode
from opendental_pipeline.reconcile.row_counts import count_rows, disagreeing
from opendental_pipeline.runs.fault_isolation import Slices
from opendental_pipeline.settings.errors import ExtractionError
from opendental_pipeline.settings.table_config import TableConfig
from sources.opendental.table_query import ServerAccess, TableQuery


class RowCounts:
    """Holds what the first hop moved against what the source says it has.

    Args:
        slices: moves tables through the first hop, and notes what was moved of each.
        source: where the tables are counted.
        replica: where their copies are.
        at: what a plan depends on, by the table's entry in tables.yml.
    """

    def __init__(
        self,
        slices: Callable[
            [Sequence[TablePlan], dict[str, TableProgress]], Generator[Slices, None, None]
        ],
        source: ServerAccess,
        replica: ServerAccess,
        at: Callable[[TableConfig], PlanContext],
    ) -> None:
        self._slices = slices
        self._source = source
        self._replica = replica
        self._at = at

    def check(self, moved: dict[str, TableProgress]) -> Generator[Slices, None, None]:
        """Counts the tables that were not compared.

        What does not agree is compared or copied once more, since the clinic may be at work; it
        fails if it still does not agree, although nobody wrote to the source's table meanwhile.

        Args:
            moved: by table; gets what is moved now, and the errors.

        Yields:
            slices that are moved now.
        """
        whole = [m for m in moved.values() if not (m.error or m.stopped or m.compared)]
        wrong, before = self._miscounted(whole)
        stood = self._stand_still([moved[name] for name in wrong])
        plans = [self._again(moved[name]) for name in wrong]
        yield from self._slices(plans, moved)
        again_wrong = [moved[n] for n in wrong if not (moved[n].error or moved[n].stopped)]
        still, after = self._miscounted(again_wrong)
        stands = self._stand_still([moved[name] for name in still])
        for name in still:
            quiet = name in stands and name in stood and stood[name] == stands[name]
            if quiet and name in after and after[name] == before.get(name):
                moved[name].error = ExtractionError(
                    f"the source says that it has {after[name]:,} rows, and replication has"
                    f" {still[name]:,} even after they were read twice; see what limits the rows"
                    " that the source sends, and run again",
                    table=name,
                    hop=self._source.hop,
                )

    def _miscounted(self, some: Sequence[TableProgress]) -> tuple[dict[str, int], dict[str, int]]:
        """The rows of copies that have not as many as the source, and what the source has."""
        if not some:
            return {}, {}
        tables = [one.plan.table for one in some]
        originals, copies = (
            count_rows(TableQuery(some[0].table, place).query, tables)
            for place in (self._source, self._replica)
        )
        configs = {one.table: one.plan.config for one in some}
        return {name: copies[name] for name in disagreeing(configs, originals, copies)}, originals

    def _stand_still(self, some: Sequence[TableProgress]) -> dict[str, str | None]:
        """When tables of the source changed last, as far as it says; without those that just did.

        Two counts may be the same although one row went and another came.
        """
        if not some:
            return {}
        names = ", ".join(literal(one.table) for one in some)
        found = TableQuery(some[0].table, self._source).query(
            "SELECT table_name AS name, CAST(update_time AS CHAR) AS moment"
            f" FROM information_schema.tables WHERE table_schema = DATABASE()"
            f" AND table_name IN ({names})"
            " AND (update_time IS NULL OR update_time < NOW() - INTERVAL 2 SECOND)"
        )
        return {str(name): moment for name, moment in found}

    def _again(self, moved: TableProgress) -> TablePlan:
        """A pass that finds the rows by which the counts differ."""
        plan, at = moved.plan, self._at(moved.plan.config)
        reason = "replication had not as many rows as the source"
        if plan.table.has_integer_key:
            return plan_comparison(
                CompareMode.KEYS, plan.config, plan.table, moved.state, at, reason
            )
        return plan_full_copy(plan.config, plan.table, moved.state, at, reason)
