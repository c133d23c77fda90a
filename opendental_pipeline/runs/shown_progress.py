"""What a person sees of a run that goes on: bars on a terminal, a line now and then elsewhere."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.runs.progress import Progress, told_every
from opendental_pipeline.runs.progress_now import ARROWS, HOPS, ProgressNow, in_words
from opendental_pipeline.settings.errors import RunStoppedError

_BARS_SECONDS, _LINES_SECONDS = 0.5, 30.0


class RunProgress:
    """Shows how far both hops are; every failure at once.

    Args:
        console: where.
        seconds: between two lines where there is no terminal.

    Attributes:
        counts: what is shown.
    """

    def __init__(self, console: Console, seconds: float = _LINES_SECONDS) -> None:
        self.counts = Progress()
        self._console = console
        self._seconds = _BARS_SECONDS if console.is_terminal else seconds
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[said]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks = {hop: self._bars.add_task(ARROWS[hop], total=None, said="") for hop in HOPS}

    @contextmanager
    def shown(self) -> Iterator["RunProgress"]:
        """Shows the bars while a run goes on."""
        with self._bars:
            with told_every(self._seconds, self.counts, self._show):
                yield self
            if self._console.is_terminal:
                self._show(self.counts.now())

    def expect(self, hop: str, tables: int, rows: int = 0) -> None:
        """Says what a hop will look at; see `Progress`."""
        self.counts.expect(hop, tables, rows)

    def begin(self, hop: str, tables: Collection[str]) -> None:
        """Says which tables a hop begins with."""
        self.counts.begin(hop, tables)

    def unchanged(self, hop: str, tables: int) -> None:
        """Tables that a hop had nothing to do for."""
        self.counts.unchanged(hop, tables)

    def moved(
        self, hop: str, moved: Sequence[TableProgress], *, ahead: Collection[str] = ()
    ) -> None:
        """Slices of tables that a hop moved, or tried to; see `Progress`."""
        self.counts.moved(hop, moved, ahead)
        for one in moved:
            # a lost lock is told once, at the end
            if one.error and not isinstance(one.error, RunStoppedError):
                self.say(f"failed: {one.error}", style="red")

    def say(self, text: str, style: str = "") -> None:
        """One line above the bars."""
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    def _show(self, now: ProgressNow) -> None:
        for hop, one in now.hops.items():
            if not self._console.is_terminal:
                if one.tables:
                    self.say(f"{ARROWS[hop]}: {in_words(one)}")
                continue
            done, total = (
                (one.rows, one.expected_rows) if one.expected_rows else (one.done, one.tables)
            )
            self._bars.update(
                self._tasks[hop], completed=done, total=total or None, said=in_words(one)
            )
