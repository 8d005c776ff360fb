"""What somebody with a list of names gets from the portal: how long answers take, and what 100,000 guesses bring, of
passwords, and of what activates an account without its letter.

The first figure is taken through the portal itself, interleaved, from a new address each time so that nothing waits.
The others run the rules alone, with a clock of its own: what happens to a family is in them, not in Argon2id.
"""

import random
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from flask import Flask

from parent_portal import create_app
from shared.accounts.credentials.passwords import hash_password
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import AccountState
from tests.accounts.without_letter.siege import Strangers, come_by_mail, come_by_sms, settle_families
from tests.benchmarks.measuring import Target, empty_databases, report
from tests.benchmarks.portal_login import SECRETS
from tests.factories import PASSWORD, make_account, make_establishment, make_guardian, make_student
from tests.limits.siege import Attack, Family, weak_password
from tests.portal.browser import Browser

TRIES = 500
SAME = Target(1.05, either_way=True)
GUESSES, IDENTIFIERS, ADDRESSES, FAMILIES = 100_000, 2_000, 50, 100
LONGEST_OUT = timedelta(minutes=1)
NETWORKS, WAITING = 1_000, 1_000


def run() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
        for kind, database in databases.items():
            settings = settings_of(database, Path(folder))
            fill(database, Sealer(settings.initial_password_keys))
            time_answers(kind, create_app(settings, database))
        guess(databases["SQLite"])
        activate(databases["SQLite"], Path(folder))


def settings_of(database: Database, folder: Path) -> Settings:
    """Of an installation on this database."""
    return Settings(
        var_dir=folder,
        database_url=database.engine.url.render_as_string(hide_password=False),
        secret_key=SECRETS["SECRET_KEY"],
        initial_password_key=SECRETS["INITIAL_PASSWORD_KEY"],
    )


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


def guess(database: Database) -> None:
    """Guess at every identifier; now and then, a parent wants to come in from elsewhere."""
    dice = random.Random(1)
    identifiers = [f"u.nom{number}" for number in range(IDENTIFIERS)]
    passwords = {identifier: weak_password(dice) for identifier in identifiers}
    families = [
        Family(identifier, f"203.0.{number}.1") for number, identifier in enumerate(dice.sample(identifiers, FAMILIES))
    ]
    attack = Attack(passwords, families, ADDRESSES, dice)
    start = time.perf_counter()
    for family in families:
        # One transaction for them all would slow down with each row it changes.
        with database.writing() as session:
            attack.go_on(session, GUESSES // FAMILIES)
            attack.receive(session, family)
    longest = max(family.waited for family in families)
    verdict = "met" if longest <= LONGEST_OUT and not attack.succeeded else "NOT MET"
    out = f"{longest.total_seconds():.0f} s"
    print(
        f"{attack.made:,} guesses over {IDENTIFIERS:,} identifiers from {ADDRESSES} addresses, one a second, each of "
        f"which also polls the identifier of a family that tries: {attack.looked_at:,} looked at, {attack.succeeded} "
        f"right; longest time that a family was kept out of a new place {out}; none right and at most "
        f"{LONGEST_OUT.total_seconds():.0f} s wanted: {verdict} ({time.perf_counter() - start:.0f} s to simulate)"
    )


def activate(database: Database, folder: Path) -> None:
    """Ask for links, guess them, guess codes and birth dates; now and then, a family activates its account."""
    dice = random.Random(2)
    settings = settings_of(database, folder)
    with database.writing() as session:
        school = make_establishment(session)
        families = settle_families(session, school, WAITING, dice, Sealer(settings.initial_password_keys), settings)
    strangers = Strangers(settings, families, NETWORKS, dice)
    kept_out = 0
    start = time.perf_counter()
    for number, family in enumerate(families):
        come = come_by_sms if number % 2 else come_by_mail
        with database.writing() as session:
            strangers.go_on(session, GUESSES // WAITING)
            kept_out += not come(session, settings, family, strangers.now)
    verdict = "NOT MET" if strangers.opened or kept_out else "met"
    print(
        f"{strangers.made:,} attempts to activate {WAITING:,} accounts without letters, from {NETWORKS:,} networks, "
        f"one a second, by whoever knows every address: {strangers.opened} activated; families kept out: {kept_out} of "
        f"{WAITING:,}; none of either wanted: {verdict} ({time.perf_counter() - start:.0f} s to simulate)"
    )


if __name__ == "__main__":
    run()
