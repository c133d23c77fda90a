"""Real servers of mail and of the web, which take what is sent and show it."""

import asyncio
import email
import email.policy
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "etl", "hunter2/@"
QUOTED = "etl:hunter2%2F%40"


@dataclass
class Mail:
    """A server of mail.

    Attributes:
        refused: an answer that it gives instead of taking a message.
    """

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    refused: str = ""

    def url(self, scheme: str = "mailto", login: str = "", mode: str = "") -> str:
        more = f"&mode={mode}" if mode else ""
        return (
            f"{scheme}://{login}localhost:{self.port}/?from=etl@clinic.example"
            f"&to=it@clinic.example,boss@clinic.example{more}"
        )

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's
        if self.refused:
            return self.refused
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        return "250 taken"


class _Server(Controller):
    """On a port that the system gives, which it tries itself."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail(tls: ssl.SSLContext | None = None, *, from_first_byte: bool = False) -> Iterator[Mail]:
    """A server of mail on this machine.

    Args:
        tls: insists on it, and on a login, if given.
        from_first_byte: and not only after STARTTLS.
    """
    sink = Mail()

    def login(_: Any, __: Any, ___: Any, ____: Any, given: LoginPassword) -> AuthResult:
        return AuthResult(
            handled=False,
            success=given.login.decode() == USER and given.password.decode() == PASSWORD,
        )

    controller = _Server(
        sink,
        hostname="127.0.0.1",
        port=0,
        ssl_context=tls if from_first_byte else None,
        tls_context=None if from_first_byte else tls,
        require_starttls=bool(tls) and not from_first_byte,
        auth_required=bool(tls),
        authenticator=login if tls else None,
        auth_require_tls=not from_first_byte,
    )
    controller.start()
    try:
        sink.port = controller.port
        yield sink
    finally:
        controller.stop()


@dataclass
class Web:
    """A server of the web.

    Attributes:
        taken: method, path with query, and body.
        code: its answer.
    """

    port: int = 0
    taken: list[tuple[str, str, str]] = field(default_factory=list)
    code: int = 200


@contextmanager
def web() -> Iterator[Web]:
    """A server of the web on this machine."""
    sink = Web()

    class Handler(BaseHTTPRequestHandler):
        def take(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            sink.taken.append((self.command, self.path, self.rfile.read(size).decode()))
            self.send_response(sink.code)
            self.end_headers()

        do_GET = do_POST = take  # noqa: N815  the library's

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()


def certificate(folder: Path) -> ssl.SSLContext:
    """A server's certificate of its own authority, `cert.pem` in a folder."""
    options = (
        "-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
        " -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(
        ["openssl", "req", *options.split(), "-out", "cert.pem", "-keyout", "key.pem"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
