"""Where messages about runs go; read by itself, so that wrong settings of servers can be told."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pydantic
from pydantic import SecretStr, field_validator

from opendental_pipeline.settings.config_model import ConfigModel
from opendental_pipeline.settings.variables import Answers, Variable

NOTIFICATION_VARIABLES = (
    Variable("ETL_NOTIFY_URLS", ("urls",), "notifications.urls", is_secret=True),
    Variable(
        "ETL_HEARTBEAT_URL", ("heartbeat_url",), "notifications.heartbeat_url", is_secret=True
    ),
)


class NotificationSettings(ConfigModel):
    """Addresses, which have passwords and tokens in them.

    Args:
        urls: of all that get messages, separated by blanks, commas or line ends; may be empty.
        heartbeat_url: of a monitor that expects a sign of life from each run; may be empty.
    """

    urls: SecretStr = SecretStr("")
    heartbeat_url: SecretStr = SecretStr("")

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ, directory: Path | None = None) -> Self:
        """Reads the settings of this machine; see `Answers.of_machine`.

        Raises:
            EnvironmentSettingError: a setting is wrong, or cannot be read.
        """
        answers = Answers.of_machine(environ, directory)
        try:
            return cls(**answers.put(NOTIFICATION_VARIABLES, {}))
        except pydantic.ValidationError as error:
            raise answers.refusal(error, cls, NOTIFICATION_VARIABLES) from None

    @field_validator("heartbeat_url")
    @classmethod
    def _is_url(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url and not is_web_address(url):
            raise ValueError("must be a URL that begins with https:// or http://, and has a host")
        return value


def is_web_address(url: str) -> bool:
    """Whether something is the address of a page."""
    try:
        return pydantic.HttpUrl(url).host is not None
    except pydantic.ValidationError:
        return False
