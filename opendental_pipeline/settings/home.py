"""Where the configuration of this machine is: `.dlt/`, `config/` and the files of variables."""

import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from opendental_pipeline.settings.errors import ConfigurationError

VARIABLE = "OPENDENTAL_HOME"

CHECKOUT = Path(__file__).resolve().parents[2]
"""The folder of the code, which is a home where it was cloned."""

TEMPLATES = (".dlt/config.toml", ".dlt/secrets.toml.example", ".env_production.example")
"""What a new home has, as a clone of the code does."""

_INSTALLED = "share/opendental/"
_MARK = Path(".dlt", "config.toml")


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder that relative paths of the configuration count from.

    It is the one that `OPENDENTAL_HOME` names, else the clone that the code runs from, else the
    working directory.

    Raises:
        ConfigurationError: there is no configuration there.
    """
    if named := environ.get(VARIABLE):
        place = Path(named).expanduser().absolute()
        if not (place / _MARK).is_file():
            raise ConfigurationError(
                f"{VARIABLE} is {place}, and there is no {_MARK}; make it: opendental init {place}"
            )
        return place
    for place in (CHECKOUT, Path.cwd()):
        if (place / _MARK).is_file():
            return place
    raise ConfigurationError(
        f"no {_MARK} in {Path.cwd()}; make one, opendental init DIR, and set {VARIABLE}=DIR"
    )


def template(name: str) -> Path:
    """A file that a new home begins with: of the clone, or of the installed package.

    Args:
        name: one of TEMPLATES.

    Raises:
        ConfigurationError: the installation lacks it.
    """
    if (CHECKOUT / name).is_file():
        return CHECKOUT / name
    try:
        shipped = files("opendental-pipeline") or []
    except PackageNotFoundError:
        shipped = []
    for path in shipped:
        if path.as_posix().endswith(_INSTALLED + name):
            return Path(path.locate())
    raise ConfigurationError(f"this installation has no {name}; install the package again")
