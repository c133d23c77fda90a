"""Programs that are measured: run in a bare environment, with a log, and ended with the bench."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from demo.binaries import MissingServersError
from demo.processes import ServerFailedError, tail

TIMED = Path(__file__).with_name("timed.py")


class BenchError(Exception):
    """The benchmark cannot go on; the message says why, with the end of a log if there is one."""


class TimedOutError(BenchError):
    """A program took longer than it might, and was killed."""


@dataclass(frozen=True)
class Usage:
    """What a program took.

    Attributes:
        seconds: from its start to its end.
        cpu_seconds: of its own and of its children, user and system.
        peak_mb: the most memory that it, or one of its children, had at once.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float

    def __add__(self, other: "Usage") -> "Usage":
        """Two programs that ran one after the other."""
        return Usage(
            self.seconds + other.seconds,
            self.cpu_seconds + other.cpu_seconds,
            max(self.peak_mb, other.peak_mb),
        )


@dataclass(frozen=True)
class Workplace:
    """The benchmark's folder.

    Attributes:
        directory: an absolute path.
    """

    directory: Path

    @property
    def tools(self) -> Path:
        """Installed tools, which stay for the next time."""
        return self.directory / "tools"

    @property
    def logs(self) -> Path:
        """What the programs printed."""
        return self.directory / "logs"

    @property
    def scratch(self) -> Path:
        """What programs write while they run, their home folder too."""
        return self.directory / "scratch"

    def clean(self) -> None:
        """Make the folders, and empty those that hold what an earlier benchmark left."""
        self.remove_scratch()
        shutil.rmtree(self.logs, ignore_errors=True)
        for folder in (self.tools, self.logs, self.scratch):
            folder.mkdir(parents=True, exist_ok=True)

    def remove_scratch(self) -> None:
        """Delete what the programs wrote."""
        shutil.rmtree(self.scratch, ignore_errors=True)

    def run(
        self,
        name: str,
        command: Sequence[str | Path],
        environ: Mapping[str, str],
        *,
        stdin: Path | None = None,
        stdout: Path | None = None,
        timeout: float = 4 * 3600,
    ) -> Usage:
        """Run a program and measure it.

        Args:
            name: of the log, which is appended to.
            command: program and arguments.
            environ: its variables, beside PATH, LANG and a HOME in the scratch folder.
            stdin: the file it reads; by default nothing.
            stdout: the file it writes; by default the log.
            timeout: seconds after which it is killed.

        Raises:
            BenchError: it failed.
            TimedOutError: it took too long.
        """
        log, report = self.logs / f"{name}.log", self.scratch / "took.json"
        # -S and -I: the less this interpreter loads, the less it adds to what is measured.
        timed = [sys.executable, "-I", "-S", TIMED, report, *command]
        with (
            log.open("ab") as errors,
            (stdin or Path(os.devnull)).open("rb") as source,
            (stdout or Path(os.devnull)).open("wb") as target,
        ):
            code = _run_to_its_end(
                subprocess.Popen(
                    timed,
                    cwd=self.scratch,
                    env=self._environ() | dict(environ),
                    stdin=source,
                    stdout=target if stdout else errors,
                    stderr=errors,
                    start_new_session=True,
                ),
                timeout,
            )
        if code:
            raise BenchError(f"{name} failed with exit code {code}.\n{tail(log)}")
        return Usage(**json.loads(report.read_text()))

    def _environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {**kept, "HOME": str(self.scratch)}


def carried_out(output: Path, measure: Callable[[Workplace], int]) -> int:
    """Measures in a folder and returns the exit code; 2, and why, if that could not be finished.

    Args:
        output: the folder.
        measure: does it, and says whether all is as it should be.
    """
    place = Workplace(output.resolve())
    place.clean()
    try:
        return measure(place)
    except (BenchError, MissingServersError, ServerFailedError) as error:
        print(f"the benchmark ended: {error}")
        return 2
    finally:
        place.remove_scratch()


def _run_to_its_end(process: "subprocess.Popen[bytes]", timeout: float) -> int:
    """Wait for a program; whatever ends the wait earlier ends the program and its children."""
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        raise TimedOutError(f"A program took longer than {timeout:,.0f} seconds.") from None
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
