"""« Notifications faites »: what became of each, the letters to print, and what failed (R17, R18)."""

from collections.abc import Callable
from typing import ClassVar

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import chosen_access, school_id
from admin_app.desk import desk, register
from admin_app.installation import installation, let_go, once_kept, session
from admin_app.offering import offer
from admin_app.page import Page, expose
from admin_app.quotas import DOWNLOADS, use_own
from admin_app.ui.labels import count
from admin_app.ui.populations import Area
from admin_app.ui.print_mode import page_rows
from admin_app.views.notifying.campaign_state import following, missed_by, state_of
from admin_app.views.notifying.choice import missed_fields
from admin_app.visitors import own_staff
from shared import clock
from shared.accounts.ties.powers import Power
from shared.models.notifications import WAITING, Campaign, DeliveryState
from shared.notifications.campaigns.control import CampaignOver, cancel, pause, resume
from shared.notifications.campaigns.launching import CampaignNotFound, find_campaign
from shared.notifications.campaigns.overview import PAGE_ROWS, Which, overview
from shared.notifications.campaigns.progress import (
    NotificationNotFound,
    NotRefused,
    progress,
    report_lines,
    try_again,
)
from shared.notifications.campaigns.retry import try_all_again
from shared.notifications.campaigns.unreached import Missed, Outcome, missed_lines
from shared.notifications.channels.mail import MAIL
from shared.notifications.channels.registry import DELIVERED, ModeNotOffered
from shared.notifications.letters.download import (
    LettersNotReady,
    LettersNotYours,
    LettersRemoved,
    NoLetters,
    assemble_pdf,
    has_coupons,
    letters_for,
    note_download,
)
from shared.notifications.outbox.outages import standing_outage
from shared.notifications.returned.scanning import returned_among
from shared.notifications.staged.finding import staged_of_campaign
from shared.web.headers import row_number
from shared.worker.bells import ring_campaign

NO_LETTERS_NOW = (LettersNotYours, LettersNotReady, LettersRemoved, NoLetters)
LISTS = {
    "echecs": Which.REFUSED,
    "courriers": Which.TO_TAKE,
    "en-cours": Which.UNDER_WAY,
    "effaces": Which.EXPIRED,
}
"""How addresses name what the list keeps."""
FILTERS = {"echecs": (DeliveryState.REFUSED,), "rien": (DeliveryState.SKIPPED,)}


class CampaignsPage(Page):
    """The notifications of the guardians, or of the students, of the establishment."""

    name = "Notifications faites"

    powers: ClassVar = {
        "failures": frozenset({Power.SEE_IDENTIFIER, Power.SEE_HISTORY}),
        "show": frozenset({Power.SEE_IDENTIFIER, Power.SEE_HISTORY}),
        "retry": frozenset({Power.NOTIFY}),
        "retry_all": frozenset({Power.NOTIFY}),
    }

    def __init__(self, area: Area) -> None:
        self.area = area
        self.path, self.place, self.need = f"{area.path}/notifications", area.place("campaigns"), area.tab
        self.menu_category = area.category
        super().__init__()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Newest first, by pages."""
        before, rows = request.args.get("avant", None, row_number), page_rows(PAGE_ROWS)
        which = next((one for code, one in LISTS.items() if code in request.args), Which.ALL)
        here = register(self.area.population)
        found = overview(here, clock.now(), which=which, before_id=before, rows=rows + 1)
        return self.render(
            "admin/campaigns.html",
            area=self.area,
            lines=found[:rows],
            which=which,
            Which=Which,
            lists=LISTS,
            outage=standing_outage(session(), MAIL.channel),
            is_first=before is None,
            next_key=found[rows - 1].campaign.id if len(found) > rows else None,
        )

    @expose("/echecs/")
    def failures(self) -> ResponseReturnValue:
        """Whoever no notification reached because the last one failed, and what to do about them."""
        before, rows = request.args.get("avant", None, row_number), page_rows(PAGE_ROWS)
        missed = Missed(Outcome.FAILED)
        found = missed_lines(register(self.area.population), missed, before_id=before, rows=rows + 1)
        return self.render(
            "admin/failures.html",
            area=self.area,
            lines=found[:rows],
            missed_fields=missed_fields(missed),
            is_first=before is None,
            next_key=found[rows - 1].notification.id if len(found) > rows else None,
        )

    @expose("/<int:campaign_id>/")
    def show(self, campaign_id: int) -> ResponseReturnValue:
        """One notification: its progress, its letters, its lines."""
        campaign = self._find(campaign_id)
        wanted = request.args.get("voir", "")
        after, rows = request.args.get("apres", 0, row_number), page_rows(PAGE_ROWS)
        states = FILTERS.get(wanted, ())
        lines = report_lines(session(), school_id(), campaign_id, states, after_position=after, rows=rows + 1)
        problem = self._why_no_letters(campaign_id)
        staged = staged_of_campaign(session(), campaign)
        return self.render(
            "admin/campaign.html",
            area=self.area,
            campaign=campaign,
            staged=staged,
            **state_of(campaign),
            missed=missed_by(campaign, self.area),
            following=None if staged else following(campaign, self.area),
            has_letters=problem is None,
            preparing=isinstance(problem, LettersNotReady),
            no_letters=problem if isinstance(problem, (LettersNotYours, LettersRemoved)) else None,
            lines=lines[:rows],
            returned=returned_among(session(), [line.notification.id for line in lines[:rows]]),
            wanted=wanted,
            is_first=after == 0,
            next_key=lines[rows - 1].notification.position if len(lines) > rows else None,
            DeliveryState=DeliveryState,
            DELIVERED=DELIVERED,
            WAITING=WAITING,
        )

    @expose("/<int:campaign_id>/suspendre", methods=("POST",))
    def pause(self, campaign_id: int) -> ResponseReturnValue:
        """Let nothing more leave for now."""
        return self._control(campaign_id, pause, "La notification est suspendue : plus rien ne part.")

    @expose("/<int:campaign_id>/reprendre", methods=("POST",))
    def resume(self, campaign_id: int) -> ResponseReturnValue:
        """Let leave what was paused."""
        return self._control(campaign_id, resume, "La notification reprend.")

    @expose("/<int:campaign_id>/annuler")
    def ask_to_cancel(self, campaign_id: int) -> ResponseReturnValue:
        """What cancelling will do."""
        campaign = self._find(campaign_id)
        waiting = progress(session(), school_id(), campaign_id).waiting
        return self.render("admin/campaign_cancel.html", area=self.area, campaign=campaign, waiting=waiting)

    @expose("/<int:campaign_id>/annuler", methods=("POST",))
    def cancel(self, campaign_id: int) -> ResponseReturnValue:
        """Keep back what has not left."""
        return self._control(
            campaign_id, cancel, "La notification est annulée : ce qui n'était pas parti ne partira pas."
        )

    @expose("/<int:campaign_id>/courriers", methods=("POST",))
    def letters(self, campaign_id: int) -> ResponseReturnValue:
        """The PDF, for its author and the head only; a button rather than a link, since the journal notes it."""
        self._find(campaign_id)
        problem = self._why_no_letters(campaign_id)
        # Nobody waits while the letters are bound.
        let_go()
        try:
            if problem is not None:
                raise problem
            use_own(DOWNLOADS)
            both_sides = "recto_verso" in request.form
            pdf = assemble_pdf(installation().database, campaign_id, installation().sealer, both_sides=both_sides)
            note_download(desk(), campaign_id, is_head=_is_head())
        except NO_LETTERS_NOW as refused:
            flash(str(refused), "error")
            return redirect(url_for(f"{self.place}.show", campaign_id=campaign_id), 303)
        name = f"{'coupons' if has_coupons(session(), campaign_id) else 'courriers'}-{campaign_id}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(pdf, content_type="application/pdf", headers=headers)

    @expose("/<int:campaign_id>/reessayer", methods=("POST",))
    def retry_all(self, campaign_id: int) -> ResponseReturnValue:
        """Try again everything that failed."""
        self._find(campaign_id)
        try:
            again = try_all_again(desk(), campaign_id, offer())
        except ModeNotOffered as refused:
            session().rollback()
            flash(str(refused), "error")
            return redirect(url_for(f"{self.place}.show", campaign_id=campaign_id), 303)
        once_kept(ring_campaign)
        flash(f"{count(again, 'envoi est réessayé', 'envois sont réessayés')}.", "success")
        return redirect(url_for(f"{self.place}.show", campaign_id=campaign_id), 303)

    @expose("/<int:campaign_id>/reessayer/<int:notification_id>", methods=("POST",))
    def retry(self, campaign_id: int, notification_id: int) -> ResponseReturnValue:
        """Try one line again."""
        self._find(campaign_id)
        try:
            again = try_again(desk(), notification_id, offer())
        except NotificationNotFound:
            abort(404)
        except (NotRefused, ModeNotOffered) as refused:
            session().rollback()
            flash(str(refused), "error")
            return redirect(url_for(f"{self.place}.show", campaign_id=campaign_id), 303)
        if again.campaign_id != campaign_id:
            abort(404)
        once_kept(ring_campaign)
        flash("L'envoi est réessayé.", "success")
        return redirect(url_for(f"{self.place}.show", campaign_id=campaign_id), 303)

    def _control(self, campaign_id: int, change: Callable[..., object], done: str) -> ResponseReturnValue:
        self._find(campaign_id)
        try:
            change(desk(), campaign_id)
        except CampaignOver as over:
            session().rollback()
            flash(str(over), "error")
        else:
            once_kept(ring_campaign)
            flash(done, "success")
        return redirect(url_for(f"{self.place}.show", campaign_id=campaign_id), 303)

    def _find(self, campaign_id: int) -> Campaign:
        try:
            campaign = find_campaign(session(), school_id(), campaign_id)
        except CampaignNotFound:
            abort(404)
        # Whoever was delegated one of the two tabs sees nothing of the other.
        if campaign.criteria.get("kind") != self.area.population.kind.value:
            abort(404)
        return campaign

    def _why_no_letters(self, campaign_id: int) -> Exception | None:
        try:
            letters_for(session(), campaign_id, school_id(), own_staff().id, is_head=_is_head(), now=clock.now())
        except NO_LETTERS_NOW as refused:
            return refused
        return None


def _is_head() -> bool:
    return chosen_access().is_head
