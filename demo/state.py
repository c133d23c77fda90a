"""What is remembered of a folder's servers: where their data are, ports, passwords and pids."""

import json
import secrets
import socket
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from demo.processes import is_running

NAMES = ("source", "replication", "analytics")


@dataclass(frozen=True)
class State:
    """The contents of a folder's `servers.json`.

    Attributes:
        data: the folder that holds the data of the machine's own servers.
        passwords: of each server's owner, by the server's name, and of `reader`.
        ports: by server.
        pids: by server; a server that was never started has none.
        releases: by server; the machine's own have none.
        homes: the folders that hold the data of the servers with a release.
    """

    data: str
    passwords: dict[str, str]
    ports: dict[str, int]
    pids: dict[str, int]
    releases: dict[str, str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def new(cls, data: Path, releases: dict[str, str], homes: dict[str, str]) -> "State":
        """The state of servers whose data will be made in a folder, or in their homes."""
        passwords = {name: secrets.token_urlsafe(18) for name in (*NAMES, "reader")}
        return cls(str(data), passwords, dict.fromkeys(NAMES, 0), {}, releases, homes)

    @classmethod
    def read(cls, directory: Path) -> "State | None":
        """What was written for a folder, None if nothing was."""
        path = directory / "servers.json"
        return cls(**json.loads(path.read_text())) if path.exists() else None

    def write(self, directory: Path) -> None:
        """Write it for a folder, at once and readable by nobody else: it holds passwords."""
        path = directory / "servers.json.new"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self), indent=2))
        path.rename(directory / "servers.json")

    def folder(self, name: str) -> Path:
        """The folder of a server's data."""
        return Path(self.homes.get(name.partition(".")[0], self.data)) / name

    @property
    def folders(self) -> list[Path]:
        """All folders that hold data."""
        return [Path(self.data), *map(Path, self.homes.values())]

    def runs(self, name: str) -> bool:
        """Whether a server runs."""
        return name in self.pids and is_running(self.pids[name], self.folder(name))

    @property
    def all_run(self) -> bool:
        """Whether all the servers run."""
        return all(map(self.runs, NAMES))

    def with_free_ports(self) -> "State":
        """The same, with a new port for each server that does not run and whose port is taken."""
        ports = dict(self.ports)
        # Held open together, so that no two get the same one.
        with ExitStack() as held:
            for name in NAMES:
                if not self.runs(name):
                    ports[name] = held.enter_context(_bound(ports[name])).getsockname()[1]
        return replace(self, ports=ports)


def _bound(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))
