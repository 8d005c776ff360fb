"""« Académie → Liens ENT »: the list that establishments choose from (R21)."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.visitors import actor
from shared import clock
from shared.editing import ChangedMeanwhile
from shared.establishments.ent_links import (
    EntLinkNotFound,
    add_ent_link,
    change_ent_link,
    ent_links,
    find_ent_link,
    restore_ent_link,
    retire_ent_link,
    schools_by_ent_link,
)
from shared.establishments.settings import SettingRefused
from shared.models.teleservices import EntLink
from shared.web.headers import row_number

CHANGED_MEANWHILE = (
    "Quelqu'un d'autre a modifié ce lien pendant que vous le regardiez. Voici comment il est maintenant : "
    "vérifiez-le avant de recommencer."
)


class EntLinksPage(Page):
    """The ENTs of the académie, for its administrators."""

    name, path, place, need = "Liens ENT prédéfinis", "/academie/liens-ent", "ent_links", Need.ACADEMY
    menu_category = "Académie"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The links, how many establishments show each, and a form to add one."""
        return self._show()

    @expose("/", methods=("POST",))
    def add(self) -> ResponseReturnValue:
        """Add one."""
        try:
            link = add_ent_link(session(), *_typed(), clock.now(), actor())
        except SettingRefused as refused:
            session().rollback()
            return self._show(refused.problem.value), 422
        session().commit()
        flash(f"« {link.label} » est ajouté : les établissements peuvent le choisir.", "success")
        return redirect(url_for("ent_links.index"), 303)

    @expose("/<int:ent_id>/")
    def edit(self, ent_id: int) -> ResponseReturnValue:
        """One link, ready to be corrected."""
        return self._edit(_find(ent_id))

    @expose("/<int:ent_id>/", methods=("POST",))
    def change(self, ent_id: int) -> ResponseReturnValue:
        """Correct it, in every establishment that shows it at once."""
        version = request.form.get("version", 0, row_number)
        try:
            change_ent_link(session(), _find(ent_id), *_typed(), version, clock.now(), actor())
        except SettingRefused as refused:
            session().rollback()
            return self._edit(_find(ent_id), refused.problem.value, typed=True), 422
        except ChangedMeanwhile:
            session().rollback()
            return self._edit(_find(ent_id), CHANGED_MEANWHILE), 409
        session().commit()
        flash("Le lien est modifié.", "success")
        return redirect(url_for("ent_links.index"), 303)

    @expose("/<int:ent_id>/retirer")
    def ask_retire(self, ent_id: int) -> ResponseReturnValue:
        """What retiring it will change, before it is done."""
        link = _find(ent_id)
        schools = schools_by_ent_link(session()).get(ent_id, 0)
        return self.render("admin/ent_link_retire.html", link=link, schools=schools)

    @expose("/<int:ent_id>/retirer", methods=("POST",))
    def retire(self, ent_id: int) -> ResponseReturnValue:
        """Take it off the list."""
        link = _find(ent_id)
        retire_ent_link(session(), link, clock.now(), actor())
        session().commit()
        flash(f"« {link.label} » est retiré de la liste. Vous pouvez l'y remettre, en bas de cette page.", "success")
        return redirect(url_for("ent_links.index"), 303)

    @expose("/<int:ent_id>/remettre", methods=("POST",))
    def restore(self, ent_id: int) -> ResponseReturnValue:
        """Put it back on the list."""
        link = _find(ent_id)
        restore_ent_link(session(), link, clock.now(), actor())
        session().commit()
        flash(f"« {link.label} » est remis dans la liste.", "success")
        return redirect(url_for("ent_links.index"), 303)

    def _show(self, refusal: str | None = None) -> str:
        links = ent_links(session())
        return self.render(
            "admin/ent_links.html",
            links=[link for link in links if link.retired_at is None],
            retired=[link for link in links if link.retired_at is not None],
            schools=schools_by_ent_link(session()),
            values=request.form,
            refusal=refusal,
        )

    def _edit(self, link: EntLink, refusal: str | None = None, *, typed: bool = False) -> str:
        values = request.form if typed else {"libelle": link.label, "adresse": link.url}
        schools = schools_by_ent_link(session()).get(link.id, 0)
        return self.render("admin/ent_link.html", link=link, values=values, schools=schools, refusal=refusal)


def _typed() -> tuple[str, str]:
    return request.form.get("libelle", ""), request.form.get("adresse", "")


def _find(ent_id: int) -> EntLink:
    try:
        return find_ent_link(session(), ent_id)
    except EntLinkNotFound:
        abort(404)
