"""« Notifications par étapes »: how far each is; its next step confirmed, put forward or stopped (R36)."""

from typing import ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import establishment, school_id
from admin_app.desk import desk
from admin_app.installation import once_kept, session
from admin_app.offering import offer
from admin_app.page import Page, expose
from admin_app.ui.labels import count
from admin_app.ui.populations import Area
from admin_app.ui.print_mode import page_rows
from shared.accounts.ties.powers import Power
from shared.establishments.letterhead import letterhead_warning
from shared.models.sending.staged import StagedCampaign, StageState
from shared.notifications.channels.registry import CHANNELS, ModeNotOffered
from shared.notifications.staged.control import NobodyLeft, StagedOver, launch_next, stop, what_next
from shared.notifications.staged.finding import StagedNotFound, find_staged, next_stage
from shared.notifications.staged.standing import PAGE_ROWS, line_of, lines_of_stages, list_staged
from shared.web.headers import row_number
from shared.worker.bells import ring_campaign


class StagedPage(Page):
    """The campaigns in steps about the guardians, or the students, of the establishment."""

    name, listed = "Notifications par étapes", False

    powers: ClassVar = {
        "index": frozenset({Power.COUNT}),
        "show": frozenset({Power.COUNT}),
        "ask": frozenset({Power.NOTIFY, Power.COUNT, Power.SEE_IDENTIFIER}),
        "launch": frozenset({Power.NOTIFY}),
    }

    def __init__(self, area: Area) -> None:
        self.area = area
        self.path, self.place, self.need = f"{area.path}/etapes", area.place("staged"), area.tab
        self.menu_category = area.category
        super().__init__()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Newest first, by pages."""
        before, rows = request.args.get("avant", None, row_number), page_rows(PAGE_ROWS)
        found = list_staged(session(), school_id(), self.area.population.kind, before_id=before, rows=rows + 1)
        return self.render(
            "admin/staged_list.html",
            area=self.area,
            lines=found[:rows],
            next_stage=next_stage,
            is_first=before is None,
            next_key=found[rows - 1].staged.id if len(found) > rows else None,
        )

    @expose("/<int:staged_id>/")
    def show(self, staged_id: int) -> ResponseReturnValue:
        """One of them: what each step did, and what comes."""
        staged = self._find(staged_id)
        return self.render(
            "admin/staged.html",
            area=self.area,
            line=line_of(session(), staged),
            steps=lines_of_stages(session(), staged),
            next=next_stage(staged),
            types=CHANNELS,
            StageState=StageState,
        )

    @expose("/<int:staged_id>/suite")
    def ask(self, staged_id: int) -> ResponseReturnValue:
        """What the next step would do now, before it is confirmed or put forward."""
        self._find(staged_id)
        try:
            staged, stage, planned = what_next(desk(), staged_id, offer())
        except (StagedOver, ModeNotOffered) as refused:
            return self._back(staged_id, str(refused), "error")
        return self.render(
            "admin/staged_next.html",
            area=self.area,
            staged=staged,
            stage=stage,
            plan=planned,
            one=CHANNELS[stage.channel],
            letterhead=letterhead_warning(establishment()),
            StageState=StageState,
        )

    @expose("/<int:staged_id>/suite", methods=("POST",))
    def launch(self, staged_id: int) -> ResponseReturnValue:
        """Launch the step that the page told of."""
        self._find(staged_id)
        position = request.form.get("etape", 0, int)
        try:
            campaign = launch_next(desk(), staged_id, position, offer())
        except NobodyLeft as nobody:
            return self._back(staged_id, str(nobody), "success")
        except (StagedOver, ModeNotOffered) as refused:
            session().rollback()
            return self._back(staged_id, str(refused), "error")
        once_kept(ring_campaign)
        return redirect(url_for(f"{self.area.place('campaigns')}.show", campaign_id=campaign.id), 303)

    @expose("/<int:staged_id>/arreter")
    def ask_to_stop(self, staged_id: int) -> ResponseReturnValue:
        """What stopping will do."""
        staged = self._find(staged_id)
        return self.render("admin/staged_stop.html", area=self.area, staged=staged, next=next_stage(staged))

    @expose("/<int:staged_id>/arreter", methods=("POST",))
    def stop(self, staged_id: int) -> ResponseReturnValue:
        """Let no further step take place."""
        self._find(staged_id)
        try:
            left = [one for one in stop(desk(), staged_id).stages if one.campaign_id is None]
        except StagedOver as over:
            session().rollback()
            return self._back(staged_id, str(over), "error")
        words = count(len(left), "étape n'aura pas lieu", "étapes n'auront pas lieu")
        return self._back(staged_id, f"La notification est arrêtée : {words}.", "success")

    def _back(self, staged_id: int, sentence: str, level: str) -> ResponseReturnValue:
        flash(sentence, level)
        return redirect(url_for(f"{self.place}.show", staged_id=staged_id), 303)

    def _find(self, staged_id: int) -> StagedCampaign:
        try:
            staged = find_staged(session(), school_id(), staged_id)
        except StagedNotFound:
            abort(404)
        # Whoever was delegated one of the two tabs sees nothing of the other.
        if staged.criteria.get("kind") != self.area.population.kind.value:
            abort(404)
        return staged
