"""« Assistance »: the help desk finds an account in its establishments and unblocks it; it prints and sets nothing."""

from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need, helping_scope
from admin_app.desk import desk
from admin_app.installation import once_kept, session, today
from admin_app.page import Page, expose
from admin_app.ui.help_desk import advice
from admin_app.ui.populations import AREAS, Area
from shared import clock
from shared.accounts.directory.listing import Entry, FicheNotFound, card_of
from shared.accounts.directory.renewal import RenewalRefused, resend_activation_to_holder
from shared.accounts.helping.finding import MOST, Found, find_accounts, find_in_school, schools_called
from shared.accounts.helping.scope import Scope
from shared.accounts.helping.unblocking import refused_lately, unblock
from shared.accounts.state_policy import Step, may
from shared.accounts.ties.asking import TieTooWeak, require
from shared.accounts.ties.powers import Power, Role
from shared.establishments.identity import find_establishment
from shared.models.school import Establishment
from shared.notifications.campaigns.progress import notifications_of_account
from shared.worker.bells import ring_mails

BY_CODE = {area.code: area for area in AREAS}
SHOWN = (Power.SEE_CARD, Power.SEE_IDENTIFIER, Power.SEE_EMAIL, Power.SEE_STATE, Power.SEE_HISTORY)
_TOLD = frozenset({Power.FIND, Power.SEE_IDENTIFIER, Power.SEE_EMAIL, Power.SEE_STATE})
UNBLOCKED = "C'est débloqué : la famille peut essayer de nouveau, tout de suite."
RESENT = "Un nouveau courriel d'activation part à {}. Le lien du précédent n'ouvre plus rien."


class HelpDeskPage(Page):
    """Every account of the establishments of whoever helps, whichever of them is chosen for other work."""

    name, path, place, need = "Assistance", "/assistance", "help_desk", Need.HELP_DESK

    powers: ClassVar = {
        "index": _TOLD,
        "card": frozenset(SHOWN),
        "unblock": frozenset({Power.UNBLOCK}),
        "resend": frozenset({Power.RESEND_ACTIVATION}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """What was found; the card at once when it is one account."""
        text, called = request.args.get("q", "").strip(), request.args.get("etablissement", "").strip()
        schools = list(schools_called(session(), _scope(), called, limit=MOST + 1)) if called else []
        found = _find(text, called, schools)
        if len(found) == 1 and found[0].account is not None:
            return redirect(_address(found[0]), 303)
        return self.render(
            "admin/help_desk.html",
            text=text,
            called=called,
            schools=schools[:MOST],
            found=[(one, _address(one) if one.account else None) for one in found[:MOST]],
            most=MOST if len(found) > MOST else None,
            scope=_scope(),
        )

    @expose("/<int:school>/<area>/<int:fiche_id>/")
    def card(self, school: int, area: str, fiche_id: int) -> ResponseReturnValue:
        """How far an account is, what was sent, and what to say to its holder."""
        entry = _entry(school, area, fiche_id, *SHOWN)
        return self.render(
            "admin/help_desk_account.html",
            area=BY_CODE[area],
            entry=entry,
            one=session().get_one(Establishment, school),
            notifications=notifications_of_account(session(), school, entry.account.id),
            refused=refused_lately(session(), entry.account, clock.now()),
            may_resend=may(entry.account, Step.RESEND_ACTIVATION),
            advice=advice(entry.account),
        )

    @expose("/<int:school>/<area>/<int:fiche_id>/debloquer", methods=("POST",))
    def unblock(self, school: int, area: str, fiche_id: int) -> ResponseReturnValue:
        """Let the family try its password again at once (R10)."""
        entry = _entry(school, area, fiche_id, Power.UNBLOCK)
        unblock(desk(school), entry.account)
        flash(UNBLOCKED, "success")
        return redirect(url_for("help_desk.card", school=school, area=area, fiche_id=fiche_id), 303)

    @expose("/<int:school>/<area>/<int:fiche_id>/renvoyer", methods=("POST",))
    def resend(self, school: int, area: str, fiche_id: int) -> ResponseReturnValue:
        """Let the activation mail leave again, to the address that the family gave."""
        entry = _entry(school, area, fiche_id, Power.RESEND_ACTIVATION)
        try:
            resend_activation_to_holder(desk(school), entry.account, entry.fiche)
        except RenewalRefused as refused:
            session().rollback()
            flash(str(refused), "error")
        else:
            once_kept(ring_mails)
            flash(RESENT.format(entry.account.email), "success")
        return redirect(url_for("help_desk.card", school=school, area=area, fiche_id=fiche_id), 303)


def _scope() -> Scope:
    scope = helping_scope()
    if scope is None:
        abort(403)
    return scope


def _find(text: str, called: str, schools: list[Establishment]) -> list[Found]:
    """By anything in the one establishment that was named, else by identifier, address or name in all of them."""
    if not called:
        return find_accounts(session(), _scope(), text, today(), limit=MOST + 1)
    return find_in_school(session(), schools[0], text, today(), limit=MOST + 1) if len(schools) == 1 else []


def _entry(school: int, area_code: str, fiche_id: int, *asked: Power) -> Entry:
    """The fiche and its account, where the visitor helps and the establishment holds it; anything else is not found."""
    area: Area = BY_CODE.get(area_code) or abort(404)
    if not _scope().holds(school) or find_establishment(session(), school) is None:
        abort(404)
    try:
        entry = card_of(session(), school, area.population, fiche_id, today())
        for power in asked:
            require(session(), power, entry.account.id, school, Role.HELP_DESK)
    except (FicheNotFound, TieTooWeak):
        abort(404)
    return entry


def _address(found: Found) -> str:
    area = next(area for area in AREAS if area.population is found.population)
    values: dict[str, Any] = {"school": found.school.id, "area": area.code, "fiche_id": found.fiche.id}
    return url_for("help_desk.card", **values)
