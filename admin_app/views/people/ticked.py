"""What staff do to the accounts that they ticked in the list (R19)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import abort, request

from admin_app.access import acts_as, school_id
from admin_app.installation import session, today
from admin_app.tables.ticks import ticked_numbers
from admin_app.ui.labels import count
from admin_app.ui.populations import Area
from admin_app.views.people.account_actions import BY_CODE, Action
from shared.accounts.directory.listing import Entry, cards_of
from shared.accounts.directory.renewal import RenewalRefused
from shared.accounts.state_policy import may
from shared.accounts.ties.asking import TieTooWeak, require
from shared.accounts.ties.powers import Power

MOST_TICKED = 100
"""More than a page has: none of them takes long, all of them end together."""


@dataclass(frozen=True)
class Ticked:
    """One button under the list: another page that takes the ticked accounts, or an action of the card for each."""

    code: str
    label: str
    power: Power
    leads_to: str | None = None
    """The page of the area that goes on with them."""
    with_it: Mapping[str, Any] = field(default_factory=dict)
    each: Action | None = None


TICKED = (
    Ticked("notifier", "Notifier…", Power.NOTIFY, leads_to="notifying", with_it={"vu": "1"}),
    Ticked("exporter", "Exporter…", Power.EXPORT, leads_to="exports"),
    *(Ticked(one.code, f"{one.label}…", one.power, each=one) for one in (BY_CODE["desactiver"], BY_CODE["reactiver"])),
)


def ticked_entries(area: Area, action: Ticked) -> Sequence[Entry]:
    """The accounts that the form names, in the order of their numbers, each of which staff may do this to.

    Any other one, of another establishment or too weakly tied to this one, is as if there were none: nothing is found.
    """
    wanted = ticked_numbers(request.form.getlist("fiche"), MOST_TICKED)
    entries = cards_of(session(), school_id(), area.population, wanted, today())
    if len(entries) != len(wanted):
        abort(404)
    try:
        for entry in entries.values():
            require(session(), action.power, entry.account.id, school_id(), acts_as())
    except TieTooWeak:
        abort(404)
    # Two persons who act on the same accounts lock them in the same order.
    return sorted({entry.account.id: entry for entry in entries.values()}.values(), key=lambda entry: entry.account.id)


def apart(entries: Sequence[Entry], action: Ticked) -> tuple[list[Entry], list[Entry]]:
    """Those that it can be done to in their state, and the others."""
    step = action.each.step if action.each else None
    possible = [entry for entry in entries if step is not None and may(entry.account, step)]
    return possible, [entry for entry in entries if entry not in possible]


def apply_to_all(entries: Sequence[Entry], action: Ticked) -> str:
    """Do it to each; returns what was done. An account that changed meanwhile stays as it is, and is named."""
    done, left = 0, []
    for entry in entries:
        try:
            if action.each is not None:
                action.each.apply(entry, {})
            done += 1
        except RenewalRefused:
            left.append(entry.account.identifier)
    said = f"{action.label.rstrip('…')} : {count(done, 'compte')}."
    return f"{said} Inchangés, car leur état a changé entre-temps : {', '.join(left)}." if left else said
