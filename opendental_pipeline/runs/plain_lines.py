"""Lines as they are: no markup, no colours, and none that is cut or folded."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # command lines are read before it is there
    from rich.console import Console


def say(console: "Console", text: str) -> None:
    """Prints a line.

    Args:
        console: where.
        text: which may hold what rich would take for markup.
    """
    console.print(text, markup=False, highlight=False, soft_wrap=True)
