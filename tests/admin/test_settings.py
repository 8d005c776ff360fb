"""« Paramétrage » and « Gestion des services »: what staff set for families (R21–R25)."""

import re

import pytest
from sqlalchemy import select

from shared.establishments.ent import Ent, ent_of, shows_ent_only
from shared.establishments.services import services_of
from shared.establishments.settings import settings_of
from shared.models.journal import JournalEvent
from tests.admin.browser import hidden, words

MESSAGE = "/parametrage/message/"
CONTACT = "/parametrage/contact/"
ENT = "/parametrage/ent/"
WITHOUT_LETTER = "/parametrage/sans-lettre/"
LINKS = "/parametrage/liens/"


def saved(database, school):
    with database.reading() as session:
        return settings_of(session, school.id)


def test_the_welcome_message_is_saved_and_shown(head, database, school_a):
    typed = "Bonjour à tous.\n\n<strong>La cantine</strong> ouvre lundi."
    response = head.post(MESSAGE, {"message": typed, "version": 0})

    assert response.status_code == 303
    assert saved(database, school_a).welcome_message == (
        "<p>Bonjour à tous.</p><p><strong>La cantine</strong> ouvre lundi.</p>"
    )
    assert "La cantine ouvre lundi." in words(head.get(MESSAGE))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "attack", ["<script>alert(1)</script>", '<img src=x onerror="alert(1)">', '<a href="javascript:alert(1)">x</a>']
)
def test_what_is_no_formatting_is_cleaned_away(head, database, school_a, attack):
    head.post(MESSAGE, {"message": f"Bonjour {attack}", "version": 0})

    message = saved(database, school_a).welcome_message
    assert not any(word in message for word in ("script", "onerror", "img"))
    assert "alert(1)</script>" not in head.get(MESSAGE).text


def test_a_message_that_is_too_long_is_refused_and_kept_on_the_page(head, database, school_a):
    response = head.post(MESSAGE, {"message": "x" * 2001, "version": 0})

    assert response.status_code == 422
    assert "trop long" in words(response)
    assert "x" * 2001 in response.text
    assert saved(database, school_a).welcome_message == ""


def test_the_preview_is_what_families_will_get_and_saves_nothing(head, database, school_a):
    answer = head.post(MESSAGE + "apercu", {"message": "Salut <b>toi</b><script>x</script>"}).json
    page = head.post(MESSAGE, {"message": "Un essai", "version": 0, "apercu": "1"})

    assert answer == {"html": "<p>Salut <b>toi</b></p>", "characters": 9, "problem": None}
    assert "<p>Un essai</p>" in page.text
    assert saved(database, school_a).welcome_message == ""


def test_of_two_people_who_edit_the_same_message_the_second_is_told(browse, academy, database, school_a):
    head = browse(school_a.login)
    head.post(MESSAGE, {"message": "Avant", "version": 0})
    version = hidden(academy.get(MESSAGE), "version")
    head.post(MESSAGE, {"message": "Le premier", "version": version})

    second = academy.post(MESSAGE, {"message": "Le second", "version": version})

    assert second.status_code == 422
    assert "Quelqu'un d'autre a modifié" in words(second)
    assert "Votre texte, qui n'a pas été enregistré Le second" in words(second)
    assert saved(database, school_a).welcome_message == "<p>Le premier</p>"
    assert academy.post(MESSAGE, {"message": "D'accord", "version": hidden(second, "version")}).status_code == 303


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (CONTACT, {"actif": "oui", "email": "autre@exemple.fr"}),
        (ENT, {"type": "mixed", "libelle": "Autre", "adresse": "https://autre.fr"}),
        (WITHOUT_LETTER, {"ouverte": "non"}),
    ],
)
def test_no_setting_is_overwritten_unseen(head, database, school_a, path, fields):
    head.post(MESSAGE, {"message": "Quelqu'un est passé", "version": 0})
    stale = int(hidden(head.get(path), "version"))
    head.post(MESSAGE, {"message": "Et repassé", "version": stale})

    response = head.post(path, {**fields, "version": stale})

    assert response.status_code == 409
    assert "Quelqu'un d'autre a modifié" in words(response)
    assert saved(database, school_a).contact_email is None
    assert saved(database, school_a).ent_label is None


def test_the_contact_is_made_active_with_a_valid_address(head, database, school_a):
    refused = head.post(CONTACT, {"actif": "oui", "email": "pas une adresse", "version": 0})
    accepted = head.post(CONTACT, {"actif": "oui", "email": "CE.9740001A@exemple.fr", "version": 0})

    assert refused.status_code == 422
    assert "n'est pas valable" in words(refused)
    assert accepted.status_code == 303
    assert (saved(database, school_a).contact_active, saved(database, school_a).contact_email) == (
        True,
        "ce.9740001a@exemple.fr",
    )


def test_coming_without_a_letter_is_closed_and_opened_again(head, database, school_a):
    assert saved(database, school_a).self_activation
    head.post(WITHOUT_LETTER, {"ouverte": "non", "version": 0})
    closed = head.get(WITHOUT_LETTER)

    assert "L'activation sans lettre est fermée" in words(closed)
    assert not saved(database, school_a).self_activation
    assert head.post(WITHOUT_LETTER, {"ouverte": "oui", "version": hidden(closed, "version")}).status_code == 303
    assert saved(database, school_a).self_activation


def test_the_ent_is_set_with_its_link(head, database, school_a):
    refused = head.post(ENT, {"type": "ent_only", "libelle": "", "adresse": "", "version": 0})
    accepted = head.post(ENT, {"type": "ent_only", "libelle": "METICE", "adresse": "metice.fr", "version": 0})

    assert refused.status_code == 422
    assert accepted.status_code == 303
    assert saved(database, school_a).ent_url == "https://metice.fr"


def test_ent_alone_without_an_ent_is_refused(head, database, school_a):
    for choice in ("aucun", "predefini", "saisi"):
        assert head.post(ENT, {"type": "ent_only", "lien": choice, "version": 0}).status_code == 422
    assert saved(database, school_a).version == 0


ALONE = {"type": "ent_only", "lien": "saisi", "libelle": "METICE", "adresse": "metice.fr"}


def test_ent_alone_says_that_families_may_be_lost_until_somebody_tried(head, database, school_a):
    head.post(ENT, {**ALONE, "version": 0})
    page = words(head.get(ENT))
    assert "Les familles trouvent-elles le portail depuis METICE ?" in page
    assert "le courrier ne montrerait que l'adresse de METICE" in page
    assert not shows_ent_only(saved(database, school_a))
    assert "Essayer si les familles trouvent le portail" in words(head.get("/"))

    head.post(f"{ENT}essai", {"oui": "1", "version": 1})
    assert shows_ent_only(saved(database, school_a))
    assert "ne montrent que l'adresse de METICE" in words(head.get(ENT))
    assert "Essayer si les familles" not in words(head.get("/"))

    head.post(f"{ENT}essai", {"non": "1", "version": 2})
    assert not shows_ent_only(saved(database, school_a))
    assert "Vous avez répondu non" in words(head.get(ENT))
    with database.reading() as session:
        actions = session.scalars(select(JournalEvent.action).order_by(JournalEvent.id)).all()
    assert [one for one in actions if one.startswith("ent_leads")] == ["ent_leads_here", "ent_leads_elsewhere"]


def test_another_address_is_to_be_tried_again_and_the_same_one_is_not(head, database, school_a):
    head.post(ENT, {**ALONE, "version": 0})
    head.post(f"{ENT}essai", {"oui": "1", "version": 1})
    head.post(ENT, {**ALONE, "libelle": "Métice", "version": 2})
    assert shows_ent_only(saved(database, school_a))

    head.post(ENT, {**ALONE, "adresse": "autre.fr", "version": 3})
    assert not shows_ent_only(saved(database, school_a))


def test_an_address_that_the_academie_changes_is_to_be_tried_again(head, academy, database, school_a):
    head.post(ENT, {"type": "ent_only", "lien": "predefini", "predefini": school_a.ent_id, "version": 0})
    head.post(f"{ENT}essai", {"oui": "1", "version": 1})
    assert shows_ent_only(saved(database, school_a))
    link = f"/academie/liens-ent/{school_a.ent_id}/"
    moved = {"libelle": "METICE", "adresse": "https://ailleurs.example.org"}
    assert academy.post(link, {**moved, "version": hidden(academy.get(link), "version")}).status_code == 303
    assert not shows_ent_only(saved(database, school_a))


def test_nobody_says_that_an_ent_was_tried_where_there_is_none_or_another_was_chosen_meanwhile(
    head, delegate, database, school_a
):
    assert head.post(f"{ENT}essai", {"oui": "1", "version": 0}).status_code == 409
    head.post(ENT, {**ALONE, "version": 0})
    assert head.post(f"{ENT}essai", {"oui": "1", "version": 0}).status_code == 409
    assert delegate("guardians").post(f"{ENT}essai", {"oui": "1", "version": 1}).status_code == 403
    assert not shows_ent_only(saved(database, school_a))


def test_typing_another_ent_replaces_the_one_chosen_and_none_removes_both(head, database, school_a):
    chosen = {"type": "ent_only", "lien": "predefini", "predefini": school_a.ent_id, "libelle": "Oublié"}
    head.post(ENT, {**chosen, "version": 0})
    assert ent_of(saved(database, school_a)) == Ent("METICE", "https://metice.example.org")
    assert "METICE" in words(head.get(ENT))

    head.post(ENT, {"lien": "saisi", "libelle": "L'autre", "adresse": "autre.fr", "version": 1})
    assert ent_of(saved(database, school_a)) == Ent("L'autre", "https://autre.fr")

    head.post(ENT, {"lien": "aucun", "libelle": "L'autre", "adresse": "autre.fr", "version": 2})
    assert ent_of(saved(database, school_a)) is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "https://", "ftp://exemple.fr"])
def test_a_link_that_is_none_of_the_web_is_refused(head, address):
    response = head.post(LINKS, {"libelle": "Piège", "adresse": address})

    assert response.status_code == 422
    assert "n'est pas valable" in words(response)
    assert f'href="{address}"' not in head.get(LINKS).text


def labels(response):
    return re.findall(r'<th scope="row"[^>]*>(.*?)</th>', response.text)


def test_links_are_added_moved_changed_and_deleted(head, school_a):
    head.post(LINKS, {"libelle": "Cantine", "adresse": "cantine.fr"})
    assert labels(head.get(LINKS)) == ["Lien Zarzuela", "Cantine"]

    head.post(f"{LINKS}{school_a.link_id}/deplacer", {"sens": "bas"})
    assert labels(head.get(LINKS)) == ["Cantine", "Lien Zarzuela"]

    head.post(f"{LINKS}{school_a.link_id}/", {"libelle": "Étude", "adresse": "https://etude.fr"})
    assert labels(head.get(LINKS)) == ["Cantine", "Étude"]

    assert "Supprimer ce lien" in words(head.get(f"{LINKS}{school_a.link_id}/supprimer"))
    head.post(f"{LINKS}{school_a.link_id}/supprimer")
    assert labels(head.get(LINKS)) == ["Cantine"]


def test_a_service_is_opened_after_a_confirmation_and_closed_again(head, database, school_a):
    address = f"/services/{school_a.service_id}/"
    assert "Les familles le verront" in words(head.get(address))

    head.post(address, {"ouvrir": "oui"})
    assert is_open(database, school_a)
    head.post(address, {"ouvrir": "non"})
    assert not is_open(database, school_a)


def test_a_mandatory_service_cannot_be_closed(head, database, school_a):
    with database.reading() as session:
        mandatory = next(state for state in services_of(session, school_a.id) if state.service.mandatory)

    head.post(f"/services/{mandatory.service.id}/", {"ouvrir": "non"})

    assert "ne peut pas être fermé" in words(head.get("/services/"))


def is_open(database, school):
    with database.reading() as session:
        states = services_of(session, school.id)
    return next(state.is_open for state in states if state.service.id == school.service_id)
