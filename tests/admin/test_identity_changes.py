"""« Changements de personne »: what an import found of keys that changed hands, until somebody looked (R31)."""

import re

from sqlalchemy import select

from admin_app.access import Need, need_of
from shared.models.imports.identity import IdentityChange
from shared.models.journal import JournalEvent
from shared.models.school import Guardian, Student
from shared.models.staff import Tab
from tests.admin.browser import words
from tests.admin.test_access import LEAVES, ask, routes, text_of

CHANGES = "/base/identites/"


def change_of(database, school):
    with database.reading() as session:
        return session.scalars(select(IdentityChange).where(IdentityChange.id == school.change_id)).one()


def test_accueil_tells_until_somebody_looked_at_both_persons(head, database, school_a):
    assert "1 numéro de SIECLE donné à une autre personne : regarder" in words(head.get("/"))
    assert "Zarzuela Marie garde son compte" in words(head.get(CHANGES))
    page = words(head.get(f"{CHANGES}{school_a.change_id}/"))
    assert "La fiche 101 était Marie Zarzuela, c'est maintenant Zoé Zarzuela" in page
    assert "prénoms différents" in page
    assert "Marie Zarzuela garde son compte : il ne donne accès à rien de Zoé Zarzuela." in page
    assert "Prénom Marie Zoé" in page
    assert "Zarzuela Léa, Légal 1" in page
    assert head.post(f"{CHANGES}{school_a.change_id}/").status_code == 303
    change = change_of(database, school_a)
    assert change.seen_by == "Chef-A"
    assert "regarder" not in words(head.get("/"))
    assert "Aucun changement à regarder." in words(head.get(CHANGES))
    assert "par Chef-A" in words(head.get(CHANGES, vus=1))
    assert "Changement de personne vu" in words(head.get("/journal/"))


def test_looking_again_changes_nothing(head, database, school_a):
    head.post(f"{CHANGES}{school_a.change_id}/")
    seen_at = change_of(database, school_a).seen_at
    assert head.post(f"{CHANGES}{school_a.change_id}/").status_code == 303
    assert change_of(database, school_a).seen_at == seen_at
    with database.reading() as session:
        assert len(session.scalars(select(JournalEvent).where(JournalEvent.action == "identity_seen")).all()) == 1


def test_all_are_seen_at_once_up_to_those_that_were_shown(head, database, school_a):
    head.post(f"{CHANGES}vus/", {"jusqua": str(school_a.change_id - 1)})
    assert change_of(database, school_a).seen_at is None
    head.post(f"{CHANGES}vus/", {"jusqua": "n'importe quoi"})
    assert change_of(database, school_a).seen_at is None
    head.post(f"{CHANGES}vus/", {"jusqua": str(school_a.change_id)})
    assert change_of(database, school_a).seen_at is not None


def test_another_school_neither_reads_nor_sees(browse, database, school_a, school_b):
    stranger = browse(school_b.login)
    path = f"{CHANGES}{school_a.change_id}/"
    assert stranger.get(path).status_code == 404
    assert stranger.post(path).status_code == 404
    stranger.post(f"{CHANGES}vus/", {"jusqua": "999999"})
    assert change_of(database, school_a).seen_at is None


def test_only_who_imports_is_told(delegate, school_a):
    assert delegate(Tab.GUARDIANS.value).get(CHANGES).status_code == 403
    importer = delegate(Tab.IMPORTS.value)
    assert "regarder" in words(importer.get("/"))
    # The account is for those who work with accounts.
    assert "Voir le compte" not in words(importer.get(f"{CHANGES}{school_a.change_id}/"))


def test_the_account_that_stayed_is_one_click_away(head, school_a):
    page = head.get(f"{CHANGES}{school_a.change_id}/").text
    [address] = re.findall(r'<a href="([^"]+)">Voir le compte</a>', page)
    assert "m.zarzuela" in head.get(address).text


def test_no_page_and_no_file_shows_the_key_that_stands_in_for_one_given_away(app, head, database, school_a):
    """A fiche whose key was given to somebody else has `~` and a number of ours in its place."""
    with database.writing() as session:
        for table in (Guardian, Student):
            for fiche in session.scalars(select(table).where(table.establishment_id == school_a.id)):
                fiche.former_siecle_id, fiche.siecle_id = fiche.siecle_id, f"~{fiche.id}"
    stand_in = re.compile(r"~\d+")
    asked = sorted(routes(app), key=lambda one: (one[1] != "GET", one[0].endpoint))
    for rule, method in asked:
        if rule.endpoint not in LEAVES and need_of(app, rule.endpoint) is not Need.ACADEMY:
            shown = text_of(ask(head, rule, method, school_a))
            assert not stand_in.search(shown), (rule.endpoint, method)
    for area in ("responsables", "eleves"):
        for name in ("comptes", "ent", "fiches", "notifications"):
            file = head.post(f"/{area}/exports/", {"fichier": name, "format": "csv"})
            assert not stand_in.search(file.text), (area, name)
    assert not stand_in.search(head.get("/journal/", tout=1).text)
