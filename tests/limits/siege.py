"""Somebody guesses passwords all day from many addresses, and families come in meanwhile; the clock is moved by hand.

The rules alone: what happens to a family is in them, not in Argon2id.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from shared.accounts.credentials.passwords import password_problem
from shared.accounts.login.password_login import begin_login, complete_login, refuse_login
from shared.acting.caller import Caller
from shared.limits.policy import TooManyAttempts
from tests.factories import NOW

PACE = timedelta(seconds=1)
"""Between two guesses: a day and some hours for 100,000 of them."""
BETWEEN_TRIES = timedelta(seconds=5)
"""Of a family, and of each of the strangers who poll the identifier that it tries."""
PATIENCE = timedelta(minutes=5)
COMMONEST = FREQUENCY_LISTS["passwords"][:1000]
MOST_TYPED = 100
"""Passwords that somebody tries before the policy takes one."""


@dataclass
class Family:
    """A parent who knows the password and comes in from a place not seen before."""

    identifier: str
    address: str
    waited: timedelta = PATIENCE


@dataclass
class Attack:
    """Guesses from every address in turn, half of them spread, half on the families that want to come in."""

    passwords: dict[str, str]
    families: list[Family]
    addresses: int
    dice: random.Random
    now: datetime = NOW
    made: int = 0
    looked_at: int = 0
    succeeded: int = 0
    strangers: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.strangers = [f"192.0.{number // 4}.{number % 4 + 1}" for number in range(self.addresses)]

    def go_on(self, session: Session, guesses: int) -> None:
        """Make some more guesses, one a second."""
        identifiers = list(self.passwords)
        for _ in range(guesses):
            self.now += PACE
            spread = self.dice.choice(identifiers)
            target = self.dice.choice(self.families).identifier if self.made % 2 else spread
            self.guess(session, target, self.strangers[self.made % self.addresses])

    def guess(self, session: Session, identifier: str, address: str) -> None:
        """One guess, by whoever knows how people choose passwords."""
        self.made += 1
        if attempt(session, identifier, address, self.now, right=False):
            self.looked_at += 1
            self.succeeded += guessed(self.dice) == self.passwords[identifier]

    def receive(self, session: Session, family: Family) -> None:
        """Let a family try until it comes in, while every stranger tries the same identifier just before it, always."""
        begun = self.now
        for self.now in moments(begun):
            for stranger in self.strangers:
                self.guess(session, family.identifier, stranger)
            if attempt(session, family.identifier, family.address, self.now, right=True):
                family.waited = self.now - begun
                return


def moments(begun: datetime) -> Iterator[datetime]:
    """When a family tries, until it loses patience."""
    tries = PATIENCE // BETWEEN_TRIES
    return (begun + number * BETWEEN_TRIES for number in range(tries))


def attempt(session: Session, identifier: str, address: str, now: datetime, *, right: bool) -> bool:
    """One attempt against the rules; whether the password was looked at."""
    try:
        candidate = begin_login(Caller(session, now, address), identifier)
    except TooManyAttempts:
        return False
    if right:
        complete_login(Caller(session, now, address), candidate)
    else:
        refuse_login(Caller(session, now, address), candidate)
    return True


def weak_password(dice: random.Random) -> str:
    """The weakest that the policy lets through: three of the thousand commonest passwords and a year.

    Whoever guesses knows this recipe. Of two and a year the policy lets none through.
    """
    good = (typed for typed in (guessed(dice) for _ in range(MOST_TYPED)) if password_problem(typed, []) is None)
    found = next(good, None)
    assert found is not None, "the policy refuses this recipe: another one must stand for a weak password"
    return found


def guessed(dice: random.Random) -> str:
    """A guess by the same recipe; whether the policy would refuse it costs whoever guesses nothing to leave out."""
    return "".join(dice.choice(COMMONEST) for _ in range(3)) + str(dice.randrange(1990, 2027))
