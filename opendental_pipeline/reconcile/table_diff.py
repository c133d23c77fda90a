"""Finds where two tables in MySQL differ, with few bytes on the wire when they do not.

Each server adds up the digests of its rows in a range of keys. Where the sum or the number of rows
is another, it is asked again for narrow bands of the range, and where a band differs, for the
digests of its rows: the keys that differ are known then.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

from opendental_pipeline.databases.sql import Key, KeyRun, ident, key_range, literal
from opendental_pipeline.planning.slice import NO_DIFFERENCES, Differences
from sources.opendental.key_ranges import KeyRange

Query = Callable[[str], Sequence[Any]]
"""Runs a query and returns its rows."""

Answer = TypeVar("Answer")

RowKey = tuple[Any, ...]
"""The values of a row's key."""

Band = tuple[int, int]
"""The lowest and the highest value of the first column of the key."""

_BANDS_AT_ONCE = 1_000

KEPT = 1_000
"""Keys of a kind that are remembered beyond their range; the rest is only counted."""


class InconsistentError(Exception):
    """A server shows other rows than it counts, although nobody wrote to them meanwhile."""


class TooManyRowsError(Exception):
    """A copy has more rows in a range than may be held in memory: its original lost them."""


@dataclass(frozen=True)
class TableSegment:
    """One of two tables that should have the same rows.

    Attributes:
        table: its name.
        key: the columns of its key, whole numbers all.
        digest: the expression for the number of a row.
        query: runs a query where it is.
        where: a condition on the rows that count; None for all.
    """

    table: str
    key: tuple[str, ...]
    digest: str
    query: Query
    where: str | None = None

    def checksums(self, keys: KeyRange, width: int | None = None) -> dict[int, tuple[int, int]]:
        """Rows and the sum of their digests, by band of the first column of the key.

        Args:
            keys: the range.
            width: of a band, in values of that column; None for one band.
        """
        first = ident(self.key[0])
        # MySQL calls the smallest BIGINT DIV 1 out of range
        band = first if width == 1 else f"{first} DIV {width}" if width else "0"
        query = (
            f"SELECT {band} AS band, COUNT(*), SUM({self.digest})"
            f" FROM {ident(self.table)}{self._in(keys)} GROUP BY band"
        )
        return {int(band): (int(rows), int(total)) for band, rows, total in self.query(query)}

    def keyless_checksums(self) -> Counter[int]:
        """The digests of all rows, of a table whose rows cannot be told apart by whole numbers."""
        query = f"SELECT {self.digest} AS digest, COUNT(*) FROM {ident(self.table)} GROUP BY digest"
        return Counter({int(digest): int(rows) for digest, rows in self.query(query)})

    def digests(self, keys: KeyRange, bands: Sequence[Band]) -> dict[RowKey, int]:
        """The digest of every row in some bands, by key and in its order."""
        found: dict[RowKey, int] = {}
        names = ", ".join(map(ident, self.key))
        first = ident(self.key[0])
        for start in range(0, len(bands), _BANDS_AT_ONCE):
            some = bands[start : start + _BANDS_AT_ONCE]
            among = " OR ".join(f"{first} BETWEEN {low} AND {high}" for low, high in some)
            query = (
                f"SELECT {names}, {self.digest} FROM {ident(self.table)}{self._in(keys, among)}"
                f" ORDER BY {names}"
            )
            for *key, digest in self.query(query):
                found[tuple(map(int, key))] = int(digest)
        return found

    def _in(self, keys: KeyRange, *others: str) -> str:
        return key_range(self.key, keys.after, keys.upto, self.where, *others)


_KINDS = ("missing", "changed", "extra")


@dataclass
class TableDiff:
    """Keys by which a copy differs from its original.

    Attributes:
        missing: the copy has no such row.
        changed: the copy's row is another one.
        extra: only the copy has such a row.
        original: all keys of the original that were looked at, in stretches: between two keys of
            one stretch, no key was left out.
        copy: likewise all keys of the copy.
        more: how many more there are.
    """

    missing: list[RowKey] = field(default_factory=list)
    changed: list[RowKey] = field(default_factory=list)
    extra: list[RowKey] = field(default_factory=list)
    original: list[list[RowKey]] = field(default_factory=list)
    copy: list[list[RowKey]] = field(default_factory=list)
    more: Differences = NO_DIFFERENCES

    @classmethod
    def of(cls, kinds: Iterable[tuple[str, int, RowKey]]) -> "TableDiff":
        """From rows that differ: the kind, how many there are of it, and the key."""
        found, counts = cls(), dict.fromkeys(_KINDS, 0)
        for kind, count, key in kinds:
            getattr(found, kind).append(key)
            counts[kind] = count
        found.more = Differences(*(counts[k] - len(getattr(found, k)) for k in _KINDS))
        return found

    def add(self, other: "TableDiff") -> None:
        """Takes over what differs elsewhere."""
        count = self.count + other.count
        for kind in _KINDS:
            keys = getattr(self, kind)
            keys += getattr(other, kind)[: KEPT - len(keys)]
        self.more = NO_DIFFERENCES
        self.more = count - self.count

    @property
    def count(self) -> Differences:
        """How many there are."""
        return Differences(len(self.missing), len(self.changed), len(self.extra)) + self.more


def compare_keyless(original: TableSegment, copy: TableSegment) -> TableDiff:
    """Finds how many rows differ where none can be named: a changed one is missing and extra."""
    right, held = _both(TableSegment.keyless_checksums, original, copy)
    return TableDiff(
        missing=[()] * (right - held).total(),
        extra=[()] * (held - right).total(),
    )


def compare(
    original: TableSegment,
    copy: TableSegment,
    keys: KeyRange,
    width: Callable[[], int],
    *,
    suspect: bool = False,
    most: int | None = None,
) -> TableDiff:
    """Finds the rows of a range of keys in which two tables differ.

    Args:
        original: what is right.
        copy: what should be the same.
        keys: the range.
        width: tells that of a band, in values of the first column of the key.
        suspect: whether they likely differ, so that bands are asked for at once.
        most: rows of the copy that may be looked at one by one; None for all.

    Raises:
        TooManyRowsError: the copy has more.
        InconsistentError: a server shows other rows than it counts.
    """
    if not suspect:
        right, held = _both(lambda side: side.checksums(keys), original, copy)
        if right == held:
            return TableDiff()
        _refuse_more(most, held)
    wide = width()
    right, held = _both(lambda side: side.checksums(keys, wide), original, copy)
    _refuse_more(most, held)
    differing = sorted(n for n in right.keys() | held.keys() if right.get(n) != held.get(n))
    if not differing:
        return TableDiff()
    bands = _joined(_band(number, wide) for number in differing)
    wanted, have = _both(lambda side: side.digests(keys, bands), original, copy)
    for side, counted, shown in ((original, right, wanted), (copy, held, have)):
        expected = sum(counted[n][0] for n in differing if n in counted)
        if len(shown) != expected and side.checksums(keys, wide) == counted:
            raise InconsistentError
    return TableDiff(
        missing=[key for key in wanted if key not in have],
        changed=[key for key in wanted if key in have and have[key] != wanted[key]],
        extra=[key for key in have if key not in wanted],
        original=_stretches(wanted, bands),
        copy=_stretches(have, bands),
    )


def _stretches(keys: Iterable[RowKey], bands: Sequence[Band]) -> list[list[RowKey]]:
    """Keys by the band that they are in; what lies between two bands was not looked at."""
    ends = [last for _, last in bands]
    return [list(some) for _, some in groupby(keys, key=lambda key: bisect_left(ends, key[0]))]


def _refuse_more(most: int | None, held: Mapping[int, tuple[int, int]]) -> None:
    if most is not None and sum(rows for rows, _ in held.values()) > most:
        raise TooManyRowsError


def _both(
    ask: Callable[[TableSegment], Answer], original: TableSegment, copy: TableSegment
) -> tuple[Answer, Answer]:
    """Asks two servers at the same time."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        held = pool.submit(ask, copy)
        return ask(original), held.result()


def runs(keys: Iterable[RowKey], among: Iterable[Iterable[RowKey]]) -> Iterator[list[RowKey]]:
    """Joins keys between which the table has no other row.

    Args:
        keys: some of the keys of a table.
        among: all of the table's that were looked at, in stretches as `TableDiff` has them: keys of
            two stretches are never joined, since nobody knows what is between these.
    """
    chosen = set(keys)
    for stretch in among:
        for is_chosen, run in groupby(stretch, key=chosen.__contains__):
            if is_chosen:
                yield list(run)


def key_run(run: Sequence[RowKey]) -> KeyRun:
    """A run in SQL's words."""
    return KeyRun(_literals(run[0]), _literals(run[-1]), len(run))


def _literals(key: RowKey) -> Key:
    return tuple(literal(value) for value in key)


def _band(number: int, width: int) -> Band:
    """The lowest and the highest value of a band; DIV rounds towards zero."""
    if number == 0:
        return 1 - width, width - 1
    first = number * width
    return (first, first + width - 1) if number > 0 else (first - width + 1, first)


def _joined(bands: Iterable[Band]) -> list[Band]:
    joined: list[Band] = []
    for first, last in bands:
        if joined and joined[-1][1] + 1 == first:
            joined[-1] = joined[-1][0], last
        else:
            joined.append((first, last))
    return joined
