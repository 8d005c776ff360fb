"""The guesses of a day, in small: none is right, and no family waits a minute; `make bench` makes all 100,000."""

import random
from datetime import timedelta

import pytest

from shared.accounts.credentials.sealing import Sealer
from shared.database import Database
from shared.limits.policy import BY_ADDRESS
from shared.models.accounts import AccountState
from tests.factories import make_account, make_establishment, make_guardian, make_student
from tests.limits.siege import Attack, Family, weak_password

IDENTIFIERS, ADDRESSES, FAMILIES, GUESSES = 40, 5, 4, 1200
WAITS_OF_ADDRESS = 12
"""Attempts that an address may make between its waits, in the minutes that this takes."""


@pytest.fixture
def attack(database: Database, sealer: Sealer) -> Attack:
    """Half of the accounts were never opened."""
    dice = random.Random(7)
    identifiers = [f"u.nom{number}" for number in range(IDENTIFIERS)]
    with database.writing() as session:
        school = make_establishment(session)
        student = make_student(session, school)
        for number, identifier in enumerate(identifiers):
            state = AccountState.ACTIVE if number % 2 else AccountState.NOTIFIED
            make_account(session, identifier, make_guardian(session, school, student), state=state, sealer=sealer)
    families = [Family(identifiers[number], f"203.0.{number}.1") for number in range(FAMILIES)]
    return Attack({identifier: weak_password(dice) for identifier in identifiers}, families, ADDRESSES, dice)


def test_no_guess_is_right_and_no_family_is_kept_out_for_a_minute(database: Database, attack: Attack) -> None:
    for family in attack.families:
        with database.writing() as session:
            attack.go_on(session, GUESSES // FAMILIES)
            attack.receive(session, family)
    assert attack.succeeded == 0
    assert max(family.waited for family in attack.families) <= timedelta(minutes=1)
    assert attack.looked_at <= ADDRESSES * (BY_ADDRESS.free + WAITS_OF_ADDRESS) < attack.made
