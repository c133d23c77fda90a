"""Whatever a job says, in a file too, with the time of each line: for whom cron sends no mail."""

import io
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from opendental_pipeline.runs.standard_streams import Lossy

_MODE = 0o640


def log_to(path: Path) -> str:
    """Appends all that this process says from now on to a file; on a terminal, too.

    Args:
        path: of the file; what is there stays.

    Returns:
        why it cannot be written; empty if it can.
    """
    try:
        is_new = not path.exists()
        number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)
        if is_new:
            os.fchmod(number, _MODE)
    except OSError as error:
        return f"--log {path} cannot be written: {error.strerror}"
    log = Lossy(number, "ab")
    sys.stdout = sys.stdout and _both(sys.stdout, log)
    sys.stderr = sys.stderr and _both(sys.stderr, log)
    return ""


class _Both(Lossy):
    """A stream whose lines go into a log as well."""

    def __init__(self, number: int, log: Lossy) -> None:
        super().__init__(number, "wb", closefd=False)
        self._log = log
        self._begins = True

    def isatty(self) -> bool:
        """It is not: bars that are drawn again and again make no log."""
        return False

    def write(self, data: Any) -> int:
        said = bytes(data)
        for line in said.splitlines(keepends=True):
            if self._begins:
                self._log.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S%z} ".encode())
            self._log.write(line)
            self._begins = line.endswith(b"\n")
        super().write(said)
        return len(said)


def _both(stream: TextIO, log: Lossy) -> TextIO:
    stream.flush()
    raw = _Both(stream.fileno(), log)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=stream.encoding, errors=stream.errors, line_buffering=True
    )
