"""What it costs to know that nothing is missing: nights that compare the large table."""

from collections.abc import Callable, Iterator
from functools import partial

from bench.data import HARMLESS, TABLE
from bench.figures import COMPARED, Series
from bench.ours import Ours
from bench.servers import Route, execute
from bench.watch import Run, watched

KEYS = {"deletes": "nightly", "rows": "off"}
ROWS = {"deletes": "nightly", "rows": "nightly", "brake": False}

_SILENTLY = "DateTStamp = DateTStamp"


def comparisons(
    ours: Ours, route: Route, rows: int, runs: int, say: Callable[[str], None]
) -> list[Series]:
    """One first load, then nights in which the table is compared with its copies.

    In each night one row was edited, without which a table in MyISAM is not looked at; in the last
    ones 0.1 % of the rows were, without moving their timestamps.

    Args:
        ours: our pipeline.
        route: to databases of its own.
        rows: of the table.
        runs: nights of each kind.
        say: told each result.

    Raises:
        BenchError: a night failed.
    """
    route.empty()
    ours.first_load(route)
    found: dict[str, list[Run]] = {}
    for turn in range(runs):
        for name, policy, change in _nights(turn):
            ours.ask(route, TABLE, policy)
            execute(route.owner(), change)
            run = watched(route.cluster, rows, partial(ours.night_of, TABLE, route))
            found.setdefault(name, []).append(run)
            say(f"{name} {turn + 1}/{runs}: {run.usage.seconds:.2f} s")
    return [Series(name, of_it) for name, of_it in found.items()]


def _nights(turn: int) -> Iterator[tuple[str, dict[str, object], str]]:
    # another value each time: MyISAM does not note an edit that changes nothing
    touched, again = (HARMLESS.replace(":n", str(2 * turn + n)) for n in range(2))
    edited = (
        f"UPDATE {TABLE} SET BillingNote = CONCAT(LEFT(BillingNote, 20), '{turn}'), {_SILENTLY}"
        f" WHERE ProcNum % 1000 = {turn}"
    )
    yield f"{COMPARED}keys, all equal: ours", {**KEYS}, touched
    yield f"{COMPARED}rows, all equal: ours", {**ROWS}, again
    yield f"{COMPARED}rows, 0.1 % edited: ours", {**ROWS}, edited
