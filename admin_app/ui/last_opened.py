"""The last accounts that a browser opened, shown by the search box before anything is typed."""

from collections.abc import Collection

import flask

from admin_app.access import school_id
from admin_app.installation import session, today
from admin_app.ui.populations import Area
from shared.accounts.directory.listing import Entry, cards_of

_OPENED = "opened"
_SHOWN = 6
_REMEMBERED = 18
"""Of all establishments together: the cookie stays small."""


def remember_opened(area: Area, fiche_id: int) -> None:
    """Put this account before the others."""
    one = [school_id(), area.prefix, fiche_id]
    others = [other for other in flask.session.get(_OPENED, []) if other != one]
    flask.session[_OPENED] = [one, *others][:_REMEMBERED]


def last_opened(areas: Collection[Area]) -> list[tuple[Area, Entry]]:
    """The last accounts opened in the establishment chosen, of the tabs that the visitor may open, newest first.

    What is no longer there, or no longer the establishment's, is left out: each is looked up anew.
    """
    here = [(prefix, number) for school, prefix, number in flask.session.get(_OPENED, []) if school == school_id()]
    found: dict[tuple[str, int], tuple[Area, Entry]] = {}
    for area in areas:
        numbers = [number for prefix, number in here if prefix == area.prefix]
        if numbers:
            cards = cards_of(session(), school_id(), area.population, numbers, today())
            found |= {(area.prefix, number): (area, entry) for number, entry in cards.items()}
    return [found[key] for key in here if key in found][:_SHOWN]
