"""What a téléservice asked, kept in the cookie while the holder of the account logs in, or agrees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs

import flask
from flask import request

from parent_portal.provider import WAITS_FOR
from parent_portal.visitors import WAITS, WAITS_FOR_ENT
from shared import clock
from shared.provider.speaking import Heard

LONGEST = 2000
"""Characters of a request: a browser keeps cookies of 4,096, and this one holds more than that."""
MOST_FIELDS = 40


@dataclass(frozen=True)
class Waiting:
    """A request as it was sent, and when."""

    sent: str
    at: datetime

    @property
    def heard(self) -> Heard:
        """The request as the server reads it."""
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


def sent_in_body() -> Heard:
    """What a téléservice itself sends: the fields of the body only, so that nothing secret stands in an address."""
    return Heard(request.method, request.form.to_dict(flat=False), dict(request.headers))
