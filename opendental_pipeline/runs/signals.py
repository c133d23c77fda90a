"""SIGINT and SIGTERM end a job within seconds and in order, whatever a library is doing.

Python tells signals to the main thread only, and only between two steps of Python: dlt replaces the
handlers there and forgets what came, and psycopg2 waits for a server in C. So the work is done in
another thread, and the main one does nothing but wait.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Generic, TypeVar

INTERRUPTED = 130
"""The exit code of a job that somebody ended."""

Result = TypeVar("Result")


class PoliteEnd:
    """Handles both signals: the first is kept until somebody listens, the second ends the process.

    Attributes:
        listening: whether the first one raises KeyboardInterrupt where it meets the main thread.
    """

    def __init__(self) -> None:
        self._came = False
        self.listening = False

    @classmethod
    def install(cls) -> None:
        """Handles the signals of this process, those that a shell's background job ignores too."""
        handler = cls()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, handler)

    def __call__(self, _: int, __: FrameType | None) -> None:
        """Takes a signal."""
        if self._came:
            os._exit(INTERRUPTED)
        self._came = True
        if self.listening:
            raise KeyboardInterrupt

    def listen(self) -> None:
        """Raises KeyboardInterrupt for a signal that came already, and for one that will come."""
        self.listening = True
        if self._came:
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[None]:
    """Lets signals raise KeyboardInterrupt, as they do anyway where this is no program's process.

    Raises:
        KeyboardInterrupt: one came, perhaps before.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if not isinstance(handler, PoliteEnd) or handler.listening:
        yield
        return
    try:
        handler.listen()
        yield
    finally:
        handler.listening = False


class _Work(threading.Thread, Generic[Result]):
    """Work in a thread of its own; daemonic, so that one that hangs keeps no process alive."""

    def __init__(self, work: Callable[[], Result]) -> None:
        super().__init__(name="work", daemon=True)
        self._work = work
        self.results: list[Result] = []
        self.error: BaseException | None = None
        # an interrupted join() takes the thread for ended (cpython issue 89437)
        self.done = threading.Event()

    def run(self) -> None:
        """Does it, and keeps what came of it."""
        try:
            self.results.append(self._work())
        except BaseException as error:  # noqa: BLE001  it is raised again by who waits
            self.error = error
        finally:
            self.done.set()


def run_interruptibly(
    work: Callable[[], Result], interrupt: Callable[[], None], seconds: float
) -> Result:
    """Does work in a thread of its own while this one listens.

    Args:
        work: is done; if it still returns after an interruption, that is the result.
        interrupt: makes it end soon; called in this thread.
        seconds: that it has for its end then.

    Raises:
        KeyboardInterrupt: somebody interrupted it, and it returned nothing.
    """
    thread = _Work(work)
    thread.start()
    try:
        with interruptible():
            thread.done.wait()
    except KeyboardInterrupt:
        interrupt()
        thread.done.wait(seconds)
        if not thread.results:
            raise
    if thread.error is not None:
        raise thread.error
    return thread.results[0]
