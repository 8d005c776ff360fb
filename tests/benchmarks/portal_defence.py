"""What somebody with a list of names gets from the portal: how long answers take, and 100,000 guessed passwords.

The first figure is taken through the portal itself, interleaved, from a new address each time so that nothing waits.
The second runs the rules alone, with a clock of its own: what happens to a family is in them, not in Argon2id.
"""

import random
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from parent_portal import create_app
from shared.accounts.login import begin_login, complete_login
from shared.accounts.passwords import hash_password, password_problem
from shared.accounts.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import AccountState
from shared.throttling import TooManyAttempts
from tests.benchmarks.measuring import Target, empty_databases, report
from tests.benchmarks.portal_login import SECRETS
from tests.factories import NOW, PASSWORD, make_account, make_establishment, make_guardian, make_student
from tests.portal.browser import Browser

TRIES = 500
SAME = Target(1.05, either_way=True)
GUESSES, IDENTIFIERS, ADDRESSES, FAMILIES = 100_000, 2_000, 50, 100
PACE = timedelta(seconds=1)
"""Between two guesses: a day and some hours for all of them, at the pace of one request a second."""
COMMONEST = FREQUENCY_LISTS["passwords"][:1000]
LONGEST_OUT = timedelta(minutes=15)


def run() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
        for kind, database in databases.items():
            settings = Settings(
                var_dir=Path(folder),
                database_url=database.engine.url.render_as_string(hide_password=False),
                secret_key=SECRETS["SECRET_KEY"],
                initial_password_key=SECRETS["INITIAL_PASSWORD_KEY"],
            )
            fill(database, Sealer(settings.initial_password_keys))
            time_answers(kind, create_app(settings, database))
        guess(databases["SQLite"])


def fill(database: Database, sealer: Sealer) -> None:
    """A directory with accounts in use (`u.nom…`) and accounts that wait for their first login (`n.nom…`)."""
    costly = hash_password(PASSWORD)
    with database.writing() as session:
        school = make_establishment(session)
        student = make_student(session, school)
        for number in range(IDENTIFIERS):
            make_account(session, f"u.nom{number}", make_guardian(session, school, student)).password_hash = costly
        for number in range(TRIES):
            waiting = make_guardian(session, school, student)
            make_account(session, f"n.nom{number}", waiting, state=AccountState.NOTIFIED, sealer=sealer)


def time_answers(kind: str, portal: Flask) -> None:
    """Wrong passwords on accounts in use, on accounts not yet used, and on identifiers of nobody, in turns."""
    taken: dict[str, list[float]] = {"u": [], "n": [], "x": []}
    browser = Browser(portal)
    browser.get("/connexion")
    for number in range(TRIES):
        for first in random.sample(sorted(taken), len(taken)):
            browser.address = f"2001:db8:{number:x}:{ord(first):x}::1"
            start = time.perf_counter()
            answer = browser.post("/connexion", identifier=f"{first}.nom{number}", password="pas le bon mot")
            taken[first].append(time.perf_counter() - start)
            assert answer.status_code == 422, answer.status_code
    report(f"wrong password of an account in use, {kind}", taken["u"], taken["x"], "of nobody", SAME)
    report(f"wrong password of an account not yet used, {kind}", taken["n"], taken["x"], "of nobody", SAME)


@dataclass
class Family:
    """A parent who knows the password and comes in from a place not seen before."""

    identifier: str
    address: str
    waits: list[timedelta] = field(default_factory=list)


def weak_password(dice: random.Random) -> str:
    """The weakest that the policy lets through: two of the thousand commonest passwords and a year.

    Whoever guesses knows this recipe.
    """
    while True:
        typed = dice.choice(COMMONEST) + dice.choice(COMMONEST) + str(dice.randrange(1990, 2027))
        if password_problem(typed, []) is None:
            return typed


@dataclass
class Attack:
    """Guesses from every address in turn, half of them spread, half on the families that want to come in."""

    passwords: dict[str, str]
    families: list[Family]
    dice: random.Random
    now: datetime = NOW
    made: int = 0
    looked_at: int = 0
    succeeded: int = 0

    def go_on(self, session: Session, guesses: int) -> None:
        """Make some more guesses, one a second."""
        for _ in range(guesses):
            self.now += PACE
            self.made += 1
            address = f"192.0.2.{self.made % ADDRESSES + 1}"
            spread = f"u.nom{self.dice.randrange(IDENTIFIERS)}"
            target = self.dice.choice(self.families).identifier if self.made % 2 else spread
            if attempt(session, target, address, self.now, right=False):
                self.looked_at += 1
                self.succeeded += weak_password_guessed(self.dice) == self.passwords[target]


def guess(database: Database) -> None:
    """Guess at every identifier; now and then, a parent wants to come in from elsewhere."""
    dice = random.Random(1)
    passwords = {f"u.nom{number}": weak_password(dice) for number in range(IDENTIFIERS)}
    families = [Family(f"u.nom{n}", f"203.0.113.{n % 250 + 1}") for n in dice.sample(range(IDENTIFIERS), FAMILIES)]
    attack = Attack(passwords, families, dice)
    start = time.perf_counter()
    for family in families:
        # One transaction for them all would slow down with each row it changes.
        with database.writing() as session:
            attack.go_on(session, GUESSES // FAMILIES)
            family.waits.append(time_to_come_in(session, family, attack.now))
    longest = max(wait for family in families for wait in family.waits)
    verdict = "met" if longest <= LONGEST_OUT and not attack.succeeded else "NOT MET"
    print(
        f"{attack.made:,} guesses over {IDENTIFIERS:,} identifiers from {ADDRESSES} addresses, one a second: "
        f"{attack.looked_at:,} looked at, {attack.succeeded} right; longest time a family was kept out "
        f"{longest.total_seconds():.0f} s; none right and at most {LONGEST_OUT.total_seconds():.0f} s wanted: "
        f"{verdict} ({time.perf_counter() - start:.0f} s to simulate)"
    )


def weak_password_guessed(dice: random.Random) -> str:
    """A guess by the same recipe; whether the policy would refuse it costs whoever guesses nothing to leave out."""
    return dice.choice(COMMONEST) + dice.choice(COMMONEST) + str(dice.randrange(1990, 2027))


def attempt(session: Session, identifier: str, address: str, now: datetime, *, right: bool) -> bool:
    """One attempt against the rules; whether the password was looked at."""
    try:
        with session.begin_nested():
            candidate = begin_login(session, identifier, address, now)
    except TooManyAttempts:
        return False
    if right:
        complete_login(session, candidate, now, address)
    return True


def time_to_come_in(session: Session, family: Family, now: datetime) -> timedelta:
    """How long until the right password is looked at, tried again every half minute."""
    waited = timedelta()
    while not attempt(session, family.identifier, family.address, now + waited, right=True):
        waited += timedelta(seconds=30)
    return waited


if __name__ == "__main__":
    run()
