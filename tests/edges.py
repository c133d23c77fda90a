"""Values at the edges of MySQL's types, as SQL, for every test that needs some."""

import struct
from collections.abc import Sequence

from tests.releases import KINDS

ANYTHING = "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'"
"""What lets a session of MySQL store every one of them."""


def quoted(*texts: str) -> list[str]:
    """Texts as literals that survive any character."""
    return [f"_utf8mb4 0x{text.encode().hex()}" if text else "''" for text in texts]


def ends(low: int, high: int) -> list[str]:
    """The ends of an integer type, and what is mistaken for booleans and NULL."""
    return [str(low), str(high), "1", "0", "2", "NULL"]


DECIMALS = [
    f"{'9' * 35}.{'9' * 30}",
    f"-{'9' * 35}.{'9' * 30}",
    f"0.{'0' * 29}1",
    "0",
    "-1.5",
    "NULL",
]
DOUBLES = [
    *("1e308", "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308", "0.1e0"),
    *("1e0/3", "-1e0/3", "-0e0", "0e0", "123456789.123456789e0", "9007199254740993e0"),
    *("-1.7976931348623157e308", "1.2345678901234567e-5", "-1.2345678901234567e-100"),
    "NULL",
]
FLOATS = [
    *("3.4028234e38", "-3.4028234e38", "1.17549435e-38", "1e-45", "0.1e0", "-0e0"),
    *("1e0/3", "16777217", "123456.789e0", "1.2345678e-5", "-1.2345678e-30", "NULL"),
]
YEARS = ["0", "1901", "2155", "2000", "1999", "NULL"]

NO_DATES = ["'0000-00-00'", "'2024-00-15'", "'2024-06-00'", "'0000-06-15'", "'2024-02-31'"]
DATES = ["'0001-01-01'", "'9999-12-31'", "'2024-02-29'", "'1969-12-31'", "'1582-10-10'", "NULL"]
NO_MOMENTS = [f"{day[:-1]} 12:34:56.987654'" for day in NO_DATES[1:]] + ["'0000-00-00 00:00:00'"]
MOMENTS = [f"{day[:-1]} 23:59:59.000001'" for day in DATES[:-1]] + ["'2024-03-10 02:30:00.1'"]
MYSQL_COPIES = KINDS["replication"] == "mysql"
"""Whether copies are on MySQL, whose TIME and TIMESTAMP end a fraction of a second earlier."""
STAMPS = ["'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "'2024-03-10 02:30:00'"]
FIRST_STAMP = f"'1970-01-01 00:00:0{'1.000000' if MYSQL_COPIES else '0.000001'}'"
LAST_STAMP = f"'2038-01-19 03:14:07.{499999 if MYSQL_COPIES else 999999}'"
LAST_TIME = "838:59:59" if MYSQL_COPIES else "838:59:59.999999"
TIMES = [
    *(f"'-{LAST_TIME}'", f"'{LAST_TIME}'", "'-00:00:00.000001'", "'24:00:00'"),
    *("'08:30:00'", "'00:00:00'", "'-00:30:00'", "'-100:00:00.5'", "NULL"),
]

NULS = quoted("\0", "a\0b\0", "\0\\N")
TEXTS = [
    *quoted("", " ", "trailing  ", "NULL", "null", "\\N", "\\", "\\.", "a\n\\.\nb", "\t", "\r"),
    *quoted("\n", "\r\n", "a\r\nb\n", '"', '""', '"a","b"', "'", "''", "`", ",", ";", ",,", "%s"),
    *quoted(":a", "{}", "\x1a", "\x08", "\x7f", "\u00a0", "\u2028", "\ufeff", "é", "e\u0301", "ß"),
    *quoted("שלום", "\u202eعربى", "漢字"),
    "NULL",
]
EMOJI = quoted("😀", "👩\u200d⚕️", "\U0010ffff")

EVERY_BYTE = f"0x{bytes(range(256)).hex()}"
BYTES = ["''", "0x00", "0xFF", "0x5C4E", "0x4E554C4C", "0x22", "0x0D0A", "0x5C78", "NULL"]


def shape(srid: int, kind: int, *parts: int | float | bytes) -> bytes:
    """A geometry as servers store it: the SRID, and well-known binary."""
    body = b"".join(
        part
        if isinstance(part, bytes)
        else struct.pack("<d" if isinstance(part, float) else "<I", part)
        for part in parts
    )
    return struct.pack("<IBI", srid, 1, kind) + body


SHAPES = [
    # MySQL makes none of such a place by a function, and stores it
    f"0x{shape(4326, 1, -1.5, 1e300).hex()}",
    f"0x{shape(0, 3, 1, 4, *(0.0, 0.0), *(4.0, 0.0), *(4.0, 4.0), *(0.0, 0.0)).hex()}",
    f"0x{shape(1, 7, 2, shape(0, 1, 1.0, 2.0)[4:], shape(0, 2, 2, 0.0, 0.0, 1.0, 1.0)[4:]).hex()}",
    "NULL",
]
VECTORS = ["0x0000803F0000803F000080BF", "0x000000000000000000000000", "NULL"]


def edges_of(data_type: str, column_type: str) -> Sequence[str]:
    """The edge values of a column's type.

    Args:
        data_type: the bare name, as information_schema has it.
        column_type: the whole type.
    """
    if data_type in _BITS:
        bits = _BITS[data_type]
        if "unsigned" in column_type:
            return ends(0, 2**bits - 1)
        return ends(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return _EDGES[data_type]


_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_LETTERS = ["1", "2", "''", "'a'", "'no member'", "NULL"]
_LONG_TEXTS = [*TEXTS, *EMOJI, *NULS]
_LONG_BYTES = [*BYTES, EVERY_BYTE]
_EDGES: dict[str, Sequence[str]] = {
    "decimal": DECIMALS,
    "double": DOUBLES,
    "float": FLOATS,
    "year": YEARS,
    "bit": ["0", "1", str(2**64 - 1), str(2**63), "92", "NULL"],
    "date": [*DATES, *NO_DATES],
    "datetime": [*MOMENTS, *NO_MOMENTS, "NULL"],
    "timestamp": [*STAMPS, "'0000-00-00 00:00:00'", "'2024-02-29 12:00:00.123456'"],
    "time": TIMES,
    "char": _LONG_TEXTS,
    "varchar": _LONG_TEXTS,
    "tinytext": _LONG_TEXTS,
    "text": _LONG_TEXTS,
    "mediumtext": _LONG_TEXTS,
    "longtext": _LONG_TEXTS,
    "enum": _LETTERS,
    "set": _LETTERS,
    "binary": BYTES,
    "varbinary": _LONG_BYTES,
    "tinyblob": BYTES,
    "blob": _LONG_BYTES,
    "mediumblob": _LONG_BYTES,
    "longblob": _LONG_BYTES,
    "geometry": SHAPES,
    "bool": ["0", "1", "NULL"],
    "time of day": ["'00:00:00'", "'23:59:59'", "'08:30:00'", "NULL"],
    "inet6": ["'::1'", "'2001:db8::ff00:42:8329'", "'::ffff:192.168.0.1'", "NULL"],
    "inet4": ["'0.0.0.0'", "'255.255.255.255'", "NULL"],
    "uuid": ["'00000000-0000-0000-0000-000000000000'", "UUID()", "NULL"],
}


class EdgeRows:
    """Rows of edge values for a table: every column has another one in every row.

    Args:
        table: its name, quoted.
        columns: name, data_type and column_type of each; the first may also be what is meant by
            one, `bool` or `time of day`.
        key: the names of its key's columns, which must be whole numbers.
        moving: columns that the server itself moves.
    """

    def __init__(
        self,
        table: str,
        columns: Sequence[tuple[str, str, str]],
        key: Sequence[str],
        moving: Sequence[str],
    ) -> None:
        self._table = table
        self._columns = columns
        self._key = key
        self._moving = moving

    def inserts(self, rows: int) -> list[str]:
        """Statements that add the rows."""
        return [
            f"INSERT IGNORE INTO {self._table} VALUES ("
            + ", ".join(
                str(-1 - row) if name in self._key else self._value(number, row)
                for number, (name, _, _) in enumerate(self._columns)
            )
            + ")"
            for row in range(rows)
        ]

    def updates(self, rows: int) -> list[str]:
        """Statements that give every value of them to another row."""
        fixed = {*self._key, *self._moving}
        return [
            f"UPDATE IGNORE {self._table} SET "
            + ", ".join(
                f"`{name}` = {self._value(number, row + 1)}"
                for number, (name, _, _) in enumerate(self._columns)
                if name not in fixed
            )
            + f" WHERE `{self._key[0]}` = {-1 - row}"
            for row in range(rows)
            if self._key and len(fixed) < len(self._columns)
        ]

    def _value(self, number: int, row: int) -> str:
        _, data_type, column_type = self._columns[number]
        edges = edges_of(data_type, column_type)
        return edges[(number * 7 + row) % len(edges)]
