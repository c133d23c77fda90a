"""What a person asks of one run."""

from collections.abc import Sequence
from dataclasses import dataclass

from opendental_pipeline.settings.choices import OnNewTables
from opendental_pipeline.settings.window import Window


@dataclass(frozen=True)
class Options:
    """What a person asks of one run.

    Args:
        tables: names of the tables to move; all if neither they nor categories are given.
        categories: performance categories to move.
        priorities: processing priorities to move; with categories, tables of both.
        force_full: move every row, whatever the watermarks say.
        max_workers: tables read or written at once; None for the configured number.
        prove: compare all rows in both hops, whenever they were compared last.
        confirmed: much of a table may be deleted or changed: somebody has looked.
        on_new_tables: whether a run of all tables moves those that tables.yml does not know.
        window: when it may begin; None for at any time.
    """

    tables: Sequence[str] = ()
    categories: Sequence[str] = ()
    priorities: Sequence[str] = ()
    force_full: bool = False
    max_workers: int | None = None
    prove: bool = False
    confirmed: bool = False
    on_new_tables: OnNewTables = OnNewTables.ADD
    window: Window | None = None

    @property
    def of_some(self) -> bool:
        """Whether a run is of some tables only, which takes no new ones along."""
        return bool(self.tables or self.categories or self.priorities)

    @property
    def asked(self) -> dict[str, object]:
        """What is not as it is when nobody asks for anything, as JSON's own types."""
        usual = vars(type(self)())
        asked = {name: _as_json(value) for name, value in vars(self).items()}
        return {n: value for n, value in asked.items() if value not in (usual[n], [])}


def _as_json(value: object) -> object:
    match value:
        case list() | tuple():
            return list(value)
        case Window():
            return str(value)
        case _:
            return value
