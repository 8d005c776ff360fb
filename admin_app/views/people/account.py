"""The card of one account, and what is done to it (R19)."""

from typing import ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import acts_as, establishment, school_id
from admin_app.desk import act
from admin_app.installation import once_kept, session, today
from admin_app.page import Page, expose
from admin_app.ui.confirmation_key import new_key, sent_key
from admin_app.ui.last_opened import remember_opened
from admin_app.ui.populations import OF_STUDENTS, Area
from admin_app.ui.print_mode import page_rows
from admin_app.views.people.account_actions import ACTIONS, BY_CODE, FORGET, Action, Then, actions_for
from admin_app.views.people.individual import NothingToSend, notify_one, ways_to
from shared import clock
from shared.accounts.directory.holds import why_held
from shared.accounts.directory.listing import Entry, FicheNotFound, card_of
from shared.accounts.directory.renewal import RenewalRefused
from shared.accounts.holder.merging import MergeNotUndone, MergeToUndo, merges_to_undo, undo_merge
from shared.accounts.state_policy import may
from shared.accounts.ties.asking import TieTooWeak, require
from shared.accounts.ties.powers import Power
from shared.emails import EmailInvalid
from shared.establishments.letterhead import letterhead_warning
from shared.journal import events_of_account
from shared.models.notifications import Mode
from shared.models.reasons import Reason
from shared.notifications.campaigns.progress import failing_address, notifications_of_account
from shared.notifications.content.addresses import mail_address, postal_lines
from shared.overview.family_way import way_of
from shared.retention.accounts import coming_erasure
from shared.worker.bells import ring_campaign, ring_mails

EVENTS_ON_CARD = 30
EMAIL_INVALID = "Cette adresse e-mail n'est pas valable. Exemple : prenom.nom@exemple.fr"
NOT_UNDONE = (
    "Cette fusion ne peut plus être annulée : elle a plus de 30 jours, elle l'est déjà, ou le compte conservé a été "
    "fusionné à son tour."
)
SHOWN = (Power.SEE_IDENTIFIER, Power.SEE_EMAIL, Power.SEE_STATE, Power.SEE_HISTORY)
Problem = str | None


class AccountPage(Page):
    """The card of one guardian, or of one student, of the establishment."""

    name, listed = "Compte", False
    powers: ClassVar = {
        "card": frozenset({Power.SEE_CARD, *SHOWN}),
        "ask": frozenset({action.power for action in ACTIONS}),
        "act": frozenset({action.power for action in ACTIONS}),
        "ask_undo": frozenset({Power.UNDO_MERGE}),
        "undo": frozenset({Power.UNDO_MERGE}),
    }

    def __init__(self, area: Area) -> None:
        self.area = area
        self.path, self.place, self.need = f"{area.path}/compte", area.place("account"), area.tab
        self.menu_category = area.category
        super().__init__()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """No account was named: the list names them."""
        return redirect(url_for(f"{self.area.place('accounts')}.index"), 303)

    @expose("/<int:fiche_id>/")
    def card(self, fiche_id: int) -> ResponseReturnValue:
        """Everything about one account."""
        entry = self._find(fiche_id, Power.SEE_CARD, *SHOWN)
        account = entry.account
        remember_opened(self.area, fiche_id)
        written_to = mail_address(account.email, account.email_verified_at, entry.fiche.email)
        notified = notifications_of_account(session(), school_id(), account.id)
        held = why_held(session(), school_id(), account.id, today())
        return self.render(
            "admin/account.html",
            failing=failing_address(session(), written_to),
            held=held,
            # What is said of a child is decided upon with the students.
            held_in=OF_STUDENTS if held is Reason.HELD_CHILD_DECEASED else self.area,
            area=self.area,
            entry=entry,
            postal=postal_lines(entry.fiche),
            erasure=coming_erasure(session(), account.id),
            actions=actions_for(entry.account),
            notifications=notified,
            way=way_of(session(), school_id(), account, notified),
            events=events_of_account(session(), entry.account.id, school_id(), limit=page_rows(EVENTS_ON_CARD)),
            merges=merges_to_undo(session(), entry.account, school_id(), clock.now()),
        )

    @expose("/<int:fiche_id>/<code>/")
    def ask(self, fiche_id: int, code: str) -> ResponseReturnValue:
        """What an action will do, before it is done."""
        action = _action(code)
        return self._ask(self._find(fiche_id, action.power), action)

    @expose("/<int:fiche_id>/<code>/", methods=("POST",))
    def act(self, fiche_id: int, code: str) -> ResponseReturnValue:
        """Take the action that was confirmed, and notify where it asks for it."""
        action = _action(code)
        entry = self._find(fiche_id, action.power)
        try:
            action.apply(entry, request.form)
            campaign_id = self._notify(entry) if action.then is Then.NOTIFY else None
        except EmailInvalid:
            return self._refused(fiche_id, action, EMAIL_INVALID)
        except (RenewalRefused, NothingToSend) as refused:
            return self._refused(fiche_id, action, str(refused))
        _ring(action)
        flash(action.done, "success")
        if campaign_id is not None:
            return redirect(url_for(f"{self.area.place('campaigns')}.show", campaign_id=campaign_id), 303)
        return redirect(url_for(f"{self.place}.card", fiche_id=fiche_id), 303)

    @expose("/<int:fiche_id>/fusion/<int:merge_id>")
    def ask_undo(self, fiche_id: int, merge_id: int) -> ResponseReturnValue:
        """What undoing a merge will do, before it is done (R8)."""
        entry = self._find(fiche_id, Power.UNDO_MERGE)
        return self.render(
            "admin/account_unmerge.html", area=self.area, entry=entry, undoing=self._merge(entry, merge_id)
        )

    @expose("/<int:fiche_id>/fusion/<int:merge_id>", methods=("POST",))
    def undo(self, fiche_id: int, merge_id: int) -> ResponseReturnValue:
        """Give the absorbed account its children back."""
        merge = self._merge(self._find(fiche_id, Power.UNDO_MERGE), merge_id).merge
        try:
            absorbed = undo_merge(act(), merge, by=school_id())
        except MergeNotUndone:
            session().rollback()
            flash(NOT_UNDONE, "error")
            return redirect(url_for(f"{self.place}.card", fiche_id=fiche_id), 303)
        flash(f"La fusion est annulée : le compte {absorbed.identifier} a retrouvé ses élèves.", "success")
        return redirect(url_for(f"{self.place}.card", fiche_id=fiche_id), 303)

    def _find(self, fiche_id: int, *asked: Power) -> Entry:
        """The fiche and its account, for whoever may do all that is `asked`; a weaker tie is as if there were none."""
        try:
            entry = card_of(session(), school_id(), self.area.population, fiche_id, today())
            for power in asked:
                require(session(), power, entry.account.id, school_id(), acts_as())
        except (FicheNotFound, TieTooWeak):
            abort(404)
        return entry

    def _merge(self, entry: Entry, merge_id: int) -> MergeToUndo:
        standing = merges_to_undo(session(), entry.account, school_id(), clock.now())
        found = next((undoing for undoing in standing if undoing.merge.id == merge_id), None)
        if found is None:
            abort(404)
        return found

    def _notify(self, entry: Entry) -> int:
        mode = request.form.get("mode", Mode.PAPER, Mode)
        return notify_one(self.area.population.kind, entry.account, mode, sent_key())

    def _refused(self, fiche_id: int, action: Action, problem: str) -> ResponseReturnValue:
        session().rollback()
        return self._ask(self._find(fiche_id, action.power), action, problem), 422

    def _ask(self, entry: Entry, action: Action, problem: Problem = None) -> str:
        account = entry.account
        return self.render(
            "admin/account_action.html",
            area=self.area,
            entry=entry,
            action=action,
            is_possible=may(account, action.step),
            notifies=action.then is Then.NOTIFY,
            ways=ways_to(account, entry.fiche),
            forgettable=account.email if action.may_forget_email else None,
            forgets=bool(request.form.get(FORGET)),
            email=request.form.get("email", account.email or ""),
            request_key=new_key(),
            letterhead=letterhead_warning(establishment()) if action.then is Then.NOTIFY else None,
            problem=problem,
        )


def _action(code: str) -> Action:
    action = BY_CODE.get(code)
    if action is None:
        abort(404)
    return action


def _ring(action: Action) -> None:
    if action.then is Then.NOTIFY:
        once_kept(ring_campaign)
    elif action.then is Then.MAIL:
        once_kept(ring_mails)
