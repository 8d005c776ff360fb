"""The coupons of a school say what it wrote; those of another school, what the software says."""

from dataclasses import replace

import pytest

from shared.models.accounts import AccountKind
from shared.models.letters import LetterKind, LetterPart
from shared.models.notifications import Text
from shared.notifications.content.coupon_words import BESIDE_CODE_MM, MOST_STEP_LINES, SMALL_POINTS, wording_of
from shared.notifications.content.texts import TYPES
from shared.notifications.coupons.content import coupon_of
from shared.notifications.letters.address_window import wrap
from shared.notifications.letters.kinds import checked_text, delivered_text
from tests.notifications.letters.test_letters import by, notice

OF_NEW = ("guardian_new_account", LetterPart.COUPON)


def test_it_says_what_the_school_wrote() -> None:
    content = checked_text(LetterKind.GUARDIAN_NEW_ACCOUNT, LetterPart.COUPON, "Lisez & connectez-vous.\n\nCe soir.")
    assert coupon_of(notice(), by(texts={OF_NEW: content})).steps == ("Lisez & connectez-vous. Ce soir.",)
    assert coupon_of(notice(), by()).steps == coupon_of(notice(), by(texts={})).steps != ()


def test_what_is_written_for_one_text_is_not_said_in_another() -> None:
    content = checked_text(LetterKind.GUARDIAN_NEW_ACCOUNT, LetterPart.COUPON, "Lisez.")
    other = replace(notice(), text=Text.REMINDER, initial_password=None)
    assert coupon_of(other, by(texts={OF_NEW: content})).steps != ("Lisez.",)
    student = replace(notice(), kind=AccountKind.STUDENT)
    assert coupon_of(student, by(texts={OF_NEW: content})).steps != ("Lisez.",)


@pytest.mark.parametrize("letter", LetterKind)
def test_the_words_delivered_can_be_saved_as_they_are(letter: LetterKind) -> None:
    delivered = delivered_text(letter.value, LetterPart.COUPON)
    assert checked_text(letter, LetterPart.COUPON, delivered) == delivered


@pytest.mark.parametrize("text", Text)
def test_every_text_says_on_a_coupon_what_it_is_and_what_to_do(text: Text) -> None:
    words = wording_of(text)
    assert words.title.strip()
    # One that shows no password has room for a line more.
    room = MOST_STEP_LINES + (not TYPES[text].shows_password)
    assert 1 <= len(wrap(words.steps, BESIDE_CODE_MM, SMALL_POINTS)) <= room
