"""PyMySQL's connection, with what it does otherwise than a server expects.

Encryption that checks no certificate loads none of those that it could be checked against: that
takes a tenth of a second for each connection, and PyMySQL does it even for a server that does not
encrypt.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pymysql


@cache
def unchecked() -> ssl.SSLContext:
    """Encrypts for whoever answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Connection(pymysql.connections.Connection):
    """PyMySQL's; encrypted when the server can, if nothing is said about it.

    Args:
        password: sent in UTF-8, which servers have hashed; PyMySQL would send it in latin1.

    Attributes:
        session_statements: those that gave its session all settings.
        place: which server it is at, as its errors say.
    """

    session_statements: tuple[str, ...] = ()
    place = ""

    def __init__(self, *, password: str = "", **options: Any) -> None:
        super().__init__(password=password.encode(), **options)

    @contextmanager
    def named_errors(self) -> Iterator[None]:
        """Makes errors say which server they came from, in an attribute `server`."""
        try:
            yield
        except pymysql.err.Error as error:
            error.server = self.place  # type: ignore[attr-defined]
            raise

    def _create_ssl_ctx(self, options: Any) -> ssl.SSLContext:
        made: ssl.SSLContext = super()._create_ssl_ctx(options) if options else unchecked()  # type: ignore[misc]
        return made
