"""Servers of other releases of Debian: unpacked into folders of their own and run there by chroot.

Nothing on the machine is installed or replaced. The packages come from the Debian archive that the
machine's own apt knows, with an apt state of their own. Each server gets a folder that is a whole
small system, enough for its programs and the shell scripts among them, and keeps it: a second
start downloads nothing.
"""

import fcntl
import os
import secrets
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.binaries import Kind, MissingServersError, Programs
from demo.processes import Account, run_quietly

CACHE = Path(__file__).resolve().parents[1] / ".servers"
"""Where servers are unpacked."""

ACCOUNT = 65534
"""User and group that the servers run as; the only one, beside root, that their folders know."""

SYSTEM = ("base-files", "bash", "coreutils", "dash", "grep", "hostname", "sed")
"""Packages that Debian takes for granted and that scripts of the servers use."""

DEVICES = {"null": (1, 3), "zero": (1, 5), "random": (1, 8), "urandom": (1, 9)}

UNREAD = ("./usr/share/doc", "./usr/share/info", "./usr/share/locale", "./usr/share/man")
"""Folders of packages that no server reads."""


@dataclass(frozen=True)
class Release:
    """A server as one release of Debian has it.

    Attributes:
        kind: of server.
        suite: the release's name in the archive.
        packages: that have the server's programs.
        server: the program that runs it.
        maker: the program that makes its data.
    """

    kind: Kind
    suite: str
    packages: tuple[str, ...]
    server: str
    maker: str


def _mysql(suite: str) -> Release:
    return Release("mysql", suite, ("mysql-server-core",), "/usr/sbin/mysqld", "/usr/sbin/mysqld")


def _mariadb(suite: str, version: str = "") -> Release:
    # the second has what the maker asks
    packages = (f"mariadb-server-core{version}", f"mariadb-client-core{version}")
    return Release("mariadb", suite, packages, "/usr/sbin/mariadbd", "/usr/bin/mariadb-install-db")


def _postgres(suite: str, version: str) -> Release:
    programs = f"/usr/lib/postgresql/{version}/bin"
    packages = (f"postgresql-{version}",)
    return Release("postgres", suite, packages, f"{programs}/postgres", f"{programs}/initdb")


_MYSQLS = {
    "mysql": _mysql("sid"),
    "mariadb-10.5": _mariadb("bullseye", "-10.5"),
    "mariadb-10.11": _mariadb("bookworm"),
    "mariadb-11.8": _mariadb("trixie"),
}
_POSTGRESES = {
    version: _postgres(suite, version)
    for version, suite in {"13": "bullseye", "15": "bookworm", "17": "trixie", "18": "sid"}.items()
}
POOLER = Release("pooler", "bookworm", ("pgbouncer",), "/usr/sbin/pgbouncer", "/usr/sbin/pgbouncer")
"""What may stand before PostgreSQL; it needs no data."""

_CHROMIUM = "/usr/lib/chromium/chromium"
BROWSER = Release("browser", "bookworm", ("chromium", "fonts-dejavu-core"), _CHROMIUM, _CHROMIUM)
"""What shows the page of the status in tests; it needs no data."""

_PROMTOOL = "/usr/bin/promtool"
PROMTOOL = Release("promtool", "bookworm", ("prometheus",), _PROMTOOL, _PROMTOOL)
"""What checks metrics and alert rules in tests; it needs no data."""

_SYSTEMD = "/usr/bin/systemd-analyze"
SYSTEMD = Release("systemd", "bookworm", ("systemd",), _SYSTEMD, _SYSTEMD)
"""What checks units in tests; it needs no data."""

_REDIS = "/usr/bin/redis-server"
REDIS = Release("redis", "bookworm", ("redis-server",), _REDIS, _REDIS)
"""What hands tasks to Airflow's workers in tests; it needs no data."""

RELEASES: dict[str, dict[str, Release]] = {
    "source": _MYSQLS,
    "replication": _MYSQLS,
    "analytics": _POSTGRESES,
}
"""The releases that there are by name, for each of the three servers."""

VARIABLES = {
    "source": "DEMO_SOURCE",
    "replication": "DEMO_REPLICATION",
    "analytics": "DEMO_POSTGRES",
}
"""The environment variables that name a release for each server."""


class UnknownReleaseError(Exception):
    """A release is named that there is none of; the message says which there are."""


def chosen(environ: Mapping[str, str]) -> dict[str, str]:
    """The names of releases in an environment, by server; a server without one is left out.

    Raises:
        UnknownReleaseError: a name is none.
    """
    names = {server: environ.get(variable, "") for server, variable in VARIABLES.items()}
    for server, name in names.items():
        if name and name not in RELEASES[server]:
            raise UnknownReleaseError(
                f"{VARIABLES[server]} is {name}, and there is no such server; there are"
                f" {', '.join(RELEASES[server])}, and this machine's own without a name"
            )
    return {server: name for server, name in names.items() if name}


def kinds(environ: Mapping[str, str]) -> dict[str, Kind]:
    """Of which kind each of the three servers is, in an environment.

    Raises:
        UnknownReleaseError: a name is none.
    """
    own: dict[str, Kind] = {"source": "mariadb", "replication": "mariadb", "analytics": "postgres"}
    return own | {server: RELEASES[server][name].kind for server, name in chosen(environ).items()}


def programs(release: Release, name: str, say: Callable[[str], None]) -> Programs:
    """The programs of a release, downloaded and unpacked if they are not yet.

    Args:
        release: of a server.
        name: its name, for messages.
        say: told what is downloaded.

    Raises:
        MissingServersError: they cannot be downloaded, or not be run.
    """
    if os.geteuid() != 0:
        raise MissingServersError(f"{name} is run by chroot, which only root may do.")
    root = CACHE / f"{release.kind}-{release.suite}"
    CACHE.mkdir(mode=0o755, exist_ok=True)
    with _locked(root.with_suffix(".lock")):
        if not root.exists():
            say(f"downloading {name} from Debian {release.suite} to {root}")
            _unpack(release, root)
        _link_to_itself(root)
    account = Account(ACCOUNT, ACCOUNT, root)
    return Programs(release.kind, Path(release.server), Path(release.maker), account)


def make_home(account: Account) -> Path:
    """Make a folder for the data of a new server, where its programs reach it."""
    assert account.root is not None
    return account.folder(account.root / "data" / f"clinic-{secrets.token_hex(4)}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep two processes from unpacking the same release at once."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _link_to_itself(root: Path) -> None:
    """Give a folder the same path within as outside, so that both sides can name files there."""
    link = root / root.relative_to("/")
    if not link.is_symlink():
        _make_folders(root, link.parent)
        link.symlink_to("/")


def _make_folders(root: Path, folder: Path) -> None:
    """Make a folder below another one, and let everybody through."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (folder, *folder.parents):
        if path == root:
            return
        path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o755)


def _unpack(release: Release, root: Path) -> None:
    """Make the folder of a release beside its place and move it there when it is complete."""
    made, downloads = root.with_suffix(".new"), root.with_suffix(".apt")
    for left in (made, downloads):
        shutil.rmtree(left, ignore_errors=True)
    made.mkdir(mode=0o755)
    for package in _download(release, downloads):
        _extract(package, made)
    _furnish(made)
    _run("ldconfig", "-r", str(made))
    shutil.rmtree(downloads)
    made.rename(root)


def _download(release: Release, folder: Path) -> list[Path]:
    """Download a server with all that it depends on; the packages, the system's folders first."""
    archives = folder / "archives"
    for path in (folder / "lists/partial", archives / "partial"):
        path.mkdir(parents=True)
    (folder / "status").touch()
    keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
    sources = folder / "sources.list"
    sources.write_text(f"deb [signed-by={keys}] {_archive()} {release.suite} main\n")
    options = {
        "APT::Sandbox::User": "root",
        "APT::Update::Post-Invoke-Success": "",
        "Acquire::Languages": "none",
        # what is not updated any more stays as it was
        "Acquire::Check-Valid-Until": "false",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State": folder,
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder,
    }
    apt = ["apt-get", "--quiet", *(f"--option={name}={value}" for name, value in options.items())]
    _run(*apt, "update")
    install = [*apt, "--yes", "--download-only", "--no-install-recommends", "install"]
    _run(*install, *SYSTEM, *release.packages)
    return sorted(
        archives.glob("*.deb"), key=lambda path: (not path.name.startswith("base-files_"), path)
    )


def _archive() -> str:
    """The address of the Debian archive that this machine's apt knows."""
    wanted = ["Created-By: Packages", "Label: Debian"]
    found = _run("apt-get", "indextargets", "--format", "$(REPO_URI)", *wanted).split()
    if not found:
        raise MissingServersError("This machine's apt knows no Debian archive to download from.")
    return found[0]


def _extract(package: Path, root: Path) -> None:
    """Unpack a package as the package manager would, but for its scripts."""
    tar = ["tar", "--extract", "--keep-directory-symlink", "--no-same-owner"]
    tar += [f"--directory={root}", *(f"--exclude={folder}" for folder in UNREAD)]
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE
    ) as reading:
        done = subprocess.run(tar, stdin=reading.stdout, stderr=subprocess.PIPE, text=True)
    if reading.returncode or done.returncode:
        raise MissingServersError(f"{package.name} cannot be unpacked.\n{done.stderr}")


def _furnish(root: Path) -> None:
    """Make what a running system has and packages do not bring, or only their scripts do."""
    for name, mode in {"tmp": 0o1777, "dev": 0o755, "dev/shm": 0o1777, "data": 0o755}.items():
        (root / name).mkdir(exist_ok=True)
        (root / name).chmod(mode)
    for name, (major, minor) in DEVICES.items():
        device = root / "dev" / name
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(major, minor))
        device.chmod(0o666)
    (root / "etc/passwd").write_text(
        f"root:x:0:0::/:/bin/sh\nserver:x:{ACCOUNT}:{ACCOUNT}::/:/bin/sh\n"
    )
    (root / "etc/group").write_text(f"root:x:0:\nserver:x:{ACCOUNT}:\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    for link, target in {"bin/sh": "dash", "usr/bin/awk": "mawk"}.items():
        if not (root / link).exists():
            (root / link).symlink_to(target)


def _run(*command: str) -> str:
    """Run a command; what it printed.

    Raises:
        MissingServersError: it failed.
    """
    try:
        done = run_quietly(command)
    except FileNotFoundError:
        raise MissingServersError(f"This machine has no {command[0]}.") from None
    if done.returncode:
        raise MissingServersError(f"{command[0]} failed: {done.stdout[-2_000:]}")
    return done.stdout
