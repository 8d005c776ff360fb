"""Coming in by a SAML 2.0 identity provider: what it must know of us, and its answers (R34).

An answer comes by a form of the provider's own page, and browsers send no cookie of ours with a form of elsewhere. So
it is taken twice: a page of ours takes it, unread, and sends it on from here, now with the cookie that says whose
question it answers. Whoever never asked has no such cookie: nobody is made to work under somebody else's person.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import flask
from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.installation import installation, public_address, session
from admin_app.page import expose
from admin_app.views.session.passage import BROWSER, Passage, let_in, open_or_refuse
from shared import clock
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.sign_on.attempts import Question, answered, use_once
from shared.sign_on.entering import ComesBy
from shared.sign_on.refusals import Refusal, SignOnRefused

if TYPE_CHECKING:
    from shared.sign_on.saml.party import Party

_log = logging.getLogger(__name__)
LONGEST_ANSWER = 200_000
"""Signs of each field."""


class SamlPage(Passage):
    """What a provider reads of us, and where it sends browsers back to."""

    name, path, place, need, listed = "Connexion par SAML", "/connexion/par/saml", "saml", Need.NOTHING, False

    @expose("/<int:provider_id>")
    def metadata(self, provider_id: int) -> ResponseReturnValue:
        """What the provider must know of us, open or not: it is read before it is opened."""
        from shared.sign_on.saml.party import metadata_of

        provider = session().get(IdentityProvider, provider_id)
        if provider is None or provider.kind is not ProviderKind.SAML:
            abort(404)
        return Response(metadata_of(party(provider)), content_type="application/samlmetadata+xml")

    @expose("/<int:provider_id>/retour", methods=("POST",))
    def arrive(self, provider_id: int) -> ResponseReturnValue:
        """Take an answer, unread and without any cookie, and have the browser send it again from here."""
        fields = _fields(request.form)
        if fields is None:
            return self.refuse(SignOnRefused(Refusal.INVALID, "no answer, or one that is too long"))
        onward = public_address(url_for("saml.go_on", provider_id=provider_id))
        return flask.render_template("admin/coming_back.html", fields=fields, onward=onward)

    @expose("/<int:provider_id>/suite", methods=("POST",))
    def go_on(self, provider_id: int) -> ResponseReturnValue:
        """Whoever comes back, known or refused with a reason."""
        try:
            return self._who_came(provider_id)
        except SignOnRefused as refused:
            return self.refuse(refused)

    def _who_came(self, provider_id: int) -> ResponseReturnValue:
        from shared.sign_on.saml.door import said_by_saml

        fields = _fields(request.form) or {}
        now = clock.now()
        answer = answered(session(), fields.get("RelayState", ""), flask.session.pop(BROWSER, ""), now)
        provider = open_or_refuse(answer.provider_id)
        if provider.id != provider_id or provider.kind is not ProviderKind.SAML:
            raise SignOnRefused(Refusal.INVALID, "the answer of another provider")
        own, address, entity = party(provider), provider.address, provider.client_id or ""
        session().commit()
        found = said_by_saml(own, address, entity, fields.get("SAMLResponse", ""), answer.nonce, now)
        use_once(session(), f"{provider.id} {found.assertion_id}", found.until)
        return let_in(ComesBy(provider, found.said.subject, found.said.attributes), found.said, answer)


def way_to(provider: IdentityProvider, question: Question, *, again: bool) -> str:
    """Where to send a browser with a question.

    Raises:
        SignOnRefused: the provider does not answer.
    """
    from shared.sign_on.saml.door import way_to_saml

    own, address, entity = party(provider), provider.address, provider.client_id or ""
    return way_to_saml(own, address, entity, question, clock.now(), again=again)


def party(provider: IdentityProvider) -> "Party":
    """What we are for a provider."""
    from shared.sign_on.saml.door import party_of

    entity_id, consumer = addresses(provider.id)
    return party_of(provider, installation().sealer, entity_id, consumer)


def addresses(provider_id: int) -> tuple[str, str]:
    """Our name for a provider, which is where our metadata are, and where its answers come."""
    names = ("saml.metadata", "saml.arrive")
    entity_id, consumer = (public_address(url_for(name, provider_id=provider_id)) for name in names)
    return entity_id, consumer


def _fields(form: Mapping[str, str]) -> dict[str, str] | None:
    """What an answer is made of; none where it is none, or too long to be one."""
    fields = {name: form.get(name, "") for name in ("SAMLResponse", "RelayState")}
    return fields if fields["SAMLResponse"] and max(map(len, fields.values())) <= LONGEST_ANSWER else None
