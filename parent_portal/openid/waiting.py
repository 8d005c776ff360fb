"""What a téléservice asked, kept in the cookie while the holder of the account logs in, or agrees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import flask
from flask import request

from parent_portal.installation import installation, session, today
from parent_portal.visitors import WAITS, WAITS_FOR_ENT, caller, proof, visitor
from shared import clock
from shared.accounts.state_policy import Opens, what_opens
from shared.provider.asking import Visit
from shared.provider.speaking import At, Heard

LONGEST = 2000
"""Characters of a request: a browser keeps cookies of 4,096, and this one holds more than that."""
MOST_FIELDS = 40
WAITS_FOR = timedelta(minutes=30)
"""Time enough to look for a letter, and to choose a password."""


@dataclass(frozen=True)
class Waiting:
    """A request as it was sent, and when."""

    sent: str
    at: datetime

    @property
    def heard(self) -> Heard:
        """Its fields."""
        return Heard("GET", fields_of(self.sent))


def fields_of(sent: str) -> Mapping[str, Sequence[str]]:
    """The fields of a request, each with its values; none of one that has too many."""
    try:
        fields = parse_qs(sent.replace("\0", ""), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: [value.replace("\0", "") for value in values] for name, values in fields.items()}


def keep(waiting: Waiting) -> None:
    """Keep a request until its holder did what must be done first; a browser keeps the last one only, of anybody."""
    flask.session.pop(WAITS_FOR_ENT, None)
    flask.session[WAITS] = [waiting.sent, waiting.at.timestamp()]


def kept() -> Waiting | None:
    """The request that waits in this browser, unless it is of long ago."""
    sent, at = flask.session.get(WAITS) or ("", 0)
    waiting = Waiting(sent, datetime.fromtimestamp(at, UTC))
    return waiting if clock.now() - waiting.at <= WAITS_FOR else None


def drop() -> None:
    """Nothing waits in this browser any more."""
    flask.session.pop(WAITS, None)


def portal_at() -> At:
    """The portal as a provider, in the transaction of this request."""
    here, now = installation(), clock.now()
    return At(session(), here.sealer, here.keyring, here.settings.public_portal_url, now, today(now))


def visit() -> Visit | None:
    """Whoever is logged in here, to an account that opens the whole portal: the others have something to do first."""
    known = visitor()
    if known is None or what_opens(known.account) is not Opens.PORTAL:
        return None
    return Visit(known.account, caller(), proof())


def sent_in_body() -> Heard:
    """What a téléservice itself sends: the fields of the body only, so that nothing secret stands in an address."""
    return Heard(request.method, request.form.to_dict(flat=False), dict(request.headers))
