"""The logo of the letters: chosen, looked at, replaced, removed, by the school and by nobody else (R20, R28, R29)."""

import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from shared.models.journal import JournalEvent
from shared.models.letters import LetterLogo
from shared.models.school import Establishment
from shared.notifications.letters.logo import LARGEST_FILE, current_logo
from tests.admin.browser import hidden, words
from tests.notifications.letters.pictures import drawn_logo

PAGE = "/parametrage/logo/"
ENT = "/parametrage/ent/"


def send(browser, content, version=0, name="logo.png"):
    return browser.post(PAGE, {"image": (io.BytesIO(content), name), "version": version})


def saved(database, school):
    with database.reading() as session:
        return current_logo(session, school.id)


def pictures(browser) -> int:
    answer = browser.get("/parametrage/courriers/pdf")
    return sum(len(page.images) for page in PdfReader(io.BytesIO(answer.data)).pages)


def test_a_logo_is_chosen_seen_and_printed(head, database, school_a):
    assert "ne portent pas de logo" in words(head.get(ENT))
    assert pictures(head) == 1

    assert send(head, drawn_logo(form="JPEG"), name="photo.exe").status_code == 303
    assert f'src="{saved(database, school_a).logo.address}"' in head.get(PAGE).text
    assert "portent un logo" in words(head.get(ENT))
    assert pictures(head) == 2
    with database.reading() as session:
        event = session.scalars(select(JournalEvent).where(JournalEvent.action == "logo_changed")).one()
    assert event.establishment_id == school_a.id


def test_removing_asks_first_and_letters_have_no_logo_any_more(head, database, school_a):
    send(head, drawn_logo())
    asked = head.get(PAGE + "retirer")
    assert "Retirer ce logo ?" in words(asked)
    assert saved(database, school_a).logo is not None

    assert head.post(PAGE + "retirer", {"version": hidden(asked, "version")}).status_code == 303
    assert saved(database, school_a).logo is None
    assert "rien à retirer" in words(head.get(PAGE + "retirer"))
    assert pictures(head) == 1
    with database.reading() as session:
        assert session.scalars(select(LetterLogo.picture)).all() == [None]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "n'est pas une image PNG ou JPEG"),
        (drawn_logo(form="GIF"), "n'est pas une image PNG ou JPEG"),
        (drawn_logo(7_000, 10), "trop grande"),
        (b"x" * (LARGEST_FILE + 1), "trop lourd : 5 Mo"),
    ],
    ids=["svg", "gif", "pixels", "bytes"],
)
def test_a_file_that_can_be_no_logo_is_refused_and_the_one_in_use_stays(head, database, school_a, content, sentence):
    send(head, drawn_logo())
    before = saved(database, school_a)

    refused = send(head, content, version=1, name="logo.png")
    assert refused.status_code == 422
    assert sentence in words(refused)
    assert saved(database, school_a) == before


def test_no_file_at_all_is_refused(head, school_a):
    assert "Choisissez d'abord une image" in words(head.post(PAGE, {"version": 0}))
    assert "Choisissez d'abord une image" in words(send(head, b"", name=""))


def test_of_two_people_who_change_the_logo_the_second_is_told(head, academy, database, school_a):
    send(head, drawn_logo())
    mine = saved(database, school_a)

    for late in (send(academy, drawn_logo(50, 50), version=0), academy.post(PAGE + "retirer", {"version": 0})):
        assert late.status_code == 409
        assert "Quelqu'un d'autre a modifié le logo" in words(late)
    assert saved(database, school_a) == mine

    head.post(PAGE + "retirer", {"version": 1})
    send(head, drawn_logo(60, 60), version=2)
    assert send(academy, drawn_logo(50, 50), version=1).status_code == 409


def test_a_logo_is_of_one_school_and_settings_must_be_delegated(head, browse, delegate, database, school_a, school_b):
    send(browse(school_b.login), drawn_logo())
    assert saved(database, school_b).logo is not None
    assert saved(database, school_a).logo is None
    assert pictures(head) == 1

    forged = {"image": (io.BytesIO(drawn_logo()), "logo.png"), "version": 0, "etablissement": school_b.id}
    assert head.post(PAGE, forged).status_code == 409
    assert send(delegate("guardians"), drawn_logo()).status_code == 403
    assert send(delegate("settings"), drawn_logo()).status_code == 303


def test_a_logo_and_the_longest_head_leave_the_letter_on_one_page(head, database, school_a):
    with database.writing() as session:
        school = session.get_one(Establishment, school_a.id)
        school.name = "Cité scolaire internationale et polyvalente des métiers de la mer Alphonse de Lamartine " * 2
        school.address_line1 = school.address_line2 = "x" * 100
    send(head, drawn_logo(900, 330))

    answer = head.get("/parametrage/courriers/pdf", famille="longue")
    assert len(PdfReader(io.BytesIO(answer.data)).pages) == 1
