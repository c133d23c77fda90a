"""Mail by the standard library: `mailtos://USER:PASSWORD@HOST:PORT/?from=…&to=…,…`."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from ipaddress import ip_address
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from opendental_pipeline.notifying.message import Message

_PORTS = {"plain": 25, "starttls": 587, "ssl": 465}
_KNOWN = {"from", "to", "mode"}


@dataclass(frozen=True)
class MailTarget:
    """A server that takes mail, and who gets it.

    Attributes:
        encryption: none; asked for after the greeting (STARTTLS); or from the first byte.
    """

    host: str
    port: int
    encryption: Literal["plain", "starttls", "ssl"]
    sender: str
    recipients: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> "MailTarget":
        """Reads an address.

        Args:
            url: `mailtos://` insists on encryption, `mailto://` has none.

        Raises:
            ValueError: it is wrong; the text has nothing of it.
        """
        parts, port = urlsplit(url), _port(url)
        options = parse_qs(parts.query, keep_blank_values=True)
        if unknown := sorted(options.keys() - _KNOWN):
            raise ValueError(f"has an option that mail does not know: {', '.join(unknown)}")
        if not parts.hostname:
            raise ValueError("names no mail server: mailtos://USER:PASSWORD@HOST/?from=…&to=…")
        encryption = _encryption(parts.scheme, options.get("mode", [""])[-1])
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if password and encryption == "plain" and not _is_here(parts.hostname):
            raise ValueError("would send its password in the clear; begin it with mailtos://")
        recipients = tuple(
            address.strip() for given in options.get("to", []) for address in given.split(",")
        )
        sender = options.get("from", [user if "@" in user else f"opendental@{_own_name()}"])[-1]
        if not recipients or not all(map(_is_address, recipients)):
            raise ValueError("must say who gets it, as to=somebody@example.org")
        if not _is_address(sender):
            raise ValueError("has a sender (from=…) that is no address")
        port = port or _PORTS[encryption]
        return cls(parts.hostname, port, encryption, sender, recipients, user, password)

    @property
    def name(self) -> str:
        """For people."""
        return f"mail by {self.host}:{self.port} to {', '.join(self.recipients)}"

    def send(self, message: Message, seconds: float) -> None:
        """Sends a message.

        Args:
            message: it.
            seconds: that each answer of the server may take.

        Raises:
            OSError: it was not taken; smtplib's errors are of this kind.
        """
        mail = EmailMessage()
        mail["Subject"], mail["From"] = message.title, self.sender
        mail["To"] = ", ".join(self.recipients)
        mail["Date"], mail["Message-ID"] = formatdate(localtime=True), make_msgid("opendental")
        mail.set_content(message.text)
        with _in_words(), self._connect(seconds) as server:
            if self.encryption == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.password:
                server.login(self.user, self.password)
            server.send_message(mail)

    def _connect(self, seconds: float) -> smtplib.SMTP:
        if self.encryption == "ssl":
            tls = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=seconds, context=tls)
        return smtplib.SMTP(self.host, self.port, timeout=seconds)


@contextmanager
def _in_words() -> Iterator[None]:
    """Says what a server answered, of which smtplib shows bytes."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        answers = {code for code, _ in error.recipients.values()}
        raise OSError(f"it refuses the recipients ({', '.join(map(str, answers))})") from None
    except smtplib.SMTPResponseException as error:
        raise OSError(f"it answered {error.smtp_code}") from None


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        # whose text quotes it, and it may be the end of a password
        raise ValueError(
            "has a port that is none, or a password with : / ? # @ that are not written as %3A %2F"
            " %3F %23 %40"
        ) from None


def _encryption(scheme: str, mode: str) -> Literal["plain", "starttls", "ssl"]:
    if scheme == "mailto" and not mode:
        return "plain"
    if scheme == "mailtos" and mode in ("", "starttls"):
        return "starttls"
    if scheme == "mailtos" and mode == "ssl":
        return "ssl"
    raise ValueError("has a mode that there is not: mailtos:// knows mode=starttls and mode=ssl")


def _is_address(text: str) -> bool:
    name, _, host = parseaddr(text)[1].rpartition("@")
    return bool(name and host) and not any(map(str.isspace, text))


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _own_name() -> str:
    name = socket.gethostname()
    return name if "." in name else f"{name}.localdomain"
