"""Writes files that are whole whenever somebody looks."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_text(path: Path, text: str, mode: int = 0o644) -> None:
    """Writes a file so that whoever looks finds the old text or the new one, and nothing between.

    What is no ordinary file, such as a pipe, is written as it is; a link stays one.

    Args:
        path: the file; its folder exists.
        text: the new one.
        mode: of a file that is not there yet; another keeps its own, and its owner.

    Raises:
        OSError: it cannot be written; the old text stays.
    """
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    path = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    new = Path(name)
    try:
        if path.exists():
            copy_owner(new, path)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777 if path.exists() else mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def copy_owner(path: Path, like: Path) -> None:
    """Gives a file or folder the owner of another, where this account may."""
    wanted, found = like.stat(), path.stat()
    if (wanted.st_uid, wanted.st_gid) != (found.st_uid, found.st_gid):
        with suppress(PermissionError):
            os.chown(path, wanted.st_uid, wanted.st_gid)


def unwritable_reason(path: Path) -> str:
    """Why a file could not be written; empty if it can be."""
    if path.is_dir():
        return "it is a folder"
    if path.exists() and not path.is_file():
        return "" if os.access(path, os.W_OK) else "this account may not write to it"
    try:
        with tempfile.NamedTemporaryFile(prefix=f".{path.name[:40]}.", dir=path.parent):
            return ""
    except OSError as error:
        return f"{error.strerror} ({path.parent})"
