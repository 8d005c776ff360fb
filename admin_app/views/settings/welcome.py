"""« Paramétrage → Message d'accueil » (R22)."""

from flask import flash, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.forms.of_pages import WelcomeForm
from shared.establishments.rich_text import TAGS, as_typed, clean, visible_characters
from shared.establishments.settings import SettingProblem, SettingRefused, set_welcome_message, settings_of
from shared.models.staff import Tab
from shared.models.teleservices import WELCOME_CHARACTERS


class WelcomePage(Page):
    """What families read when they log in."""

    name, path, place, need = "Message d'accueil", "/parametrage/message", "welcome", Tab.SETTINGS
    menu_category = "Paramétrage"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The message, ready to be changed, and as families see it."""
        return self._show()

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Replace the message, or only show what it would look like."""
        form = WelcomeForm()
        typed = form.message.data
        if form.only_shown.data:
            return self._show(typed)
        try:
            set_welcome_message(desk(), typed, form.seen_version())
        except SettingRefused as refused:
            session().rollback()
            return self._show(typed, refused.problem), 422
        flash("Le message d'accueil est enregistré : les familles le voient dès maintenant.", "success")
        return redirect(url_for("welcome.index"), 303)

    @expose("/apercu", methods=("POST",))
    def preview(self) -> ResponseReturnValue:
        """The message as families would see it, while it is being typed."""
        typed = WelcomeForm().message.data
        characters = visible_characters(typed)
        problem = SettingProblem.WELCOME_TOO_LONG if characters > WELCOME_CHARACTERS else None
        return jsonify(html=clean(typed), characters=characters, problem=problem)

    def _show(self, typed: str | None = None, problem: SettingProblem | None = None) -> str:
        settings = settings_of(session(), school_id())
        saved = as_typed(settings.welcome_message)
        overtaken = problem is SettingProblem.CHANGED_MEANWHILE
        shown = saved if typed is None or overtaken else typed
        return self.render(
            "admin/welcome.html",
            message=shown,
            preview=clean(shown),
            is_saved=shown == saved,
            tags=sorted(TAGS),
            characters=visible_characters(shown),
            most=WELCOME_CHARACTERS,
            version=settings.version,
            problem=problem,
            unsaved=typed if overtaken else None,
        )
