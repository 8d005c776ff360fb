"""What both applications write in their logs of requests, and the number that goes through all that one causes."""

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from shared.logs.tracing import begin_trace, current_trace

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

TRACE_HEADER = "X-Request-ID"
REFUSALS = {400, 403, 404, 409, 413, 429}
LONGEST_REASON = 200

_log = logging.getLogger(__name__)


class TracedRequests:
    """Numbers each request, in the logs and in a header of its answer.

    The number that a relay gave is kept where there is one in front: its own logs have the same.
    """

    def __init__(self, application: "WSGIApplication", *, behind_relay: bool) -> None:
        self._application = application
        self._behind_relay = behind_relay

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as the application does."""
        begin_trace(environ.get("HTTP_X_REQUEST_ID") if self._behind_relay else None)

        def start(status: str, headers: list[tuple[str, str]], *error: object) -> Callable[[bytes], object]:
            return start_response(status, [*headers, (TRACE_HEADER, current_trace())], *error)  # type: ignore[arg-type]  # as WSGI has it

        return self._application(environ, start)


def log_refusal(status: int, method: str, endpoint: str | None, address: str, reason: str | None = None) -> None:
    """Tell whoever watches the logs of a request refused: its page, where it came from and why; nothing that was typed.

    `reason` is told in words of ours, or holds the host that was asked for. An address of no page at all is not worth a
    line: robots ask for thousands.
    """
    if status in REFUSALS and (endpoint is not None or status != 404 or reason is not None):
        why = "" if reason is None else f": {reason[:LONGEST_REASON]}"
        _log.warning("Refused with %s: %s %s from %r%s", status, method, endpoint or "no page of ours", address, why)


def log_failure(method: str, endpoint: str | None, error: BaseException | None) -> None:
    """Tell of a page that failed, by its name: its address may be a link that was mailed to one family."""
    _log.error("%s %s failed", method, endpoint or "no page of ours", exc_info=error)


def foreign_host(host: str, own: str) -> str:
    """Why a request for `host` was refused, and what to look at."""
    return f"it asked for the host {host[:LONGEST_REASON]!r}, and this is {own}"
