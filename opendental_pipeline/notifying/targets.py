"""Who gets messages: the addresses of `ETL_NOTIFY_URLS`, of which no password is ever shown."""

import re
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from opendental_pipeline.notifying.mail import MailTarget
from opendental_pipeline.notifying.message import Message
from opendental_pipeline.notifying.services import ServiceTarget
from opendental_pipeline.settings.errors import EnvironmentSettingError

_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")


class Target(Protocol):
    """Somebody who gets messages."""

    @property
    def name(self) -> str:
        """For people: where it is, without any secret."""

    def send(self, message: Message, seconds: float) -> None:
        """Sends a message.

        Args:
            message: it.
            seconds: that each answer may take.

        Raises:
            OSError: it was not taken.
        """


def targets_of(urls: SecretStr) -> tuple[Target, ...]:
    """Those of a setting.

    Args:
        urls: separated by blanks, commas or line ends.

    Raises:
        EnvironmentSettingError: one is wrong; the message says which, and shows its scheme alone.
    """
    given = [url for url in _BETWEEN.split(urls.get_secret_value().strip(" ,\n\t")) if url]
    targets: list[Target] = []
    for number, url in enumerate(given, 1):
        try:
            targets.append(_target(url))
        except ValueError as error:
            raise EnvironmentSettingError(
                f"ETL_NOTIFY_URLS: number {number} of {len(given)} ({_scheme(url)}://…) {error}"
            ) from None
    return tuple(targets)


def _target(url: str) -> Target:
    if _scheme(url) in ("mailto", "mailtos"):
        return MailTarget.of(url)
    return ServiceTarget.of(url)


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme or "no scheme"
    except ValueError:
        return "no scheme"
