"""What both applications answer to the web in the same way: cookies and headers, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter, Map

from shared.config import Settings
from shared.limits.devices import DeviceCookie
from shared.settings.values import LOCAL_HOSTS

HSTS = "max-age=31536000; includeSubDomains"
FORGET = '"cache", "storage"'
"""What the browser throws away at logout (Clear-Site-Data); the cookie itself is emptied, the language stays."""


LARGEST_NUMBER = 2**31 - 1


def row_number(text: str) -> int:
    """The number of a row in the query of an address.

    Raises:
        ValueError: it is none that a column could hold; the page is shown as without it.
    """
    number = int(text[:20])
    if not 0 <= number <= LARGEST_NUMBER:
        raise ValueError
    return number


def typed_day(text: str) -> date:
    """A day in a form or an address: as browsers write it, or as people do where a browser has no calendar.

    Raises:
        ValueError: it is none, or of a year that no clock of ours can tell: its hours would overflow.
    """
    day = datetime.strptime(text, "%d/%m/%Y").date() if "/" in text else date.fromisoformat(text)  # noqa: DTZ007 - a day
    if not date(1970, 1, 1) <= day <= date(2999, 12, 31):
        raise ValueError
    return day


class Typed(ImmutableMultiDict[str, Any]):
    """The fields of a form or of an address, without the one sign that PostgreSQL cannot keep and nobody types."""

    def __init__(self, mapping: Any = None) -> None:  # noqa: ANN401 - all that werkzeug gives
        pairs = MultiDict(mapping).items(multi=True)
        super().__init__([(_without_nul(name), _without_nul(value)) for name, value in pairs])


def _without_nul(value: Any) -> Any:  # noqa: ANN401 - files come this way too
    return value.replace("\0", "") if isinstance(value, str) else value


class RowNumber(IntegerConverter):
    """The number of a row in an address: what no column can hold is no page, rather than an error of the database."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_NUMBER)


@dataclass(frozen=True)
class Site:
    """One application at its public address; `purpose` names the key that signs its cookie, and nobody else's."""

    address: str
    purpose: str
    cookie: str
    largest_request: int
    """Bytes."""
    policy: Mapping[str, str]
    """The Content-Security-Policy: what each directive allows."""
    referrer: str

    @property
    def is_https(self) -> bool:
        """Whether browsers reach it over https."""
        return urlsplit(self.address).scheme == "https"

    def device_cookie(self) -> DeviceCookie:
        """The cookie by which browsers are known that somebody came in with."""
        return DeviceCookie(self._bound(f"{self.cookie}-appareil"), self.is_https)

    def configuration(self, settings: Settings) -> dict[str, Any]:
        """The settings of Flask about cookies, hosts and sizes.

        Raises:
            ConfigurationError: `SECRET_KEY` is missing.
        """
        return {
            "SECRET_KEY": settings.signing_key(self.purpose),
            "SESSION_COOKIE_NAME": self._bound(self.cookie),
            "SESSION_COOKIE_SECURE": self.is_https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_PATH": "/",
            "MAX_CONTENT_LENGTH": self.largest_request,
            "TRUSTED_HOSTS": sorted({urlsplit(self.address).hostname or "", *LOCAL_HOSTS}),
            # As long as the session: a page may stay open over lunch, or while the letter is looked for.
            "WTF_CSRF_TIME_LIMIT": None,
        }

    def _bound(self, cookie: str) -> str:
        # The browser itself refuses a __Host- cookie that another site or a plain connection set.
        return f"__Host-{cookie}" if self.is_https else cookie

    def headers(self) -> dict[str, str]:
        """The headers that every answer carries."""
        headers = {
            "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in self.policy.items()),
            "Referrer-Policy": self.referrer,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "X-Robots-Tag": "noindex, nofollow",
        }
        return {**headers, "Strict-Transport-Security": HSTS} if self.is_https else headers


OWN_FILES_ONLY: Mapping[str, str] = {
    "default-src": "'none'",
    "object-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "script-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
"""Nothing from elsewhere, nothing written inside a page, and no page inside another one's frame."""
