"""The two addresses of probes, answered before anything else: whatever the host asked for, without a redirect.

A word each, since whoever asks may be anybody.
"""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.watching.readiness import Readiness

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

ALIVE = "/sante"
READY = "/sante/pret"
ANSWERS: Mapping[Readiness, tuple[HTTPStatus, str]] = {
    Readiness.READY: (HTTPStatus.OK, "ok\n"),
    # A relay that took every machine away because no mail leaves would close the portal too.
    Readiness.DEGRADED: (HTTPStatus.OK, "dégradé\n"),
    Readiness.UNAVAILABLE: (HTTPStatus.SERVICE_UNAVAILABLE, "indisponible\n"),
}


class Probes:
    """Answers `/sante` while the process lives, and `/sante/pret` as `readiness` says."""

    def __init__(self, application: "WSGIApplication", readiness: Callable[[], Readiness]) -> None:
        self._application = application
        self._readiness = readiness

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a probe, or let the application answer."""
        path = environ.get("PATH_INFO", "").rstrip("/")
        if path not in (ALIVE, READY) or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        status, word = ANSWERS[Readiness.READY if path == ALIVE else self._readiness()]
        body = word.encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        start_response(f"{status.value} {status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
