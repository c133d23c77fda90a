"""What is to be said once, and not table by table, where the clinic's server is another one now."""

from collections import Counter
from collections.abc import Callable, Iterable

from opendental_pipeline.databases.table import Catalogue
from opendental_pipeline.planning.plan_context import created, moved
from opendental_pipeline.planning.table_state import TableState


def source_change(
    source: Catalogue, states: Callable[[str], TableState], names: Iterable[str]
) -> str:
    """What happened to the source as a whole since its tables were read; empty if nothing did.

    Args:
        source: its tables.
        states: what dlt remembers of a table.
        names: the tables of the run.
    """
    known = {name: s for name in source if (s := states(name)).completed_at}
    chosen = [source[name] for name in names if name in known]
    before = Counter(known[t.name].server for t in chosen if moved(t, known[t.name]))
    if before:
        there = next(table.server for table in chosen if moved(table, known[table.name]))
        was, _ = before.most_common(1)[0]
        return (
            f"the source is {there} now, and was {was}:"
            f" all rows of {before.total():,} tables were compared with their copies"
        )
    dated = [name for name in known if source[name].created_at]
    if len(dated) > 1 and all(created(source[n]) != known[n].created_at for n in dated):
        return (
            "all tables of the source were made anew, as from a dump:"
            f" all rows of {len(chosen):,} tables were compared with their copies"
        )
    return ""
