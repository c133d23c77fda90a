"""Debian's promtool, in a folder of its own."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo import suites
from demo.binaries import Programs


@dataclass(frozen=True)
class Promtool:
    """It, and a folder that it reaches."""

    programs: Programs
    home: Path

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Runs it with something on its standard input."""
        command = [*self.programs.account.entrance(), self.programs.server, *arguments]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=False)


@contextmanager
def promtool_at_work() -> Iterator[Promtool]:
    """It; its folder goes when nobody needs it any more."""
    programs = suites.programs(suites.PROMTOOL, "promtool", print)
    home = suites.make_home(programs.account)
    try:
        yield Promtool(programs, home)
    finally:
        shutil.rmtree(home)
