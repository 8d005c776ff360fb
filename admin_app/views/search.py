"""The search box at the top of every page: any family of the establishment, by whatever one remembers of it (R19)."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need, is_open, school_id
from admin_app.installation import session, today
from admin_app.page import Page, expose
from admin_app.ui.last_opened import last_opened
from admin_app.ui.populations import AREAS, Area
from shared.accounts.directory.listing import Child
from shared.accounts.directory.search import MOST, Hit, find_families
from shared.accounts.directory.typed import LONGEST, Where
from shared.accounts.populations import Fiche
from shared.accounts.ties.powers import Power

SUGGESTED = 8
WHERE = {
    Where.NAME: "nom",
    Where.BIRTH_NAME: "nom de naissance",
    Where.ALIKE: "nom qui ressemble",
    Where.STUDENT: "élève",
    Where.DIVISION: "division",
    Where.IDENTIFIER: "identifiant",
    Where.EMAIL: "courriel",
    Where.PHONE: "téléphone",
    Where.FICHE: "numéro de fiche",
    Where.INE: "INE",
}
_TOLD = frozenset({Power.FIND, Power.SEE_IDENTIFIER, Power.SEE_EMAIL, Power.SEE_STATE})


class SearchPage(Page):
    """What the box finds, as a page and as suggestions."""

    name, path, place, need, listed = "Recherche", "/recherche", "search", Need.ACCOUNTS, False
    powers: ClassVar = {"index": _TOLD, "suggest": _TOLD}

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """What was found; the card at once when it is one account."""
        areas, text = _areas(), _typed()
        hits = _find(areas, text, MOST + 1)
        if len(hits) == 1 and (address := card_address(hits[0])) is not None:
            return redirect(address, 303)
        return self.render(
            "admin/search.html",
            text=text,
            hits=[(hit, card_address(hit), why(hit)) for hit in hits[:MOST]],
            most=MOST if len(hits) > MOST else None,
            opened=[(_card(area, entry.fiche), entry) for area, entry in last_opened(areas)],
        )

    @expose("/suggestions")
    def suggest(self) -> ResponseReturnValue:
        """The first accounts found, or the last ones opened when nothing is typed."""
        areas, text = _areas(), _typed()
        if text:
            found = ((hit, card_address(hit)) for hit in _find(areas, text, SUGGESTED))
            suggestions = [
                _suggestion(address, hit.fiche, _children(hit.children), why(hit)) for hit, address in found if address
            ]
            return jsonify(heading="", suggestions=suggestions)
        opened = last_opened(areas)
        suggestions = [
            _suggestion(_card(area, entry.fiche), entry.fiche, _children(entry.children)) for area, entry in opened
        ]
        return jsonify(heading="Derniers comptes ouverts" if opened else "", suggestions=suggestions)


def card_address(hit: Hit) -> str | None:
    """Where the account found is looked at; none as long as there is none."""
    area = next(area for area in AREAS if area.population is hit.population)
    return _card(area, hit.fiche) if hit.account is not None else None


def why(hit: Hit) -> str:
    """`nom : payet, élève : lou`: in what each word was found."""
    found: dict[Where, list[str]] = {}
    for typed, where in hit.why:
        found.setdefault(where, []).append(typed)
    return ", ".join(f"{WHERE[where]} : {' '.join(words)}" for where, words in found.items())


def _areas() -> list[Area]:
    """The tabs whose accounts the visitor may look at."""
    return [area for area in AREAS if is_open(area.tab)]


def _typed() -> str:
    return request.args.get("q", "").strip()[:LONGEST]


def _find(areas: Iterable[Area], text: str, limit: int) -> list[Hit]:
    populations = [area.population for area in areas]
    return find_families(session(), school_id(), populations, text, today(), limit=limit)


def _card(area: Area, fiche: Fiche) -> str:
    return url_for(f"{area.place('account')}.card", fiche_id=fiche.id)


def _children(children: Sequence[Child]) -> str:
    return ", ".join(f"{child.name} {child.division or 'sans division'}" for child in children)


def _suggestion(address: str, fiche: Fiche, *told: str) -> dict[str, str]:
    return {
        "address": address,
        "title": f"{fiche.last_name} {fiche.first_name}",
        "told": " – ".join(filter(None, told)),
    }
