"""« Académie → Établissements »: every establishment, its name and address, and its people."""

from typing import ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app import access
from admin_app.access import Need
from admin_app.installation import installation, session, today
from admin_app.page import Page, expose
from admin_app.ui.staff_changes import BY_ACADEMY, offered
from admin_app.visitors import actor, own_staff
from shared import clock
from shared.accounts.credentials.key_trial import key_opens
from shared.accounts.ties.powers import Power
from shared.editing import ChangedMeanwhile
from shared.establishments.identity import (
    LENGTHS,
    IdentityRefused,
    correct_establishment,
    create_establishment,
    find_establishment,
    follow_files,
)
from shared.models.school import Establishment
from shared.staff.access import establishments_open_to
from shared.staff.creation import StaffRefused, name_head
from shared.staff.delegation import people_of
from shared.staff.handover import draw_password
from shared.web.headers import row_number

PAGE_ROWS = 50
CHANGED_MEANWHILE = (
    "Quelqu'un d'autre a corrigé cet établissement pendant que vous le regardiez. Voici ce qui est enregistré : "
    "vérifiez-le avant de recommencer."
)


class EstablishmentsPage(Page):
    """The establishments of the académie, for its administrators."""

    name, path, place, need = "Établissements", "/academie/etablissements", "academy_schools", Need.ACADEMY
    menu_category = "Académie"

    powers: ClassVar = {
        "index": frozenset({Power.COUNT}),
        "create": frozenset({Power.COUNT}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The list, by UAI; searched by UAI or by name."""
        return self._list()

    @expose("/", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """Make room for one more."""
        uai, name = request.form.get("uai", ""), request.form.get("nom", "")
        try:
            created = create_establishment(session(), uai, name, clock.now(), actor())
        except IdentityRefused as refused:
            return self._list(str(refused)), 422
        session().commit()
        flash(
            f"{created.name} est créé. Nommez son chef d'établissement, puis importez ses fichiers SIECLE.", "success"
        )
        return redirect(url_for("academy_schools.show", school=created.id), 303)

    @expose("/<int:school>/")
    def show(self, school: int) -> ResponseReturnValue:
        """One establishment: what letters show of it, and its people."""
        return self._card(_find(school))

    @expose("/<int:school>/", methods=("POST",))
    def correct(self, school: int) -> ResponseReturnValue:
        """Write its name and address, or let imports write them again."""
        establishment, version = _find(school), request.form.get("version", 0, row_number)
        now, who = clock.now(), actor()
        try:
            if request.form.get("suivre") == "oui":
                follow_files(session(), establishment, version, now, who)
            else:
                correct_establishment(session(), establishment, _lines(), version, now, who)
        except IdentityRefused as refused:
            return self._card(establishment, str(refused), _lines()), 422
        except ChangedMeanwhile:
            session().rollback()
            return self._card(_find(school), CHANGED_MEANWHILE), 409
        session().commit()
        flash("C'est enregistré.", "success")
        return redirect(url_for("academy_schools.show", school=school), 303)

    @expose("/<int:school>/chefs", methods=("POST",))
    def name_head(self, school: int) -> ResponseReturnValue:
        """Name a head; the password, new also for a login that exists, is shown this once."""
        login, name, drawn = request.form.get("identifiant", ""), request.form.get("chef", ""), draw_password()
        establishment = _find(school)
        try:
            name_head(session(), establishment.id, login, name, drawn, clock.now(), actor())
        except StaffRefused as refused:
            session().rollback()
            return self._card(_find(school), refusal_of_head=str(refused)), 422
        session().commit()
        back = url_for("academy_schools.show", school=school)
        return self.render("admin/handover.html", login=login.strip().lower(), password=drawn.password, back=back)

    @expose("/<int:school>/travailler", methods=("POST",))
    def work(self, school: int) -> ResponseReturnValue:
        """Work in this establishment from now on, with everything open."""
        access.choose(_find(school).id)
        return redirect(url_for("admin.index"), 303)

    def _list(self, refusal: str | None = None) -> str:
        search, after = request.args.get("q", ""), request.args.get("apres", "")
        found = establishments_open_to(session(), own_staff(), today(), search=search, after=after, limit=PAGE_ROWS + 1)
        return self.render(
            "admin/academy_schools.html",
            schools=found[:PAGE_ROWS],
            search=search,
            after=after,
            next_key=found[PAGE_ROWS - 1].uai if len(found) > PAGE_ROWS else None,
            refusal=refusal,
            typed=request.form,
            key_is_lost=not key_opens(session(), installation().sealer),
        )

    def _card(
        self,
        establishment: Establishment,
        refusal: str | None = None,
        lines: dict[str, str] | None = None,
        refusal_of_head: str | None = None,
    ) -> str:
        people = people_of(session(), establishment.id)
        return self.render(
            "admin/academy_school.html",
            one=establishment,
            lines=lines or {name: getattr(establishment, name) or "" for name in LENGTHS},
            people=[(role, offered(BY_ACADEMY, role)) for role in people],
            refusal=refusal,
            refusal_of_head=refusal_of_head,
            typed=request.form,
        )


def _lines() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in LENGTHS}


def _find(establishment_id: int) -> Establishment:
    return find_establishment(session(), establishment_id) or abort(404)
