"""Runs a program and writes what it took: `timed.py REPORT PROGRAM ARGUMENTS...`.

A program of its own, and one that imports next to nothing: Linux hands a parent's peak of memory
down to the program it starts, so started from the benchmark itself every program would seem to
need as much as the benchmark.
"""

import json
import os
import sys
import time
from pathlib import Path


def main(report: str, *command: str) -> int:
    """Run the command and write its wall seconds, CPU seconds and peak memory; its exit code."""
    start = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _pid, status, usage = os.wait4(pid, 0)
    took = {
        "seconds": time.monotonic() - start,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }
    Path(report).write_text(json.dumps(took))
    # A signal's number is negative here, and no exit code.
    return abs(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
