"""The memory of this process: kept small, and measured."""

import ctypes
import resource
from contextlib import suppress

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8


def tune_malloc() -> None:
    """Lets glibc return what is freed to the system at once, instead of keeping it for later.

    By default it keeps an arena for each of many threads, and learns from the first large block
    to keep all others: a million rows took 650 MB that way, and 350 MB this way. Other C
    libraries have no such dials and are left alone.
    """
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_THRESHOLD, 4 << 20)
        libc.mallopt(_ARENA_MAX, 2)


def peak_megabytes() -> float:
    """The most memory that this process had at any moment, in MB."""
    # Linux counts in KB
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
