"""How tables are named of which the same is said: the first ones, and how many more."""

from collections.abc import Sequence

NAMED = 10
"""Tables that are named at most."""


def some(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def table_options(names: Sequence[str]) -> str:
    """The options of a program that name some tables; none where they are too many to name."""
    return "".join(f" --table {name}" for name in names) if len(names) <= NAMED else ""
