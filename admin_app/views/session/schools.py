"""Choosing the establishment to work in."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app import access
from admin_app.access import Need
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.visitors import own_visit
from shared.staff.access import EstablishmentNotFound, access_to, establishments_open_to
from shared.web.headers import row_number

PAGE_ROWS = 50


class SchoolsPage(Page):
    """The establishments in which the visitor has a role."""

    name, path, place, need, listed = "Établissement", "/etablissements", "schools", Need.OWN_PASSWORD, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The list, by UAI; searched by UAI or by name."""
        search, after = request.args.get("q", ""), request.args.get("apres", "")
        found = establishments_open_to(session(), own_visit(), search=search, after=after, limit=PAGE_ROWS + 1)
        return self.render(
            "admin/schools.html",
            schools=found[:PAGE_ROWS],
            search=search,
            after=after,
            next_key=found[PAGE_ROWS - 1].uai if len(found) > PAGE_ROWS else None,
        )

    @expose("/", methods=("POST",))
    def choose(self) -> ResponseReturnValue:
        """Work in one of them from now on."""
        try:
            chosen = access_to(session(), own_visit(), request.form.get("choix", 0, row_number))
        except EstablishmentNotFound:
            abort(404)
        access.choose(chosen.establishment.id)
        return redirect(url_for("admin.index"), 303)
