"""Sends to everybody at once, and waits no longer than it may."""

import threading
import time
from collections.abc import Callable, Mapping

Job = Callable[[], None]
"""Sends something, or raises OSError."""


class Sending:
    """Jobs at work side by side, since each waits for somebody else.

    Args:
        jobs: by the name of whoever gets something.
    """

    def __init__(self, jobs: Mapping[str, Job]) -> None:
        self._failed: dict[str, str] = {}
        self._threads = {
            # whatever hangs, in a resolver of names too, keeps no process alive
            name: threading.Thread(target=self._do, args=(name, job), daemon=True)
            for name, job in jobs.items()
        }
        for thread in self._threads.values():
            thread.start()

    def _do(self, name: str, job: Job) -> None:
        try:
            job()
        except OSError as error:
            self._failed[name] = error.strerror or str(error) or type(error).__name__
        except Exception as error:  # noqa: BLE001  somebody's library; its words may quote an address
            self._failed[name] = f"it failed with {type(error).__name__}"

    def end(self, seconds: float) -> dict[str, str]:
        """Waits for all of them.

        Args:
            seconds: that they have from now on.

        Returns:
            why it failed, by the name of each that did.
        """
        ends = time.monotonic() + seconds
        for name, thread in self._threads.items():
            thread.join(max(0.0, ends - time.monotonic()))
            if thread.is_alive():
                self._failed[name] = f"no answer within {seconds:g} s"
        return {name: self._failed[name] for name in self._threads if name in self._failed}
