"""What a portal in front says by headers of whoever comes (Arena and the like), once it is surely its own word."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.sign_on.attributes import Attributes
from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.sign_on.said import Said

LONGEST_SUBJECT = 255
_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True)
class Heard:
    """What the portal in front said of whoever sent a request."""

    trouble: str = "the ordinary listener"
    """Why none of it is believed, for the log; empty when it is."""
    user: str = ""
    strength: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


def said_by_portal(heard: Heard | None) -> Said:
    """Who the portal says is there.

    Raises:
        SignOnRefused: the request did not come through the portal, or it names nobody, or several persons.
    """
    if heard is None or heard.trouble:
        raise SignOnRefused(Refusal.NOT_THROUGH, heard.trouble if heard else "the ordinary listener")
    subject = heard.user.strip()
    # A comma stands where a server joined two headers: the portal's own, and one that somebody sent it.
    if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable() or "," in subject:
        raise SignOnRefused(Refusal.INVALID, "user")
    strengths = frozenset(filter(None, _BETWEEN.split(heard.strength)))
    return Said(subject, Attributes.of(dict(heard.attributes)), strengths, "")
