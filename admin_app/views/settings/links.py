"""« Paramétrage → Liens utiles » (R24)."""

import flask
from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.forms.of_pages import LinkForm
from shared.establishments.links import (
    LinkNotFound,
    add_link,
    change_link,
    delete_link,
    find_link,
    links_of,
    move_link,
    restore_link,
)
from shared.establishments.settings import SettingProblem, SettingRefused
from shared.models.staff import Tab
from shared.models.teleservices import UsefulLink

DELETED = "deleted_link"


class LinksPage(Page):
    """The links that families find on the portal."""

    name, path, place, need = "Liens utiles", "/parametrage/liens", "links", Tab.SETTINGS
    menu_category = "Paramétrage"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The links in the order in which families see them, and a form to add one."""
        return self._show(LinkForm(formdata=None))

    @expose("/", methods=("POST",))
    def add(self) -> ResponseReturnValue:
        """Add one after the others."""
        form = LinkForm()
        try:
            link = add_link(desk(), *form.typed())
        except SettingRefused as refused:
            return self._show(form, refused.problem), 422
        flash(f"Le lien « {link.label} » est ajouté.", "success")
        return redirect(url_for("links.index"), 303)

    @expose("/<int:link_id>/")
    def edit(self, link_id: int) -> ResponseReturnValue:
        """One link, ready to be changed."""
        link = _find(link_id)
        return self.render("admin/link.html", link=link, form=LinkForm(formdata=None, obj=link))

    @expose("/<int:link_id>/", methods=("POST",))
    def change(self, link_id: int) -> ResponseReturnValue:
        """Replace its label and its address."""
        form, link = LinkForm(), _find(link_id)
        try:
            change_link(desk(), link_id, *form.typed())
        except SettingRefused as refused:
            return self.render("admin/link.html", link=link, form=form, problem=refused.problem), 422
        flash(f"Le lien « {link.label} » est modifié.", "success")
        return redirect(url_for("links.index"), 303)

    @expose("/<int:link_id>/supprimer")
    def confirm_delete(self, link_id: int) -> ResponseReturnValue:
        """Ask before a link is removed."""
        return self.render("admin/link_delete.html", link=_find(link_id))

    @expose("/<int:link_id>/supprimer", methods=("POST",))
    def delete(self, link_id: int) -> ResponseReturnValue:
        """Remove the link that was confirmed."""
        _find(link_id)
        link = delete_link(desk(), link_id)
        _remember(link)
        return redirect(url_for("links.index"), 303)

    @expose("/retablir", methods=("POST",))
    def restore(self) -> ResponseReturnValue:
        """Put back the one that this browser deleted last."""
        deleted = _deleted()
        if deleted is None:
            flash("Il n'y a plus de suppression à annuler.", "error")
            return redirect(url_for("links.index"), 303)
        restore_link(desk(), *deleted)
        flask.session.pop(DELETED)
        flash(f"Le lien « {deleted[0]} » est rétabli.", "success")
        return redirect(url_for("links.index"), 303)

    @expose("/<int:link_id>/deplacer", methods=("POST",))
    def move(self, link_id: int) -> ResponseReturnValue:
        """Exchange it with the one above or below."""
        _find(link_id)
        up = request.form.get("sens") == "haut"
        move_link(desk(), link_id, up=up)
        return redirect(url_for("links.index"), 303)

    def _show(self, form: LinkForm, problem: SettingProblem | None = None) -> str:
        links = links_of(session(), school_id())
        return self.render("admin/links.html", links=links, form=form, problem=problem, deleted=_deleted())


def _remember(link: UsefulLink) -> None:
    """Keep what was deleted in the cookie, which is signed, until it is put back or another one is deleted."""
    flask.session[DELETED] = [link.establishment_id, link.label, link.url, link.position]


def _deleted() -> tuple[str, str, int] | None:
    """Label, address and position of the link that this browser deleted last in the establishment chosen."""
    establishment_id, *deleted = flask.session.get(DELETED, [None])
    if establishment_id != school_id():
        return None
    label, url, position = deleted
    return label, url, position


def _find(link_id: int) -> UsefulLink:
    try:
        return find_link(session(), school_id(), link_id)
    except LinkNotFound:
        abort(404)
