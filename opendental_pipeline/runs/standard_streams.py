"""What a job says goes to a file or a pipe that may take no more, which ends no night."""

import io
import sys
from typing import Any, TextIO


class Lossy(io.FileIO):
    """A file that is written as far as its disk has room.

    Attributes:
        lost: why something was not written; empty if all was.
    """

    lost = ""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.lost = error.strerror or type(error).__name__
            return memoryview(data).nbytes


def outlive_full_logs() -> None:
    """Makes this process go on where its standard output or error can take no more."""
    # there is none where whoever started the process closed it
    sys.stdout = sys.stdout and _lossy(sys.stdout)
    sys.stderr = sys.stderr and _lossy(sys.stderr)


def tell_what_was_lost() -> None:
    """Says on standard error that standard output lacks something."""
    if sys.stdout:
        sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, Lossy) and raw.lost:
        print(f"not all of standard output could be written: {raw.lost}", file=sys.stderr)
    if sys.stderr:
        sys.stderr.flush()


def _lossy(stream: TextIO) -> TextIO:
    stream.flush()
    raw = Lossy(stream.fileno(), "wb", closefd=False)
    # a line at a time, which nobody waits for when the process is killed
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=stream.encoding, errors=stream.errors, line_buffering=True
    )
