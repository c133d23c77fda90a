"""The shape of a table: what two analyses, months apart, compare and recognise."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Hashable, Mapping

from opendental_pipeline.databases.spelling import plain_type
from opendental_pipeline.databases.table import Column, Table
from opendental_pipeline.settings.frozen import Frozen

_QUOTED = re.compile(r"^'(.*)'\Z", re.DOTALL)
_TYPE = re.compile(r"(\w*)(?:\((\d+)(?:,(\d+))?\))?(.*)", re.DOTALL)

_LISTS = ("enum(", "set(")
"""How types begin that list their values."""

_LADDERS = (
    ("tinyint", "smallint", "mediumint", "int", "bigint"),
    ("tinytext", "text", "mediumtext", "longtext"),
    ("tinyblob", "blob", "mediumblob", "longblob"),
)
"""Types that hold all that those before them hold."""

_SIZED = ("char", "varchar", "varbinary", "decimal")
"""Types that hold all that shorter ones of their name hold."""


class ColumnShape(Frozen):
    """A column's definition in the server's words.

    Attributes:
        type: such as `varchar(100)` or `int(11) unsigned`.
        default: as the catalogue prints it; None without one.
        extra: such as `auto_increment` or `on update current_timestamp()`.
    """

    type: str
    nullable: bool
    default: str | None = None
    extra: str = ""

    def __str__(self) -> str:
        nullable = "null" if self.nullable else "not null"
        default = () if self.default is None else ("default", self.default or "''")
        return " ".join(filter(None, (self.type, nullable, *default, self.extra)))

    @property
    def normal(self) -> "ColumnShape":
        """The same in one spelling, because versions of MySQL and MariaDB print it differently."""
        return ColumnShape(
            type=plain_type(self.type),
            nullable=self.nullable,
            default=None if self.default is None else _normal_default(self.default),
            extra=_without_parentheses(self.extra).replace("default_generated", "").strip(),
        )

    def widens(self, former: "ColumnShape") -> bool:
        """Whether it is the former column with more room, or more values, and nothing else."""
        new, old = self.normal, former.normal
        if (new.nullable, new.extra) != (old.nullable, old.extra):
            return False
        return _widens(new.type, old.type)


class Structure(Frozen):
    """A table's columns and key.

    Attributes:
        columns: the definition of every column, in order.
        primary_key: its columns; empty for a table without one.
    """

    columns: Mapping[str, ColumnShape]
    primary_key: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Changes when a column, its type or the key does."""
        return fingerprint({"": self})


def structure_of(table: Table) -> Structure:
    """The shape of a table in the catalogue."""
    return Structure(
        columns={column.name: _shape(column) for column in table.columns},
        primary_key=table.primary_key,
    )


def fingerprint(structures: Mapping[str, Structure]) -> str:
    """16 hexadecimal digits that stand for the names and shapes of some tables."""
    shapes = {
        name: [*((n, str(shape.normal)) for n, shape in table.columns.items()), table.primary_key]
        for name, table in sorted(structures.items())
    }
    return hashlib.sha256(json.dumps(shapes).encode()).hexdigest()[:16]


def same_tables(before: Mapping[str, Structure], after: Mapping[str, Structure]) -> dict[str, str]:
    """The present name of every table that is still there, by its former name.

    A table was renamed where only one new name can be its own: one that differs in case only, or
    that of a table with the same columns and key.
    """
    same = _same_names(before, after)
    return same | _pairs(_bodies(before, same), _bodies(after, same.values()))


def same_columns(before: Structure, after: Structure) -> dict[str, str]:
    """The present name of every column that is still there, by its former name.

    A column was renamed where only one new name can be its own: one that differs in case only, or
    that of a column with the same definition between the same columns.
    """
    same = _same_names(before.columns, after.columns)
    stayed = {name: name for name in same.values()}
    return same | _pairs(_places(before, same), _places(after, stayed))


def _shape(column: Column) -> ColumnShape:
    return ColumnShape(
        type=column.column_type,
        nullable=column.nullable,
        default=column.default,
        extra=column.extra,
    )


def _normal_default(text: str) -> str | None:
    if text == "NULL":
        return None
    if text.lower().startswith("current_timestamp"):
        return _without_parentheses(text)
    return _QUOTED.sub(r"\1", text)


def _without_parentheses(text: str) -> str:
    return text.lower().replace("()", "")


def _widens(new: str, old: str) -> bool:
    if old.startswith(_LISTS):
        return new.startswith(f"{old[:-1]},")
    (new_name, new_size, *new_rest), (old_name, old_size, *old_rest) = _parts(new), _parts(old)
    if new_rest != old_rest:
        return False
    if new_name == old_name:
        return new_name in _SIZED and new_size > old_size
    return any(
        new_name in ladder[ladder.index(old_name) :] for ladder in _LADDERS if old_name in ladder
    )


def _parts(text: str) -> tuple[str, int, str, str]:
    """Name, length or precision, scale, and what follows, such as ` unsigned`."""
    name, size, scale, rest = _TYPE.findall(text)[0]
    return name, int(size or 0), scale, rest


def _bodies(tables: Mapping[str, Structure], known: Collection[str]) -> dict[str, Hashable]:
    """What tells the other tables apart; a table of one column is too like any other."""
    return {
        name: (
            tuple((column, shape.normal) for column, shape in table.columns.items()),
            table.primary_key,
        )
        for name, table in tables.items()
        if name not in known and len(table.columns) > 1
    }


def _places(table: Structure, stayed: Mapping[str, str]) -> dict[str, Hashable]:
    """The definition of each column that did not stay, and the two that stayed around it."""
    names = list(table.columns)
    return {
        name: (
            table.columns[name].normal,
            next((stayed[n] for n in reversed(names[:index]) if n in stayed), None),
            next((stayed[n] for n in names[index:] if n in stayed), None),
        )
        for index, name in enumerate(names)
        if name not in stayed
    }


def _same_names(before: Collection[str], after: Collection[str]) -> dict[str, str]:
    same = {name: name for name in before if name in after}
    return same | _pairs(
        {name: name.casefold() for name in before if name not in same},
        {name: name.casefold() for name in after if name not in same},
    )


def _pairs(before: Mapping[str, Hashable], after: Mapping[str, Hashable]) -> dict[str, str]:
    """Old and new names with the same trait, where no other name on either side has it."""
    old, new = _unmistakable(before), _unmistakable(after)
    return {name: new[trait] for trait, name in old.items() if trait in new}


def _unmistakable(traits: Mapping[str, Hashable]) -> dict[Hashable, str]:
    count = Counter(traits.values())
    return {trait: name for name, trait in traits.items() if count[trait] == 1}
