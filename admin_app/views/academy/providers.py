"""« Académie → Fournisseurs d'identité »: where staff come in from elsewhere, opened once they were tried (R34)."""

from dataclasses import replace

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.desk import act
from admin_app.installation import installation, public_address, session
from admin_app.page import Page, expose
from admin_app.ui.sign_on import PROVIDER_KINDS, REFUSALS
from admin_app.views.academy.provider_form import ProviderForm, form_of
from admin_app.views.session.saml import addresses
from shared import clock
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.rows.editing import ChangedMeanwhile
from shared.sign_on.providers import (
    Description,
    ProviderRefused,
    add_provider,
    change_provider,
    move_up,
    providers,
    turn_provider,
)
from shared.sign_on.refusals import SignOnRefused

CHANGED_MEANWHILE = (
    "Quelqu'un d'autre a modifié ce fournisseur pendant que vous le regardiez. Voici comment il est maintenant : "
    "vérifiez-le avant de recommencer."
)
PORTAL_HAS_SECRET = (
    "FRONT_SECRET est réglé. Le reste se voit en entrant par le portail : le journal technique dit ce qui manque.",
    "success",
)
PORTAL_HAS_NONE = ("FRONT_SECRET n'est pas réglé : personne n'entrera (docs/sso.md).", "error")


class ProvidersPage(Page):
    """The identity providers, for the administrators of the académie."""

    name, path, place, need = "Fournisseurs d'identité", "/academie/fournisseurs", "providers", Need.ACADEMY
    menu_category = "Académie"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The providers in the order of the login page, and a form to add one."""
        return self._show(ProviderForm(None))

    @expose("/", methods=("POST",))
    def add(self) -> ResponseReturnValue:
        """Write one down, shut."""
        form = ProviderForm()
        if not form.validate():
            return self._show(form, "Choisissez une des réponses proposées."), 422
        try:
            wanted = _with_own_key(form.wanted(ProviderKind(form.kind.data)))
            provider = add_provider(act(), wanted, installation().sealer)
        except ProviderRefused as refused:
            session().rollback()
            return self._show(form, str(refused)), 422
        flash(f"« {provider.name} » est enregistré, fermé pour l'instant : essayez-le, puis ouvrez-le.", "success")
        return redirect(url_for("providers.edit", provider_id=provider.id), 303)

    @expose("/<int:provider_id>/")
    def edit(self, provider_id: int) -> ResponseReturnValue:
        """One provider, ready to be corrected, with what its operator must be told."""
        provider = _find(provider_id)
        return self._edit(provider, form_of(provider))

    @expose("/<int:provider_id>/", methods=("POST",))
    def change(self, provider_id: int) -> ResponseReturnValue:
        """Correct it; whoever came in by it logs in again."""
        provider, form = _find(provider_id), ProviderForm()
        form.kind.data, form.address.data = provider.kind.value, provider.address
        if not form.validate():
            return self._edit(provider, form, "Choisissez une des réponses proposées."), 422
        version = form.version.data or 0
        try:
            wanted = form.wanted(provider.kind)
            if provider.kind is ProviderKind.SAML:
                # Our own key stays.
                wanted = replace(wanted, secret="")
            change_provider(act(), provider, wanted, version, installation().sealer)
        except ProviderRefused as refused:
            session().rollback()
            return self._edit(_find(provider_id), form, str(refused)), 422
        except ChangedMeanwhile:
            session().rollback()
            return self._edit(_find(provider_id), form_of(_find(provider_id)), CHANGED_MEANWHILE), 409
        installation().discovery.forget(provider.address)
        flash("Le fournisseur est modifié. Qui était entré par lui se connecte de nouveau.", "success")
        return redirect(url_for("providers.index"), 303)

    @expose("/<int:provider_id>/essai", methods=("POST",))
    def probe(self, provider_id: int) -> ResponseReturnValue:
        """Read what it says of itself, now."""
        provider = _find(provider_id)
        session().rollback()
        if provider.kind is ProviderKind.OIDC:
            discovery = installation().discovery
            discovery.forget(provider.address)
            try:
                keys = discovery.keys(provider.address)
            except SignOnRefused as refused:
                flash(f"{REFUSALS[refused.reason]} ({refused.detail})", "error")
            else:
                flash(f"« {provider.name} » répond : {len(keys.keys)} clés de signature lues.", "success")
        elif provider.kind is ProviderKind.SAML:
            _probe_saml(provider)
        elif provider.kind is ProviderKind.HEADERS:
            flash(*PORTAL_HAS_SECRET if installation().settings.front_secret else PORTAL_HAS_NONE)
        return redirect(url_for("providers.edit", provider_id=provider_id), 303)

    @expose("/<int:provider_id>/ouvrir", methods=("POST",))
    def open(self, provider_id: int) -> ResponseReturnValue:
        """Show it on the login page."""
        return self._settle(provider_id, opens=True)

    @expose("/<int:provider_id>/fermer", methods=("POST",))
    def shut(self, provider_id: int) -> ResponseReturnValue:
        """Take it off the login page, and log out who came in by it."""
        return self._settle(provider_id, opens=False)

    @expose("/<int:provider_id>/monter", methods=("POST",))
    def move(self, provider_id: int) -> ResponseReturnValue:
        """One place up on the login page."""
        move_up(act(), _find(provider_id))
        return redirect(url_for("providers.index"), 303)

    def _settle(self, provider_id: int, *, opens: bool) -> ResponseReturnValue:
        provider, form = _find(provider_id), ProviderForm()
        try:
            turn_provider(act(), provider, form.version.data or 0, opens=opens)
        except ChangedMeanwhile:
            session().rollback()
            flash(CHANGED_MEANWHILE, "error")
            return redirect(url_for("providers.index"), 303)
        done = "est proposé sur la page de connexion" if opens else "est fermé ; qui était entré par lui est déconnecté"
        flash(f"« {provider.name} » {done}.", "success")
        return redirect(url_for("providers.index"), 303)

    def _show(self, form: ProviderForm, refusal: str | None = None) -> str:
        listed = providers(session())
        return self.render("admin/providers.html", providers=listed, form=form, refusal=refusal, kinds=PROVIDER_KINDS)

    def _edit(self, provider: IdentityProvider, form: ProviderForm, refusal: str | None = None) -> str:
        told = _told(provider)
        return self.render(
            "admin/provider.html", provider=provider, form=form, refusal=refusal, kinds=PROVIDER_KINDS, told=told
        )


def _probe_saml(provider: IdentityProvider) -> None:
    from shared.sign_on.saml.door import read_anew

    try:
        entity = read_anew(provider.address, provider.client_id or "")
    except SignOnRefused as refused:
        flash(f"{REFUSALS[refused.reason]} ({refused.detail})", "error")
    else:
        flash(f"« {provider.name} » répond : {len(entity.certificates)} certificats lus.", "success")


def _with_own_key(wanted: Description) -> Description:
    """A SAML provider knows us by a key made for it alone."""
    if wanted.kind is not ProviderKind.SAML:
        return wanted
    from shared.sign_on.saml.party import new_key

    return replace(wanted, secret=new_key(clock.now()))


def _told(provider: IdentityProvider) -> dict[str, str]:
    """What its operator must be told."""
    if provider.kind is ProviderKind.HEADERS:
        return {"Adresse à mettre derrière le portail": public_address(url_for("sign_on.front"))}
    if provider.kind is ProviderKind.SAML:
        entity_id, consumer = addresses(provider.id)
        return {
            "Métadonnées, et identifiant d'entité": entity_id,
            "Réponses (AssertionConsumerService, HTTP-POST)": consumer,
        }
    back = {"Adresse de retour": public_address(url_for("sign_on.back"))}
    if provider.kind is ProviderKind.CAS:
        return back
    end = public_address(url_for("signed_out.end", provider_id=provider.id))
    left = public_address(url_for("login.index"))
    return back | {"Retour après fermeture (post-logout)": left, "Fin de session (back-channel logout)": end}


def _find(provider_id: int) -> IdentityProvider:
    return session().get(IdentityProvider, provider_id) or abort(404)
