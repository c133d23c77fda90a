"""Server processes: started detached and never as root, known by their data folder, ended."""

import os
import pwd
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


class ServerFailedError(Exception):
    """A server's program failed; the message ends with the last lines of its log."""


def run_quietly(command: Sequence[str | Path]) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end that asks nobody; its output has what it printed and its errors."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@dataclass(frozen=True)
class Account:
    """Who the servers run as.

    Attributes:
        uid: to switch to, None to stay who we are.
        gid: likewise.
        root: the folder that processes take for `/`, None for the machine's own; only root may
            give them one.
    """

    uid: int | None
    gid: int | None
    root: Path | None = None

    @classmethod
    def choose(cls) -> "Account":
        """Ourselves; for root, which PostgreSQL refuses, a system account with fewer rights."""
        if os.geteuid() != 0:
            return cls(None, None)
        entries = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = entries.get("postgres") or entries.get("mysql") or entries["nobody"]
        return cls(entry.pw_uid, entry.pw_gid)

    def run(self, command: Sequence[str | Path], log: Path) -> str:
        """Run a command to its end as this account.

        Args:
            command: program and arguments.
            log: the file that its standard error is appended to.

        Returns:
            Its standard output.

        Raises:
            ServerFailedError: it ended with another status than 0.
        """
        inside = self.root is not None
        with log.open("ab") as errors:
            done = subprocess.run(
                [*self.entrance(), *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd="/",
                umask=0o077,
                start_new_session=True,
                user=None if inside else self.uid,
                group=None if inside else self.gid,
                extra_groups=None if inside or self.uid is None else [],
            )
        if done.returncode:
            raise ServerFailedError(f"{command[0]} failed.\n{done.stdout}{tail(log)}")
        return done.stdout

    def spawn(self, command: Sequence[str | Path], log: Path) -> int:
        """Start a server that outlives this process.

        The shell in between makes it nobody's child here, so that it leaves no zombie behind.

        Returns:
            Its pid.
        """
        return int(self.run(["sh", "-c", '"$@" >&2 & echo $!', "sh", *command], log))

    def entrance(self) -> list[str | Path]:
        """What runs a command in the account's root, with nothing of the machine's environment."""
        if self.root is None:
            return []
        user = f"--userspec={self.uid}:{self.gid}"
        clean = ["/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
        return ["chroot", user, "--groups=", self.root, *clean]

    def folder(self, wanted: Path) -> Path:
        """Make a folder that belongs to this account.

        Args:
            wanted: where. If the account may not go there, a folder below the system's temporary
                one is made instead.

        Returns:
            The folder that was made, or is there already.
        """
        if self.uid is None or self.gid is None:
            wanted.mkdir(mode=0o700, exist_ok=True)
            return wanted
        reached = self._reaches(wanted.parent)
        made = wanted if reached else Path(tempfile.mkdtemp(prefix="clinic-"))
        made.mkdir(mode=0o700, exist_ok=True)
        os.chown(made, self.uid, self.gid)
        return made

    def _reaches(self, folder: Path) -> bool:
        if self.root is not None:
            return True  # what lies above the root is not on the way
        test = ["test", "-x", str(folder)]
        done = subprocess.run(test, user=self.uid, group=self.gid, extra_groups=[])
        return done.returncode == 0

    def write(self, path: Path, text: str) -> Path:
        """Write a file that only this account, and root, can read; its path."""
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
        return path


def is_running(pid: int, folder: Path) -> bool:
    """Whether the process is there and is still the server of that data folder."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return os.fsencode(folder) in arguments


def end(pid: int, folder: Path, how: signal.Signals, *, timeout: float = 30) -> None:
    """End the server of a data folder and wait until it is gone.

    Args:
        pid: its process; if that is another one by now, nothing happens.
        folder: its data folder.
        how: the signal that it takes as a request to shut down.
        timeout: seconds after which it is killed.
    """
    patience = time.monotonic() + timeout
    while is_running(pid, folder):
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        while is_running(pid, folder) and time.monotonic() < patience:
            time.sleep(0.02)
        how = signal.SIGKILL


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
