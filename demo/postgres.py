"""A private PostgreSQL server: how its data are made and which command runs it."""

from pathlib import Path

from demo.binaries import Programs

OPTIONS = {
    "listen_addresses": "127.0.0.1",
    # A path to a socket may be too long for one; nobody needs it.
    "unix_socket_directories": "",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    # A demo's data can be made again, so nothing waits for the disk.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def make(programs: Programs, folder: Path, log: Path, *, user: str, password: str) -> None:
    """Make a data folder whose only user is its superuser.

    Args:
        programs: PostgreSQL's.
        folder: where; it must not exist, and `folder`.password beside it is overwritten.
        log: appended to.
        user: the superuser's name.
        password: and password.

    Raises:
        ServerFailedError: it could not be made.
    """
    account = programs.account
    secret = account.write(folder.with_suffix(".password"), password)
    try:
        account.run(
            [
                programs.maker,
                f"--pgdata={folder}",
                f"--username={user}",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ],
            log,
        )
    finally:
        secret.unlink()


def command(programs: Programs, folder: Path, port: int) -> list[str | Path]:
    """The command that runs the server of a data folder.

    Args:
        programs: PostgreSQL's.
        folder: what `make` made.
        port: on 127.0.0.1.
    """
    options = [f"--{name}={value}" for name, value in OPTIONS.items()]
    return [programs.server, "-D", folder, f"--port={port}", *options]
