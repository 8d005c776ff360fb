"""Coming in by an identity provider: the way there, the way back, and what it says when a session ended (R34)."""

import logging

import flask
from flask import request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.installation import installation, network_address, public_address, session
from admin_app.page import expose
from admin_app.quotas import SIGN_ONS
from admin_app.views.session.passage import BROWSER, Passage, let_in, open_or_refuse
from admin_app.views.session.saml import way_to
from shared import clock
from shared.limits.networks import network_of
from shared.limits.quotas import use
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.models.staff import Staff
from shared.sign_on.attempts import Answered, Question, answered, ask, use_once
from shared.sign_on.cas import said_by_cas, way_to_cas
from shared.sign_on.entering import ComesBy
from shared.sign_on.front import said_by_portal
from shared.sign_on.logout import end_of_session
from shared.sign_on.oidc import Client, said_by, way_there
from shared.sign_on.providers import client_of, find_open
from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.sign_on.said import Said
from shared.web.front_portal import HEARD

_log = logging.getLogger(__name__)


class SignOnPage(Passage):
    """Buttons of the login page lead to a provider, and it leads back."""

    name, path, place, need, listed = "Connexion par un fournisseur", "/connexion/par", "sign_on", Need.NOTHING, False

    @expose("/<int:provider_id>", methods=("POST",))
    def leave(self, provider_id: int) -> ResponseReturnValue:
        """Send the browser there, with a question that it alone can bring the answer of."""
        try:
            return send_away(provider_id)
        except SignOnRefused as refused:
            return self.refuse(refused)

    @expose("/retour")
    def back(self) -> ResponseReturnValue:
        """Whoever comes back, known or refused with a reason."""
        try:
            return let_in(*_who_came())
        except SignOnRefused as refused:
            return self.refuse(refused)

    @expose("/portail")
    def front(self) -> ResponseReturnValue:
        """The same, through a portal in front, which says who it is."""
        return self.back()


class SignedOutPage(Passage):
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
    provider, question = open_or_refuse(provider_id), Question.drawn()
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
    if provider.kind is ProviderKind.SAML:
        return way_to(provider, question, again=again)
    if provider.kind is ProviderKind.HEADERS:
        return public_address(url_for("sign_on.front", state=question.state))
    return way_there(_client(provider), installation().discovery, question, again=again)


def _who_came() -> tuple[ComesBy, Said, Answered]:
    """Whoever came back, as the provider says."""
    # A page that is asked for with GET, and that writes: the provider sends browsers back so.
    installation().database.open(writing=True)
    back = request.args.to_dict()
    answer = answered(session(), back.get("state", ""), flask.session.pop(BROWSER, ""), clock.now())
    provider = open_or_refuse(answer.provider_id)
    session().commit()
    said = _said(provider, back, answer)
    return ComesBy(provider, said.subject, said.attributes), said, answer


def _said(provider: IdentityProvider, back: dict[str, str], answer: Answered) -> Said:
    if provider.kind is ProviderKind.CAS:
        return said_by_cas(provider.address, _service(back["state"]), back.get("ticket", ""))
    if provider.kind is ProviderKind.SAML:
        raise SignOnRefused(Refusal.INVALID, "an answer by address")
    if provider.kind is ProviderKind.HEADERS:
        return said_by_portal(request.environ.get(HEARD))
    return said_by(_client(provider), installation().discovery, back, answer, clock.now())


def _end(provider_id: int, token: str) -> int:
    provider = find_open(session(), provider_id)
    if provider is None or provider.kind is not ProviderKind.OIDC:
        raise SignOnRefused(Refusal.SHUT)
    session().commit()
    ended = end_of_session(_client(provider), installation().discovery, token, clock.now())
    use_once(session(), f"{provider.id} {ended.token_id}", ended.until)
    return ended.close(session(), provider.id)


def _client(provider: IdentityProvider) -> Client:
    return client_of(provider, installation().sealer, public_address(url_for("sign_on.back")))


def _service(state: str) -> str:
    return public_address(url_for("sign_on.back", state=state))
