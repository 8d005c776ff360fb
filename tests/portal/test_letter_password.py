"""The password of the letter, typed after another one was chosen: its holder is told so, and nobody else (R3, R10)."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.renewal import renew_identifier, renew_password
from shared.accounts.login.letter_marks import KEPT_FOR, remove_old_marks
from shared.journal import COMMAND
from shared.models.access.letter_marks import LetterMark
from shared.models.accounts import Account
from shared.models.school import Guardian
from tests.factories import INITIAL_PASSWORD, PASSWORD, at_desk
from tests.portal.browser import Browser, words

CHOSEN = "quatre girafes mangent du miel"
TOLD = "reçu de l'établissement, ne sert plus : un autre a été choisi pour ce compte le"
WRONG = "L'identifiant ou le mot de passe n'est pas le bon."


@pytest.fixture
def chosen(family, portal, database):
    """Whoever got the letter of `p.hoarau` came in, and chose a password."""
    browser = Browser(portal)
    browser.log_in("p.hoarau", INITIAL_PASSWORD)
    step_one = {
        **dict.fromkeys(("email", "email_again"), "p@exemple.re"),
        **dict.fromkeys(("password", "password_again"), CHOSEN),
    }
    assert browser.post("/premiere-connexion", **step_one).status_code == 303


@pytest.mark.parametrize("typed", [INITIAL_PASSWORD, INITIAL_PASSWORD.upper(), INITIAL_PASSWORD.replace("-", " ")])
def test_whoever_types_it_again_is_told_since_when_it_serves_no_more(chosen, browser, typed):
    page = browser.log_in("p.hoarau", typed)
    assert page.status_code == 422
    assert TOLD in words(page)
    assert str(clock.now().year) in words(page)
    assert 'href="/mot-de-passe-oublie"' in page.text.partition('role="alert"')[2].partition("</div>")[0]


def test_any_other_password_gets_the_usual_answer(chosen, browser):
    for typed in ("k7mq-x2hd-9wtc", "mot-de-passe-faux", CHOSEN.upper()):
        page = words(browser.log_in("p.hoarau", typed))
        assert WRONG in page
        assert TOLD not in page


def test_it_says_nothing_of_another_account(chosen, browser):
    assert WRONG in words(browser.log_in("m.payet", INITIAL_PASSWORD))
    assert WRONG in words(browser.log_in("x.inconnu", INITIAL_PASSWORD))


def test_it_counts_as_any_wrong_password(chosen, browser):
    answers = [browser.log_in("p.hoarau", INITIAL_PASSWORD) for _ in range(8)]
    assert answers[-1].status_code == 429
    assert TOLD not in words(answers[-1])


def test_no_password_can_be_read_of_what_is_kept(chosen, database, sealer):
    with database.reading() as session:
        [kept] = session.scalars(select(LetterMark)).all()
    assert len(kept.mark) == 3
    text = INITIAL_PASSWORD.replace("-", "")
    assert sealer.recognises(kept.mark, kept.account_id, text)
    assert not Sealer([bytes(32)]).recognises(kept.mark, kept.account_id, text), "without the key, it says nothing"
    assert not sealer.recognises(kept.mark, kept.account_id + 1, text), "nor of another account"


def test_keys_are_changed_without_forgetting(chosen, database, settings):
    with database.reading() as session:
        [kept] = session.scalars(select(LetterMark)).all()
    both = Sealer([bytes(range(32)), *settings.initial_password_keys])
    assert both.recognises(kept.mark, kept.account_id, INITIAL_PASSWORD.replace("-", ""))


def test_it_is_forgotten_after_a_while(chosen, database, browser):
    later = clock.now() + KEPT_FOR + timedelta(minutes=1)
    with time_machine.travel(later, tick=False):
        assert WRONG in words(browser.log_in("p.hoarau", INITIAL_PASSWORD))
    with database.writing() as session:
        remove_old_marks(session, later)
        assert session.scalars(select(LetterMark)).all() == []


@pytest.mark.parametrize("renew", [renew_password, renew_identifier])
def test_a_newer_letter_takes_its_place(chosen, database, sealer, browser, renew):
    with database.writing() as session:
        account = session.scalars(select(Account).where(Account.identifier == "p.hoarau")).one()
        account.state, account.expires_on, account.email_verified_at = "active", None, clock.now()
        fiche = session.scalars(select(Guardian).where(Guardian.account_id == account.id)).one()
        renew(at_desk(session, fiche.establishment_id, clock.now(), COMMAND), account, fiche, sealer)
        assert session.scalars(select(LetterMark)).all() == []
    assert TOLD not in words(browser.log_in("p.hoarau", INITIAL_PASSWORD))


def test_a_later_change_of_password_leaves_it(chosen, database, browser):
    browser.log_in("p.hoarau", CHOSEN)
    assert PASSWORD != CHOSEN
    with database.reading() as session:
        assert len(session.scalars(select(LetterMark)).all()) == 1
