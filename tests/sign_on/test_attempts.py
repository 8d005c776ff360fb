"""A question that a browser was sent away with is answered once, in that browser, soon."""

from datetime import timedelta

import pytest

from shared.database import Database
from shared.sign_on.attempts import TIME_TO_COME_BACK, Question, answered, ask, use_once
from shared.sign_on.refusals import Refusal, SignOnRefused
from tests.factories import NOW, make_provider


@pytest.fixture
def question(database: Database) -> Question:
    drawn = Question.drawn()
    with database.writing() as session:
        ask(session, make_provider(session).id, drawn, NOW)
    return drawn


def test_it_is_answered_once(database: Database, question: Question) -> None:
    with database.writing() as session:
        found = answered(session, question.state, question.browser, NOW)
        assert (found.nonce, found.verifier) == (question.nonce, question.verifier)
    with database.writing() as session, pytest.raises(SignOnRefused):
        answered(session, question.state, question.browser, NOW)


@pytest.mark.parametrize("state", ["", "x", "x" * 201])
def test_another_state_answers_nothing(database: Database, question: Question, state: str) -> None:
    with database.writing() as session, pytest.raises(SignOnRefused):
        answered(session, state, question.browser, NOW)


def test_whoever_asks_in_another_browser_uses_it_up(database: Database, question: Question) -> None:
    """Somebody saw it: nobody comes in with it any more, nor whoever began."""
    with database.writing() as session:
        for browser in ("", "x", question.state, question.browser):
            with pytest.raises(SignOnRefused):
                answered(session, question.state, browser, NOW)


def test_it_is_answered_within_ten_minutes(database: Database, question: Question) -> None:
    late = NOW + TIME_TO_COME_BACK
    with database.writing() as session, pytest.raises(SignOnRefused):
        answered(session, question.state, question.browser, late)


def test_what_was_accepted_once_never_is_again(database: Database) -> None:
    for times in range(2):
        with database.writing() as session:
            if times == 0:
                use_once(session, "jeton", NOW + timedelta(minutes=5))
                continue
            with pytest.raises(SignOnRefused) as refused:
                use_once(session, "jeton", NOW + timedelta(minutes=5))
            assert refused.value.reason is Refusal.REPLAYED
