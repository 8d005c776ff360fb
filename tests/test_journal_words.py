"""Nothing that the code has a name for is shown by that name: events, their details, letters, mails, kinship (R27)."""

import enum

import pytest

from admin_app.ui.journal.details import DETAILS, VALUES, details_in_words
from admin_app.ui.journal.events import EVENTS
from parent_portal.ui.held_words import file_in_words
from shared.models.access.ties import ConfirmedBy, TieState
from shared.models.accounts import AccountState
from shared.models.journal import Action, ActorKind, JournalEvent
from shared.models.letters import LetterKind, LetterPart
from shared.models.notifications import AccountMailKind, Channel, DeliveryState
from shared.models.wrong_children import WrongChildAnswer
from shared.persons.kinships import KINSHIPS, kinship_in_words
from shared.siecle.invented.people.records import Kinship
from tests.journal_words import require_words
from tests.recorded import recorded

OF_A_HOLDER = (
    AccountState,
    ActorKind,
    AccountMailKind,
    Channel,
    ConfirmedBy,
    DeliveryState,
    TieState,
    WrongChildAnswer,
)


def test_every_action_that_the_code_records_has_words_for_staff() -> None:
    assert {one.action for one in recorded()} - set(EVENTS) == set()


def test_every_action_of_the_journal_is_recorded_somewhere_and_has_words_for_staff() -> None:
    assert {one.action for one in recorded()} == set(Action) == set(EVENTS)


def test_every_action_on_an_account_has_words_for_its_holder() -> None:
    actions = [one.action for one in recorded() if one.of_an_account]
    assert len(actions) > 30
    assert [action for action in actions if file_in_words(action) == action] == []


@pytest.mark.parametrize("kind", OF_A_HOLDER)
def test_every_state_that_a_holder_is_told_of_has_words(kind: type[enum.StrEnum]) -> None:
    assert [value for value in kind if file_in_words(value) == value.value] == []


@pytest.mark.parametrize("value", [*LetterKind, *LetterPart])
def test_every_letter_has_words_in_the_journal(value: enum.StrEnum) -> None:
    assert value.value not in details_in_words({"letter": value.value})


def test_every_kinship_that_the_code_knows_has_words_and_others_are_told_as_what_they_are() -> None:
    assert {kinship.value for kinship in Kinship} - set(KINSHIPS) == set()
    assert (kinship_in_words("20"), kinship_in_words(None)) == ("père", None)
    assert kinship_in_words("99") == "autre lien (code 99 de SIECLE)"


def test_days_of_details_are_written_as_staff_write_them() -> None:
    assert details_in_words({"until": "2027-06-30"}) == "jusqu'au : 30/06/2027"


@pytest.mark.parametrize(
    ("action", "details"),
    [("unheard_of", {}), ("login", {"unheard_of": 1}), ("login", {"by": "to_retry"}), ("login", {"read": {"new": 1}})],
)
def test_what_has_no_words_is_noticed_in_whatever_test_records_it(action: str, details: dict[str, object]) -> None:
    with pytest.raises(AssertionError, match="no words"):
        JournalEvent(action=action, details=details)
    require_words("login", {"by": "passkey"}, "m.payet")


def test_no_word_is_there_for_nothing() -> None:
    assert "" not in {*DETAILS.values(), *VALUES.values(), *EVENTS.values()}
