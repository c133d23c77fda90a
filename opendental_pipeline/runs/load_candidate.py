"""What the second hop knows of a table before it loads it."""

from dataclasses import dataclass, replace

from opendental_pipeline.databases.table import Table
from opendental_pipeline.planning.load_planner import plan_full_load
from opendental_pipeline.planning.plan_context import PlanContext
from opendental_pipeline.planning.slice import NO_ALTER
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_state import TableState
from opendental_pipeline.settings.table_config import TableConfig


@dataclass(frozen=True)
class LoadCandidate:
    """A table that can be loaded.

    Attributes:
        config: its entry in tables.yml.
        table: as it is read in replication.
        state: what the hop remembers of it.
        at: what else matters.
        changes: what was done to its table in raw, as sentences.
        plan: the pass that it needs; None for none.
    """

    config: TableConfig
    table: Table
    state: TableState
    at: PlanContext
    changes: tuple[str, ...]
    plan: TablePlan | None = None

    @property
    def name(self) -> str:
        """The table's name."""
        return self.config.table_name

    def all_rows(self, state: TableState, latest: str | None) -> TablePlan:
        """A pass over all rows, after one that was not enough.

        Args:
            state: what the hop remembers by now.
            latest: the newest change in replication by now.
        """
        clock = replace(self.at.clock, local=latest or self.at.clock.local)
        at = replace(self.at, clock=clock, pending_alter=NO_ALTER, force=False)
        reason = "raw did not have the rows that replication has"
        plan = plan_full_load(self.config, self.table, state, at, reason)
        return replace(plan, changes=self.changes)
