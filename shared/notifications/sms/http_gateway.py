"""Hands messages to a gateway by HTTP: the shape of OVH's API, whose fields and signature others may replace.

It is asked within the bounds of everything that goes out (`shared.sign_on.asking.web`): encrypted, never redirected,
bounded in time and in size.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any
from urllib.parse import quote

import requests

from shared.config import Settings
from shared.models.reasons import Reason
from shared.models.sending.refusals import Cause
from shared.notifications.outbox.leases import (
    DeliveryFailed,
    HandOverUnknown,
    PermanentFailure,
    ServerBusy,
    ServerUnavailable,
)
from shared.notifications.sms.alphabet import is_gsm
from shared.notifications.sms.gateway import Sms, Taken
from shared.notifications.sms_receipts.receipt import Receipt
from shared.notifications.sms_receipts.told import NAMED, read_answer
from shared.sign_on.asking.addresses import require_safe
from shared.sign_on.asking.web import bound
from shared.sign_on.refusals import SignOnRefused

SAID_CHARACTERS = 200
NOT_NOW = {408, 425, 429, 503}
"""It took nothing, and asks to come back."""
WRONG_KEYS = {401, 403}
NOT_US = {401, 402, 403, 404, 405}
"""The keys, the credit or the address are wrong: so they are for every message."""
SERVER_ERRORS = 500


class HttpGateway:
    """One session of requests, for a round of the worker."""

    at_once = 1
    asks_for_receipts = True

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._names = settings.sms_field_names
        self._session = requests.Session()
        bound(self._session)

    def __enter__(self) -> "HttpGateway":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._session.close()

    def send(self, messages: Sequence[Sms]) -> Sequence[Taken]:
        """Post one message."""
        try:
            return [self._post(message) for message in messages]
        except DeliveryFailed as failure:
            return [failure]

    def _post(self, message: Sms) -> str | None:
        """What the gateway calls the message.

        Raises:
            ServerUnavailable: it cannot be reached, or says that it takes nothing now.
            PermanentFailure: it refuses this message.
            HandOverUnknown: no answer, or none that says whether it was taken.
        """
        wanted = {
            "message": message.text,
            "receivers": [message.number],
            "sender": self._settings.sms_sender,
            "noStopClause": True,
            "priority": "high",
            "charset": "UTF-8",
            "coding": "7bit" if is_gsm(message.text) else "8bit",
        }
        address = self._settings.sms_http_url or ""
        body = json.dumps({self._called(name): value for name, value in wanted.items()})
        answer = self._asked("POST", address, body)
        said = _object_in(answer)
        if answer.status_code in NOT_NOW:
            raise ServerBusy(_words(answer, said))
        if answer.status_code in NOT_US:
            raise ServerUnavailable(_words(answer, said))
        if answer.status_code >= SERVER_ERRORS or answer.is_redirect:
            raise HandOverUnknown(Reason.SMS_STATE_UNKNOWN)
        if not answer.ok:
            raise PermanentFailure(_words(answer, said))
        return self._taken(said)

    def knock(self) -> None:
        """Ask for the address that messages are posted to; gateways that answer only to a message say so.

        Raises:
            DeliveryFailed: it does not answer, or refuses the keys.
        """
        answer = self._asked("GET", self._settings.sms_http_url or "", "")
        if answer.status_code in WRONG_KEYS:
            raise ServerUnavailable(_words(answer, _object_in(answer)))

    def receipt_of(self, reference: str) -> Receipt | None:
        """What the gateway says of one message; none when it does not know yet.

        Raises:
            DeliveryFailed: it does not answer.
        """
        address = self._settings.sms_http_receipts_url
        if address is None:
            return None
        answer = self._asked("GET", address.replace("{id}", quote(reference, safe="")), "")
        said = _object_in(answer)
        if not answer.ok or said is None:
            return None
        return read_answer(said, reference, self._settings)

    def receipts(self) -> Sequence[Receipt]:
        """None comes by itself."""
        return ()

    def _called(self, name: str) -> str:
        return self._names.get(name, name)

    def _taken(self, said: dict[str, Any] | None) -> str | None:
        if said is None:
            raise HandOverUnknown(Reason.SMS_STATE_UNKNOWN)
        if said.get(self._called("invalidReceivers")):
            raise PermanentFailure("la passerelle ne connaît pas ce numéro", Cause.ADDRESS)
        ids = said.get(self._called("ids"))
        first = ids[0] if isinstance(ids, list) and ids else ids
        named = str(first) if isinstance(first, (int, str)) else ""
        return named if NAMED.fullmatch(named) else None

    def _asked(self, method: str, address: str, body: str) -> requests.Response:
        try:
            require_safe(address)
            headers = {"Content-Type": "application/json", **self._signed(method, address, body)}
            return self._session.request(
                method, address, data=body.encode() or None, headers=headers, allow_redirects=False
            )
        except (requests.ConnectTimeout, requests.exceptions.SSLError, SignOnRefused) as error:
            raise ServerUnavailable(_away(error)) from None
        except requests.ConnectionError as error:
            # Refused before anything was said, or broken off after.
            raise (ServerUnavailable(_away(error)) if _never_reached(error) else _unknown()) from None
        except requests.RequestException:
            raise _unknown() from None

    def _signed(self, method: str, address: str, body: str) -> dict[str, str]:
        settings = self._settings
        if settings.sms_token:
            return {"Authorization": f"Bearer {settings.sms_token}"}
        at = str(int(time.time()))
        parts = (settings.sms_application_secret, settings.sms_consumer_key, method, address, body, at)
        # What OVH asks for: the secret is within, and the request goes by TLS.
        signed = hashlib.sha1("+".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
        return {
            "X-Ovh-Application": settings.sms_application_key or "",
            "X-Ovh-Consumer": settings.sms_consumer_key or "",
            "X-Ovh-Timestamp": at,
            "X-Ovh-Signature": f"$1${signed}",
        }


def _unknown() -> DeliveryFailed:
    return HandOverUnknown(Reason.SMS_STATE_UNKNOWN)


def _away(error: Exception) -> str:
    return f"la passerelle SMS ne répond pas ({type(error).__name__})"


def _never_reached(error: requests.ConnectionError) -> bool:
    """Whether the connection itself failed, so that nothing was sent."""
    return "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)


def _object_in(answer: requests.Response) -> dict[str, Any] | None:
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _words(answer: requests.Response, said: dict[str, Any] | None) -> str:
    told = said.get("message") if said else None
    words = " ".join(told.split())[:SAID_CHARACTERS] if isinstance(told, str) else ""
    return f"réponse de la passerelle SMS : {answer.status_code} {words}".strip()
