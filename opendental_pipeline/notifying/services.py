"""Every other service, by apprise: chats, text messages, webhooks; an optional package."""

import logging
import re
from dataclasses import dataclass, field
from typing import Any

from opendental_pipeline.notifying.message import Message

_STATUS = re.compile(r"error=(\d{3})\b")


@dataclass(frozen=True)
class ServiceTarget:
    """A service that apprise knows.

    Attributes:
        name: for people; apprise leaves tokens and passwords out.
    """

    name: str
    _service: Any = field(repr=False)

    @classmethod
    def of(cls, url: str) -> "ServiceTarget":
        """Reads an address.

        Args:
            url: as apprise's documentation has it.

        Raises:
            ValueError: it is wrong, or apprise is not there; the text has nothing of it.
        """
        try:
            # half a second, and most have mail alone
            import apprise  # noqa: PLC0415
        except ImportError:
            raise ValueError(
                "needs a package: pip install 'opendental-pipeline[notify]'; mailto:// and"
                " mailtos:// do not"
            ) from None
        logging.getLogger("apprise").addHandler(logging.NullHandler())
        service = apprise.Apprise.instantiate(url)
        if service is None:
            raise ValueError("is no address that apprise knows")
        return cls(service.url(privacy=True).split("?")[0], service)

    def send(self, message: Message, seconds: float) -> None:
        """Sends a message.

        Args:
            message: it.
            seconds: that each answer may take.

        Raises:
            OSError: it was not taken.
        """
        import apprise  # noqa: PLC0415

        service = self._service
        service.socket_connect_timeout = service.socket_read_timeout = seconds
        kind = apprise.NotifyType.FAILURE if message.is_bad else apprise.NotifyType.SUCCESS
        with apprise.LogCapture(level=logging.WARNING) as said:
            taken = service.notify(title=message.title, body=message.text, notify_type=kind)
            status = _STATUS.search(said.getvalue())
        if not taken:
            raise OSError(f"it answered {status[1]}" if status else "it did not take the message")
