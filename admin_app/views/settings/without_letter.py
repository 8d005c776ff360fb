"""« Paramétrage → Activation sans lettre » (R37)."""

from collections.abc import Callable

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import establishment, school_id
from admin_app.desk import desk
from admin_app.installation import installation, session
from admin_app.offering import could_offer, offer
from admin_app.page import Page, expose
from admin_app.ui.forms.of_pages import SelfActivationForm, SendsSmsForm
from shared import clock
from shared.accounts.without_letter.asking import PERSONS_OF_ONE_ADDRESS
from shared.accounts.without_letter.codes import LASTS
from shared.accounts.without_letter.links import PATH
from shared.establishments.settings import SettingRefused, set_self_activation, set_sends_sms, settings_of
from shared.models.notifications import Channel, Text
from shared.models.staff import Tab
from shared.notifications.sms.text import Said, write_sms


class WithoutLetterPage(Page):
    """Whether families without their letter come in by the address that the school knows and a birth date."""

    name, path, place, need = "Activation sans lettre", "/parametrage/sans-lettre", "without_letter", Tab.SETTINGS
    menu_category = "Paramétrage"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Whether it is open, and what families do."""
        settings = settings_of(session(), school_id())
        return self.render(
            "admin/without_letter.html",
            is_open=settings.self_activation,
            version=settings.version,
            address=f"{installation().settings.public_portal_url}/{PATH}",
            most=PERSONS_OF_ONE_ADDRESS,
            sms=_sample() if could_offer(Channel.SMS) else None,
            sms_price=offer().prices.get(Channel.SMS, 0),
            sends_sms=settings.sends_sms,
        )

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Open it, or close it."""
        form = SelfActivationForm()
        return self._saved(
            lambda: set_self_activation(desk(), is_open=form.is_open.data, version=form.seen_version()),
            "L'activation sans lettre est ouverte."
            if form.is_open.data
            else "L'activation sans lettre est fermée\u00a0: les liens déjà envoyés n'ouvrent plus rien.",
        )

    @expose("/sms", methods=("POST",))
    def save_sms(self) -> ResponseReturnValue:
        """Let families be notified by SMS, or not, where the installation can."""
        if not could_offer(Channel.SMS):
            abort(404)
        form = SendsSmsForm()
        return self._saved(
            lambda: set_sends_sms(desk(), is_open=form.is_open.data, version=form.seen_version()),
            "Les familles peuvent être notifiées par SMS."
            if form.is_open.data
            else "Les SMS ne sont plus proposés\u00a0: ce qui attend déjà part, sauf si vous l'annulez.",
        )

    def _saved(self, save: Callable[[], object], done: str) -> ResponseReturnValue:
        try:
            save()
        except SettingRefused as refused:
            session().rollback()
            flash(refused.problem.value, "error")
            return self.index(), 409
        flash(done, "success")
        return redirect(url_for("without_letter.index"), 303)


def _sample() -> str:
    """The SMS that a family of the school would read, in French."""
    settings = installation().settings
    until = clock.local(clock.now() + LASTS, settings.time_zone)
    return write_sms(
        Said(Text.NEW_ACCOUNT, establishment().name, "m.payet", settings.public_portal_url, "k7mqx-2hd9w", until)
    )
