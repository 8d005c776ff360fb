"""« Académie → Établissements »: every establishment, its name and address, and its people."""

from collections.abc import Sequence
from typing import ClassVar

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import ColumnElement, or_, select

from admin_app import access
from admin_app.access import Need
from admin_app.desk import act, desk
from admin_app.installation import installation, session
from admin_app.page import expose
from admin_app.tables.filters import Matching, Tick
from admin_app.tables.view import TableView
from admin_app.templating import day
from admin_app.ui.forms.of_pages import HeadForm, NewSchoolForm, SchoolLinesForm
from admin_app.ui.staff_changes import BY_ACADEMY, offered
from shared.accounts.credentials.key_trial import key_opens
from shared.accounts.ties.powers import Power
from shared.establishments.identity import (
    LENGTHS,
    IdentityRefused,
    correct_establishment,
    create_establishment,
    find_establishment,
    follow_files,
)
from shared.models.school import Establishment
from shared.models.staff import StaffRole, StaffRoleKind
from shared.rows.editing import ChangedMeanwhile
from shared.rows.folded import says
from shared.rows.sorted_paging import SortKey
from shared.staff.creation import StaffRefused, name_head
from shared.staff.delegation import people_of
from shared.staff.handover import draw_password

CHANGED_MEANWHILE = (
    "Quelqu'un d'autre a corrigé cet établissement pendant que vous le regardiez. Voici ce qui est enregistré : "
    "vérifiez-le avant de recommencer."
)


def without_head() -> ColumnElement[bool]:
    """Whether nobody heads an establishment."""
    of_heads = select(StaffRole.id).where(
        StaffRole.establishment_id == Establishment.id, StaffRole.kind == StaffRoleKind.HEAD
    )
    return ~of_heads.exists()


class EstablishmentsPage(TableView):
    """The establishments of the académie, for its administrators."""

    name, path, place, need = "Établissements", "/academie/etablissements", "academy_schools", Need.ACADEMY
    menu_category = "Académie"
    heading, file_name, list_template = "Établissements de l'académie", "etablissements", "admin/academy_schools.html"
    empty = "Aucun établissement pour l'instant : créez le premier."
    nothing_found = "Aucun établissement ne correspond"
    model = Establishment
    column_list = ("name", "uai", "city", "corrected_at", "created_at")
    column_labels: ClassVar = {
        "name": "Établissement",
        "uai": "UAI",
        "address_line1": "Adresse, première ligne",
        "address_line2": "Adresse, seconde ligne",
        "postal_code": "Code postal",
        "city": "Ville",
        "phone": "Téléphone",
        "email": "Courriel",
        "head_name": "Chef d'établissement",
        "corrected_at": "Corrigé ici le",
        "created_at": "Créé le",
    }
    column_sortable_list = ("name", "uai", "city", "corrected_at", "created_at")
    column_searchable_list = (Establishment.uai, Establishment.name)
    column_filters: ClassVar = [
        Matching("ville", "Ville", lambda text: Establishment.city.istartswith(text, autoescape=True)),
        Tick("corriges", "Corrigés par l'académie", lambda: Establishment.corrected_at.is_not(None)),
        Tick("sans_chef", "Sans chef d'établissement", without_head),
    ]
    column_formatters: ClassVar = {
        "name": lambda view, context, school, name: Markup('<a href="{}">{}</a>').format(
            url_for("academy_schools.show", school=school.id), school.name
        ),
        **dict.fromkeys(("corrected_at", "created_at"), lambda view, context, school, name: day(getattr(school, name))),
    }
    column_export_list = (
        *("uai", "name", "address_line1", "address_line2", "postal_code", "city", "phone", "email"),
        *("head_name", "corrected_at", "created_at"),
    )
    column_display_actions = True

    powers: ClassVar = {
        "index": frozenset({Power.COUNT}),
        "create": frozenset({Power.COUNT}),
    }

    def usual_order(self) -> Sequence[SortKey]:
        """By UAI."""
        return (SortKey(Establishment.uai),)

    def found_by(self, text: str) -> ColumnElement[bool]:
        """By the first signs of the UAI, or by some letters of the name."""
        by_uai = Establishment.uai.startswith(text.upper(), autoescape=True)
        return or_(by_uai, says(Establishment.name, text))

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The list, by UAI as long as nobody asks otherwise."""
        return self._list(NewSchoolForm(formdata=None))

    @expose("/", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """Write an establishment down before its first import."""
        form = NewSchoolForm()
        try:
            created = create_establishment(act(), form.uai.data or "", form.name.data or "")
        except IdentityRefused as refused:
            return self._list(form, str(refused)), 422
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
        establishment, form = _find(school), SchoolLinesForm()
        version = form.seen_version()
        try:
            if form.follows_files.data:
                follow_files(act(), establishment, version)
            else:
                correct_establishment(act(), establishment, form.lines(), version)
        except IdentityRefused as refused:
            return self._card(establishment, str(refused), form.lines()), 422
        except ChangedMeanwhile:
            session().rollback()
            return self._card(_find(school), CHANGED_MEANWHILE), 409
        flash("C'est enregistré.", "success")
        return redirect(url_for("academy_schools.show", school=school), 303)

    @expose("/<int:school>/chefs", methods=("POST",))
    def name_head(self, school: int) -> ResponseReturnValue:
        """Name a head; the password, new also for a login that exists, is shown this once."""
        form, drawn = HeadForm(), draw_password()
        login, name = form.login.data or "", form.name.data or ""
        establishment = _find(school)
        try:
            name_head(desk(establishment.id), login, name, drawn)
        except StaffRefused as refused:
            session().rollback()
            return self._card(_find(school), refusal_of_head=str(refused), head=form), 422
        back = url_for("academy_schools.show", school=school)
        return self.render("admin/handover.html", login=login.strip().lower(), password=drawn.password, back=back)

    @expose("/<int:school>/travailler", methods=("POST",))
    def work(self, school: int) -> ResponseReturnValue:
        """Work in this establishment from now on, with everything open."""
        access.choose(_find(school).id)
        return redirect(url_for("admin.index"), 303)

    def _list(self, form: NewSchoolForm, refusal: str | None = None) -> str:
        self._template_args.update(
            refusal=refusal, form=form, key_is_lost=not key_opens(session(), installation().sealer)
        )
        return self.index_view()

    def _card(
        self,
        establishment: Establishment,
        refusal: str | None = None,
        lines: dict[str, str] | None = None,
        refusal_of_head: str | None = None,
        head: HeadForm | None = None,
    ) -> str:
        people = people_of(session(), establishment.id)
        return self.render(
            "admin/academy_school.html",
            one=establishment,
            lines=lines or {name: getattr(establishment, name) or "" for name in LENGTHS},
            people=[(role, offered(BY_ACADEMY, role)) for role in people],
            refusal=refusal,
            refusal_of_head=refusal_of_head,
            head=head or HeadForm(formdata=None),
        )


def _find(establishment_id: int) -> Establishment:
    return find_establishment(session(), establishment_id) or abort(404)
