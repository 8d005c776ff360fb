"""« Visualiser », « Modifier », « Réinitialiser »: the letters of an establishment in its own words (R20)."""

import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from shared.models.journal import JournalEvent
from shared.models.letters import LetterKind, LetterPart
from shared.models.school import Establishment, Guardianship
from shared.notifications.letters.own_texts import current_text
from shared.notifications.letters.preview import LONGEST_IDENTIFIER
from tests.admin.browser import hidden, words
from tests.factories import make_division, make_guardian, make_student

LETTERS = "/parametrage/courriers/"
ENT = "/parametrage/ent/"
REMINDER = {"courrier": "guardian_reminder", "partie": "body"}
TEXT = "Bonjour {{ nom }},\n\n{{ cadre_identifiants }}\n\nÀ bientôt à <b>{{ etablissement }}</b>."


def printed(response) -> str:
    assert response.content_type == "application/pdf", response.text
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.data)).pages).replace("\xa0", " ")


def saved(database, school, letter=LetterKind.GUARDIAN_REMINDER, part=LetterPart.BODY):
    with database.reading() as session:
        return current_text(session, school.id, letter, part)


def change(browser, text, version=0, **fields):
    return browser.post(LETTERS + "modifier", {**REMINDER, "texte": text, "version": version, **fields})


@pytest.mark.parametrize("letter", list(LetterKind))
def test_each_letter_is_shown_in_its_page_as_it_will_be_printed(head, school_a, letter):
    page = head.get(LETTERS, courrier=letter.value)
    pdf = head.get(LETTERS + "pdf", courrier=letter.value)

    assert f'src="{LETTERS}pdf?courrier={letter.value}"' in page.text
    assert "frame-ancestors 'self'" in pdf.headers["Content-Security-Policy"]
    assert PdfReader(io.BytesIO(pdf.data)).metadata.title == "Courrier de notification"
    assert "c.exemple" in printed(pdf)
    assert ("abcd-2346-wxyz" in printed(pdf)) == (not letter.value.endswith("reminder"))


def test_the_letter_is_shown_with_the_family_that_has_most_children(head, database, school_a):
    with database.writing() as session:
        school = session.get_one(Establishment, school_a.id)
        division = make_division(session, school, "5C")
        brood = [make_student(session, school, division, first_name=f"Enfant{number}") for number in range(8)]
        guardian = make_guardian(session, school, brood[0], last_name="ZEPHYRIN", address_line1="8 rue Longue")
        for student in brood[1:]:
            make_guardian_link(session, school, student, guardian)
    text = printed(head.get(LETTERS + "pdf", famille="longue"))

    assert all(f"Enfant{number}" in text for number in range(8))
    assert "ZEPHYRIN" in text
    assert "8 rue Longue" in text
    assert LONGEST_IDENTIFIER in text


def make_guardian_link(session, school, student, guardian):
    session.add(Guardianship(establishment_id=school.id, student_id=student.id, guardian_id=guardian.id, legal_rank=1))


def test_a_text_written_anew_is_what_is_printed(head, database, school_a):
    response = change(head, TEXT)

    assert response.status_code == 303
    text = printed(head.get(LETTERS + "pdf", courrier="guardian_reminder"))
    assert "Bonjour Camille EXEMPLE," in text
    assert "À bientôt à Collège Zarzuela." in text
    assert "c.exemple" in text
    assert saved(database, school_a).is_own
    assert "modifié" in words(head.get(ENT))
    with database.reading() as session:
        event = session.scalars(select(JournalEvent).where(JournalEvent.action == "letter_changed")).one()
    assert event.details == {"letter": "guardian_reminder", "part": "body"}


def test_what_was_saved_comes_back_as_it_was_typed(head, school_a):
    change(head, TEXT)

    page = head.get(LETTERS + "modifier", **REMINDER)
    assert "Bonjour {{ nom }},\n\n{{ cadre_identifiants }}\n\nÀ bientôt à &lt;b&gt;" in page.text


def test_the_variables_that_can_be_inserted_are_listed(head):
    page = words(head.get(LETTERS + "modifier", courrier="student_new_password"))

    assert "{{ mot_de_passe }}" in page
    assert "{{ division }}" in page
    assert "{{ liste_enfants }}" not in page
    assert "{{ date_limite }}" not in page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{{ cadre_identifiants }}\n\n{{ mot_de_pass }}", "La variable « mot_de_pass » n'existe pas"),
        ("{{ cadre_identifiants }}\n\n{{ mot_de_passe }}", "La variable « mot_de_passe » n'existe pas"),
        ("{{ cadre_identifiants }}\n\n{{ config.SECRET_KEY }}", "Les signes « {{ » ne servent qu'à insérer"),
        ("{{ cadre_identifiants }}\n\n{% include '/etc/passwd' %}", "Les signes « {% » ne servent qu'à insérer"),
        ("{{ cadre_identifiants }}\n\n{{ nom | upper }}", "Les signes « {{ »"),
        ("Voici {{ cadre_identifiants }} pour vous", "doit être seul, entre deux lignes vides"),
        ("Bonjour {{ nom }}", "Il manque de quoi se connecter"),
        ("", "Il manque de quoi se connecter"),
        ("{{ cadre_identifiants }}" + "x" * 10_000, "Le texte est trop long"),
        ("{{ cadre_identifiants }}\n\n" + "\n\n".join("y" * 300), "4 pages au plus"),
    ],
)
def test_a_text_that_cannot_be_a_letter_is_refused_and_kept_on_the_page(head, database, school_a, text, sentence):
    response = change(head, text)

    assert response.status_code == 422
    assert sentence in words(response)
    assert not saved(database, school_a).is_own


def test_a_head_higher_than_its_place_is_refused(head, database, school_a):
    response = change(head, "\n".join("abcdefghijkl"), partie="header")

    assert response.status_code == 422
    assert "l'en-tête ne tient pas à sa place" in words(response)
    assert not saved(database, school_a, part=LetterPart.HEADER).is_own


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        ("guardian_new_account", "{{ identifiant }} {{ adresse_portail }} {{ date_limite }}", "{{ mot_de_passe }}"),
        ("guardian_new_account", "{{ identifiant }} {{ mot_de_passe }} {{ date_limite }}", "{{ adresse_portail }}"),
        ("student_new_account", "{{ cadre_identifiants }}", "Il manque la date limite"),
    ],
)
def test_a_letter_without_what_a_family_needs_is_refused(head, kind, text, sentence):
    response = change(head, text, courrier=kind)

    assert response.status_code == 422
    assert sentence in words(response)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<img src="file:///etc/passwd">',
        '<p style="position: absolute; left: -400mm; font-size: 400pt">x</p>',
        "<pdf:include src='/etc/passwd'></pdf:include>",
        "<style>@page { size: a3 }</style>",
    ],
)
def test_what_is_no_formatting_is_cleaned_away(head, database, school_a, attack):
    change(head, f"{{{{ cadre_identifiants }}}}\n\n{attack}")

    content = saved(database, school_a).content
    assert not any(word in content for word in ("script", "img", "style", "pdf:", "@page", "alert"))


def test_the_preview_shows_what_is_typed_and_saves_nothing(head, database, school_a):
    shown = head.post(LETTERS + "essai", {**REMINDER, "texte": TEXT})
    refused = head.post(LETTERS + "essai", {**REMINDER, "texte": "{{ rien }}"})

    assert "Bonjour Camille EXEMPLE," in printed(shown)
    assert refused.status_code == 422
    assert "La variable « rien » n'existe pas" in words(refused)
    assert not saved(database, school_a).is_own


def test_resetting_says_what_will_change_and_can_be_done(head, database, school_a):
    change(head, TEXT)
    asked = head.get(LETTERS + "reinitialiser", **REMINDER)
    assert "Enlevé : Bonjour {{ nom }}," in words(asked)
    assert "Ajouté : {{ liste_enfants }}" in words(asked)
    assert saved(database, school_a).is_own

    done = head.post(LETTERS + "reinitialiser", {**REMINDER, "version": hidden(asked, "version")})

    assert done.status_code == 303
    assert not saved(database, school_a).is_own
    assert "rien à réinitialiser" in words(head.get(LETTERS + "reinitialiser", **REMINDER))


def test_of_two_people_who_edit_the_same_letter_the_second_is_told(browse, academy, database, school_a):
    first = browse(school_a.login)
    seen = hidden(academy.get(LETTERS + "modifier", **REMINDER), "version")
    change(first, TEXT, version=seen)

    second = change(academy, "Le second {{ identifiant }} {{ adresse_portail }}", version=seen)

    assert second.status_code == 409
    assert "Quelqu'un d'autre a modifié ce texte" in words(second)
    assert "Votre texte, qui n'a pas été enregistré Le second" in words(second)
    assert "Bonjour" in saved(database, school_a).content


def test_a_letter_reset_and_written_again_is_not_the_version_somebody_read(head, database, school_a):
    change(head, TEXT)
    version = saved(database, school_a).version
    head.post(LETTERS + "reinitialiser", {**REMINDER, "version": version})
    change(head, TEXT + " Encore.", version=saved(database, school_a).version)

    assert change(head, "Trop tard {{ identifiant }} {{ adresse_portail }}", version=version).status_code == 409
    assert "Encore" in saved(database, school_a).content


def test_a_letter_of_one_school_is_not_changed_by_another(head, browse, database, school_a, school_b):
    change(browse(school_b.login), TEXT)

    assert not saved(database, school_a).is_own
    assert saved(database, school_b).is_own
