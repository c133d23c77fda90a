"""The servers' programs: found on this machine, else installed by its package manager."""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

from demo.processes import Account, run_quietly

Kind = Literal["mysql", "mariadb", "postgres", "pooler", "browser", "promtool", "systemd", "redis"]

# Where distributions keep what is not in an ordinary user's PATH.
FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/sbin",
)

# One script for root. No service may start and no system cluster be made: Debian's packages ask
# these two files. One that is there already is somebody's decision and stays as it is.
APT = """
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap "rm -f $policy" EXIT
    printf '#!/bin/sh\\nexit 101\\n' > $policy
    chmod +x $policy
fi
clusters=/etc/postgresql-common/createcluster.conf
if [ ! -e $clusters ]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' > $clusters
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends --no-remove \\
    -o Dpkg::Options::=--force-confold "$@"
"""

DNF = 'dnf install --assumeyes "$@"'


class MissingServersError(Exception):
    """MariaDB or PostgreSQL is not here and could not be installed; the message says what to do."""


@dataclass(frozen=True)
class Programs:
    """The programs of a server.

    Attributes:
        kind: of server.
        server: runs it.
        maker: makes its data.
        account: who runs both, and where.
    """

    kind: Kind
    server: Path
    maker: Path
    account: Account


@dataclass(frozen=True)
class Binaries:
    """The programs of the two kinds of server that are this machine's own."""

    mariadb: Programs
    postgres: Programs


@dataclass(frozen=True)
class _Manager:
    """A package manager: its command, its script for root, and the packages of the servers."""

    command: str
    script: str
    packages: dict[str, str]


MANAGERS = (
    _Manager("apt-get", APT, {"MariaDB": "mariadb-server", "PostgreSQL": "postgresql"}),
    _Manager("dnf", DNF, {"MariaDB": "mariadb-server", "PostgreSQL": "postgresql-server"}),
)


def find_or_install(*, say: Callable[[str], None] = print) -> Binaries:
    """Find the programs, installing what is missing with apt-get or dnf.

    Args:
        say: told before anything is installed.

    Raises:
        MissingServersError: a program is missing and cannot be installed.
    """
    found = _find()
    if isinstance(found, Binaries):
        return found
    with _one_at_a_time():
        return _install(say)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Keeps two processes from installing at once: package managers refuse the second one."""
    with (Path(tempfile.gettempdir()) / "opendental-demo-install.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(say: Callable[[str], None]) -> Binaries:
    """Install what is missing, unless another process just has."""
    found = _find()
    if isinstance(found, Binaries):
        return found
    manager = next((one for one in MANAGERS if shutil.which(one.command)), None)
    if manager is None:
        raise MissingServersError(
            "The demo needs MariaDB's and PostgreSQL's servers (mariadbd, mariadb-install-db, "
            "postgres, initdb). Install them with this system's package manager."
        )
    packages = [manager.packages[name] for name in found]
    say(f"installing {' and '.join(packages)} with {manager.command}")
    output = _as_root(["sh", "-c", manager.script, "install", *packages])
    found = _find()
    if isinstance(found, Binaries):
        return found
    raise MissingServersError(
        f"The demo needs a server of {' and one of '.join(found)}. Install it as root:\n"
        f"    {manager.command} install {' '.join(packages)}\n"
        f"It could not be done from here: {output[-2_000:]}"
    )


def _find() -> Binaries | list[str]:
    """The programs, or the names of the servers that are missing."""
    mariadbd = _which("mariadbd", "mysqld")
    install = _which("mariadb-install-db", "mysql_install_db")
    initdb = _which("initdb")
    # A data directory must be run by the version that made it, so both come from one folder.
    postgres = initdb and initdb.resolve().with_name("postgres")
    if mariadbd and install and initdb and postgres:
        account = Account.choose()
        return Binaries(
            Programs("mariadb", mariadbd, install, account),
            Programs("postgres", postgres, initdb, account),
        )
    return ["MariaDB"] * (not (mariadbd and install)) + ["PostgreSQL"] * (not postgres)


def _which(*names: str) -> Path | None:
    """The first of the names that is in PATH, else in one of the folders."""
    in_path = [Path(path) for path in map(shutil.which, names) if path]
    return next(chain(in_path, _elsewhere(names)), None)


def _elsewhere(names: tuple[str, ...]) -> Iterator[Path]:
    for name in names:
        for folder in FOLDERS:
            paths = Path("/").glob(f"{folder[1:]}/{name}")
            yield from sorted(filter(_runnable, paths), key=_version, reverse=True)


def _runnable(path: Path) -> bool:
    return os.access(path, os.X_OK)


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", str(path)))


def _as_root(command: list[str]) -> str:
    """Run a command as root, without asking for a password; what it printed."""
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            return "not root, and there is no sudo"
        command = ["sudo", "-n", *command]
    return run_quietly(command).stdout
