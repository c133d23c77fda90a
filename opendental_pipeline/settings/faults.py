"""Faults of this program that nobody foresaw: told by their kind and place, never by their text.

Libraries quote the value that they could not handle.
"""

import errno
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from opendental_pipeline.settings.errors import FaultError
from opendental_pipeline.settings.text_file import replace_text

_FOLDER = Path("opendental_runs", "faults")
"""In dlt's folder, beside the pipelines."""
_KEPT = 100
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EFBIG)
_REMEDY = "make room there, or name another folder by DLT_DATA_DIR"
_ROOT = Path(__file__).resolve().parents[2]
_numbers = count(1)


def fault_of(error: BaseException, doing: str) -> FaultError:
    """Makes an error that a person may read of one that nobody foresaw.

    Args:
        error: it.
        doing: what was done, as in "copying rows".
    """
    return FaultError(f"{doing} failed: {fault_text(error)}")


def fault_text(error: BaseException) -> str:
    """Names the kind and the place of an error, and keeps the whole way there in a file.

    What the working folder's disk refused is nobody's fault here, and told as what it is.
    """
    if isinstance(error, OSError) and error.errno in _DISK:
        return f"{os.strerror(error.errno).lower()} in {_home().parent}; {_REMEDY}"
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if Path(f.filename).is_relative_to(_ROOT)] or list(frames)
    place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    kept = _keep(error)
    where = f"; the way there, without values, is in {kept}" if kept else ""
    return f"a fault of this program ({type(error).__name__}{place}){where}"


def _home() -> Path:
    """Where dlt keeps its pipelines on this machine; a temporary folder where that fails, too."""
    from dlt.common.pipeline import get_dlt_pipelines_dir  # noqa: PLC0415  takes a second

    try:
        return Path(get_dlt_pipelines_dir())
    except Exception:  # noqa: BLE001  what is being told may be dlt's own failure
        return Path(tempfile.gettempdir(), "dlt", "pipelines")


def _keep(error: BaseException) -> Path | None:
    """Writes the way to an error into a file; None where there is no room for one."""
    folder = _home().parent / _FOLDER
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{next(_numbers)}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_text(path, "\n".join(_way_to(error)) + "\n", 0o600)
        for old in sorted(folder.glob("*.txt"))[:-_KEPT]:
            old.unlink()
    except OSError:
        return None
    return path


def _way_to(error: BaseException | None) -> Iterator[str]:
    """The kinds of an error and of those behind it, each with its frames."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield f"{type(error).__module__}.{type(error).__qualname__} at"
        for frame in traceback.extract_tb(error.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        error = error.__cause__ or error.__context__


def install_last_resort() -> None:
    """Makes this process tell of a fault in one line, wherever it comes up."""

    def show(error: BaseException | None) -> None:
        if error is not None and not isinstance(error, SystemExit):
            print(fault_of(error, "the job"), file=sys.stderr)

    sys.excepthook = lambda _, error, __: show(error)
    threading.excepthook = lambda fault: show(fault.exc_value)
