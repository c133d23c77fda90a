"""A real Chromium to look at pages with: Debian's, unpacked as servers of other releases are."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, sync_playwright

from demo import suites
from demo.binaries import Programs


@dataclass
class Chromium:
    """One that is at work.

    Attributes:
        requests: the addresses that its pages asked for so far.
        errors: what went wrong in their scripts, or was forbidden to them.
    """

    browser: Browser
    programs: Programs
    home: Path
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, html: str, *, at: Any = None, **options: Any) -> Page:
        """Shows a page that lies in a file.

        Args:
            html: the text of the file.
            at: the moment that the page's clock stands at, if it is not now.
            options: of the window, as playwright names them.
        """
        page = self.browser.new_context(**options).new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text))
        if at is not None:
            page.clock.install(time=at)
        page.goto(f"file://{self.programs.account.write(self.home / 'status.html', html)}")
        return page


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Starts it; what it kept on the disk goes with it."""
    programs = suites.programs(suites.BROWSER, "Chromium", print)
    home = suites.make_home(programs.account)
    try:
        with sync_playwright() as playwright:
            program = _program(programs, home)
            browser = playwright.chromium.launch(executable_path=program)
            yield Chromium(browser, programs, home)
            browser.close()
    finally:
        shutil.rmtree(home)


def _program(programs: Programs, home: Path) -> Path:
    """A script that runs it in its folder; its processes find each other in /proc."""
    account = programs.account
    assert account.root is not None
    entrance = " ".join(map(str, account.entrance()))
    command = f'{entrance} HOME={home} {programs.server} "$@" --user-data-dir={home}/profile'
    script = home / "chromium"
    script.write_text(
        "#!/bin/sh\n"
        f"exec unshare --mount sh -c 'mount --rbind /proc {account.root}/proc && exec {command}'"
        ' sh "$@"\n'
    )
    script.chmod(0o755)
    return script


def take_picture(page: Page, file: Path) -> None:
    """Keeps a picture of a whole page.

    Args:
        page: the page.
        file: where.
    """
    for tries_left in (2, 1, 0):
        try:
            page.screenshot(path=file, full_page=True)
            return
        except Error:
            # on a busy machine Chromium has no picture in time
            if not tries_left:
                raise
