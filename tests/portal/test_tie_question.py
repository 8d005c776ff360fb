"""R4: « L'établissement X vous connaît comme responsable de … : est-ce bien vous ? », asked once, in every language."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.accounts.ties.settling import A_FAMILY, confirm_tie, refuse_tie
from shared.acting.desk import Act
from shared.database import Database
from shared.establishments.links import add_link
from shared.journal import COMMAND
from shared.languages import LANGUAGES
from shared.models.access.ties import AccountTie, ConfirmedBy, ProposedFiche, TieState
from shared.models.accounts import Account
from shared.models.journal import JournalEvent
from shared.models.school import Guardian
from tests.factories import PASSWORD, at_desk, make_account, make_establishment, make_guardian, make_student, tie
from tests.portal.browser import Browser, words

QUESTION = "L'établissement Lycée des Vacoas vous connaît comme responsable de Zoé et Tom : est-ce bien vous ?"


@dataclass
class Claim:
    """What a second school says of Marie PAYET, who has an account of the first."""

    tie_id: int
    school_id: int
    fiche_id: int


@pytest.fixture
def claim(database: Database) -> Claim:
    with database.writing() as session:
        here, there = make_establishment(session), make_establishment(session, "9740002B", "Lycée des Vacoas")
        account = make_account(session, "m.payet", make_guardian(session, here, make_student(session, here)))
        children = [make_student(session, there, None, "SECRETNOM", name) for name in ("Zoé", "Tom")]
        fiche = make_guardian(session, there, *children)
        claim = tie(session, account, there.id, TieState.PROPOSED)
        session.add(ProposedFiche(tie_id=claim.id, guardian_id=fiche.id))
        add_link(
            at_desk(session, there.id, now=clock.now(), actor=COMMAND), "Lien des Vacoas", "https://vacoas.example.org"
        )
        return Claim(claim.id, there.id, fiche.id)


def come(portal: Flask, identifier: str = "m.payet") -> Browser:
    browser = Browser(portal)
    assert browser.log_in(identifier, PASSWORD).headers["Location"] == "/"
    return browser


def state_of(database: Database, claim: Claim) -> tuple[TieState, ConfirmedBy | None]:
    with database.reading() as session:
        found = session.get_one(AccountTie, claim.tie_id)
        return found.state, found.confirmed_by


def test_the_question_comes_after_logging_in_and_tells_the_school_and_first_names_only(
    portal: Flask, claim: Claim
) -> None:
    marie = come(portal)
    page = marie.follow(marie.get("/"))
    assert QUESTION in words(page)
    assert "SECRETNOM" not in page.text
    assert "9740002B" not in page.text


def test_yes_adds_the_school_and_nothing_is_asked_again(portal: Flask, database: Database, claim: Claim) -> None:
    marie = come(portal)
    said = words(marie.follow(marie.post(f"/rattachement/{claim.tie_id}", answer="yes")))
    assert "Lycée des Vacoas est ajouté à votre compte." in said
    assert "Zoé SECRETNOM" in said
    assert "Lien des Vacoas" in said
    assert state_of(database, claim) == (TieState.CONFIRMED, ConfirmedBy.FAMILY)
    assert come(portal).get("/").status_code == 200
    again = marie.follow(marie.post(f"/rattachement/{claim.tie_id}", answer="no"))
    assert "Cette question a déjà sa réponse." in words(again)
    assert state_of(database, claim) == (TieState.CONFIRMED, ConfirmedBy.FAMILY)


def test_no_is_remembered_and_told_to_the_school_alone(portal: Flask, database: Database, claim: Claim) -> None:
    marie = come(portal)
    said = words(marie.follow(marie.post(f"/rattachement/{claim.tie_id}", answer="no")))
    assert "C'est noté : Lycée des Vacoas ne verra rien de votre compte." in said
    assert "SECRETNOM" not in said
    assert state_of(database, claim) == (TieState.REFUSED, None)
    assert come(portal).get("/").status_code == 200
    with database.reading() as session:
        told = session.scalars(select(JournalEvent).where(JournalEvent.action == "tie_refused")).one()
        assert (told.establishment_id, told.actor_name, told.address) == (claim.school_id, "la famille", None)
        assert session.get_one(Guardian, claim.fiche_id).account_id is None


def test_later_puts_it_off_until_the_next_login_and_says_where_it_waits(
    portal: Flask, database: Database, claim: Claim
) -> None:
    marie = come(portal)
    home = marie.follow(marie.post(f"/rattachement/{claim.tie_id}", answer="later"))
    assert "Un établissement demande si vous le connaissez." in words(home)
    assert QUESTION in words(marie.get("/rattachement"))
    assert state_of(database, claim) == (TieState.PROPOSED, None)
    assert come(portal).get("/").headers["Location"] == "/rattachement"


ADDED = "cet établissement a été ajouté à votre compte : Lycée des Vacoas."


@pytest.mark.parametrize(
    ("by", "days", "told"),
    [
        (ConfirmedBy.ACADEMY, 0, True),
        (ConfirmedBy.DEPARTURE, 29, True),
        (ConfirmedBy.ACADEMY, 40, False),
        (ConfirmedBy.FAMILY, 0, False),
    ],
)
def test_the_home_tells_a_month_long_of_a_school_that_was_added_without_asking(
    portal: Flask, database: Database, claim: Claim, by: ConfirmedBy, days: int, told: bool
) -> None:
    with database.writing() as session:
        confirm_tie(Act(session, COMMAND, clock.now() - timedelta(days=days)), claim.tie_id, by)
    said = words(come(portal).get("/"))
    assert "Lien des Vacoas" in said
    assert (ADDED in said) == told


def test_a_fiche_whose_tie_was_lost_shows_nothing_more_of_its_school(
    portal: Flask, database: Database, claim: Claim
) -> None:
    """The matrix is asked for what is shown, whatever the rows of the fiches say."""
    with database.writing() as session:
        confirm_tie(Act(session, COMMAND, clock.now()), claim.tie_id, ConfirmedBy.FAMILY)
    assert "Zoé SECRETNOM" in words(come(portal).get("/"))
    with database.writing() as session:
        lost = session.get_one(AccountTie, claim.tie_id)
        lost.state, lost.confirmed_by = TieState.REFUSED, None
    for path in ("/", "/compte"):
        page = come(portal).get(path).text
        assert [mark for mark in ("SECRETNOM", "Vacoas") if mark in page] == []


def test_until_the_answer_nothing_of_the_school_shows_anywhere(portal: Flask, claim: Claim) -> None:
    marie = come(portal)
    marie.post(f"/rattachement/{claim.tie_id}", answer="later")
    for path in ("/", "/compte", "/compte/mes-donnees"):
        page = marie.get(path).text
        assert "SECRETNOM" not in page
        assert "Lien des Vacoas" not in page
        assert "9740002B" not in page


def test_the_question_of_another_account_is_not_answered(portal: Flask, database: Database, claim: Claim) -> None:
    with database.writing() as session:
        school = make_establishment(session, "9740003C", "Collège d'à côté")
        make_account(session, "p.hoarau", make_guardian(session, school, make_student(session, school)))
    stranger = come(portal, "p.hoarau")
    assert stranger.get("/rattachement").headers["Location"] == "/"
    for answer in ("yes", "no"):
        stranger.post(f"/rattachement/{claim.tie_id}", answer=answer)
    assert state_of(database, claim) == (TieState.PROPOSED, None)


def test_a_question_without_its_token_of_the_form_is_not_answered(
    portal: Flask, database: Database, claim: Claim
) -> None:
    marie = come(portal)
    answer = marie.client.post(f"/rattachement/{claim.tie_id}", data={"answer": "yes"})
    assert answer.status_code == 400
    assert state_of(database, claim) == (TieState.PROPOSED, None)


def test_a_question_answered_elsewhere_meanwhile_leads_home(portal: Flask, database: Database, claim: Claim) -> None:
    marie = come(portal)
    with database.writing() as session:
        refuse_tie(Act(session, A_FAMILY, clock.now()), claim.tie_id)
    assert marie.get("/").headers["Location"] == "/rattachement"
    home = marie.follow(marie.get("/rattachement"))
    assert home.status_code == 200
    assert QUESTION not in words(home)


def test_a_student_is_asked_in_words_of_its_own(portal: Flask, database: Database) -> None:
    with database.writing() as session:
        here, there = make_establishment(session), make_establishment(session, "9740002B", "Lycée des Vacoas")
        account = make_account(session, "l.payet", make_student(session, here))
        claimed = make_student(session, there)
        asked = tie(session, account, there.id, TieState.PROPOSED)
        session.add(ProposedFiche(tie_id=asked.id, student_id=claimed.id))
    lea = come(portal, "l.payet")
    said = words(lea.get("/rattachement"))
    assert "L'établissement Lycée des Vacoas vous connaît comme élève : est-ce bien vous ?" in said


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one.code != "fr"], ids=lambda one: one.code)
def test_it_is_asked_in_every_language(portal: Flask, database: Database, claim: Claim, language: object) -> None:
    with database.writing() as session:
        session.scalars(select(Account).where(Account.identifier == "m.payet")).one().language = language.code  # type: ignore[attr-defined]
    page = words(come(portal).get("/rattachement"))
    assert "Lycée des Vacoas" in page
    assert "Zoé" in page
    assert "est-ce bien vous" not in page
    assert "Oui, c'est moi" not in page
