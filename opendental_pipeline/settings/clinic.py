"""One of several clinics: `clinics/NAME/` says what is its own, everything else is common."""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from opendental_pipeline.settings.errors import EnvironmentSettingError
from opendental_pipeline.settings.home import home

VARIABLE = "ETL_CLINIC"
"""Names the clinic of a process; empty or absent where there is only one."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_FOLDER = "clinics"


def chosen(environ: Mapping[str, str] = os.environ) -> str:
    """The clinic of this process; empty where there is only one.

    Raises:
        EnvironmentSettingError: there is no such clinic.
    """
    name = environ.get(VARIABLE, "").strip()
    if name and name not in (known := clinics()):
        matches = get_close_matches(name, known)
        meant = f" (did you mean {' or '.join(matches)}?)" if matches else ""
        raise EnvironmentSettingError(
            f"there is no clinic {name}{meant}: make {own_folder(name)} with its .env_production"
        )
    return name


def clinics() -> tuple[str, ...]:
    """The clinics of this machine's home, by name.

    Raises:
        EnvironmentSettingError: a folder's name makes no name of a schema and a database.
    """
    folder = home() / _FOLDER
    if not folder.is_dir():
        return ()
    found = sorted(path.name for path in folder.iterdir() if path.is_dir())
    if wrong := [name for name in found if not _NAME.fullmatch(name)]:
        raise EnvironmentSettingError(
            f"{folder / wrong[0]}: a clinic's name begins with a small letter and has small"
            " letters, digits and _, 31 at most: it is part of the names of schema and database"
        )
    return tuple(found)


def own_folder(name: str) -> Path:
    """Where a clinic's own settings and tables.yml are.

    Args:
        name: of the clinic.
    """
    return home() / _FOLDER / name


def own_file(common: Path, clinic: str) -> Path:
    """A clinic's own file beside the one of all clinics.

    Args:
        common: that one.
        clinic: its name.
    """
    return common.with_name(f"{common.stem}_{clinic}{common.suffix}")


def own_name(common: str, clinic: str) -> str:
    """The name of a clinic's own schema or database.

    Args:
        common: what it would be if there were only one clinic.
        clinic: its name.
    """
    return f"{common}_{clinic}"
