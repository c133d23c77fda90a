"""The few pieces of MySQL text that every query here is built from: names, literals, key ranges."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

Key = tuple[str, ...]
"""The values of a row's primary key as SQL literals, in the order of its columns."""


@dataclass(frozen=True)
class KeyRun:
    """Rows of a table whose keys follow each other without another row between them.

    Attributes:
        first: the first key.
        last: the last key.
        rows: how many rows they are; whoever finds another number looks at another table.
    """

    first: Key
    last: Key
    rows: int


def ident(name: str) -> str:
    """Quotes a name of a database, table or column for MySQL."""
    return "`" + name.replace("`", "``") + "`"


def literal(value: object) -> str:
    """Writes a value that the driver returned as a literal MySQL reads back as the same value.

    The result is plain text, so a range boundary can be kept in the pipeline's state.
    """
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return f"0x{value.hex()}" if value else "''"
    if isinstance(value, timedelta):
        seconds = abs(value) // timedelta(seconds=1)
        sign = "-" if value < timedelta(0) else ""
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return f"'{sign}{clock}.{abs(value).microseconds:06}'"
    if isinstance(value, date | datetime):
        return f"'{value}'"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "''").replace("\0", "\\0") + "'"
    raise TypeError(f"a key of type {type(value).__name__} has no literal")


def beyond(columns: Sequence[str], key: Key, *, operator: str, prefix: str = "") -> str:
    """A condition on rows whose key lies on one side of `key`, in key order.

    A row comparison `(a, b) > (x, y)` would not use the index in MySQL, so it is spelled out.

    Args:
        columns: the key's columns in order.
        key: one literal for each of them.
        operator: `>` for after, `<=` for up to and including.
        prefix: stands before each column, such as a table and a dot.
    """
    strict = operator[0]
    alternatives = []
    for position, column in enumerate(columns):
        last = position == len(columns) - 1
        equal = [f"{prefix}{ident(columns[i])} = {key[i]}" for i in range(position)]
        step = f"{prefix}{ident(column)} {operator if last else strict} {key[position]}"
        alternatives.append(" AND ".join([*equal, step]))
    if len(alternatives) == 1:
        return alternatives[0]
    return "(" + " OR ".join(f"({alternative})" for alternative in alternatives) + ")"


def among(columns: Sequence[str], runs: Iterable[KeyRun], prefix: str = "") -> str:
    """A condition on the rows of some runs of keys.

    Args:
        columns: the key's columns in order.
        runs: at least one.
        prefix: stands before each column, such as a table and a dot.
    """
    return " OR ".join(
        f"({beyond(columns, run.first, operator='>=', prefix=prefix)}"
        f" AND {beyond(columns, run.last, operator='<=', prefix=prefix)})"
        for run in runs
    )


def conjunction(*conditions: str | None) -> str:
    """A WHERE clause of all given conditions, with a leading blank, or nothing."""
    present = [condition for condition in conditions if condition]
    return " WHERE " + " AND ".join(f"({condition})" for condition in present) if present else ""


def key_range(
    columns: Sequence[str],
    after: Key | None,
    upto: Key | None,
    *conditions: str | None,
    compare: Callable[..., str] = beyond,
) -> str:
    """A WHERE clause of the rows behind one key, up to and with another.

    Args:
        columns: the key's columns in order.
        after: None for the table's beginning.
        upto: None for the table's end.
        conditions: what else has to be true of the rows.
        compare: how the server compares keys, called as `beyond` is.
    """
    return conjunction(
        compare(columns, after, operator=">") if after else None,
        compare(columns, upto, operator="<=") if upto else None,
        *conditions,
    )
