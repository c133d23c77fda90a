"""Tables and columns as a MySQL server describes them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from opendental_pipeline.databases.spelling import plain_collation, plain_type
from opendental_pipeline.settings.data_type import DataType

_MEMBER = re.compile(r"'((?:[^']|'')*)'")
_FRACTION = re.compile(r"^(?:datetime|timestamp|time)\((\d)\)")


_SHOWN = re.compile(r"(json|uuid|inet4|inet6|xmltype) as text")


def shown_as_text(data_type: str) -> str:
    """The comment of a column in replication that holds the texts of another type's values."""
    return f"{data_type} as text"


@dataclass(frozen=True)
class Column:
    """One column as the server describes it.

    Attributes:
        data_type: the bare type, such as `bigint`.
        length: characters or bytes it holds at most, where that means something.
        precision: digits, or bits of a bit column.
        charset: of its text.
        collation: of its text.
        extra: what it does by itself, as MariaDB prints it.
        default: as MariaDB prints it; None where there is none.
        hashed: the mark of the key, if its keyed hash is read in place of its values.
        type_override: its type in raw, where tables.yml says one.
    """

    name: str
    data_type: str
    column_type: str
    nullable: bool
    extra: str = ""
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    charset: str | None = None
    collation: str | None = None
    default: str | None = None
    comment: str = ""
    hashed: str = ""
    type_override: DataType | None = None

    @property
    def unsigned(self) -> bool:
        """Whether an integer type holds no negative values."""
        return "unsigned" in self.column_type.lower()

    @property
    def fraction(self) -> int:
        """Digits of a second's fraction."""
        # not every server has a column for it in its catalogue
        found = _FRACTION.match(self.column_type)
        return int(found.group(1)) if found else 0

    @property
    def auto_updated(self) -> bool:
        """Whether the server sets it whenever its row changes."""
        return "on update" in self.extra.lower()

    @property
    def original_type(self) -> str:
        """The bare type of its values at the source, which replication may hold as their text."""
        shown = _SHOWN.fullmatch(self.comment)
        return shown.group(1) if shown else self.data_type

    @property
    def has_undefined_bytes(self) -> bool:
        """Whether its charset leaves bytes undefined, which are shown as a question mark.

        MySQL's latin1 defines all 256 of them, and its UTF-8 travels as it is.
        """
        charset = self.charset or "utf8"
        return not self.hashed and charset != "latin1" and not charset.startswith("utf8")

    @property
    def lists_all(self) -> bool:
        """Whether its type says what its values are, if it lists them.

        The catalogue is in three-byte UTF-8: of a longer character in an ENUM it shows a question
        mark, as SHOW CREATE TABLE does.
        """
        return self.data_type not in ("enum", "set") or "?" not in self.column_type

    @property
    def members(self) -> tuple[str, ...]:
        """What an ENUM or a SET lists, as SQL spells it between quotes; nothing for other types."""
        is_list = self.data_type in ("enum", "set")
        return tuple(_MEMBER.findall(self.column_type)) if is_list else ()

    @property
    def plain_type(self) -> str:
        """Its type, spelled alike by all servers."""
        return plain_type(self.column_type)

    @cached_property
    def identity(self) -> str:
        """Changes when its values may have changed without any row having been edited.

        It is stored, so it stays as it is. Whether it has changed, `matches` tells.
        """
        begin, end = self._around_collation
        return " ".join(filter(None, (begin, self.collation, end)))

    @property
    def _around_collation(self) -> tuple[str, str]:
        null = "null" if self.nullable else "not null"
        default = () if self.default is None else ("default", self.default)
        end = filter(None, (null, self.hashed, self.type_override, *default))
        return f"{self.name} {self.plain_type}", " ".join(end)

    def matches(self, identity: str, *, ordered: bool) -> bool:
        """Whether a stored identity is of this column, be it of another server.

        Servers have collations of their own, and one that is told only a charset takes its default.

        Args:
            identity: of a column.
            ordered: whether the collation matters: it tells keys apart, and orders them.
        """
        if self.collation is None or identity == self.identity:
            return identity == self.identity
        begin, end = self._around_collation
        collation = identity.removeprefix(f"{begin} ").removesuffix(f" {end}")
        if identity != f"{begin} {collation} {end}":
            return False
        have, want = plain_collation(collation), plain_collation(self.collation)
        return have == want if ordered else have.partition("_")[0] == want.partition("_")[0]

    @property
    def integer(self) -> bool:
        """Whether it is a whole number of any width and sign."""
        return self.data_type in ("tinyint", "smallint", "mediumint", "int", "bigint")

    @property
    def temporal(self) -> bool:
        """Whether it is a date with or without time of day."""
        return self.data_type in ("date", "datetime", "timestamp")


@dataclass(frozen=True)
class Table:
    """One base table as the server describes it.

    Attributes:
        rows: exact for MyISAM, an estimate for InnoDB.
        size: bytes of data, without indexes.
        updated_at: when its data last changed, in the session's time zone; exact for MyISAM, None
            where the server forgot.
        created_at: when it was created, or last altered in a way that made it anew; likewise.
        server: where it is, as `Server.place` says it; empty where that says nothing.
        indexes: the columns of its other indexes, by name.
        key_prefixes: how many characters or bytes of a column its key looks at, where not at all.
    """

    name: str
    engine: str
    rows: int
    size: int
    updated_at: datetime | None
    columns: tuple[Column, ...]
    created_at: datetime | None = None
    server: str = ""
    primary_key: tuple[str, ...] = ()
    indexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    key_prefixes: Mapping[str, int] = field(default_factory=dict)

    @property
    def indexed(self) -> frozenset[str]:
        """Columns that are the first of some index."""
        return frozenset(
            columns[0] for columns in (self.primary_key, *self.indexes.values()) if columns
        )

    @property
    def identity(self) -> tuple[str, ...]:
        """Changes when every row must be read again: what its columns and its key are."""
        return (*(column.identity for column in self.columns), *filter(None, [self.key_identity]))

    @property
    def key_identity(self) -> str:
        """What its key is; empty where it has none."""
        return f"key {', '.join(self.primary_key)}" if self.primary_key else ""

    def altered_columns(self, identities: Sequence[str]) -> list[str]:
        """The names of its columns that none of some stored identities is of."""
        known, key = frozenset(identities), frozenset(self.primary_key)
        return [
            column.name
            for column in self.columns
            if column.identity not in known
            and not any(column.matches(one, ordered=column.name in key) for one in identities)
        ]

    @property
    def has_exact_count(self) -> bool:
        """Whether `rows` is exact and `updated_at` is kept: MyISAM does, InnoDB does not."""
        return self.engine == "MyISAM"

    @property
    def has_integer_key(self) -> bool:
        """Whether every server has its rows in the same order: its key is of whole numbers only."""
        return bool(self.primary_key) and all(self.column(n).integer for n in self.primary_key)

    @property
    def divisible(self) -> bool:
        """Whether its rows can be read in ranges of the key.

        A server sorts an ENUM by its list and compares it as text, and shows another FLOAT than it
        compares. Behind a key that was read, rows would be left out or come twice.
        """
        kinds = {self.column(name).data_type for name in self.primary_key}
        return bool(kinds) and not kinds & {"enum", "set", "float", "double"}

    def differs_from(self, earlier: "Table") -> bool:
        """Whether the table was altered or made anew since the catalogue was read before."""
        return (self.identity, self.created_at) != (earlier.identity, earlier.created_at)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def has(self, name: str) -> bool:
        """Whether there is a column of that name."""
        return any(column.name == name for column in self.columns)

    def without(self, names: Iterable[str]) -> "Table":
        """The table as if some columns did not exist."""
        hidden = frozenset(names)
        return replace(self, columns=tuple(c for c in self.columns if c.name not in hidden))


Catalogue = dict[str, Table]
"""The base tables of one database by name."""
