"""« Doublons → Traiter par lot »: every pair at or over a confidence, after a dry run (R13)."""

from typing import ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session, today
from admin_app.page import Page, expose
from admin_app.ui.pair_keys import is_number
from shared.accounts.ties.powers import Power
from shared.duplicates.fusion.batches import plan_lot, treat_lot
from shared.duplicates.standing.errors import TreatmentRefused
from shared.models.staff import Tab

CONFIDENCES = (99, 95, 90, 80)
"""In hundredths: what staff choose from."""
DEFAULT = 95


class DuplicateLotsPage(Page):
    """What treating a lot would do, and doing it."""

    name, path, place, need = "Traiter par lot", "/base/doublons/lot", "duplicate_lots", Tab.DUPLICATES
    menu_category = "Base élèves"
    listed = False

    powers: ClassVar = {
        "index": frozenset({Power.SEE_STATE}),
        "treat": frozenset({Power.DISABLE}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The dry run."""
        return self._show()

    @expose("/", methods=("POST",))
    def treat(self) -> ResponseReturnValue:
        """Fuse the lines ticked of what the dry run showed."""
        confidence, seen = _confidence() / 100, request.form.get("vu", "")
        only = {int(number) for number in request.form.getlist("garde") if is_number(number)}
        try:
            lot = treat_lot(desk(), confidence, seen=seen, only=only)
        except TreatmentRefused as refused:
            session().rollback()
            return self._show(str(refused)), 409
        flash(f"Lot n° {lot.id} traité. Il peut être annulé ici, en entier ou fusion par fusion.", "success")
        return redirect(url_for("duplicate_history.index"), 303)

    def _show(self, problem: str | None = None) -> str:
        confidence = _confidence()
        plan = plan_lot(session(), school_id(), confidence / 100, today())
        return self.render(
            "admin/duplicate_lot.html", plan=plan, confidence=confidence, confidences=CONFIDENCES, problem=problem
        )


def _confidence() -> int:
    chosen = request.values.get("confiance", DEFAULT, int)
    return chosen if chosen in CONFIDENCES else DEFAULT
