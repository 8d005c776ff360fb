"""Coming in by an identity provider: the way there, the way back, and what it says when a session ended (R34)."""

import logging

import flask
from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.installation import installation, network_address, public_address, session, today
from admin_app.page import Page, expose
from admin_app.quotas import SIGN_ONS
from admin_app.ui.sign_on import REFUSALS
from admin_app.views.session.login import log_in
from admin_app.visitors import actor, keep_waiting, own_staff, visitor, wait_for_code
from shared import clock
from shared.limits.networks import network_of
from shared.limits.quotas import use
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.models.staff import Staff
from shared.sign_on.attempts import Answered, Question, answered, ask, use_once
from shared.sign_on.cas import said_by_cas, way_to_cas
from shared.sign_on.entering import ComesBy, come_in, join
from shared.sign_on.front import said_by_portal
from shared.sign_on.logout import end_of_session
from shared.sign_on.oidc import Client, said_by, way_there
from shared.sign_on.providers import client_of, find_open, open_providers, shows_two_factors
from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.sign_on.said import Said
from shared.staff.sessions import CameBy
from shared.web.front_portal import HEARD

_log = logging.getLogger(__name__)
BROWSER = "sign_on"
"""Where the cookie keeps what its browser is known by while it is away."""


class _Passage(Page):
    """No page of its own: whoever opens its address comes to the login page."""

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The login page."""
        return redirect(url_for("login.index"), 303)


class SignOnPage(_Passage):
    """Buttons of the login page lead to a provider, and it leads back."""

    name, path, place, need, listed = "Connexion par un fournisseur", "/connexion/par", "sign_on", Need.NOTHING, False

    @expose("/<int:provider_id>", methods=("POST",))
    def leave(self, provider_id: int) -> ResponseReturnValue:
        """Send the browser there, with a question that it alone can bring the answer of."""
        try:
            return send_away(provider_id)
        except SignOnRefused as refused:
            return self._refuse(refused)

    @expose("/retour")
    def back(self) -> ResponseReturnValue:
        """Whoever comes back, known or refused with a reason."""
        try:
            return _let_in(*_who_came())
        except SignOnRefused as refused:
            return self._refuse(refused)

    @expose("/portail")
    def front(self) -> ResponseReturnValue:
        """The same, through a portal in front, which says who it is."""
        return self.back()

    def _refuse(self, refused: SignOnRefused) -> ResponseReturnValue:
        # What was noted before the refusal stays: an attempt that was answered, a role that was taken away.
        session().commit()
        _log.warning("sign-on refused from %s: %s", network_address(), refused)
        providers = open_providers(session())
        return self.render("admin/login.html", refusal=REFUSALS[refused.reason], providers=providers), 422


class SignedOutPage(_Passage):
    """What a provider says by itself, without a browser: this session of ours ended there."""

    name, path, place, need, listed = "Fin de session", "/connexion/fin", "signed_out", Need.NOTHING, False

    @expose("/<int:provider_id>", methods=("POST",))
    def end(self, provider_id: int) -> ResponseReturnValue:
        """Log the browsers of that session out (OpenID Connect Back-Channel Logout 1.0)."""
        try:
            ended = _end(provider_id, request.form.get("logout_token", ""))
        except SignOnRefused as refused:
            _log.warning("logout refused from %s: %s", network_address(), refused)
            return {"error": "invalid_request"}, 400
        _log.info("provider %s ended %s sessions", provider_id, ended)
        return "", 200


def send_away(provider_id: int, staff: Staff | None = None) -> ResponseReturnValue:
    """Send this browser to a provider: to log in, or to let `staff`, who is logged in, be known by it."""
    use(session(), SIGN_ONS, network_of(network_address()).home, clock.now())
    provider, question = _open(provider_id), Question.drawn()
    ask(session(), provider.id, question, clock.now(), staff_id=staff.id if staff else None)
    session().commit()
    # Asked over the network, with no transaction open.
    address = _way_there(provider, question, again=staff is not None)
    flask.session[BROWSER] = question.browser
    # By a page: browsers stop forms that lead to another site.
    return flask.render_template("admin/going.html", address=address, name=provider.name)


def _way_there(provider: IdentityProvider, question: Question, *, again: bool) -> str:
    if provider.kind is ProviderKind.CAS:
        return way_to_cas(provider.address, _service(question.state))
    if provider.kind is ProviderKind.HEADERS:
        return public_address(url_for("sign_on.front", state=question.state))
    return way_there(_client(provider), installation().discovery, question, again=again)


def _who_came() -> tuple[ComesBy, Said, Answered]:
    """Whoever came back, as the provider says."""
    # A page that is asked for with GET, and that writes: the provider sends browsers back so.
    installation().database.open(writing=True)
    back = request.args.to_dict()
    answer = answered(session(), back.get("state", ""), flask.session.pop(BROWSER, ""), clock.now())
    provider = _open(answer.provider_id)
    session().commit()
    said = _said(provider, back, answer)
    return ComesBy(provider, said.subject, said.attributes), said, answer


def _said(provider: IdentityProvider, back: dict[str, str], answer: Answered) -> Said:
    if provider.kind is ProviderKind.CAS:
        return said_by_cas(provider.address, _service(back["state"]), back.get("ticket", ""))
    if provider.kind is ProviderKind.HEADERS:
        return said_by_portal(request.environ.get(HEARD))
    return said_by(_client(provider), installation().discovery, back, answer, clock.now())


def _let_in(comes: ComesBy, said: Said, answer: Answered) -> ResponseReturnValue:
    if answer.staff_id is not None:
        return _join(comes, answer.staff_id)
    staff = come_in(session(), comes, clock.now(), today())
    came = CameBy(comes.provider.id, said.session)
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
    join(session(), own_staff(), comes, clock.now(), today(), actor())
    session().commit()
    flask.flash(f"Vous pouvez maintenant vous connecter par {comes.provider.name}.", "success")
    return redirect(url_for("ways_in.index"), 303)


def _end(provider_id: int, token: str) -> int:
    provider = find_open(session(), provider_id)
    if provider is None or provider.kind is not ProviderKind.OIDC:
        raise SignOnRefused(Refusal.SHUT)
    session().commit()
    ended = end_of_session(_client(provider), installation().discovery, token, clock.now())
    use_once(session(), f"{provider.id} {ended.token_id}", ended.until)
    return ended.close(session(), provider.id)


def _open(provider_id: int) -> IdentityProvider:
    provider = find_open(session(), provider_id)
    if provider is None:
        raise SignOnRefused(Refusal.SHUT)
    return provider


def _client(provider: IdentityProvider) -> Client:
    return client_of(provider, installation().sealer, public_address(url_for("sign_on.back")))


def _service(state: str) -> str:
    return public_address(url_for("sign_on.back", state=state))
