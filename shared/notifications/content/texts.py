"""The types of letters and of their mails (R20): one line for each, read by everything that asks about them.

Its words are in `templates/letters/texts` and `templates/mail`, under its name; what staff call it, in
`admin_app.ui.labels`; which one an account gets, in `shared.accounts.state_policy`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from shared.models.accounts import AccountKind
from shared.models.letters import LetterKind
from shared.models.notifications import Text


@dataclass(frozen=True)
class TextType:
    """What one text shows, and which letters of it an establishment may write anew."""

    shows_password: bool = False
    has_deadline: bool = False
    """It says from which day the account is erased (R9)."""
    letters: Mapping[AccountKind, LetterKind] = field(default_factory=dict)
    """By whom it is for; the procedure has none where there is none."""


TYPES: Mapping[Text, TextType] = MappingProxyType(
    {
        Text.NEW_ACCOUNT: TextType(
            shows_password=True,
            has_deadline=True,
            letters={
                AccountKind.GUARDIAN: LetterKind.GUARDIAN_NEW_ACCOUNT,
                AccountKind.STUDENT: LetterKind.STUDENT_NEW_ACCOUNT,
            },
        ),
        Text.ACTIVATION_REMINDER: TextType(
            has_deadline=True, letters={AccountKind.GUARDIAN: LetterKind.GUARDIAN_ACTIVATION_REMINDER}
        ),
        Text.NEW_PASSWORD: TextType(
            shows_password=True,
            letters={
                AccountKind.GUARDIAN: LetterKind.GUARDIAN_NEW_PASSWORD,
                AccountKind.STUDENT: LetterKind.STUDENT_NEW_PASSWORD,
            },
        ),
        Text.REMINDER: TextType(
            letters={
                AccountKind.GUARDIAN: LetterKind.GUARDIAN_REMINDER,
                AccountKind.STUDENT: LetterKind.STUDENT_REMINDER,
            }
        ),
        Text.EXISTING_ACCOUNT: TextType(),
    }
)


@dataclass(frozen=True)
class LetterType:
    """One letter that can be written anew: whom it is for, and its text."""

    kind: AccountKind
    text: Text

    @property
    def shows(self) -> TextType:
        """What its text shows."""
        return TYPES[self.text]


_OF_LETTERS = {
    letter: LetterType(kind, text) for text, shown in TYPES.items() for kind, letter in shown.letters.items()
}


def type_of(letter: LetterKind) -> LetterType:
    """Whom a letter is for, and what it says."""
    return _OF_LETTERS[letter]


def name_of(kind: AccountKind, text: Text) -> str:
    """The name of a letter: that of its file and, for those that can be written anew, of its `LetterKind`."""
    return f"{kind.value}_{text.value}"
