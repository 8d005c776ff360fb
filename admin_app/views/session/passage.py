"""What all ways in by an identity provider have in common: whom they let in, and how they refuse (R34)."""

import logging

import flask
from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.desk import act
from admin_app.installation import installation, network_address, session, today
from admin_app.page import Page, expose
from admin_app.ui.sign_on import REFUSALS
from admin_app.views.session.login import log_in
from admin_app.visitors import keep_waiting, own_staff, visitor, wait_for_code
from shared import clock
from shared.models.access.identity_providers import IdentityProvider
from shared.sign_on.attempts import Answered
from shared.sign_on.entering import ComesBy, come_in, join
from shared.sign_on.providers import find_open, open_providers, shows_two_factors
from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.sign_on.said import Said
from shared.staff.sessions import CameBy

_log = logging.getLogger(__name__)
BROWSER = "sign_on"
"""Where the cookie keeps what its browser is known by while it is away."""


class Passage(Page):
    """No page of its own: whoever opens its address comes to the login page."""

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The login page."""
        return redirect(url_for("login.index"), 303)

    def refuse(self, refused: SignOnRefused) -> ResponseReturnValue:
        """Say why nobody is let in, in words; the log says more."""
        # What was noted before the refusal stays: an attempt that was answered, a role that was taken away.
        session().commit()
        _log.warning("sign-on refused from %s: %s", network_address(), refused)
        providers = open_providers(session())
        return self.render("admin/login.html", refusal=REFUSALS[refused.reason], providers=providers), 422


def let_in(comes: ComesBy, said: Said, answer: Answered) -> ResponseReturnValue:
    """Log in whoever came, ask for a code first, or let whoever is logged in be known from now on.

    Raises:
        SignOnRefused: nothing opens to that person.
    """
    if answer.staff_id is not None:
        return _join(comes, answer.staff_id)
    staff = come_in(session(), comes, clock.now(), today())
    ends_there = installation().sealer.seal(said.id_token) if said.id_token else None
    came = CameBy(comes.provider.id, said.session, ends_there)
    proved = shows_two_factors(comes.provider.trust, said.strengths)
    if staff.factor_set_at is None or proved:
        return log_in(staff, proved_factor=proved, came=came)
    token = wait_for_code(session(), staff, came)
    session().commit()
    keep_waiting(token)
    return redirect(url_for("login_code.index"), 303)


def _join(comes: ComesBy, staff_id: int) -> ResponseReturnValue:
    known = visitor()
    if known is None or known.staff.id != staff_id:
        raise SignOnRefused(Refusal.NOT_BEGUN, "somebody else is logged in by now")
    join(act(), own_staff(), comes, today())
    session().commit()
    flask.flash(f"Vous pouvez maintenant vous connecter par {comes.provider.name}.", "success")
    return redirect(url_for("ways_in.index"), 303)


def open_or_refuse(provider_id: int) -> IdentityProvider:
    """A provider that the académie opened.

    Raises:
        SignOnRefused: it is shut, or gone.
    """
    provider = find_open(session(), provider_id)
    if provider is None:
        raise SignOnRefused(Refusal.SHUT)
    return provider
