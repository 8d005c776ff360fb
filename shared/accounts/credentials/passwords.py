"""Passwords chosen by people: what is refused (R6), and how they are kept."""

import enum
import hmac
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shared.accounts.credentials.hashing import hash_of, opens
from shared.accounts.credentials.initial_passwords import as_typed
from shared.languages import to_translate
from shared.persons.names import fold

MINIMUM_CHARACTERS = 12
MAXIMUM_CHARACTERS = 200
_MOST_TYPED = 4 * MAXIMUM_CHARACTERS
"""No letter is typed as more than four signs, itself and what stands above and below it."""

_SHORTEST_TELLING_PART = 4


class PasswordProblem(enum.StrEnum):
    """Why a password is refused; said to whoever chose it."""

    TOO_SHORT = to_translate(
        "Ce mot de passe est trop court : il faut au moins 12 caractères. Plusieurs mots à la suite, c'est bien."
    )
    TOO_LONG = to_translate("Ce mot de passe est trop long : 200 caractères au plus.")
    TOO_COMMON = to_translate(
        "Ce mot de passe est trop facile à deviner. Choisissez par exemple quatre mots sans rapport entre eux."
    )
    KNOWN_WORDS = to_translate(
        "Ce mot de passe est trop facile à deviner : des mots, prénoms ou lieux connus, à peine changés. Choisissez par"
        " exemple quatre mots sans rapport entre eux."
    )
    SENTENCE = to_translate(
        "Ce mot de passe est trop facile à deviner : c'est une phrase courante. Choisissez par exemple quatre mots sans"
        " rapport entre eux."
    )
    KEYBOARD = to_translate(
        "Ce mot de passe est trop facile à deviner : il suit les touches du clavier, se répète ou est une date."
        " Choisissez par exemple quatre mots sans rapport entre eux."
    )
    LEAKED = to_translate(
        "Ce mot de passe est trop facile à deviner : il figure dans des listes publiques de mots de passe volés."
        " Choisissez par exemple quatre mots sans rapport entre eux."
    )
    NAMES_FAMILY = to_translate(
        "Ce mot de passe est trop facile à deviner : c'est le nom d'un enfant ou d'un établissement. Choisissez par"
        " exemple quatre mots sans rapport entre eux."
    )
    NAMES_YOU = to_translate(
        "Ce mot de passe contient votre identifiant, votre nom ou votre adresse e-mail. Choisissez autre chose."
    )
    SAME_AS_BEFORE = to_translate("C'est le mot de passe que vous aviez déjà. Choisissez-en un autre.")


class PasswordRefused(Exception):
    """A new password is weak; `problem` is safe to show."""

    def __init__(self, problem: PasswordProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class PasswordReplaced(Exception):
    """While a new password was judged, somebody else replaced the present one: nothing was changed."""


@dataclass(frozen=True)
class Opening:
    """What a login is opened with at an instant: what a new password replaces."""

    password_hash: str | None = field(repr=False)
    initial_password: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class NewPassword:
    """A password that was found good enough, as it will be kept, and what it replaces."""

    hash: str = field(repr=False)
    replaces: Opening
    letter_mark: bytes | None = field(default=None, repr=False)
    """What is left of the password handed over, where one waited to be replaced (`Sealer.mark`)."""

    def require_present(self, present: Opening) -> None:
        """Raise `PasswordReplaced` unless `present` is still what was judged: staff may have shut an intruder out."""
        if present != self.replaces:
            raise PasswordReplaced


@dataclass(frozen=True)
class Demands:
    """What a new password of somebody is judged by, as it was read.

    Judging and hashing take tenths of a second: the caller ends its transaction before, so that nobody waits for them.
    """

    about: Sequence[str | None]
    """The identifier, the names and the e-mail."""
    family: Sequence[str]
    """Names of children and schools."""
    replaces: Opening
    handed_over: str | None = field(default=None, repr=False)
    """The password that staff gave, as `as_typed` writes it, where it may not be kept."""
    letter_mark: bytes | None = field(default=None, repr=False)
    """What will be left of it."""
    never_the_same: bool = False
    """Whether the present one is refused."""

    def judge(self, password: str) -> NewPassword:
        """`password`, hashed.

        Raises:
            PasswordRefused: it is weak, or the one of before.
        """
        problem = password_problem(password, self.about, self.family)
        if problem is None and self._is_former(password):
            problem = PasswordProblem.SAME_AS_BEFORE
        if problem is not None:
            raise PasswordRefused(problem)
        return NewPassword(hash_password(password), self.replaces, self.letter_mark)

    def _is_former(self, password: str) -> bool:
        if self.handed_over is not None and hmac.compare_digest(self.handed_over.encode(), as_typed(password).encode()):
            return True
        return self.never_the_same and password_matches(password, self.replaces.password_hash)


def password_problem(password: str, about: Iterable[str | None], family: Iterable[str] = ()) -> PasswordProblem | None:
    """Why `password` is refused, if it is (R6).

    `about` holds the identifier, the names and the e-mail of its owner, which may not be part of it; `family` what
    those who know the owner would try, the names of children and schools, which are as good as any word.
    """
    password = _composed(password)
    if len(password) < MINIMUM_CHARACTERS:
        return PasswordProblem.TOO_SHORT
    if len(password) > MAXIMUM_CHARACTERS:
        return PasswordProblem.TOO_LONG
    if _names_the_owner(password, about):
        return PasswordProblem.NAMES_YOU
    return _easy_to_guess(password, family)


def _names_the_owner(password: str, about: Iterable[str | None]) -> bool:
    squeezed = fold(password).replace(" ", "")
    telling = {fold(text.partition("@")[0]).replace(" ", "") for text in about if text}
    return any(part in squeezed for part in telling if len(part) >= _SHORTEST_TELLING_PART)


def _easy_to_guess(password: str, family: Iterable[str]) -> PasswordProblem | None:
    # Its words take 30 MiB: only processes in which somebody chooses a password hold them.
    from shared.accounts.credentials.strength.guessing import Pattern, judge

    judgement = judge(password, family)
    if not judgement.is_easy:
        return None
    reasons = {
        Pattern.WORDS: PasswordProblem.KNOWN_WORDS,
        Pattern.SENTENCE: PasswordProblem.SENTENCE,
        Pattern.KEYS: PasswordProblem.KEYBOARD,
        Pattern.PRIVATE: PasswordProblem.NAMES_FAMILY,
        Pattern.LEAKED: PasswordProblem.LEAKED,
    }
    return reasons.get(judgement.pattern, PasswordProblem.TOO_COMMON)


def _composed(password: str) -> str:
    """`password` with each accented letter as one sign: some browsers and keyboards send the letter and its accent.

    What is longer than any password is cut where it still is.
    """
    return unicodedata.normalize("NFC", password[: _MOST_TYPED + 1])


def hash_password(password: str) -> str:
    """The Argon2id hash of `password`."""
    return hash_of(_composed(password))


def password_matches(password: str, password_hash: str | None) -> bool:
    """Whether `password` is the one; takes as long when there is no hash, and then says no.

    Letters typed apart from their accents are tried as they are too: hashes of before were made so.
    """
    ways = dict.fromkeys(typed[: MAXIMUM_CHARACTERS + 1] for typed in (_composed(password), password))
    return any(opens(typed, password_hash) for typed in ways) and password_hash is not None
