"""« Impression »: lists that go on, without what only a screen needs."""

import re

import pytest
from sqlalchemy import delete, select

from shared.models.duplicates import DuplicatePair
from shared.models.school import Guardian
from tests.admin.browser import words
from tests.admin.test_queries import add_families
from tests.duplicates.base import make_pair

PAGED = [
    "/responsables/comptes/",
    "/responsables/notifier/?vu=1&mode=both",
    "/base/doublons/",
    "/journal/?tout=1",
    "/responsables/fiches/?voir=courriels",
]


def printed(page: str) -> str:
    return f"{page}{'&' if '?' in page else '?'}imprimer=1"


def look_alike(database, school):
    """The two fiches of each family are likely duplicates, whatever the detection thinks of such a base."""
    with database.writing() as session:
        session.execute(delete(DuplicatePair).where(DuplicatePair.establishment_id == school.id))
        everybody = session.scalars(select(Guardian).where(Guardian.establishment_id == school.id)).all()
        families = [fiche for fiche in everybody if fiche.last_name.startswith("NOM")]
        fiches = sorted(families, key=lambda fiche: (fiche.last_name, fiche.id))
        for first, second in zip(fiches[::2], fiches[1::2], strict=True):
            make_pair(session, first, second, 0.99)


@pytest.mark.parametrize("page", PAGED)
def test_a_list_that_stops_on_the_screen_goes_on_on_paper(head, database, sealer, school_a, page, monkeypatch):
    monkeypatch.setattr("admin_app.views.journal.JournalPage.page_size", 5)
    add_families(database, sealer, school_a, range(60))
    look_alike(database, school_a)

    on_screen, on_paper = head.get(page), head.get(printed(page))

    assert "Suivant" in words(on_screen)
    assert "Suivant" not in words(on_paper)
    assert on_paper.text.count("<tr") > on_screen.text.count("<tr")
    assert 'class="printed"' in on_paper.text


def test_the_entry_of_the_menu_keeps_what_was_searched_and_leads_back(head, school_a):
    page = head.get("/responsables/comptes/", q="zar", etat="active")
    address = re.search(r'<a href="([^"]+)"[^>]*>Impression</a>', page.text)[1].replace("&amp;", "&")

    assert address == "/responsables/comptes/?q=zar&etat=active&imprimer=1"
    back = re.search(r'<a class="btn btn-light" href="([^"]+)">Revenir à la page', head.get(address).text)[1]
    assert back.replace("&amp;", "&") == "/responsables/comptes/?q=zar&etat=active"


def test_a_list_that_is_too_long_for_paper_says_so(head, database, sealer, school_a, monkeypatch):
    monkeypatch.setattr("admin_app.ui.print_mode.PRINTED_ROWS", 20)
    add_families(database, sealer, school_a, range(30))
    page = head.get("/responsables/comptes/", imprimer=1)

    assert "la liste en a d'autres" in words(page)
    following = re.search(r'rel="next" href="([^"]+)"', page.text)[1].replace("&amp;", "&")
    assert following.endswith("&imprimer=1")
    assert 'class="printed"' in head.get(following).text


def test_a_card_prints_whole(head, school_a):
    page = head.get(f"/responsables/compte/{school_a.fiche_id}/", imprimer=1)

    assert "m.zarzuela" in page.text
    assert "Journal du compte" in words(page)
    assert "imprimé le" in words(page)
