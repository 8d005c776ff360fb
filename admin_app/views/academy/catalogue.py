"""« Académie → Catalogue des téléservices » (R25)."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.visitors import actor
from shared import clock
from shared.editing import ChangedMeanwhile
from shared.establishments.catalogue import (
    Described,
    add_service,
    catalogue,
    change_service,
    described,
    find_service,
    move_service,
    restore_service,
    retire_service,
)
from shared.establishments.services import ServiceNotFound
from shared.establishments.settings import SettingRefused
from shared.models.teleservices import Audience, Teleservice
from shared.web.headers import row_number

CHANGED_MEANWHILE = (
    "Quelqu'un d'autre a modifié ce téléservice pendant que vous le regardiez. Voici comment il est maintenant : "
    "vérifiez-le avant de recommencer."
)


class CataloguePage(Page):
    """The téléservices that every establishment finds, for the académie's administrators."""

    name, path, place, need = "Catalogue des téléservices", "/academie/catalogue", "catalogue", Need.ACADEMY
    menu_category = "Académie"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The catalogue, in the order in which families see it, and a form to add to it."""
        return self._show()

    @expose("/", methods=("POST",))
    def add(self) -> ResponseReturnValue:
        """Add a téléservice."""
        try:
            service = add_service(session(), _typed(), clock.now(), actor())
        except SettingRefused as refused:
            return self._show(refused.problem.value), 422
        session().commit()
        flash(f"« {service.label} » est ajouté au catalogue.", "success")
        return redirect(url_for("catalogue.index"), 303)

    @expose("/<int:service_id>/")
    def edit(self, service_id: int) -> ResponseReturnValue:
        """One téléservice, ready to be changed."""
        return self._edit(_find(service_id))

    @expose("/<int:service_id>/", methods=("POST",))
    def change(self, service_id: int) -> ResponseReturnValue:
        """Replace what is said of it, in every establishment at once."""
        service, version = _find(service_id), request.form.get("version", 0, row_number)
        try:
            change_service(session(), service, _typed(), version, clock.now(), actor())
        except SettingRefused as refused:
            return self._edit(service, refused.problem.value, typed=True), 422
        except ChangedMeanwhile:
            session().rollback()
            return self._edit(_find(service_id), CHANGED_MEANWHILE), 409
        session().commit()
        flash(f"« {service.label} » est modifié.", "success")
        return redirect(url_for("catalogue.index"), 303)

    @expose("/<int:service_id>/retirer")
    def ask_retire(self, service_id: int) -> ResponseReturnValue:
        """What retiring it will change, before it is done."""
        return self.render("admin/catalogue_retire.html", service=_find(service_id))

    @expose("/<int:service_id>/retirer", methods=("POST",))
    def retire(self, service_id: int) -> ResponseReturnValue:
        """Take it away from every portal."""
        service = _find(service_id)
        retire_service(session(), service, clock.now(), actor())
        session().commit()
        flash(f"« {service.label} » est retiré. Vous pouvez le remettre, en bas de cette page.", "success")
        return redirect(url_for("catalogue.index"), 303)

    @expose("/<int:service_id>/remettre", methods=("POST",))
    def restore(self, service_id: int) -> ResponseReturnValue:
        """Put it back, as each establishment had it."""
        service = _find(service_id)
        restore_service(session(), service, clock.now(), actor())
        session().commit()
        flash(f"« {service.label} » est remis dans le catalogue.", "success")
        return redirect(url_for("catalogue.index"), 303)

    @expose("/<int:service_id>/deplacer", methods=("POST",))
    def move(self, service_id: int) -> ResponseReturnValue:
        """Exchange it with the one above or below."""
        up = request.form.get("sens") == "haut"
        move_service(session(), _find(service_id), up=up, now=clock.now(), actor=actor())
        session().commit()
        return redirect(url_for("catalogue.index"), 303)

    def _show(self, refusal: str | None = None) -> str:
        services = catalogue(session())
        return self.render(
            "admin/catalogue.html",
            services=[service for service in services if service.retired_at is None],
            retired=[service for service in services if service.retired_at is not None],
            audiences=list(Audience),
            values=request.form,
            refusal=refusal,
        )

    def _edit(self, service: Teleservice, refusal: str | None = None, *, typed: bool = False) -> str:
        values = request.form if typed else _as_typed(service)
        audiences = list(Audience)
        return self.render(
            "admin/catalogue_service.html", service=service, values=values, audiences=audiences, refusal=refusal
        )


def _as_typed(service: Teleservice) -> dict[str, str]:
    return {
        "libelle": service.label,
        "adresse": service.url,
        "description": service.description,
        "public": service.audience.value,
        "obligatoire": "oui" if service.mandatory else "",
        "ouvert": "oui" if service.open_by_default else "",
    }


def _typed() -> Described:
    form = request.form
    return described(
        form.get("libelle", ""),
        form.get("adresse", ""),
        form.get("description", ""),
        form.get("public", ""),
        mandatory=form.get("obligatoire") == "oui",
        open_by_default=form.get("ouvert") == "oui",
    )


def _find(service_id: int) -> Teleservice:
    try:
        return find_service(session(), service_id)
    except ServiceNotFound:
        abort(404)
