"""« Quoi de neuf » says what changed since one's last visit, to whom it opens (R26)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from admin_app.news import ENTRIES, LAST
from shared import clock
from shared.acting.desk import Act
from shared.journal import COMMAND, Actor
from shared.models.journal import Action, ActorKind
from shared.models.staff import Staff
from tests.admin.browser import words
from tests.statements import sent

LETTERS, BOARD = "Les courriers s'écrivent sans balises", "Le tableau de bord de l'académie"


@pytest.fixture(autouse=True)
def everything_is_newer_than_staff(database, school_a):
    with database.writing() as session:
        for staff in session.scalars(select(Staff)):
            staff.created_at = clock.now() - timedelta(days=400)


def happens(database, school, actor=COMMAND, action=Action.SCHOOL_IMPORTED, days=0, **columns):
    with database.writing() as session:
        at = clock.now() - timedelta(days=days)
        Act(session, actor, at).record(action, establishment_id=school.id, subject=school.uai, **columns)


def test_entries_have_numbers_that_grow_and_lead_somewhere(app):
    numbers = [entry.number for entry in ENTRIES]
    assert numbers == sorted(set(numbers))
    assert [entry.since for entry in ENTRIES] == sorted(entry.since for entry in ENTRIES)
    places = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {f"{entry.place}.index" for entry in ENTRIES if entry.place} <= places
    assert all(entry.title and len(entry.text) <= 200 for entry in ENTRIES)


def test_what_is_new_is_counted_on_every_page_until_it_was_read(head):
    assert "Quoi de neuf 8 nouveautés" in words(head.get("/"))
    page = words(head.get("/quoi-de-neuf/"))
    assert "Nouveau pour vous" in page
    assert page.index(LETTERS) < page.index("J'ai tout lu")

    answer = head.post("/quoi-de-neuf/")

    page = words(head.get(answer.location))
    assert "seul ce qui vient après sera nouveau" in page
    assert "Rien de nouveau depuis le" in page
    assert LETTERS in page
    assert "nouveautés" not in words(head.get("/"))


def test_only_what_came_since_is_new(database, head, school_a):
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == school_a.login)).one()
        staff.news_seen, staff.news_seen_at = 6, clock.now() - timedelta(days=3)
    new, _, known = words(head.get("/quoi-de-neuf/")).partition(" Avant ")
    assert LETTERS in new
    assert "statistiques qui tiennent" not in new
    assert "statistiques qui tiennent" in known


def test_it_tells_only_what_opens(head, academy, delegate):
    assert BOARD not in words(head.get("/quoi-de-neuf/"))
    assert BOARD in words(academy.get("/quoi-de-neuf/"))
    page = words(delegate("statistics").get("/quoi-de-neuf/"))
    assert LETTERS not in page
    assert "statistiques qui tiennent" in page


def test_nothing_is_new_to_who_came_after_it(database, head, school_a):
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.login == school_a.login)).one()
        staff.created_at = clock.now() + timedelta(days=400)
    assert 'class="novelties"' not in head.get("/quoi-de-neuf/").text
    assert "nouveautés" not in words(head.get("/"))


def test_what_others_did_in_the_establishment_is_told_and_not_ones_own(database, head, school_a, school_b):
    head.post("/quoi-de-neuf/")
    with database.reading() as session:
        own = session.scalars(select(Staff.id).where(Staff.login == school_a.login)).one()
    other = Actor(ActorKind.STAFF, "Adjointe Une", own + 1000)
    happens(database, school_a, other, days=-1)
    happens(database, school_a, other, days=-1)
    happens(database, school_a, Actor(ActorKind.STAFF, "Chef", own), Action.LOGO_CHANGED, days=-1)
    happens(database, school_b, other, Action.LINK_ADDED, days=-1)
    happens(database, school_a, other, Action.CONTACT_CHANGED, days=2)

    page = words(head.get("/quoi-de-neuf/"))

    assert "Base élèves importée : 2 fois, la dernière le" in page
    assert "par Adjointe Une" in page
    for untold in ("Logo des courriers modifié", "Lien utile ajouté", "Contact modifié"):
        assert untold not in page.partition("Avant")[0]


def test_a_delegate_is_told_nothing_of_the_journal(database, delegate, school_a):
    happens(database, school_a)
    assert "Dans votre établissement" not in words(delegate("settings").get("/quoi-de-neuf/"))


def test_its_cost_does_not_follow_the_journal(database, head, school_a):
    def queries():
        with sent(database) as seen:
            assert head.get("/quoi-de-neuf/").status_code == 200
        return len(seen)

    few = queries()
    for _ in range(30):
        happens(database, school_a)
    assert queries() == few


def test_the_whole_change_log_is_there(head):
    assert "1.1 – novembre 2026" in words(head.get("/quoi-de-neuf/tout"))


def test_a_page_that_was_opened_twice_marks_no_less(database, head, school_a):
    head.post("/quoi-de-neuf/")
    head.post("/quoi-de-neuf/")
    with database.reading() as session:
        assert session.scalars(select(Staff.news_seen).where(Staff.login == school_a.login)).one() == LAST
