"""The headers by which a portal in front says who comes: taken out of every request, believed on its listener only.

Whoever speaks to a server may write any header. So they count where two things are true: the request came in by the
listener that only the portal reaches, and it holds the secret that only the portal adds. Elsewhere they are dropped.
"""

import secrets
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from shared.config import ConfigurationError, Settings
from shared.sign_on.front import Heard

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HEARD = "teleservices.portal"
"""Where a request holds what was heard; no header of a visitor has such a name."""
REPEATED = "X-Teleservices-Repeated"
"""Added by our own server (`shared.web.gunicorn.front`): the headers that came more than once."""
LONGEST = 40_000
"""Signs of all these headers: a person in charge of a hundred establishments has 8,000."""


class HeadersOfPortal:
    """Takes these headers out of each request, and keeps what may be believed where views find it."""

    def __init__(self, application: "WSGIApplication", settings: Settings, *, behind_portal: bool) -> None:
        """Behind the portal, or in front of everybody.

        Raises:
            ConfigurationError: behind it, without the secret that it adds.
        """
        if behind_portal and settings.front_secret is None:
            raise ConfigurationError("Réglage absent : FRONT_SECRET, sans lequel rien ne dit qui est le portail.")
        self._application = application
        self._secret = (settings.front_secret or "") if behind_portal else ""
        self._secret_key = _key(settings.front_secret_header)
        self._user_key = _key(settings.front_user_header)
        self._strength_key = _key(settings.front_strength_header) if settings.front_strength_header else ""
        self._attributes = dict(_named(settings.front_headers))
        self._keys = {self._secret_key, self._user_key, self._strength_key, *self._attributes, _key(REPEATED)} - {""}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as the application does."""
        # Out of reach of everything else, a failure that would show the request included.
        taken = {key: str(environ.pop(key)) for key in self._keys & environ.keys()}
        environ[HEARD] = self._heard(taken) if self._secret else Heard()
        return self._application(environ, start_response)

    def _heard(self, taken: Mapping[str, str]) -> Heard:
        trouble = self._why_not(taken)
        if trouble:
            return Heard(trouble)
        return Heard(
            "",
            _text(taken.get(self._user_key, "")),
            _text(taken.get(self._strength_key, "")),
            {name: _text(taken[key]) for key, name in self._attributes.items() if key in taken},
        )

    def _why_not(self, taken: Mapping[str, str]) -> str:
        shown = taken.get(self._secret_key, "")
        if not shown:
            return "no secret"
        if not secrets.compare_digest(shown.encode(), self._secret.encode()):
            return "another secret"
        if self._keys & {_key(name) for name in taken.get(_key(REPEATED), "").split(",")}:
            return "a header came twice"
        return "too long" if sum(map(len, taken.values())) > LONGEST else ""


def repeated(headers: Iterable[tuple[str, str]]) -> str:
    """The names, joined by commas, that several of these headers have: one text of all of them says nothing of it."""
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for name, _value in headers:
        if _key(name) in seen:
            twice[name] = None
        seen.add(_key(name))
    return ",".join(twice)


def _named(setting: str) -> Iterable[tuple[str, str]]:
    """Each header and the attribute that it holds: that of its own name, or of the one written after `=`."""
    for part in setting.split(","):
        header, _, attribute = part.strip().partition("=")
        if header:
            yield _key(header), attribute or header


def _key(header: str) -> str:
    """As a request holds it: a dash and an underscore are one and the same there."""
    return f"HTTP_{header.strip().upper().replace('-', '_')}"


def _text(value: str) -> str:
    """Servers read headers as Latin-1; portals write them in UTF-8, some in Latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
