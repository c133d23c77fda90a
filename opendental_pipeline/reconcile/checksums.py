"""One number for one row, computed by the server: equal rows have the same, wherever they are.

A row becomes one text, from which no other row's text can come, and its MD5 becomes a number. CRC32
would be a third faster and is linear: two rows that swap their notes leave the sum of a range as it
was. A key of whole numbers becomes a number by arithmetic, at a sixth of the price.
"""

from collections.abc import Iterable, Sequence
from functools import reduce

from opendental_pipeline.databases.sql import ident
from opendental_pipeline.databases.table import Column
from opendental_pipeline.databases.type_mapping import TransferType, type_rule

MD5, SHA2 = "MD5({})", "SHA2({}, 256)"
"""The hashes that servers know: not all have MD5 any more. docs/benchmark.md has what they cost."""

_LONG = 65_535
"""Bytes of a column from which its own MD5 stands for it: CONCAT ends at max_allowed_packet."""

# bytes that are in no text in UTF-8; literals would be turned into the charset of a column
_BETWEEN, _NULL = "CAST(X'FF' AS BINARY)", "CAST(X'FE' AS BINARY)"

_DIGITS = 15
"""Hexadecimal digits of the MD5 that count: as many as fit into a signed BIGINT."""

_PRIMES = (2_147_483_647, 2_147_483_629)
"""Two together tell any two BIGINTs apart, and what they leave can be multiplied in a BIGINT."""
_MIXING = 1_103_515_245


def row_digest(columns: Iterable[tuple[Column, str]], hashed: str = MD5) -> str:
    """MySQL's expression for the number of a row.

    Args:
        columns: those that count, as the source has them, each with the expression that reads it.
        hashed: the hash that both servers know.
    """
    texts = ", ".join(_text(column, read, hashed) for column, read in columns)
    digits = f"LEFT({hashed.format(f'CONCAT_WS({_BETWEEN}, {texts})')}, {_DIGITS})"
    return f"CAST(CONV({digits}, 16, 10) AS UNSIGNED)"


def key_digest(columns: Sequence[str]) -> str:
    """The expression for the number of a key, which MySQL and PostgreSQL compute alike.

    Args:
        columns: expressions for its columns: whole numbers, signed and of 64 bits.
    """
    first, second = (_folded(columns, prime) for prime in _PRIMES)
    # the sum of the keys, or of their squares, may be the same where the keys are not
    return f"MOD({first} * {_MIXING}, {_PRIMES[1]}) * {second}"


def as_signed(column: Column) -> str:
    """MySQL's expression for a column of whole numbers, as `key_digest` takes it."""
    # a negative number cannot be added to an unsigned one
    name = ident(column.name)
    return f"CAST({name} AS SIGNED)" if column.unsigned else name


def _folded(columns: Sequence[str], prime: int) -> str:
    """What all columns leave, divided by a prime."""
    left = [f"MOD({column}, {prime})" for column in columns]
    return reduce(lambda folded, one: f"MOD({folded} * {_MIXING} + {one}, {prime})", left)


def _text(column: Column, read: str, hashed: str) -> str:
    """What stands for a value: no byte in it separates values, or is NULL."""
    transfer_type = type_rule(column).transfer_type
    if transfer_type is TransferType.DOUBLE:
        # its bits, as every server has them in a point; they print it in different digits
        read = f"HEX(POINT({ident(column.name)} + 0e0, 0))"
    is_bytes = transfer_type is TransferType.BINARY
    is_text = column.charset is not None or column.data_type == "json"
    if (is_bytes or is_text) and not column.hashed:
        if is_text and not (column.charset or "").startswith("utf8"):
            read = f"CONVERT({read} USING utf8mb4)"
        if (column.length or _LONG) >= _LONG:
            read = hashed.format(read)
        elif is_bytes:
            read = f"HEX({read})"
    # CONCAT_WS leaves NULL out
    return f"IFNULL({read}, {_NULL})" if column.nullable else read
