"""The list of ENTs of the académie: what schools choose from, and what families are then shown (R21)."""

import pytest
from sqlalchemy import select

from shared.establishments.ent import Ent, ent_of
from shared.establishments.settings import settings_of
from shared.models.journal import JournalEvent
from shared.models.teleservices import EntLink
from shared.notifications.content.sender import schools
from tests.admin.browser import hidden, words

PAGE = "/academie/liens-ent/"
ENT = "/parametrage/ent/"
ECLAT = {"libelle": "ÉCLAT", "adresse": "https://eclat.example.org"}


def choose(browser, ent_id, version=0, letter_type="ent_only"):
    fields = {"type": letter_type, "lien": "predefini", "predefini": ent_id, "version": version}
    return browser.post(ENT, fields)


def shown(database, school):
    with database.reading() as session:
        return schools(session, [school.id])[school.id].ent


def links(database):
    with database.reading() as session:
        return {link.label: link.url for link in session.scalars(select(EntLink))}


def id_of(database, label):
    with database.reading() as session:
        return session.scalars(select(EntLink.id).where(EntLink.label == label)).one()


def test_a_link_added_can_be_chosen_in_every_school(academy, browse, database, school_a, school_b):
    assert academy.post(PAGE, ECLAT).status_code == 303
    other = browse(school_b.login)
    assert "ÉCLAT – https://eclat.example.org" in words(other.get(ENT))

    assert choose(other, id_of(database, "ÉCLAT")).status_code == 303
    assert shown(database, school_b) == Ent("ÉCLAT", "https://eclat.example.org")
    assert shown(database, school_a) is None
    assert "1 établissement" in words(academy.get(PAGE))
    with database.reading() as session:
        event = session.scalars(select(JournalEvent).where(JournalEvent.action == "ent_changed")).one()
    assert (event.establishment_id, event.details) == (school_b.id, {"url": "https://eclat.example.org"})


def test_a_correction_is_shown_by_every_school_that_chose_the_link(academy, head, database, school_a):
    choose(head, school_a.ent_id)
    path = f"{PAGE}{school_a.ent_id}/"
    page = academy.get(path)
    assert "vaut aussitôt pour 1 établissement" in words(page)

    moved = {"libelle": "METICE", "adresse": "https://nouveau.example.org", "version": hidden(page, "version")}
    assert academy.post(path, moved).status_code == 303
    assert shown(database, school_a) == Ent("METICE", "https://nouveau.example.org")


def test_two_people_correcting_a_link_the_second_is_told(academy, database, school_a):
    path = f"{PAGE}{school_a.ent_id}/"
    version = hidden(academy.get(path), "version")
    academy.post(path, {**ECLAT, "version": version})

    second = academy.post(path, {"libelle": "Le mien", "adresse": "https://mien.fr", "version": version})
    assert second.status_code == 409
    assert "Quelqu'un d'autre a modifié" in words(second)
    assert links(database) == {"ÉCLAT": "https://eclat.example.org"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"libelle": ""}, "Donnez un libellé"),
        ({"libelle": "METICE"}, "porte déjà ce libellé"),
        ({"adresse": "javascript:alert(1)"}, "adresse n'est pas valable"),
        ({"adresse": "data:text/html,<script>alert(1)</script>"}, "adresse n'est pas valable"),
        ({"adresse": "https://moi@ent.fr"}, "adresse n'est pas valable"),
    ],
)
def test_what_families_could_not_use_is_refused_and_kept_on_the_page(academy, database, school_a, wrong, sentence):
    academy.post(PAGE, ECLAT)
    before = links(database)
    for path in (PAGE, f"{PAGE}{id_of(database, 'ÉCLAT')}/"):
        refused = academy.post(path, {"libelle": "L'autre", "adresse": "https://autre.fr", "version": 1, **wrong})
        assert refused.status_code == 422
        assert sentence in words(refused)
        assert links(database) == before


def test_a_retired_link_cannot_be_chosen_and_stays_where_it_was(academy, head, browse, database, school_a, school_b):
    choose(head, school_a.ent_id)
    assert "1 établissement le montre" in words(academy.get(f"{PAGE}{school_a.ent_id}/retirer"))
    assert academy.post(f"{PAGE}{school_a.ent_id}/retirer").status_code == 303

    assert shown(database, school_a) == Ent("METICE", "https://metice.example.org")
    assert choose(head, school_a.ent_id, version=1, letter_type="mixed").status_code == 303
    other = browse(school_b.login)
    assert "METICE" not in words(other.get(ENT))
    refused = choose(other, school_b.ent_id)
    assert refused.status_code == 422
    assert "n'y est plus" in words(refused)

    academy.post(f"{PAGE}{school_a.ent_id}/remettre")
    assert choose(other, school_b.ent_id).status_code == 303


def test_a_school_changes_nothing_on_the_list_and_chooses_nothing_beside_it(head, database, school_a):
    before = links(database)
    assert head.post(PAGE, ECLAT).status_code == 403
    for path in ("", "retirer", "remettre"):
        assert head.post(f"{PAGE}{school_a.ent_id}/{path}", {**ECLAT, "version": 1}).status_code == 403
    assert head.get(PAGE).status_code == 403
    for forged in (999_999, 0, -1, "javascript:alert(1)"):
        assert choose(head, forged).status_code == 422

    assert links(database) == before
    with database.reading() as session:
        assert ent_of(settings_of(session, school_a.id)) is None


def test_two_people_choosing_at_once_the_second_is_told(head, academy, database, school_a):
    choose(head, school_a.ent_id)

    assert choose(academy, school_a.ent_id, version=0, letter_type="mixed").status_code == 409
    assert "ENT seul" in words(academy.get(ENT))


def test_a_link_that_does_not_exist_is_not_found(academy, school_a):
    for path in ("999999/", "999999/retirer"):
        assert academy.get(PAGE + path).status_code == 404
        assert academy.post(PAGE + path, ECLAT).status_code == 404
