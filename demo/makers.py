"""Small makers of columns, to build the larger ones from."""

from collections.abc import Callable, Sequence

from demo.rows import Block, Cells, Maker, cell
from demo.shape import Column


def by_key(function: Callable[[int], str]) -> Maker:
    """A text that follows from the row's key."""
    return lambda block, _column: [cell(function(key)) for key in block.keys]


def one_of(values: str | Sequence[str]) -> Maker:
    """One of some values; a string holds them separated by spaces, repeated to be likelier."""
    pool = values.split() if isinstance(values, str) else [cell(value) for value in values]
    return lambda block, _column: block.pick(pool)


def always(value: str) -> Maker:
    """The same value in each row."""
    return lambda block, _column: [value] * block.size


def same_as(name: str) -> Maker:
    """What another column of the row holds."""
    return lambda block, _column: block[name]


def on_the_day(block: Block, _column: Column) -> Cells:
    """The row's day."""
    return block.dates


def where(name: str, values: str, then: Maker, otherwise: str) -> Maker:
    """What another maker makes where another column holds one of some values.

    Args:
        name: of the other column.
        values: separated by spaces.
        then: the maker.
        otherwise: the value for the other rows.
    """
    wanted = set(values.split())

    def make(block: Block, column: Column) -> Cells:
        made = then(block, column)
        pairs = zip(block[name], made, strict=True)
        return [value if deciding in wanted else otherwise for deciding, value in pairs]

    return make
