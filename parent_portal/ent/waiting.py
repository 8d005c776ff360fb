"""What an ENT asked, kept in the cookie while the holder of the account logs in, or agrees: facts checked already."""

from dataclasses import dataclass
from datetime import UTC, datetime

import flask
from flask import request, url_for

from parent_portal.installation import installation, session
from parent_portal.provider import WAITS_FOR
from parent_portal.visitors import WAITS, WAITS_FOR_ENT
from shared import clock
from shared.models.access.ents import EntService
from shared.provider.ent.description import Places
from shared.provider.ent.questions import Question


@dataclass(frozen=True)
class Waiting:
    """A question, and when it came."""

    question: Question
    at: datetime


def keep(waiting: Waiting) -> None:
    """Keep a question until its holder did what must be done first; a browser keeps the last one only, of anybody."""
    flask.session.pop(WAITS, None)
    asked = waiting.question
    flask.session[WAITS_FOR_ENT] = [
        asked.service.id,
        asked.request_id,
        asked.consumer,
        asked.relay_state,
        asked.is_forced,
        asked.is_transient,
        waiting.at.timestamp(),
    ]


def kept() -> Waiting | None:
    """The question that waits in this browser, unless it is of long ago, or its ENT was shut or changed since."""
    held = flask.session.get(WAITS_FOR_ENT)
    if held is None:
        return None
    service_id, request_id, consumer, relay_state, is_forced, is_transient, asked_at = held
    at = datetime.fromtimestamp(asked_at, UTC)
    service = session().get(EntService, service_id)
    if clock.now() - at > WAITS_FOR or service is None or not service.is_open or consumer not in service.consumers:
        return None
    return Waiting(Question(service, request_id, consumer, relay_state, is_forced, False, is_transient), at)


def drop() -> None:
    """Nothing waits in this browser any more."""
    flask.session.pop(WAITS_FOR_ENT, None)


def places() -> Places:
    """Where ENTs find us."""
    entity_id, sign_on, logout = map(_public, ("ent.metadata", "ent.ask", "ent_logout.ask"))
    return Places(entity_id, sign_on, logout)


def _public(endpoint: str) -> str:
    return installation().settings.public_portal_url + url_for(endpoint).removeprefix(request.script_root)
