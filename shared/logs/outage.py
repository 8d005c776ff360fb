"""What is away is said once when it goes and once when it is back, however often it is asked meanwhile."""

import logging
import threading
import time


class Outage:
    """One server or folder that others wait for; shared by the threads of a process."""

    def __init__(self, log: logging.Logger, what: str, meanwhile: str) -> None:
        """`what` names it in the log, `meanwhile` says what becomes of the work."""
        self._log = log
        self._what = what
        self._meanwhile = meanwhile
        self._lock = threading.Lock()
        self._since: float | None = None
        self._failures = 0

    @property
    def seconds(self) -> float | None:
        """For how long it has been away; none when it is there, as far as is known."""
        since = self._since
        return None if since is None else time.monotonic() - since

    def failed(self, reason: object) -> None:
        """It could not be used; `reason` holds nothing of what it was asked."""
        with self._lock:
            self._failures += 1
            if self._since is None:
                self._since = time.monotonic()
                self._log.warning("%s is away: %s; %s", self._what, reason, self._meanwhile)

    def worked(self) -> None:
        """It could be used."""
        if self._since is None:
            return
        with self._lock:
            since, failures = self._since, self._failures
            self._since, self._failures = None, 0
        if since is not None:
            seconds = time.monotonic() - since
            self._log.warning("%s is back after %.0f s and %d failures", self._what, seconds, failures)
