"""« Académie → Téléservices raccordés »: those that know families by the portal, and what each may be given (R35)."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from admin_app.access import Need
from admin_app.desk import act
from admin_app.installation import installation, session
from admin_app.page import Page, expose
from admin_app.ui.connected_services import SHARED
from shared.models.access.openid import OpenidClient, Shared
from shared.provider.clients import (
    CLIENTS,
    ClientRefused,
    Registration,
    change_client,
    clients,
    register_client,
    renew_secret,
    services_to_register,
    uais_of,
)
from shared.provider.keys import KEYS
from shared.rows.editing import ChangedMeanwhile

CHANGED_MEANWHILE = (
    "Quelqu'un d'autre a modifié ce raccordement pendant que vous le regardiez. Voici comment il est maintenant : "
    "vérifiez-le avant de recommencer."
)
NOT_OFFERED = "Choisissez une des réponses proposées."
_ADDRESSES = {"rows": "3", "inputmode": "url", "placeholder": "https://"}


class ClientForm(FlaskForm):
    """What the académie writes of a téléservice."""

    service = SelectField("Téléservice", coerce=int, description="Une entrée du catalogue.")
    return_addresses = TextAreaField(
        "Adresses de retour",
        description="Une par ligne. Comparées signe pour signe : pas d'adresse approchante.",
        render_kw=_ADDRESSES,
    )
    after_logout_addresses = TextAreaField(
        "Adresses après déconnexion", description="Une par ligne ; aucune si vide.", render_kw=_ADDRESSES
    )
    logout_address = StringField(
        "Adresse prévenue des fins de session (back-channel logout)",
        description="Vide si le téléservice n'en a pas.",
        render_kw={"inputmode": "url", "placeholder": "https://"},
    )
    # Not `data`, which every form has.
    shares = SelectMultipleField(
        "Ce qu'il peut recevoir, si la famille l'accepte",
        choices=[SelectChoice(data.value, words) for data, words in SHARED.items()],
    )
    uais = TextAreaField(
        "Établissements",
        description="Leurs UAI, un par ligne. Vide : tous ceux qui ouvrent le téléservice.",
        render_kw={"rows": "2"},
    )
    version = IntegerField(default=0)

    def wanted(self) -> Registration:
        """What was typed."""
        return Registration(
            return_addresses=_lines(self.return_addresses.data),
            after_logout_addresses=_lines(self.after_logout_addresses.data),
            logout_address=(self.logout_address.data or "").strip(),
            data=frozenset(map(Shared, self.shares.data or [])),
            uais=_lines(self.uais.data),
        )


class SettleForm(FlaskForm):
    """A button, and the version that was shown beside it."""

    version = IntegerField(default=0)
    at_once = BooleanField()


class ConnectedServicesPage(Page):
    """Téléservices as relying parties, for the administrators of the académie."""

    name, path, place = "Téléservices raccordés", "/academie/raccordements", "connected_services"
    need, menu_category = Need.ACADEMY, "Académie"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Those registered, and a form to add one."""
        return self._show(ClientForm(None))

    @expose("/", methods=("POST",))
    def add(self) -> ResponseReturnValue:
        """Register one, shut; its secret is shown once, on the page that answers."""
        form = ClientForm()
        _offer_services(form)
        if not form.validate():
            return self._show(form, NOT_OFFERED), 422
        try:
            client, secret = register_client(act(), form.service.data, form.wanted(), installation().sealer)
        except ClientRefused as refused:
            session().rollback()
            return self._show(form, str(refused)), 422
        return self._edit(client, _form_of(client), secret=secret)

    @expose("/<int:registration_id>/")
    def edit(self, registration_id: int) -> ResponseReturnValue:
        """One of them, ready to be corrected, with what its operator must be told."""
        client = _find(registration_id)
        return self._edit(client, _form_of(client))

    @expose("/<int:registration_id>/", methods=("POST",))
    def change(self, registration_id: int) -> ResponseReturnValue:
        """Correct it."""
        client, form = _find(registration_id), ClientForm()
        form.service.choices, form.service.data = [SelectChoice(client.teleservice_id, "")], client.teleservice_id
        if not form.validate():
            return self._edit(client, form, NOT_OFFERED), 422
        try:
            change_client(act(), client, form.wanted(), form.version.data or 0)
        except ClientRefused as refused:
            session().rollback()
            return self._edit(_find(registration_id), form, str(refused)), 422
        except ChangedMeanwhile:
            return self._late(registration_id)
        flash("Le raccordement est modifié.", "success")
        return redirect(url_for("connected_services.index"), 303)

    @expose("/<int:registration_id>/ouvrir", methods=("POST",))
    def open(self, registration_id: int) -> ResponseReturnValue:
        """Let it know families."""
        return self._settle(registration_id, opens=True)

    @expose("/<int:registration_id>/fermer", methods=("POST",))
    def shut(self, registration_id: int) -> ResponseReturnValue:
        """Give it nothing any more."""
        return self._settle(registration_id, opens=False)

    @expose("/<int:registration_id>/secret", methods=("POST",))
    def renew(self, registration_id: int) -> ResponseReturnValue:
        """Another secret, shown once, on the page that answers."""
        client, form = _find(registration_id), SettleForm()
        version, at_once = form.version.data or 0, bool(form.at_once.data)
        try:
            secret = renew_secret(act(), client, version, at_once=at_once)
        except ChangedMeanwhile:
            return self._late(registration_id)
        return self._edit(client, _form_of(client), secret=secret)

    @expose("/cles", methods=("POST",))
    def give_up(self) -> ResponseReturnValue:
        """Sign with a new key at once: the others may be known."""
        KEYS.replace(act(), installation().sealer)
        flash(
            "Le portail signe avec une nouvelle clé ; les précédentes ne valent plus rien. Les téléservices la lisent "
            "d'eux-mêmes : qui entrait à cet instant recommence.",
            "success",
        )
        return redirect(url_for("connected_services.index"), 303)

    def _settle(self, registration_id: int, *, opens: bool) -> ResponseReturnValue:
        client, version = _find(registration_id), SettleForm().version.data or 0
        try:
            CLIENTS.turn(act(), client, version, opens=opens)
        except ChangedMeanwhile:
            return self._late(registration_id)
        done = "reconnaît les familles des établissements qui l'ouvrent" if opens else "ne reçoit plus rien"
        flash(f"« {client.teleservice.label} » {done}.", "success")
        return redirect(url_for("connected_services.index"), 303)

    def _late(self, registration_id: int) -> ResponseReturnValue:
        session().rollback()
        client = _find(registration_id)
        return self._edit(client, _form_of(client), CHANGED_MEANWHILE), 409

    def _show(self, form: ClientForm, refusal: str | None = None) -> str:
        _offer_services(form)
        return self.render("admin/connected_services.html", clients=clients(session()), form=form, refusal=refusal)

    def _edit(
        self, client: OpenidClient, form: ClientForm, refusal: str | None = None, secret: str | None = None
    ) -> str:
        told = {
            "Émetteur (issuer)": installation().settings.public_portal_url,
            "Identifiant de client": client.client_id,
        }
        return self.render(
            "admin/connected_service.html", client=client, form=form, refusal=refusal, told=told, secret=secret
        )


def _offer_services(form: ClientForm) -> None:
    form.service.choices = [SelectChoice(one.id, one.label) for one in services_to_register(session())]


def _form_of(client: OpenidClient) -> ClientForm:
    return ClientForm(
        None,
        return_addresses="\n".join(client.return_addresses),
        after_logout_addresses="\n".join(client.after_logout_addresses),
        logout_address=client.logout_address or "",
        shares=client.data,
        uais="\n".join(uais_of(session(), client)),
        version=client.version,
    )


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").split())


def _find(registration_id: int) -> OpenidClient:
    return session().get(OpenidClient, registration_id) or abort(404)
