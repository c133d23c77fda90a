"""A process for each clinic, some at once: one that is down or hangs keeps no other waiting."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from rich.console import Console

from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.process import SOME_FAILED
from opendental_pipeline.runs.signals import interruptible
from opendental_pipeline.settings.clinic import VARIABLE


@dataclass(frozen=True)
class Ended:
    """A process that ended.

    Attributes:
        code: its exit code; below zero the signal that ended it.
        out: what it said on standard output.
        err: likewise on standard error.
    """

    code: int
    out: str = ""
    err: str = ""


def say_of(console: Console, clinic: str, line: str) -> None:
    """Prints a line of a clinic's.

    Args:
        console: where.
        clinic: its name.
        line: as its process said it.
    """
    say(console, f"{clinic}: {line}")


def code_of_all(ended: Iterable[Ended]) -> int:
    """The exit code that all ended with, else that some need a person.

    Args:
        ended: one at least.
    """
    codes = {one.code for one in ended}
    return codes.pop() if len(codes) == 1 else SOME_FAILED


@dataclass
class ClinicProcesses:
    """Programs of this installation, each for one clinic.

    Attributes:
        jobs: how many are at work at once.
        say: is told each line of their standard error, with its clinic.
        variables: that they get beside those of this process.
    """

    jobs: int
    say: Callable[[str, str], None] = lambda _, __: None
    variables: Mapping[str, str] = field(default_factory=dict)
    _alive: set["subprocess.Popen[str]"] = field(default_factory=set, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _stopped: bool = field(default=False, init=False)

    def run(self, arguments: Mapping[str, Sequence[str]], seconds: float) -> dict[str, Ended]:
        """Runs a program for each clinic.

        Args:
            arguments: the subcommand and its arguments, by clinic.
            seconds: that those at work have for their end when somebody interrupts this.

        Returns:
            how each ended, in the order in which they were asked for.

        Raises:
            KeyboardInterrupt: somebody did; all have ended.
        """
        pool = ThreadPoolExecutor(self.jobs)
        futures = {
            clinic: pool.submit(self._one, clinic, asked) for clinic, asked in arguments.items()
        }
        try:
            with interruptible():
                return {clinic: future.result() for clinic, future in futures.items()}
        except KeyboardInterrupt:
            self._stop(seconds)
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _one(self, clinic: str, arguments: Sequence[str]) -> Ended:
        environ = {**os.environ, **self.variables, VARIABLE: clinic}
        command = [sys.executable, "-m", "opendental_pipeline.commands", *arguments]
        with self._lock:
            if self._stopped:
                return Ended(-signal.SIGTERM)
            process = subprocess.Popen(
                command,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                # a terminal's Ctrl-C is passed on by us, once
                start_new_session=True,
            )
            self._alive.add(process)
        said: list[str] = []
        listening = threading.Thread(target=self._listen, args=(clinic, process, said), daemon=True)
        listening.start()
        assert process.stdout is not None
        out = process.stdout.read()
        code = process.wait()
        listening.join()
        with self._lock:
            self._alive.discard(process)
        return Ended(code, out, "".join(said))

    def _listen(self, clinic: str, process: "subprocess.Popen[str]", said: list[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line)
            self.say(clinic, line.rstrip("\n"))

    def _stop(self, seconds: float) -> None:
        """Ends all that are at work, and lets no other begin."""
        with self._lock:
            self._stopped = True
            alive = list(self._alive)
        for process in alive:
            process.terminate()
        for process in alive:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
