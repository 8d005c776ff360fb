"""Somebody who knows every e-mail address tries all day, from many networks, to activate what waits (R37).

The strangers ask for links, which leave to the families; guess the proof of links, whose numbers are no secret; guess
codes of SMS; and name with each a birth date of a child of a collège. Now and then a family activates its account, by
the last mail that it got or by the code of its SMS. The rules alone; the clock is moved by hand.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parent_portal.quotas import MAILS
from shared.accounts.credentials.initial_passwords import SYMBOLS
from shared.accounts.credentials.passwords import NewPassword
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.login.first_login import opening_of
from shared.accounts.without_letter.activating import BirthDateWrong, activate_alone, prove_birth_date
from shared.accounts.without_letter.asking import ask_self_activation
from shared.accounts.without_letter.codes import LENGTH, CodeRefused, enter_with_code
from shared.accounts.without_letter.links import (
    SelfActivationRefused,
    find_self_activation,
    link_address,
    open_links_of,
)
from shared.acting.caller import Caller
from shared.config import Settings
from shared.limits.networks import network_of
from shared.limits.policy import TooManyAttempts
from shared.limits.quotas import QuotaUsedUp, use
from shared.models.access.self_activations import SelfActivation
from shared.models.accounts import Account, AccountState
from shared.models.notifications import AccountMail, AccountMailKind
from shared.models.school import Establishment
from shared.proofs.signatures import numbered
from tests.accounts.without_letter.by_sms import codes_by_sms
from tests.factories import NOW, PASSWORD_HASH, TODAY, make_account, make_guardian, make_student

PACE = timedelta(seconds=1)
"""Between two attempts: a day and some hours for 100,000 of them."""
FIRST_BIRTH, DAYS_OF_BIRTHS = date(2011, 1, 1), 4 * 365
SIGNS = [chr(sign) for sign in SYMBOLS]


@dataclass(frozen=True)
class Family:
    """A parent whose account waits, the network of its home, and the code of its SMS."""

    account_id: int
    email: str
    born: date
    address: str
    code: str


def settle_families(
    session: Session, school: Establishment, number: int, dice: random.Random, sealer: Sealer, settings: Settings
) -> list[Family]:
    """As many families of one child, each with an address of its own, and notified by SMS."""
    births = [a_birth(dice) for _ in range(number)]
    holders = []
    for rank, born in enumerate(births):
        student = make_student(session, school, birth_date=born)
        guardian = make_guardian(session, school, student, email=f"famille{rank}@example.org")
        account = make_account(session, f"f.nom{rank}", guardian, state=AccountState.NOTIFIED, sealer=sealer)
        holders.append((account, guardian))
    codes = codes_by_sms(session, settings, school, holders)
    return [
        Family(account.id, guardian.email or "", born, f"203.{rank // 250}.{rank % 250}.1", code)
        for rank, ((account, guardian), born, code) in enumerate(zip(holders, births, codes, strict=True))
    ]


def a_birth(dice: random.Random) -> date:
    """The birth date of some child of a collège."""
    return FIRST_BIRTH + timedelta(days=dice.randrange(DAYS_OF_BIRTHS))


@dataclass
class Strangers:
    """What they try, each network in its turn."""

    settings: Settings
    families: Sequence[Family]
    networks: int
    dice: random.Random
    now: datetime = NOW
    made: int = 0
    asked: int = 0
    """Requests for a link that were within the bounds of a network."""
    opened: int = 0
    """Accounts that they opened."""

    def go_on(self, session: Session, attempts: int) -> None:
        """Make some more attempts, one a second: of each kind in turn."""
        kinds = (self._ask, self._guess_link, self._guess_code)
        for _ in range(attempts):
            self.now += PACE
            caller = Caller(session, self.now, self._address())
            try:
                kinds[self.made % len(kinds)](caller, self.dice.choice(self.families))
            except (TooManyAttempts, QuotaUsedUp, SelfActivationRefused, CodeRefused, BirthDateWrong):
                pass
            else:
                self.opened += kinds[self.made % len(kinds)] != self._ask
            self.made += 1

    def _address(self) -> str:
        network = self.made // 3 % self.networks
        return f"10.{network // 250}.{network % 250}.7"

    def _ask(self, caller: Caller, family: Family) -> None:
        use(caller.session, MAILS, network_of(caller.address).home, caller.now)
        self.asked += 1
        ask_self_activation(caller, family.email, TODAY, language="fr")

    def _guess_link(self, caller: Caller, family: Family) -> None:
        """The number of a link that was made, the newest of the family, and a proof that is not its own."""
        newest = select(func.max(SelfActivation.id)).where(SelfActivation.account_id == family.account_id)
        token = numbered(caller.session.scalar(newest) or 1, f"{self.dice.getrandbits(160):040x}")
        link = find_self_activation(caller.session, self.settings, token, caller.now)
        prove_birth_date(caller, link, a_birth(self.dice), TODAY)

    def _guess_code(self, caller: Caller, family: Family) -> None:
        typed = "".join(self.dice.choice(SIGNS) for _ in range(LENGTH))
        # Whoever knows the family may know the child's birthday.
        enter_with_code(caller, self.settings, typed, family.born, TODAY)


def come_by_mail(session: Session, settings: Settings, family: Family, now: datetime) -> bool:
    """Whether a family that asks for a link, and opens that of its last mail, activates its account at once."""
    caller = Caller(session, now, family.address)
    try:
        use(session, MAILS, network_of(family.address).home, now)
        ask_self_activation(caller, family.email, TODAY, language="fr")
        token = newest_token(session, settings, family)
        link = find_self_activation(session, settings, token, now)
        proof = prove_birth_date(caller, link, family.born, TODAY)
        present = opening_of(session.get_one(Account, family.account_id))
        activate_alone(caller, link, proof, NewPassword(PASSWORD_HASH, replaces=present))
    except (TooManyAttempts, QuotaUsedUp, SelfActivationRefused, BirthDateWrong):
        return False
    return True


def newest_token(session: Session, settings: Settings, family: Family) -> str:
    """What the link of the last mail to a family ends with; of nothing where none left."""
    mails = select(func.max(AccountMail.created_at)).where(
        AccountMail.kind == AccountMailKind.SELF_ACTIVATION, AccountMail.recipient == family.email
    )
    mailed_at = session.scalar(mails)
    links = [] if mailed_at is None else open_links_of(session, family.email, mailed_at)
    return link_address(settings, links[0][0]).rpartition("/")[2] if links else ""


def come_by_sms(session: Session, settings: Settings, family: Family, now: datetime) -> bool:
    """Whether a family that types the code of its SMS and the birth date comes in at once."""
    try:
        enter_with_code(Caller(session, now, family.address), settings, family.code, family.born, TODAY)
    except (TooManyAttempts, CodeRefused):
        return False
    return True
