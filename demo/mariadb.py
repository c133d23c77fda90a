"""A private MariaDB server: how its data are made and which command runs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.binaries import Binaries
from demo.processes import Account

# As OpenDental's servers run: MyISAM, three-byte utf8, and no mode that would refuse a zero date.
SOURCE = (
    "--default-storage-engine=MyISAM",
    "--sql-mode=",
    "--character-set-server=utf8mb3",
    "--key-buffer-size=128M",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=8M",
    # OpenDental has 410 tables; a demo need not wait for the disk while they come and go.
    "--sync-frm=OFF",
)

REPLICATION = (
    "--default-storage-engine=InnoDB",
    "--character-set-server=utf8mb4",
    "--local-infile=ON",
    "--innodb-buffer-pool-size=256M",
    "--innodb-flush-log-at-trx-commit=2",
)


@dataclass(frozen=True)
class User:
    """An account of the server, for connections from this machine."""

    name: str
    password: str
    admin: bool

    @property
    def sql(self) -> str:
        """The statements that make it, unless it is there; an admin may do all, others read."""
        name = f"'{self.name}'@'127.0.0.1'"
        rights = "ALL PRIVILEGES" if self.admin else "SELECT"
        option = "WITH GRANT OPTION" if self.admin else ""
        return (
            f"CREATE USER IF NOT EXISTS {name} IDENTIFIED BY '{self.password}';\n"
            f"GRANT {rights} ON *.* TO {name} {option};\n"
        )


def make(
    binaries: Binaries,
    account: Account,
    folder: Path,
    log: Path,
    *,
    database: str,
    users: Sequence[User],
) -> None:
    """Make a data folder in which the server will find, at each start, a database and users.

    Args:
        binaries: the programs.
        account: who will run the server.
        folder: where; it must not exist.
        log: appended to.
        database: its name.
        users: those who can log in.

    Raises:
        ServerFailedError: it could not be made.
    """
    install: list[str | Path] = [
        binaries.mariadb_install_db,
        "--no-defaults",
        "--skip-test-db",
        # No password for root, but only the system account of that name can use it.
        "--auth-root-authentication-method=socket",
        f"--datadir={folder}",
        f"--tmpdir={account.folder(scratch_of(folder))}",
    ]
    account.run(install, log)
    statements = f"CREATE DATABASE IF NOT EXISTS `{database}`;\n" + "".join(u.sql for u in users)
    account.write(folder / "start.sql", statements)


def scratch_of(folder: Path) -> Path:
    """Where a server keeps its temporary tables.

    Not in the system's folder: a server that starts removes whatever looks like a temporary table
    of MariaDB there, those of its running neighbours too.
    """
    return folder.with_name(f"{folder.stem}.tmp")


def command(
    binaries: Binaries, folder: Path, port: int, options: Sequence[str]
) -> list[str | Path]:
    """The command that runs the server of a data folder.

    Args:
        binaries: the programs.
        folder: what `make` made. The socket lies there too, under a relative name: a path to it
            may be too long for one.
        port: on 127.0.0.1.
        options: SOURCE or REPLICATION.
    """
    return [
        binaries.mariadbd,
        "--no-defaults",
        f"--datadir={folder}",
        f"--tmpdir={scratch_of(folder)}",
        f"--init-file={folder / 'start.sql'}",
        "--bind-address=127.0.0.1",
        f"--port={port}",
        "--socket=server.sock",
        "--pid-file=server.pid",
        "--skip-name-resolve",
        "--max-allowed-packet=64M",
        *options,
    ]
