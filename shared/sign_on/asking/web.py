"""Asking a provider over the network: bounded in time, size and number, never redirected, in clear here only."""

import io
import time
from datetime import datetime
from email.utils import parsedate_to_datetime
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from shared.sign_on.asking.addresses import require_safe
from shared.sign_on.refusals import Refusal, SignOnRefused

SECONDS_TO_CONNECT = 5
SECONDS_TO_ANSWER = 10
LARGEST = 1024 * 1024
"""Bytes of an answer: metadata and keys of the largest federations have less."""
_PIECE = 64 * 1024
AT_ONCE = 3
"""Of one process. A provider that hangs holds no more of its threads: passwords still open, and pages still answer."""
SECONDS_FOR_A_TURN = 2
_turns = BoundedSemaphore(AT_ONCE)


class _Bounded(HTTPAdapter):
    """Answers are read whole, up to a size and a time, before anybody looks at them."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401 - as requests calls it
        if not _turns.acquire(timeout=SECONDS_FOR_A_TURN):
            raise requests.exceptions.ConnectTimeout("too many ask at once")
        try:
            return self._answer(request, options)
        finally:
            _turns.release()

    def _answer(self, request: requests.PreparedRequest, options: dict[str, Any]) -> requests.Response:
        ends_at = time.monotonic() + SECONDS_TO_ANSWER
        options |= {"stream": True, "timeout": (SECONDS_TO_CONNECT, SECONDS_TO_ANSWER)}
        response = super().send(request, **options)
        body = bytearray()
        with response.raw as raw:
            # What came so far, not so many bytes: those who send one now and then are looked at each time.
            while piece := raw.read1(_PIECE, decode_content=True):
                body += piece
                if len(body) > LARGEST or time.monotonic() > ends_at:
                    raise requests.exceptions.ChunkedEncodingError("too long")
        response.raw = io.BytesIO(body)
        return response


def bound(session: requests.Session) -> None:
    """Let `session` speak to providers only within these bounds."""
    session.max_redirects = 0
    # Neither a proxy nor a password from the environment of the process.
    session.trust_env = False
    session.mount("https://", _Bounded())
    session.mount("http://", _Bounded())


def read_json(address: str) -> dict[str, Any]:
    """The JSON object at `address`.

    Raises:
        SignOnRefused: it does not answer, redirects, or is something else.
    """
    answer = _answer_of(address, Accept="application/json")
    try:
        found = answer.json() if answer.status_code == requests.codes.ok else None
    except ValueError as error:
        raise _unavailable(address, type(error).__name__) from None
    if not isinstance(found, dict):
        raise _unavailable(address, f"status {answer.status_code}")
    return found


def read_bytes(address: str) -> bytes:
    """What is at `address`.

    Raises:
        SignOnRefused: it does not answer, redirects, or fails.
    """
    answer = _answer_of(address)
    if answer.status_code != requests.codes.ok:
        raise _unavailable(address, f"status {answer.status_code}")
    return answer.content


def clock_at(address: str) -> datetime | None:
    """What time it is there, as the answer of `address` says; none where it does not say.

    Raises:
        SignOnRefused: it does not answer, or fails.
    """
    answer = _answer_of(address)
    if not answer.ok:
        raise _unavailable(address, f"status {answer.status_code}")
    try:
        return parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return None


def _answer_of(address: str, **headers: str) -> requests.Response:
    """Whatever `address` answers, within the bounds."""
    require_safe(address)
    with requests.Session() as session:
        bound(session)
        try:
            return session.get(address, allow_redirects=False, headers=headers)
        except requests.RequestException as error:
            raise _unavailable(address, type(error).__name__) from None


def _unavailable(address: str, why: str) -> SignOnRefused:
    return SignOnRefused(Refusal.UNAVAILABLE, f"{urlsplit(address).hostname}: {why}")
