"""« Courriers revenus »: scanned, undone, listed and refused, with nothing but a form (R27, R28, R30)."""

import re
from threading import Event

import pytest
from sqlalchemy import select

from shared.models.accounts import AccountState
from shared.models.notifications import Notification
from shared.models.school import Establishment
from shared.models.sending.posted import PostedLetter
from shared.notifications.content.reference import in_groups, reference_of
from shared.notifications.letters.worker import Printer
from tests.admin.browser import hidden, words
from tests.factories import make_account, make_division, make_guardian, make_student

NOTIFY = "/responsables/notifier/"
SCAN = "/responsables/courriers-revenus/"
TO_CORRECT = "/responsables/fiches/"


@pytest.fixture
def posted(head, database, settings, sealer, school_a):
    """Two letters of division 5A, printed: their page, and their references by family."""
    with database.writing() as session:
        school = session.get_one(Establishment, school_a.id)
        division = make_division(session, school, "5A")
        for name in ("ADAM", "BOYER"):
            student = make_student(session, school, division, name)
            guardian = make_guardian(session, school, student, last_name=name)
            make_account(session, f"m.{name.lower()}", guardian, state=AccountState.NOT_NOTIFIED, sealer=sealer)
    chosen = {"vu": "1", "mode": "paper", "division": "5A"}
    key = hidden(head.get(NOTIFY, **chosen, aller="confirmer"), "cle")
    page = head.post(NOTIFY, {**chosen, "cle": key}).location
    Printer(database, settings, Event()).print_due()
    number = int(page.rstrip("/").rsplit("/", 1)[1])
    with database.reading() as session:
        rows = session.scalars(
            select(Notification.id).where(Notification.campaign_id == number).order_by(Notification.position)
        ).all()
    return page, dict(zip(("ADAM", "BOYER"), map(reference_of, rows), strict=True))


@pytest.fixture
def other_head(browse, school_b):
    return browse(school_b.login)


def returned(database):
    with database.reading() as session:
        return session.scalars(select(PostedLetter.returned_by).where(PostedLetter.returned_at.is_not(None))).all()


def test_envelopes_are_scanned_one_after_the_other_and_each_answer_takes_the_next(head, database, posted):
    page, references = posted
    shown = head.get(SCAN)
    assert "Aucun courrier n'a été noté comme revenu." in words(shown)
    for name, reference in references.items():
        shown = head.post(SCAN, {"reference": reference})
        assert shown.status_code == 200
        assert re.search(rf"Noté : \S* ?{name}", words(shown))
        # What a hand scanner types next goes into the field.
        assert re.search(r'<input id="reference"[^>]* autofocus', shown.text)
        assert 'data-outcome="done"' in shown.text
    assert len(returned(database)) == 2
    assert "Le courrier est revenu : 2 personnes" in words(head.get(page))
    assert "Revenu noté le" in words(head.get(page))
    assert "2 adresses d'où un courrier est revenu" in words(head.get("/"))


def test_scanned_twice_says_when_and_by_whom(head, database, posted):
    _, references = posted
    head.post(SCAN, {"reference": references["ADAM"]})
    again = head.post(SCAN, {"reference": in_groups(references["ADAM"]).lower()})
    assert re.search(r"Déjà noté le .* par .* : .*ADAM.* Rien n'a changé\.", words(again))
    assert 'data-outcome="again"' in again.text
    assert len(returned(database)) == 1


def test_a_scan_is_undone_with_its_button(head, database, posted):
    _, references = posted
    shown = head.post(SCAN, {"reference": references["ADAM"]})
    [undo] = set(re.findall(r'action="([^"]+/retablir)"', shown.text))
    assert "Rétabli :" in words(head.post(undo))
    assert returned(database) == []
    again = head.post(undo)
    assert again.status_code == 422
    assert "déjà rétabli" in words(again)


@pytest.mark.parametrize("typed", ["", "7K2", "222222223", "x" * 5_000, "<b>gras</b>", reference_of(999_999)])
def test_what_names_no_letter_is_refused_in_a_sentence(head, database, posted, typed):
    shown = head.post(SCAN, {"reference": typed})
    assert shown.status_code == 422
    assert "Rien n'a été noté." in words(shown)
    assert "<b>gras" not in shown.text
    assert 'data-outcome="refused"' in shown.text
    assert returned(database) == []


def test_another_school_finds_nothing(head, other_head, database, posted):
    _, references = posted
    shown = other_head.post(SCAN, {"reference": references["ADAM"]})
    assert "Aucun courrier de cet établissement n'a cette référence" in words(shown)
    assert "ADAM" not in shown.text
    head.post(SCAN, {"reference": references["ADAM"]})
    undo = re.search(r'action="([^"]+/retablir)"', head.get(SCAN).text)
    assert other_head.post(undo[1]).status_code == 404
    assert len(returned(database)) == 1


def test_the_list_for_the_base_is_shown_printed_and_downloaded(head, posted):
    _, references = posted
    empty = head.get(TO_CORRECT, voir="courriers")
    assert "Aucune adresse n'a fait revenir de courrier." in words(empty)
    head.post(SCAN, {"reference": references["ADAM"]})
    listed = words(head.get(TO_CORRECT, voir="courriers"))
    assert "ADAM" in listed
    assert "BOYER" not in listed
    assert "ADAM" in words(head.get(TO_CORRECT, voir="courriers", imprimer="1"))
    file = head.post(TO_CORRECT, {"format": "csv"})
    assert "courriers-revenus-responsables" in file.headers["Content-Disposition"]
    header, line = file.get_data(as_text=True).strip().splitlines()
    assert "Adresse en échec" in header
    assert "ADAM" in line


def test_the_next_letter_leaves_it_out_and_says_why(head, posted):
    _, references = posted
    head.post(SCAN, {"reference": references["ADAM"]})
    asked = head.get(NOTIFY, vu="1", mode="paper", division="5A", aller="confirmer")
    assert "adresse postale en échec : un courrier en est revenu" in words(asked)


def test_this_page_alone_may_ask_for_the_camera(head):
    assert head.get(SCAN).headers["Permissions-Policy"].startswith("camera=(self)")
    assert head.get(TO_CORRECT).headers["Permissions-Policy"].startswith("camera=()")
