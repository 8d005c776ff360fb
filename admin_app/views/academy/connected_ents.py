"""« Académie → ENT raccordés »: those that know families by the portal, by SAML 2.0 (R35)."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import FileField, IntegerField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from admin_app.access import Need
from admin_app.desk import act
from admin_app.installation import installation, session
from admin_app.page import Page, expose
from shared import clock
from shared.establishments.ent_links import schools_by_ent_link
from shared.models.access.ents import EntService
from shared.provider.ent.keys import ENT_KEYS, next_key
from shared.provider.ent.metadata import LARGEST, MetadataRefused
from shared.provider.ent.registering import (
    ENTS,
    change_ent,
    connect_ent,
    connected_ents,
    ents_to_connect,
)
from shared.rows.editing import ChangedMeanwhile

CHANGED_MEANWHILE = (
    "Quelqu'un d'autre a modifié ce raccordement pendant que vous le regardiez. Voici comment il est maintenant : "
    "vérifiez-le avant de recommencer."
)
NOT_OFFERED = "Choisissez une des réponses proposées."
OWN_METADATA = "/ent/metadonnees"
"""On the portal, which publishes them."""


class EntForm(FlaskForm):
    """An ENT, and what its operator handed over."""

    ent = SelectField("ENT", coerce=int, description="De la liste « Liens ENT prédéfinis ».")
    pasted = TextAreaField(
        "Métadonnées SAML de l'ENT", description="Collez-les ici…", render_kw={"rows": "6", "spellcheck": "false"}
    )
    file = FileField("…ou choisissez leur fichier", description="En XML, de 200 Ko au plus.")
    version = IntegerField(default=0)

    def document(self) -> bytes:
        """What was pasted, else the file; never more than is looked at."""
        pasted: bytes = (self.pasted.data or "").encode("utf-8", "replace")
        sent = request.files.get(self.file.name)
        return pasted if pasted.strip() or sent is None else sent.stream.read(LARGEST + 1)


class SettleForm(FlaskForm):
    """A button, and the version that was shown beside it."""

    version = IntegerField(default=0)


class ConnectedEntsPage(Page):
    """ENTs as service providers, for the administrators of the académie."""

    name, path, place, need = "ENT raccordés", "/academie/ents-raccordes", "connected_ents", Need.ACADEMY
    menu_category = "Académie"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Those connected, what their operators must know, and a form to add one."""
        return self._show(EntForm(None))

    @expose("/", methods=("POST",))
    def add(self) -> ResponseReturnValue:
        """Connect one, shut."""
        form = EntForm()
        _offer_ents(form)
        if not form.validate():
            return self._show(form, NOT_OFFERED), 422
        try:
            service = connect_ent(act(), form.ent.data, form.document(), installation().sealer)
        except MetadataRefused as refused:
            session().rollback()
            return self._show(form, str(refused)), 422
        flash(f"« {service.ent_link.label} » est raccordé, et fermé : relisez ses adresses, puis ouvrez-le.", "success")
        return redirect(url_for("connected_ents.edit", ent_service_id=service.id), 303)

    @expose("/<int:ent_service_id>/")
    def edit(self, ent_service_id: int) -> ResponseReturnValue:
        """One of them: what its metadata said, and a form to replace them."""
        return self._edit(_find(ent_service_id))

    @expose("/<int:ent_service_id>/", methods=("POST",))
    def change(self, ent_service_id: int) -> ResponseReturnValue:
        """Replace its metadata."""
        service, form = _find(ent_service_id), EntForm()
        try:
            change_ent(act(), service, form.document(), form.version.data or 0)
        except MetadataRefused as refused:
            session().rollback()
            return self._edit(_find(ent_service_id), str(refused)), 422
        except ChangedMeanwhile:
            return self._late(ent_service_id)
        flash("Les métadonnées sont remplacées.", "success")
        return redirect(url_for("connected_ents.edit", ent_service_id=ent_service_id), 303)

    @expose("/<int:ent_service_id>/ouvrir", methods=("POST",))
    def open(self, ent_service_id: int) -> ResponseReturnValue:
        """Let it know families."""
        return self._settle(ent_service_id, opens=True)

    @expose("/<int:ent_service_id>/fermer", methods=("POST",))
    def shut(self, ent_service_id: int) -> ResponseReturnValue:
        """Tell it nothing any more."""
        return self._settle(ent_service_id, opens=False)

    @expose("/certificat", methods=("POST",))
    def replace(self) -> ResponseReturnValue:
        """Sign with a new key at once: the others may be known."""
        ENT_KEYS.replace(act(), installation().sealer)
        flash(
            "Le portail signe avec un nouveau certificat ; les précédents ne valent plus rien. Prévenez l'opérateur de "
            "chaque ENT : personne n'y entre tant qu'il n'a pas relu nos métadonnées.",
            "success",
        )
        return redirect(url_for("connected_ents.index"), 303)

    def _settle(self, ent_service_id: int, *, opens: bool) -> ResponseReturnValue:
        service, version = _find(ent_service_id), SettleForm().version.data or 0
        try:
            ENTS.turn(act(), service, version, opens=opens)
        except ChangedMeanwhile:
            return self._late(ent_service_id)
        done = "reconnaît les familles des établissements qui l'ont choisi" if opens else "ne reçoit plus rien"
        flash(f"« {service.ent_link.label} » {done}.", "success")
        return redirect(url_for("connected_ents.index"), 303)

    def _late(self, ent_service_id: int) -> ResponseReturnValue:
        session().rollback()
        return self._edit(_find(ent_service_id), CHANGED_MEANWHILE), 409

    def _show(self, form: EntForm, refusal: str | None = None) -> str:
        _offer_ents(form)
        return self.render(
            "admin/connected_ents.html",
            services=connected_ents(session()),
            schools=schools_by_ent_link(session()),
            form=form,
            refusal=refusal,
            own=_own_metadata(),
            next_key=next_key(session(), clock.now()),
        )

    def _edit(self, service: EntService, refusal: str | None = None) -> str:
        form = EntForm(None, version=service.version)
        return self.render("admin/connected_ent.html", service=service, form=form, refusal=refusal, own=_own_metadata())


def _own_metadata() -> str:
    return installation().settings.public_portal_url + OWN_METADATA


def _offer_ents(form: EntForm) -> None:
    form.ent.choices = [SelectChoice(one.id, one.label) for one in ents_to_connect(session())]


def _find(ent_service_id: int) -> EntService:
    return session().get(EntService, ent_service_id) or abort(404)
