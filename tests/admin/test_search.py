"""R19 through the browser: the box at the top of every page, its suggestions, and what it does not tell."""

from urllib.parse import urlsplit

import pytest

from shared.models.school import Establishment
from shared.models.staff import Tab
from tests.admin.browser import words
from tests.factories import make_account, make_guardian

BOX = 'data-suggestions="/recherche/suggestions"'
SUGGESTIONS = "/recherche/suggestions"


def suggested(browser, typed=""):
    return browser.get(SUGGESTIONS, q=typed).json


def test_every_page_has_the_box_for_who_may_look_at_accounts(head, delegate):
    for path in ("/", "/base/doublons/", "/responsables/comptes/", "/journal/"):
        assert BOX in head.get(path).text
    assert BOX not in delegate(Tab.SETTINGS).get("/").text


def test_one_account_found_is_opened_at_once(head, school_a):
    answer = head.get("/recherche/", q="marie zarzuela")
    assert (answer.status_code, urlsplit(answer.location).path) == (303, f"/responsables/compte/{school_a.fiche_id}/")


def test_several_are_listed_with_why_and_who_has_no_account_is_said(head):
    page = words(head.get("/recherche/", q="zarzuela"))
    for expected in ("m.zarzuela", "l.zarzuela", "nom : zarzuela", "pas de compte"):
        assert expected in page
    assert "Personne n'est trouvé" in words(head.get("/recherche/", q="zzzz"))
    assert "n'importe quel ordre" in words(head.get("/recherche/"))


def test_a_hit_says_what_it_was_found_by(head):
    [one, *_] = suggested(head, "lea 6zar")["suggestions"]
    assert "élève : lea" in one["told"] or "nom : lea" in one["told"]
    assert "division : 6zar" in one["told"]


def test_the_last_accounts_opened_come_before_anything_is_typed(head, school_a, school_b):
    assert suggested(head) == {"heading": "", "suggestions": []}
    for fiche_id in (school_a.fiche_id, school_a.active_id, school_a.fiche_id):
        head.get(f"/responsables/compte/{fiche_id}/")
    head.get(f"/responsables/compte/{school_b.fiche_id}/")
    told = suggested(head)
    assert told["heading"] == "Derniers comptes ouverts"
    addresses = [one["address"] for one in told["suggestions"]]
    assert addresses == [f"/responsables/compte/{number}/" for number in (school_a.fiche_id, school_a.active_id)]


def test_another_school_is_not_found(head, school_a, school_b):
    for typed in ("quindecim", "m.quindecim", "marie@quindecim.fr", "6qui"):
        assert suggested(head, typed)["suggestions"] == []
        assert "Quindecim" not in words(head.get("/recherche/", q=typed)).replace("« quindecim »", "")


@pytest.mark.parametrize(("tab", "found"), [(Tab.GUARDIANS, "responsables"), (Tab.STUDENTS, "eleves")])
def test_a_delegate_finds_only_what_the_tab_shows(delegate, tab, found):
    addresses = [one["address"] for one in suggested(delegate(tab), "zarzuela")["suggestions"]]
    assert addresses
    assert all(address.startswith(f"/{found}/") for address in addresses)


def test_who_looks_at_no_account_searches_none(delegate):
    stranger = delegate(Tab.SETTINGS)
    assert stranger.get("/recherche/", q="zarzuela").status_code == 403
    assert stranger.get(SUGGESTIONS, q="zarzuela").status_code == 403


def test_markup_in_a_name_or_in_what_is_typed_stays_text(head, database, school_a):
    with database.writing() as session:
        school = session.get_one(Establishment, school_a.id)
        for number in range(2):
            evil = make_guardian(session, school, last_name="<img src=x>BALISE", first_name="Eve")
            make_account(session, f"e.balise{number}", evil)
    page = head.get("/recherche/", q='balise "><script>')
    assert "<img src=x>" not in page.text
    assert '"><script>' not in page.text


@pytest.mark.parametrize(
    "typed",
    ["a" * 5000, "\x00", "'; DROP TABLE guardian", "%" * 99, "1 " * 99, "é\ud800".encode("utf-8", "replace").decode()],
)
def test_whatever_is_typed_is_answered(head, typed):
    assert head.get("/recherche/", q=typed).status_code in {200, 303}
    assert head.get(SUGGESTIONS, q=typed).status_code == 200
