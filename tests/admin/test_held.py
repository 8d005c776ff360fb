"""« Fiches retenues »: the school sees on Accueil whom its base says not to write to, and decides."""

import pytest

from shared.models.holds import HoldAnswer, HoldDecision
from shared.models.school import Guardian, Hold, Student
from shared.models.staff import Tab
from tests.admin.browser import words

HELD = "/responsables/retenues/"


@pytest.fixture
def dead(database, school_a):
    """The guardian of the first school, whom its base says to have died."""
    with database.writing() as session:
        guardian = session.get_one(Guardian, school_a.fiche_id)
        guardian.hold, guardian.staff_note = Hold.DECEASED, "DECEDE le 3 mars"
        guardian.written_family_name = "Zarzuela (DECEDE le 3 mars)"
    return school_a.fiche_id


def decision(database):
    with database.reading() as session:
        return session.query(HoldDecision).one_or_none()


def confirmation(browser):
    return words(browser.get("/responsables/notifier/", vu=1, mode="both", aller="confirmer"))


def test_accueil_tells_and_staff_decide(head, database, school_a, dead):
    assert "1 fiche retenue" in words(head.get("/"))
    page = words(head.get(HELD))
    assert "Zarzuela Marie" in page
    assert "« Zarzuela (DECEDE le 3 mars) »" in page
    assert "dit que cette personne est décédée" in page
    reason = "1 compte laissé de côté : fiche retenue : la base élèves dit que cette personne est décédée"
    assert reason in confirmation(head)
    assert head.post(f"{HELD}{dead}/", {"reponse": "write"}).status_code == 303
    made = decision(database)
    assert (made.guardian_id, made.answer, made.note) == (dead, HoldAnswer.WRITE, "DECEDE le 3 mars")
    assert "fiche retenue" not in words(head.get("/"))
    assert "Aucune fiche n'attend de décision." in words(head.get(HELD))
    decided = words(head.get(HELD, decidees=1))
    assert "Écrire quand même , par Chef-A" in decided or "Écrire quand même, par" in decided
    assert reason not in confirmation(head)
    assert "Fiche retenue : décision prise" in words(head.get("/journal/"))
    assert head.post(f"{HELD}{dead}/", {"reponse": "do_not_write", "decidees": "1"}).status_code == 303
    assert decision(database).answer is HoldAnswer.DO_NOT_WRITE
    assert reason in confirmation(head)


def test_the_card_and_the_lists_show_the_note_to_staff(head, dead, school_a):
    card = words(head.get(f"/responsables/compte/{dead}/"))
    assert "Rien n'est notifié à ce compte." in card
    assert "Nom de famille dans SIECLE Zarzuela (DECEDE le 3 mars)" in card
    for page in ("/responsables/comptes/", "/responsables/notifier/?vu=1&mode=both"):
        assert "Note de la base élèves : DECEDE le 3 mars" in words(head.get(page)), page


def test_one_account_is_held_back_as_many_are(head, database, dead):
    page = head.post(f"/responsables/compte/{dead}/notifier/", {"mode": "paper", "cle": "k" * 32})
    assert page.status_code == 422
    assert "Rien ne part : fiche retenue" in words(page)
    renewed = head.post(f"/responsables/compte/{dead}/nouvel-identifiant/", {"mode": "paper", "cle": "l" * 32})
    assert renewed.status_code == 422
    assert "m.zarzuela" in words(head.get(f"/responsables/compte/{dead}/"))


def test_an_answer_that_says_nothing_is_refused(head, database, dead):
    page = head.post(f"{HELD}{dead}/", {"reponse": "peut-être"})
    assert page.status_code == 422
    assert "Choisissez une réponse" in words(page)
    assert decision(database) is None


def test_a_form_of_another_site_decides_nothing(head, database, dead):
    page = head.client.post(f"{HELD}{dead}/", data={"reponse": "write", "etablissement": head.school_id})
    assert page.status_code == 400
    assert decision(database) is None


def test_another_school_neither_sees_nor_decides(browse, database, dead, school_b):
    stranger = browse(school_b.login)
    assert "Zarzuela" not in words(stranger.get(HELD))
    assert stranger.post(f"{HELD}{dead}/", {"reponse": "write"}).status_code == 404
    assert decision(database) is None


def test_who_was_delegated_students_decides_upon_students_only(delegate, database, school_a, dead):
    of_students = delegate(Tab.STUDENTS)
    assert of_students.get(HELD).status_code == 403
    assert of_students.post(f"{HELD}{dead}/", {"reponse": "write"}).status_code == 403
    with database.writing() as session:
        child = session.get_one(Student, school_a.student_fiche_id)
        child.hold, child.staff_note = Hold.DECEASED, "DCD"
    # The number of a guardian is no number of a student.
    assert "Zarzuela Léa" in words(of_students.get("/eleves/retenues/"))
    assert of_students.post(f"/eleves/retenues/{school_a.student_fiche_id}/", {"reponse": "write"}).status_code == 303
    made = decision(database)
    assert (made.guardian_id, made.student_id) == (None, school_a.student_fiche_id)


def test_the_parents_of_a_child_said_to_have_died_are_held_back(head, database, school_a):
    with database.writing() as session:
        child = session.get_one(Student, school_a.student_fiche_id)
        child.hold, child.staff_note = Hold.DECEASED, "DCD"
    assert "un de ses élèves est décédé" in confirmation(head)
    card = head.get(f"/responsables/compte/{school_a.fiche_id}/")
    assert "un de ses élèves est décédé" in words(card)
    assert '<a href="/eleves/retenues/">Décider</a>' in card.text


def test_what_a_fiche_says_does_not_become_html(head, database, school_a):
    with database.writing() as session:
        guardian = session.get_one(Guardian, school_a.fiche_id)
        guardian.hold, guardian.staff_note = Hold.DECEASED, "<b>DCD</b>"
        guardian.written_family_name = "Zarzuela <b>DCD</b>"
    for page in (HELD, f"/responsables/compte/{school_a.fiche_id}/", "/responsables/comptes/"):
        assert "<b>DCD" not in head.get(page).text
