"""The order that goes with a slice's rows: how the destination has to write them.

It travels in dlt's load package state, beside the rows and not in the schema, because it is
different every night.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from dlt.common.storages.load_package import load_package_state
from pydantic import TypeAdapter

from opendental_pipeline.databases.identifiers import dlt_identifier
from opendental_pipeline.databases.sql import KeyRun
from opendental_pipeline.databases.type_mapping import TransferType

FORMAT: Final = "csv"
"""What dlt calls a slice's file; its lines are separated by tabs."""


class WriteMode(StrEnum):
    """What a slice's rows mean for the table they go to."""

    UPSERT = "upsert"
    """These rows are new or changed; every other row stays."""

    REPLACE_RANGE = "snapshot"
    """These are all rows of a key range; any other row in it no longer exists."""

    REPLACE_TABLE = "rewrite"
    """These are all rows of a table without a key, or with another shape than before."""

    @property
    def disposition(self) -> str:
        """dlt's word for it."""
        return "merge" if self is WriteMode.UPSERT else "replace"


@dataclass(frozen=True)
class PendingAlter:
    """What has to change in a target table together with its rows; false if nothing has.

    Attributes:
        clauses: of ALTER TABLE, for a table that is empty at that moment.
        reason: what is different, as a sentence.
    """

    clauses: tuple[str, ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return bool(self.clauses)


NO_ALTER = PendingAlter()
"""The shape stays."""


@dataclass(frozen=True)
class Differences:
    """How many rows of a copy differed from their original, before they were mended.

    Attributes:
        missing: the copy had no such row.
        changed: the copy's row was another one.
        extra: only the copy had such a row.
    """

    missing: int = 0
    changed: int = 0
    extra: int = 0

    def __add__(self, other: "Differences") -> "Differences":
        return Differences(
            self.missing + other.missing, self.changed + other.changed, self.extra + other.extra
        )

    def __sub__(self, other: "Differences") -> "Differences":
        return Differences(
            self.missing - other.missing, self.changed - other.changed, self.extra - other.extra
        )

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.extra)


NO_DIFFERENCES = Differences()
"""No differences."""


@dataclass(frozen=True)
class TargetColumn:
    """One column of a slice, as the destination knows it.

    Attributes:
        name: in the target.
        write: the expression that MySQL stores it with, `{}` being what was read.
        key: the expression whose text names a row by this column of its key; empty for others.
        text: whether it is text of some charset, in which two spellings of a key can be equal.
    """

    name: str
    write: str = "{}"
    key: str = ""
    text: bool = False


@dataclass(frozen=True)
class SelectedColumn:
    """One column of a slice: what is asked for, and what goes on.

    Attributes:
        expression: what is selected.
        field: the column as the target knows it.
        transfer_type: what carries it there.
    """

    expression: str
    field: TargetColumn
    transfer_type: TransferType


@dataclass(frozen=True)
class Slice:
    """One bounded part of a table's pass, as it goes into a load package.

    Attributes:
        table: what tables.yml calls the table.
        target: what the destination calls it.
        write: what to do with the rows.
        key: the primary key's columns in the target.
        fields: the columns that travel, in the order of the file.
        rows: rows in the file, tombstones too.
        key_bounds: the lowest and the highest key in it, where the key is one whole number.
        after: literals of the key that the slice begins behind; None at the table's beginning.
        upto: literals of the last key it covers; None at the table's end.
        invalid_enum_count: values that an ENUM of the target must take without listing them.
        deleted_key_ranges: runs of keys that only the target has.
        begun: when the pass began, in UTC.
        brake: the share of the target's rows that may go in a pass; None for all.
        soft_delete: whether what goes only gets a time of deletion.
        pending_alter: clauses of ALTER TABLE that give the target the shape of these rows.
    """

    table: str
    target: str
    write: WriteMode
    key: tuple[str, ...]
    fields: tuple[TargetColumn, ...]
    rows: int
    key_bounds: tuple[int, int] | None = None
    after: tuple[str, ...] | None = None
    upto: tuple[str, ...] | None = None
    invalid_enum_count: int = 0
    deleted_key_ranges: tuple[KeyRun, ...] = ()
    begun: str = ""
    brake: float | None = None
    soft_delete: bool = False
    pending_alter: tuple[str, ...] = ()

    def to_package(self) -> None:
        """Puts the order into the load package that is being extracted."""
        _orders()[dlt_identifier(self.table)] = asdict(self)

    @classmethod
    def from_package(cls, table: str) -> "Slice":
        """The order of a table, by dlt's name for it, in the load package being loaded."""
        return _SLICE.validate_python(_orders()[table])


_SLICE = TypeAdapter(Slice)


def _orders() -> dict[str, Any]:
    state: dict[str, Any] = load_package_state()["state"]  # type: ignore[assignment]
    orders: dict[str, Any] = state.setdefault("slices", {})
    return orders
