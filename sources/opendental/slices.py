"""The order that goes with a slice's rows: how the destination has to write them.

It travels in dlt's load package state, beside the rows and not in the schema, because it is
different every night.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from dlt.common.storages.load_package import load_package_state


class Write(StrEnum):
    """What a slice's rows mean for the table they go to."""

    UPSERT = "upsert"
    """These rows are new or changed; every other row stays."""

    SNAPSHOT = "snapshot"
    """These are all rows of a key range; any other row in it no longer exists."""

    REWRITE = "rewrite"
    """These are all rows of a table without a key."""

    @property
    def disposition(self) -> str:
        """dlt's word for it."""
        return "merge" if self is Write.UPSERT else "replace"


@dataclass(frozen=True)
class Slice:
    """One bounded part of a table's pass, as it goes into a load package.

    Attributes:
        write: what to do with the rows.
        key: the primary key's columns.
        columns: the columns that travel, in the order of the file.
        after: literals of the key that the slice begins behind; None at the table's beginning.
        upto: literals of the last key it covers; None at the table's end.
    """

    write: Write
    key: tuple[str, ...]
    columns: tuple[str, ...]
    after: tuple[str, ...] | None = None
    upto: tuple[str, ...] | None = None

    def publish(self, table: str) -> None:
        """Puts the order into the load package that is being extracted."""
        _orders()[table] = asdict(self)

    @classmethod
    def ordered(cls, table: str) -> "Slice":
        """The order of a table in the load package that is being loaded."""
        stored: Mapping[str, Any] = _orders()[table]
        return cls(
            write=Write(stored["write"]),
            key=tuple(stored["key"]),
            columns=tuple(stored["columns"]),
            after=tuple(stored["after"]) if stored["after"] is not None else None,
            upto=tuple(stored["upto"]) if stored["upto"] is not None else None,
        )


def _orders() -> dict[str, Any]:
    state: dict[str, Any] = load_package_state()["state"]  # type: ignore[assignment]
    orders: dict[str, Any] = state.setdefault("slices", {})
    return orders
