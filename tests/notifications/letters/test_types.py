"""One table says what each type of letter is: nothing of it is told elsewhere, and nothing lacks."""

import pytest

from shared.accounts.state_policy import POLICIES
from shared.config import TEMPLATES
from shared.models.accounts import AccountKind
from shared.models.letters import LetterKind, LetterPart
from shared.models.notifications import Text
from shared.notifications.content.texts import TYPES, name_of, type_of
from shared.notifications.letters.kinds import delivered_text


def test_every_text_has_its_line_and_every_letter_is_of_one() -> None:
    assert set(TYPES) == set(Text)
    assert {name_of(type_of(letter).kind, type_of(letter).text) for letter in LetterKind} == set(LetterKind)


@pytest.mark.parametrize("text", Text)
def test_every_text_is_written_for_mails_and_for_the_letters_to_guardians_and_students(text: Text) -> None:
    assert (TEMPLATES / "mail" / f"{text.value}.jinja").is_file()
    assert all(delivered_text(name_of(kind, text), LetterPart.BODY) for kind in AccountKind)


def test_what_is_said_to_an_account_gives_the_day_of_its_erasure_when_there_is_one() -> None:
    said = [(policy.text, policy.expires) for policy in POLICIES.values() if policy.text]
    assert [text for text, expires in said if TYPES[text].has_deadline is not expires] == []
