"""« Gestion des services → Ouverture / Fermeture » (R25)."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.forms.of_pages import OpenedForm
from shared.establishments.ent import ent_door, set_ent_open
from shared.establishments.services import ServiceIsMandatory, ServiceNotFound, ServiceState, services_of, set_open
from shared.establishments.settings import SettingProblem, SettingRefused
from shared.models.staff import Tab


class ServicesPage(Page):
    """Every téléservice of the catalogue, open or closed in this establishment."""

    name, path, place, need = "Ouverture / Fermeture", "/services", "services", Tab.SERVICES
    menu_category = "Gestion des services"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The catalogue, and the ENT where the académie connected it."""
        door = ent_door(session(), school_id())
        return self.render("admin/services.html", services=services_of(session(), school_id()), door=door)

    @expose("/ent/")
    def confirm_ent(self) -> ResponseReturnValue:
        """What opening or closing the way into the ENT will change for families, before it is done."""
        door = ent_door(session(), school_id())
        if door is None:
            return _no_ent()
        return self.render("admin/service_ent.html", door=door)

    @expose("/ent/", methods=("POST",))
    def change_ent(self) -> ResponseReturnValue:
        """Open the ENT to families, or close it."""
        form = OpenedForm()
        opened = bool(form.is_opened.data)
        try:
            door = set_ent_open(desk(), is_open=opened, version=form.seen_version())
        except SettingRefused as refused:
            session().rollback()
            if refused.problem is SettingProblem.ENT_NOT_CONNECTED:
                return _no_ent()
            flash(refused.problem.value, "error")
            return self.index(), 409
        flash(f"L'entrée dans « {door.label} » est maintenant {'ouverte' if opened else 'fermée'}.", "success")
        return redirect(url_for("services.index"), 303)

    @expose("/<int:service_id>/")
    def confirm(self, service_id: int) -> ResponseReturnValue:
        """What opening or closing will change for families, before it is done."""
        return self.render("admin/service.html", state=_state_of(service_id))

    @expose("/<int:service_id>/", methods=("POST",))
    def change(self, service_id: int) -> ResponseReturnValue:
        """Open a téléservice to families, or close it."""
        opened = bool(OpenedForm().is_opened.data)
        try:
            service = set_open(desk(), service_id, is_open=opened)
        except ServiceNotFound:
            abort(404)
        except ServiceIsMandatory:
            session().rollback()
            flash("Ce téléservice est obligatoire : il ne peut pas être fermé.", "error")
            return redirect(url_for("services.index"), 303)
        flash(f"« {service.label} » est maintenant {'ouvert' if opened else 'fermé'}.", "success")
        return redirect(url_for("services.index"), 303)


def _no_ent() -> ResponseReturnValue:
    flash(SettingProblem.ENT_NOT_CONNECTED.value, "error")
    return redirect(url_for("services.index"), 303)


def _state_of(service_id: int) -> ServiceState:
    states = services_of(session(), school_id())
    found = next((state for state in states if state.service.id == service_id), None)
    if found is None:
        abort(404)
    return found
