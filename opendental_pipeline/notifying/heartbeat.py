"""A sign of life to a monitor that is elsewhere, which tells when none comes."""

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit
from uuid import NAMESPACE_OID, uuid5

_MOST = 9_000
"""Characters of a text that monitors keep."""


@dataclass(frozen=True)
class Heartbeat:
    """A check of healthchecks.io, or of a monitor that knows one URL.

    Attributes:
        style: whether the monitor knows /start and exit codes, as healthchecks does; else it is
            asked when a run ended well, and only then.
    """

    url: str = field(repr=False)
    style: Literal["healthchecks", "plain"] = "healthchecks"

    @property
    def name(self) -> str:
        """For people: the host, since the path is the secret."""
        return f"heartbeat at {urlsplit(self.url).hostname}"

    def begin(self, run_id: str, seconds: float) -> None:
        """Says that a run begins.

        Args:
            run_id: names it.
            seconds: that the answer may take.

        Raises:
            OSError: the monitor did not take it.
        """
        if self.style == "healthchecks":
            self._ask("/start", run_id, None, seconds)

    def end(self, run_id: str, exit_code: int, text: str, seconds: float) -> None:
        """Says that it ended.

        Args:
            run_id: names it.
            exit_code: of the run.
            text: what is told of it.
            seconds: that the answer may take.

        Raises:
            OSError: the monitor did not take it.
        """
        if self.style == "healthchecks":
            self._ask(f"/{exit_code}", run_id, text, seconds)
        elif exit_code == 0:
            self._ask("", None, None, seconds)

    def test(self, seconds: float) -> None:
        """Says something that is neither good nor bad; a monitor that knows one URL is not asked.

        Args:
            seconds: that the answer may take.

        Raises:
            OSError: the monitor did not take it.
        """
        if self.style == "healthchecks":
            self._ask("/log", None, "a test of opendental", seconds)

    def _ask(self, path: str, run_id: str | None, text: str | None, seconds: float) -> None:
        parts = urlsplit(self.url)
        query = f"rid={uuid5(NAMESPACE_OID, run_id)}" if run_id else ""
        query = "&".join(part for part in (parts.query, query) if part)
        url = parts._replace(
            path=parts.path.rstrip("/") + path if path else parts.path, query=query
        )
        data = None if text is None else text[:_MOST].encode()
        request = urllib.request.Request(url.geturl(), data=data)
        try:
            with urllib.request.urlopen(request, timeout=seconds):
                return
        except urllib.error.HTTPError as error:
            raise OSError(f"it answered {error.code}") from None
        except urllib.error.URLError as error:
            raise OSError(str(error.reason)) from None
        except http.client.HTTPException as error:
            raise OSError(f"its answer is none ({type(error).__name__})") from None
