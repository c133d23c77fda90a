"""Changes of a table's schema as data: planned without a server, rendered by each destination."""

from dataclasses import dataclass
from enum import StrEnum

from opendental_pipeline.databases.table import Column


class Change(StrEnum):
    """What happens to a column, in the words that a person reads."""

    ADD = "column {want.name} was added"
    EXCLUDE = "column {have.name} is excluded now, and its values are gone"
    HASH = "column {want.name} is hashed now"
    SHOW = "column {want.name} is copied in clear now"
    RENAME = "column {have.name} is called {want.name} now"
    RECODE = "column {want.name} was stored as {have.charset} and is {want.charset} now"
    RETYPE = "column {want.name} is {want.plain_type} now"
    RELAX = "column {want.name} may be NULL now"
    RETIRE = "column {want.name} is gone at the source; NULL in new rows"


@dataclass(frozen=True)
class ColumnChange:
    """What happens to one column.

    Attributes:
        kinds: one of adding, excluding, hashing, showing and retiring, or some of the others.
        have: the column as it is; itself where it is added.
        want: as it becomes; itself where it is excluded.
    """

    kinds: tuple[Change, ...]
    have: Column
    want: Column


@dataclass(frozen=True)
class KeyChange:
    """Another primary key; one without columns is none."""

    have: tuple[str, ...]
    want: tuple[str, ...]


@dataclass(frozen=True)
class SchemaPlan:
    """All that has to change in a table.

    Attributes:
        columns: in the order of the clauses.
        indexes: to drop, since the types of their columns change.
        key: None if it stays.
    """

    columns: tuple[ColumnChange, ...] = ()
    indexes: tuple[str, ...] = ()
    key: KeyChange | None = None

    def having(self, *kinds: Change) -> list[str]:
        """The names of the columns to which any of these happens, as they are."""
        return [one.have.name for one in self.columns if {*kinds} & {*one.kinds}]


def describe(plan: SchemaPlan) -> tuple[str, ...]:
    """What a person is told of a plan, as sentences."""
    told = [kind.format(**vars(one)) for one in plan.columns for kind in one.kinds]
    told += [f"index {n} was removed, since the type of a column changed" for n in plan.indexes]
    if plan.key:
        key = ", ".join(plan.key.want)
        told.append(f"its primary key is {key} now" if key else "it has no primary key now")
    return tuple(told)
