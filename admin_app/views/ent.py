"""« Paramétrage → ENT et courrier de notification » (R20, R21)."""

from itertools import groupby

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.visitors import actor
from admin_app.words import LETTER_AUDIENCES
from shared import clock
from shared.establishments.settings import SettingProblem, SettingRefused, set_ent, settings_of
from shared.models.letters import LetterKind, LetterPart
from shared.models.staff import Tab
from shared.models.teleservices import LetterType
from shared.notifications.letter_kinds import kind_of
from shared.notifications.own_letters import own_texts


class EntPage(Page):
    """Which addresses the letters and the portal show."""

    name, path, place, need = "ENT et courrier de notification", "/parametrage/ent", "ent", Tab.SETTINGS
    menu_category = "Paramétrage"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The type of letter and the link, as they are."""
        settings = settings_of(session(), school_id())
        return self._show(settings.letter_type, settings.ent_label or "", settings.ent_url or "")

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Replace them."""
        letter_type = request.form.get("type", LetterType.MIXED, LetterType)
        label, address = request.form.get("libelle", ""), request.form.get("adresse", "")
        try:
            set_ent(
                session(),
                school_id(),
                letter_type=letter_type,
                label=label,
                address=address,
                version=request.form.get("version", 0, int),
                now=clock.now(),
                actor=actor(),
            )
        except SettingRefused as refused:
            session().rollback()
            if refused.problem is SettingProblem.CHANGED_MEANWHILE:
                flash(refused.problem.value, "error")
                return self.index(), 409
            return self._show(letter_type, label, address, refused.problem), 422
        session().commit()
        flash("Le type de courrier et le lien ENT sont enregistrés.", "success")
        return redirect(url_for("ent.index"), 303)

    def _show(self, letter_type: LetterType, label: str, address: str, problem: SettingProblem | None = None) -> str:
        return self.render(
            "admin/ent.html",
            letter_type=letter_type,
            types=list(LetterType),
            label=label,
            address=address,
            version=settings_of(session(), school_id()).version,
            problem=problem,
            letters={
                LETTER_AUDIENCES[kind]: list(kinds) for kind, kinds in groupby(LetterKind, lambda one: kind_of(one)[0])
            },
            letter_parts=list(LetterPart),
            own_letters={LetterKind(name) for name, _ in own_texts(session(), [school_id()])[school_id()]},
            about_label=problem in {SettingProblem.LABEL_MISSING, SettingProblem.LABEL_TOO_LONG},
        )
