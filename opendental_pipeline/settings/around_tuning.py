"""The tunables of what is done around a run: the page, the command behind it, and messages."""

import shlex
from pathlib import Path
from typing import Literal

from dlt.common.configuration import configspec
from dlt.common.configuration.specs import BaseConfiguration

from opendental_pipeline.settings.clinic import chosen, own_file
from opendental_pipeline.settings.errors import EnvironmentSettingError
from opendental_pipeline.settings.home import home


@configspec
class StatusTuning(BaseConfiguration):
    """`[status]`: from when on something is too old, and where the page is written."""

    max_age_hours: float = 36.0
    page_file: str = ""

    @property
    def page_path(self) -> Path | None:
        """Where runs write the page, if anywhere; a relative path counts from home.

        Raises:
            EnvironmentSettingError: there is no such clinic.
        """
        if not self.page_file:
            return None
        common, clinic = home() / self.page_file, chosen()
        return own_file(common, clinic) if clinic else common


@configspec
class AfterTuning(BaseConfiguration):
    """`[after]`: a command that is started when a load was good."""

    command: str = ""
    after_partial: bool = False
    timeout_minutes: float = 240.0

    @property
    def arguments(self) -> list[str]:
        """The command, and what it is given; empty if none is wanted.

        Raises:
            EnvironmentSettingError: it is no command.
        """
        try:
            return shlex.split(self.command)
        except ValueError as error:
            raise EnvironmentSettingError(
                f"command of [after] in .dlt/config.toml: {error}"
            ) from None


@configspec
class NotificationTuning(BaseConfiguration):
    """`[notifications]`: when somebody is told, and how long that may take."""

    every_run: bool = False
    repeat_hours: float = 24.0
    send_seconds: float = 20.0
    heartbeat_style: Literal["healthchecks", "plain"] = "healthchecks"
