"""« Doublons → Historique »: what was decided, by whom, and undoing it (R13)."""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session, today
from admin_app.page import Page, expose
from admin_app.ui.print_mode import page_rows
from shared.accounts.ties.powers import Power
from shared.duplicates.fusion.history import (
    PAGE,
    find_fusion,
    find_lot,
    past_distinctions,
    past_fusions,
    past_lots,
    past_referrals,
)
from shared.duplicates.fusion.undo import undo_fusion, undo_lot
from shared.duplicates.standing.decisions import undo_not_a_duplicate
from shared.duplicates.standing.errors import FichesNotFound, TreatmentRefused
from shared.duplicates.standing.referrals import undo_referrals
from shared.models.staff import Tab
from shared.web.headers import row_number

Past = TypeVar("Past")


class DuplicateHistoryPage(Page):
    """Fusions, lots, fiches told apart, and duplicates that are settled elsewhere."""

    name, path, place, need = "Doublons traités", "/base/doublons/historique", "duplicate_history", Tab.DUPLICATES
    menu_category = "Base élèves"
    listed = False

    powers: ClassVar = {
        "referrals": frozenset({Power.SEE_STATE}),
        "undo": frozenset({Power.ENABLE}),
        "undo_lot": frozenset({Power.ENABLE}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The lots and the fusions, newest first."""
        rows = page_rows(PAGE)
        before_id = request.args.get("avant", None, row_number)
        found = past_fusions(session(), school_id(), before_id=before_id, limit=rows + 1)
        return self.render(
            "admin/duplicate_history.html",
            fusions=found[:rows],
            lots=past_lots(session(), school_id()) if before_id is None else [],
            before_id=before_id,
            next_id=found[rows - 1].fusion.id if len(found) > rows else None,
        )

    @expose("/distincts")
    def distinctions(self) -> ResponseReturnValue:
        """The fiches told apart, newest first."""
        rows = page_rows(PAGE)
        before_id = request.args.get("avant", None, row_number)
        found = past_distinctions(session(), school_id(), before_id=before_id, limit=rows + 1)
        return self.render(
            "admin/duplicate_distinctions.html",
            distinctions=found[:rows],
            before_id=before_id,
            next_id=found[rows - 1].decision.id if len(found) > rows else None,
        )

    @expose("/suite")
    def referrals(self) -> ResponseReturnValue:
        """The duplicates left to the parent or to SIECLE, newest first, and what became of them."""
        rows = page_rows(PAGE)
        before_id = request.args.get("avant", None, row_number)
        found = past_referrals(session(), school_id(), today(), before_id=before_id, limit=rows + 1)
        return self.render(
            "admin/duplicate_referrals.html",
            referrals=found[:rows],
            before_id=before_id,
            next_id=found[rows - 1].decision.id if len(found) > rows else None,
        )

    @expose("/fusions/<int:fusion_id>")
    def ask_undo(self, fusion_id: int) -> ResponseReturnValue:
        """What undoing a fusion will do."""
        past = _found(lambda: find_fusion(session(), school_id(), fusion_id))
        return self.render("admin/duplicate_undo.html", past=past, lot=None)

    @expose("/fusions/<int:fusion_id>", methods=("POST",))
    def undo(self, fusion_id: int) -> ResponseReturnValue:
        """Tell the fiches of a fusion apart again."""
        return _undo(
            lambda: undo_fusion(desk(), fusion_id),
            f"La fusion n° {fusion_id} est annulée : chaque fiche est de nouveau ce que la base élèves en dit.",
        )

    @expose("/lots/<int:lot_id>")
    def ask_undo_lot(self, lot_id: int) -> ResponseReturnValue:
        """What undoing a lot will do."""
        lot = _found(lambda: find_lot(session(), school_id(), lot_id))
        return self.render("admin/duplicate_undo.html", past=None, lot=lot)

    @expose("/lots/<int:lot_id>", methods=("POST",))
    def undo_lot(self, lot_id: int) -> ResponseReturnValue:
        """Undo every fusion of a lot that still stands."""
        return _undo(
            lambda: undo_lot(desk(), lot_id),
            f"Le lot n° {lot_id} est annulé.",
        )

    @expose("/distincts/<int:decision_id>", methods=("POST",))
    def forget(self, decision_id: int) -> ResponseReturnValue:
        """Forget that two fiches were told apart."""
        return _undo(
            lambda: undo_not_a_duplicate(desk(), [decision_id]),
            "La décision est annulée : ces fiches seront de nouveau proposées si elles se ressemblent.",
            "duplicate_history.distinctions",
        )

    @expose("/suite/<int:decision_id>", methods=("POST",))
    def bring_back(self, decision_id: int) -> ResponseReturnValue:
        """Bring a duplicate that was left to somebody else back into the list of those to treat."""
        return _undo(
            lambda: undo_referrals(desk(), [decision_id]),
            "Ce doublon est de nouveau à traiter.",
            "duplicate_history.referrals",
        )


def _found(look: Callable[[], Past]) -> Past:
    try:
        return look()
    except FichesNotFound:
        abort(404)


def _undo(undo: Callable[[], object], done: str, then: str = "duplicate_history.index") -> ResponseReturnValue:
    try:
        _found(undo)
    except TreatmentRefused as refused:
        session().rollback()
        flash(str(refused), "error")
        return redirect(url_for(then), 303)
    flash(done, "success")
    return redirect(url_for(then), 303)
