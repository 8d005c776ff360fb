"""What a SAML identity provider says of whoever came back: pysaml2 and xmlsec1 verify who says it, and we, to whom.

What pysaml2 leaves to its user is here: one assertion, in its place, in answer to our question, for our address, now.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.saml import NAMEID_FORMAT_TRANSIENT

from shared.sign_on.attributes import Attributes
from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.sign_on.said import Said
from shared.sign_on.saml.documents import Answer
from shared.sign_on.saml.federation import Entity
from shared.sign_on.saml.party import Party, request_id
from shared.sign_on.saml.plain import xmlsec
from shared.sign_on.tokens import LEEWAY

# It logs whole answers, with what they say of people.
logging.getLogger("saml2").setLevel(logging.CRITICAL + 1)

LONGEST_NAME = 255
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
LONGEST_KEPT = timedelta(days=3)
_SKEW = timedelta(seconds=LEEWAY)
_NAMES = {
    "urn:oid:0.9.2342.19200300.100.1.3": "mail",
    "urn:oid:2.5.4.4": "sn",
    "urn:oid:2.5.4.42": "givenName",
    "urn:oid:2.5.4.3": "cn",
    "urn:oid:2.5.4.12": "title",
}
"""Attributes that are called by a number: the mapper knows them by their names."""


@dataclass(frozen=True)
class Asserted:
    """What an assertion says, and its own name, good once until `until`."""

    said: Said
    assertion_id: str
    until: datetime


def asserted(party: Party, entity: Entity, answer: Answer, nonce: str, now: datetime) -> Asserted:
    """What `entity` says in `answer` to the question whose nonce was `nonce`.

    Raises:
        SignOnRefused: it is not signed by it, or not for us, not for this question, not of now.
    """
    assertion = _verified(party, entity, answer, request_id(nonce))
    if _text(assertion.issuer) != entity.entity_id:
        raise SignOnRefused(Refusal.INVALID, "another issuer asserts")
    until = _require_conditions(assertion, party, now)
    _require_bearer(assertion, party, request_id(nonce), now)
    statements = assertion.authn_statement
    if not statements:
        raise SignOnRefused(Refusal.INVALID, "nobody logged in")
    ways = [_text(context.authn_context_class_ref) for one in statements if (context := one.authn_context)]
    said = Said(
        subject=_subject(assertion),
        attributes=Attributes.of(_attributes(assertion)),
        strengths=frozenset(filter(None, ways)),
        session=(statements[0].session_index or "")[:LONGEST_NAME],
    )
    return Asserted(said, answer.assertion_id, min(until + _SKEW, now + LONGEST_KEPT))


def _verified(party: Party, entity: Entity, answer: Answer, question: str) -> Any:
    settings = {
        "entityid": party.entity_id,
        "xmlsec_binary": xmlsec(),
        "service": {
            "sp": {
                "endpoints": {"assertion_consumer_service": [(party.consumer, BINDING_HTTP_POST)]},
                "allow_unsolicited": False,
                "want_assertions_signed": True,
                "want_response_signed": False,
            }
        },
        "metadata": {"inline": [entity.metadata]},
        "allow_unknown_attributes": True,
        "accepted_time_diff": LEEWAY,
        "delete_tmpfiles": True,
    }
    try:
        client = Saml2Client(SPConfig().load(settings))
        response = client.parse_authn_request_response(answer.encoded, BINDING_HTTP_POST, {question: "/"})
        found = list(response.assertions) if response is not None else []
    except Exception as error:
        # It raises whatever comes, plain exceptions among them; the text may hold what was sent.
        raise SignOnRefused(Refusal.INVALID, f"assertion: {type(error).__name__}") from None
    if len(found) != 1 or found[0].id != answer.assertion_id:
        raise SignOnRefused(Refusal.INVALID, "assertion: not the one that was signed")
    return found[0]


def _require_conditions(assertion: Any, party: Party, now: datetime) -> datetime:
    conditions = assertion.conditions
    if conditions is None or not conditions.not_on_or_after or not conditions.audience_restriction:
        raise SignOnRefused(Refusal.INVALID, "no conditions")
    for restriction in conditions.audience_restriction:
        if party.entity_id not in [_text(audience) for audience in restriction.audience]:
            raise SignOnRefused(Refusal.INVALID, "audience")
    if conditions.not_before and _instant(conditions.not_before) > now + _SKEW:
        raise SignOnRefused(Refusal.INVALID, "from the future")
    until = _instant(conditions.not_on_or_after)
    if until <= now - _SKEW:
        raise SignOnRefused(Refusal.INVALID, "expired")
    return until


def _require_bearer(assertion: Any, party: Party, question: str, now: datetime) -> None:
    for confirmation in assertion.subject.subject_confirmation if assertion.subject else []:
        data = confirmation.subject_confirmation_data
        if (
            confirmation.method == BEARER
            and data is not None
            and data.recipient == party.consumer
            and data.in_response_to == question
            and data.not_before is None
            and data.not_on_or_after
            and _instant(data.not_on_or_after) > now - _SKEW
        ):
            return
    raise SignOnRefused(Refusal.INVALID, "recipient, question or time of the subject")


def _subject(assertion: Any) -> str:
    name = assertion.subject.name_id
    subject = _text(name)
    if name is None or not 0 < len(subject) <= LONGEST_NAME or not subject.isprintable():
        raise SignOnRefused(Refusal.INVALID, "subject")
    if name.format == NAMEID_FORMAT_TRANSIENT:
        # Another one the next time: nobody would be known again.
        raise SignOnRefused(Refusal.INVALID, "a name that is transient")
    return subject


def _attributes(assertion: Any) -> dict[str, object]:
    found: dict[str, list[str]] = {}
    for name, values in _named(assertion):
        found.setdefault(name, []).extend(values)
    return dict(found)


def _named(assertion: Any) -> Iterator[tuple[str, list[str]]]:
    for statement in assertion.attribute_statement:
        for attribute in statement.attribute:
            values = [text for value in attribute.attribute_value if (text := _text(value))]
            yield _NAMES.get(attribute.name, attribute.name or ""), values


def _text(element: Any) -> str:
    text = getattr(element, "text", None)
    return text.strip() if isinstance(text, str) else ""


def _instant(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise SignOnRefused(Refusal.INVALID, "times in words") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
