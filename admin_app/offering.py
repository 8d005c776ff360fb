"""What the school chosen notifies by, within reach of views and templates."""

from flask import g

from admin_app.installation import installation, session
from shared.models.notifications import Channel
from shared.notifications.channels.offered import offer_to
from shared.notifications.channels.registry import Offer, offer_of


def offer() -> Offer:
    """What the school chosen notifies by; where none is, what the installation does. Asked once for each request."""
    if "offer" not in g:
        access, settings = g.get("access"), installation().settings
        g.offer = offer_of(settings) if access is None else offer_to(session(), settings, access.establishment.id)
    found: Offer = g.offer
    return found


def offers(channel: Channel) -> bool:
    """Whether one notifies by a channel: else nothing shows of it."""
    return any(one.channel is channel for one in offer().channels)


def could_offer(channel: Channel) -> bool:
    """Whether the installation has a channel, be it one that the school does not want."""
    return any(one.channel is channel for one in offer_of(installation().settings).channels)
