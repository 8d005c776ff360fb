"""A browser leaves the portal: here first, whatever happens; then each ENT that it entered; then where it goes.

ENTs are asked one after the other, each by sending the browser there and back. One that does not answer, or that
answers wrongly, is told of to whoever leaves, and holds up nothing but the ENTs after it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import flask
from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.ent.waiting import places
from parent_portal.installation import installation, let_go, network_address, session
from parent_portal.provider import WAITS_FOR, portal_at
from parent_portal.visitors import leave, visitor
from shared import clock
from shared.accounts.credentials.sealing import SealBroken
from shared.accounts.login.sessions import close_session
from shared.models.access.ents import EntEntry, EntService
from shared.provider.ent.ending import Goodbye, way_back
from shared.provider.ent.keys import private_key
from shared.provider.ent.leaving import Asked, ask_to_end, entered_from, require_ended
from shared.provider.refusals import Refusal, Refused
from shared.provider.rotation import NoKey
from shared.web.headers import FORGET
from shared.worker.bells import ring_logouts

_log = logging.getLogger(__name__)

LEAVES = "leaves"
"""Where the cookie keeps what is still to be done."""


@dataclass(frozen=True)
class Back:
    """Where a browser goes in the end: an address that was checked, or the ENT that asked for it; else our own page."""

    address: str | None = None
    ent: tuple[int, str, str] | None = None
    """Its number, the name of its request, and its state."""

    @classmethod
    def to(cls, goodbye: Goodbye) -> "Back":
        """Back to the ENT that asked for the logout."""
        return cls(ent=(goodbye.service.id, goodbye.request_id, goodbye.relay_state))


@dataclass(frozen=True)
class _Way:
    """The entries whose ENT is still to be asked, what is asked now, and the ENTs that did not confirm."""

    left: tuple[int, ...]
    asked: Asked | None
    failed: tuple[int, ...]
    back: Back


def leave_for(back: Back | None = None, *, sentence: str | None = None, but: int | None = None) -> ResponseReturnValue:
    """Log this browser out, in a transaction that writes, have the ENTs told, and send it `back`.

    `sentence` is what its holder reads in the end, where that is here; `but` is an ENT that knows already.
    """
    known, left = visitor(), []
    if known is not None:
        left = entered_from(session(), known.account, known.token, but=but)
        close_session(session(), known.token)
        # Here it is over, whatever comes now.
        let_go()
        ring_logouts(installation().settings)
    leave()
    if back is None:
        flash(sentence or _("Vous êtes déconnecté."), "info")
    left_here = make_response(_go(_Way(tuple(left), None, (), back or Back())))
    left_here.headers["Clear-Site-Data"] = FORGET
    return left_here


def heard(sent: str) -> ResponseReturnValue:
    """The answer of the ENT that was asked: whatever it says, the browser goes on.

    Raises:
        Refused: none was asked in this browser.
    """
    way = _kept()
    if way is None or way.asked is None:
        raise Refused(Refusal.ENT_LATE, "no logout waits for an answer")
    try:
        require_ended(session(), sent, places().logout, way.asked, clock.now())
    except Refused as refused:
        _not_told(refused)
        way = replace(way, failed=(*way.failed, way.asked.service_id))
    return _go(way)


def tell_unconfirmed() -> None:
    """Whoever comes back otherwise than by the ENT that was asked reads that it did not confirm."""
    way = _kept()
    flask.session.pop(LEAVES, None)
    if way is not None:
        waiting = () if way.asked is None else (way.asked.service_id,)
        entries = [session().get(EntEntry, number) for number in way.left]
        _warn((*way.failed, *waiting, *(entry.ent_service_id for entry in entries if entry is not None)))


def _go(way: _Way) -> ResponseReturnValue:
    """To the next ENT, or where the browser goes in the end."""
    left, failed, at = list(way.left), list(way.failed), portal_at()
    while left:
        entry = session().get(EntEntry, left.pop(0))
        if entry is None:
            continue
        try:
            address, asked = ask_to_end(at, entry, places().entity_id)
        except Refused as refused:
            _not_told(refused)
            failed.append(entry.ent_service_id)
            continue
        _keep(_Way(tuple(left), asked, tuple(failed), way.back))
        return _lead(address, _("Déconnexion de l'ENT"))
    flask.session.pop(LEAVES, None)
    return _arrive(way.back, failed)


def _arrive(back: Back, failed: Sequence[int]) -> ResponseReturnValue:
    if back.ent is not None:
        address = _answer_of(back.ent, is_everywhere=not failed)
        if address is not None:
            return _lead(address, _("Retour à l'ENT"))
        flash(_("Vous êtes déconnecté."), "info")
    if failed:
        _warn(failed)
    if back.address is not None:
        # Whoever must read something first goes on by the button.
        return _lead(back.address, _("Retour au téléservice"), waits=bool(failed))
    return redirect(url_for("login.show"), 303)


def _answer_of(ent: tuple[int, str, str], *, is_everywhere: bool) -> str | None:
    """Where the browser brings our word to the ENT that had asked; none where it goes nowhere."""
    number, request_id, relay_state = ent
    service, at = session().get(EntService, number), portal_at()
    if service is None:
        return None
    try:
        key = private_key(at.session, at.sealer, at.now)
    except (NoKey, SealBroken):
        _log.error("an ENT is not answered: no key")
        return None
    goodbye = Goodbye(service, request_id, (), relay_state)
    return way_back(goodbye, places().entity_id, key, at.now, everywhere=is_everywhere)


def _warn(numbers: Sequence[int]) -> None:
    found = [session().get(EntService, number) for number in dict.fromkeys(numbers)]
    labels = ", ".join(service.ent_link.label for service in found if service is not None)
    if labels:
        sentence = _(
            "Déconnexion non confirmée : %(ent)s. Sur un ordinateur partagé, fermez toutes les fenêtres du navigateur.",
            ent=labels,
        )
        flash(sentence, "warning")


def _lead(address: str, title: str, *, waits: bool = False) -> ResponseReturnValue:
    """To another site; by a page after a form, since browsers stop forms that lead there."""
    if request.method == "POST" or waits:
        return render_template("portal/going_back.html", address=address, title=title, waits=waits)
    sent: Response = redirect(address, 303)
    return sent


def _not_told(refused: Refused) -> None:
    _log.warning("an ENT did not end its session, for %s: %s", network_address(), refused)


def _keep(way: _Way) -> None:
    asked = way.asked and (way.asked.service_id, way.asked.name)
    flask.session[LEAVES] = [way.left, asked, way.failed, way.back.address, way.back.ent, clock.now().timestamp()]


def _kept() -> _Way | None:
    """What is still to be done in this browser, unless it was begun long ago."""
    held = flask.session.get(LEAVES)
    if held is None:
        return None
    left, asked, failed, address, ent, at = held
    if clock.now() - datetime.fromtimestamp(at, UTC) > WAITS_FOR:
        return None
    return _Way(tuple(left), asked and Asked(*asked), tuple(failed), Back(address, ent and tuple(ent)))
