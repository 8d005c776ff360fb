"""The portal as a provider, of téléservices and of ENTs, in the request that is answered."""

from datetime import timedelta

from parent_portal.installation import installation, session, today
from parent_portal.visitors import caller, proof, visitor
from shared import clock
from shared.accounts.state_policy import Opens, what_opens
from shared.provider.asking import Visit
from shared.provider.speaking import At

WAITS_FOR = timedelta(minutes=30)
"""How long what was asked stays in the cookie: time enough to look for a letter, and to choose a password."""


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
