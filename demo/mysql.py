"""A private MySQL or MariaDB server: how its data are made and which command runs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.binaries import Kind, Programs

# As OpenDental's servers run: MyISAM, three-byte utf8, and no mode that would refuse a zero date.
SOURCE = (
    "--default-storage-engine=MyISAM",
    "--sql-mode=",
    "--character-set-server=utf8mb3",
    "--key-buffer-size=128M",
    "--innodb-buffer-pool-size=32M",
    # OpenDental has 410 tables; a demo need not wait for the disk while they come and go.
    "--loose-innodb-log-file-size=8M",
    "--loose-sync-frm=OFF",
)

REPLICATION = (
    "--default-storage-engine=InnoDB",
    "--character-set-server=utf8mb4",
    "--innodb-buffer-pool-size=256M",
    "--innodb-flush-log-at-trx-commit=2",
)

# What MySQL has switched on and MariaDB has not.
OF_ITS_KIND: dict[Kind, Sequence[str]] = {
    "mariadb": (),
    "mysql": (
        "--innodb-flush-log-at-trx-commit=2",
        "--innodb-doublewrite=OFF",
        "--performance-schema=OFF",
        "--mysqlx=OFF",
        "--skip-log-bin",
        "--secure-file-priv=NULL",
    ),
}


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
    programs: Programs, folder: Path, log: Path, *, database: str, users: Sequence[User]
) -> None:
    """Make a data folder in which the server will find, at each start, a database and users.

    Args:
        programs: MySQL's or MariaDB's.
        folder: where; it must not exist.
        log: appended to.
        database: its name.
        users: those who can log in.

    Raises:
        ServerFailedError: it could not be made.
    """
    account = programs.account
    scratch = account.folder(scratch_of(folder))
    places = (f"--datadir={folder}", f"--tmpdir={scratch}")
    account.run([programs.maker, "--no-defaults", *_MAKING[programs.kind], *places], log)
    statements = f"CREATE DATABASE IF NOT EXISTS `{database}`;\n" + "".join(u.sql for u in users)
    account.write(folder / "start.sql", statements)


# No password for root: with MariaDB only the system account of that name can use it, with MySQL
# only who reaches the socket, which lies in the data folder.
_MAKING: dict[Kind, Sequence[str]] = {
    "mariadb": ("--skip-test-db", "--auth-root-authentication-method=socket"),
    "mysql": ("--initialize-insecure",),
}


def scratch_of(folder: Path) -> Path:
    """Where a server keeps its temporary tables.

    Not in the system's folder: a server that starts removes whatever looks like a temporary table
    of MariaDB there, those of its running neighbours too.
    """
    return folder.with_name(f"{folder.stem}.tmp")


def command(
    programs: Programs, folder: Path, port: int, options: Sequence[str]
) -> list[str | Path]:
    """The command that runs the server of a data folder.

    Args:
        programs: that made it.
        folder: what `make` made. The socket lies there too, under a relative name: a path to it
            may be too long for one.
        port: on 127.0.0.1.
        options: SOURCE or REPLICATION.
    """
    return [
        programs.server,
        "--no-defaults",
        f"--datadir={folder}",
        f"--tmpdir={scratch_of(folder)}",
        f"--init-file={folder / 'start.sql'}",
        "--bind-address=127.0.0.1",
        f"--port={port}",
        "--socket=server.sock",
        "--pid-file=server.pid",
        "--skip-name-resolve",
        "--local-infile=ON",
        "--max-allowed-packet=64M",
        *options,
        *OF_ITS_KIND[programs.kind],
    ]
