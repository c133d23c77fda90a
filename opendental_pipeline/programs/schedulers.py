"""What starts a run every night, as files that are filled in for this machine."""

import getpass
import re
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from opendental_pipeline.settings.choices import Scheduler
from opendental_pipeline.settings.errors import ConfigurationError
from opendental_pipeline.settings.home import template

_UNFIT = re.compile(r'["%$`\\\x00-\x1f]')
"""What a unit, a crontab, a workflow or a shell understands otherwise, even within quotes."""

_PLACEHOLDER = re.compile(r"@\{(\w+)\}")
"""Units, shells and workflows have meanings of their own for `$` and `%`."""


@dataclass(frozen=True)
class Files:
    """What one scheduler needs.

    Attributes:
        places: where in a home each template goes.
        install: what a person does with them then.
    """

    places: Mapping[str, str]
    install: str


def _beside(folder: str, *names: str) -> dict[str, str]:
    return {f"schedulers/{folder}/{name}": f"{folder}/{name}" for name in names}


_UNITS = ("opendental.service", "opendental.timer")
_CHECKS = ("opendental-check.service", "opendental-check.timer")

SCHEDULERS: Mapping[Scheduler, Files] = {
    Scheduler.SYSTEMD: Files(
        _beside("systemd", *_UNITS, *_CHECKS),
        'sudo cp "{home}"/systemd/opendental* /etc/systemd/system/ && sudo systemctl daemon-reload'
        " && sudo systemctl enable --now opendental.timer opendental-check.timer",
    ),
    Scheduler.CRON: Files(
        _beside("cron", "opendental.cron"),
        '(crontab -l; cat "{home}/cron/opendental.cron") | crontab -',
    ),
    Scheduler.GITHUB: Files(
        {"schedulers/github/nightly.yml": ".github/workflows/nightly.yml"},
        "commit and push {home}/.github; the runner needs the label opendental",
    ),
    Scheduler.AIRFLOW: Files(
        _beside("airflow", "opendental_dags.py"),
        'copy "{home}/airflow/opendental_dags.py" to the dags folder of Airflow 3',
    ),
}


def filled_in(scheduler: Scheduler, machine: Mapping[str, str]) -> dict[str, str]:
    """The files of a scheduler: their text by their place in a home.

    Args:
        scheduler: whose.
        machine: what is filled in, by name; see `machine`.

    Raises:
        ConfigurationError: the installation lacks them.
    """
    return {
        place: _PLACEHOLDER.sub(
            lambda found: machine[found[1]], template(name).read_text(encoding="utf-8")
        )
        for name, place in SCHEDULERS[scheduler].places.items()
    }


def machine(home: Path) -> dict[str, str]:
    """What schedulers have to know of this machine and this account.

    Args:
        home: the folder of the configuration.

    Raises:
        ConfigurationError: `opendental` is not installed, or a path cannot stand in such files.
    """
    # dlt takes a second
    from dlt.common.pipeline import get_dlt_pipelines_dir  # noqa: PLC0415

    paths = {
        "opendental": Path(sysconfig.get_path("scripts"), "opendental"),
        "python": Path(sys.executable),
        "home": home,
        "data": Path(get_dlt_pipelines_dir()).absolute().parent,
    }
    if not paths["opendental"].exists():
        raise ConfigurationError(f"there is no {paths['opendental']}; install the package there")
    for path in paths.values():
        if _UNFIT.search(str(path)):
            raise ConfigurationError(
                f"schedulers would read {str(path)!r} otherwise; take a path without any of"
                ' " % $ ` \\'
            )
    return {name: str(path) for name, path in paths.items()} | {
        "user": getpass.getuser(),
        "zone": _zone(),
    }


def _zone() -> str:
    """The name of this machine's time zone; UTC where it has no name."""
    _, known, name = Path("/etc/localtime").resolve().as_posix().partition("/zoneinfo/")
    return name if known else "UTC"
