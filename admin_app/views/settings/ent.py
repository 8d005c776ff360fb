"""« Paramétrage → ENT et courrier de notification » (R20, R21)."""

import enum
from dataclasses import dataclass
from itertools import groupby

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.forms.of_pages import EntChoiceForm, EntTriedForm
from admin_app.ui.forms.typed import numbered, one_of
from admin_app.ui.labels import LETTER_AUDIENCES
from shared.establishments.ent import ent_of, note_ent_tried, set_ent
from shared.establishments.ent_links import ent_links
from shared.establishments.settings import SettingProblem, SettingRefused, settings_of
from shared.models.letters import LetterKind, LetterPart
from shared.models.staff import Tab
from shared.models.teleservices import EstablishmentSettings, LetterType
from shared.notifications.content.texts import type_of
from shared.notifications.letters.logo import current_logo
from shared.notifications.letters.own_texts import own_texts

LEADS_HERE = "C'est noté : les courriers et les courriels ne montrent plus que l'adresse de l'ENT."
LEADS_ELSEWHERE = (
    "C'est noté : les courriers et les courriels montrent aussi l'adresse du portail, pour que les familles puissent "
    "activer leur compte."
)


class Link(enum.StrEnum):
    """Where the link to the ENT comes from."""

    LISTED = "predefini"
    TYPED = "saisi"
    NONE = "aucun"


@dataclass(frozen=True)
class Choice:
    """What the form shows, or what was chosen in it."""

    letter_type: LetterType
    link: Link
    link_id: int | None
    label: str
    address: str


class EntPage(Page):
    """Which addresses the letters and the portal show."""

    name, path, place, need = "ENT et courrier de notification", "/parametrage/ent", "ent", Tab.SETTINGS
    menu_category = "Paramétrage"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The type of letter and the link, as they are."""
        return self._show(_saved(settings_of(session(), school_id())))

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Replace the type of letter and the link."""
        form = EntChoiceForm()
        chosen = _chosen(form)
        is_typed = chosen.link is Link.TYPED
        try:
            set_ent(
                desk(),
                letter_type=chosen.letter_type,
                link_id=(chosen.link_id or 0) if chosen.link is Link.LISTED else None,
                label=chosen.label if is_typed else "",
                address=chosen.address if is_typed else "",
                version=form.seen_version(),
            )
        except SettingRefused as refused:
            session().rollback()
            if refused.problem is SettingProblem.CHANGED_MEANWHILE:
                flash(refused.problem.value, "error")
                return self.index(), 409
            return self._show(chosen, refused.problem), 422
        flash("Le type de courrier et le lien ENT sont enregistrés.", "success")
        return redirect(url_for("ent.index"), 303)

    @expose("/essai", methods=("POST",))
    def tried(self) -> ResponseReturnValue:
        """Whether families find the portal from the address of the ENT, as whoever tried it says."""
        form = EntTriedForm()
        leads_here = bool(form.leads_here.data)
        try:
            note_ent_tried(desk(), leads_here=leads_here, version=form.seen_version())
        except SettingRefused as refused:
            session().rollback()
            flash(refused.problem.value, "error")
            return self.index(), 409
        flash(LEADS_HERE if leads_here else LEADS_ELSEWHERE, "success")
        return redirect(url_for("ent.index"), 303)

    def _show(self, choice: Choice, problem: SettingProblem | None = None) -> str:
        settings = settings_of(session(), school_id())
        return self.render(
            "admin/ent.html",
            choice=choice,
            shown=ent_of(settings) if settings.letter_type is LetterType.ENT_ONLY else None,
            settings=settings,
            types=list(LetterType),
            listed=[one for one in ent_links(session()) if one.retired_at is None or one.id == settings.ent_link_id],
            version=settings.version,
            problem=problem,
            letters={
                LETTER_AUDIENCES[kind]: list(kinds)
                for kind, kinds in groupby(LetterKind, lambda one: type_of(one).kind)
            },
            letter_parts=list(LetterPart),
            has_logo=current_logo(session(), school_id()).logo is not None,
            own_letters={LetterKind(name) for name, _ in own_texts(session(), [school_id()])[school_id()]},
            about_label=problem in {SettingProblem.LABEL_MISSING, SettingProblem.LABEL_TOO_LONG},
            about_address=problem is SettingProblem.ADDRESS_INVALID,
            about_list=problem is SettingProblem.ENT_NOT_LISTED,
        )


def _saved(settings: EstablishmentSettings) -> Choice:
    link = Link.LISTED if settings.ent_link_id else Link.TYPED if settings.ent_url else Link.NONE
    label, address = settings.ent_label or "", settings.ent_url or ""
    return Choice(settings.letter_type, link, settings.ent_link_id, label, address)


def _chosen(form: EntChoiceForm) -> Choice:
    return Choice(
        one_of(LetterType, form.letter_type.data, LetterType.MIXED),
        one_of(Link, form.link.data, Link.TYPED),
        numbered(form.listed.data),
        form.label.data,
        form.address.data,
    )
