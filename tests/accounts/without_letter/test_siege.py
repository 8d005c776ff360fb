"""R37: a day of guesses, in small, activates nothing and keeps no family out; `make bench` makes all 100,000."""

import random

import pytest
from sqlalchemy import func, select

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.without_letter.asking import MAILS_A_DAY
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import Account, AccountState
from shared.models.notifications import AccountMail
from tests.accounts.without_letter.siege import Family, Strangers, come_by_mail, come_by_sms, settle_families
from tests.factories import make_establishment

FAMILIES, NETWORKS, ATTEMPTS = 24, 40, 2400


@pytest.fixture
def strangers(database: Database, sealer: Sealer, settings: Settings) -> Strangers:
    dice = random.Random(11)
    with database.writing() as session:
        families = settle_families(session, make_establishment(session), FAMILIES, dice, sealer, settings)
    return Strangers(settings, families, NETWORKS, dice)


def test_nobody_activates_what_waits_for_a_family_and_no_family_is_kept_out(
    database: Database, settings: Settings, strangers: Strangers
) -> None:
    kept_out: list[Family] = []
    for number, family in enumerate(strangers.families):
        come = come_by_sms if number % 2 else come_by_mail
        with database.writing() as session:
            strangers.go_on(session, ATTEMPTS // FAMILIES)
            if not come(session, settings, family, strangers.now):
                kept_out.append(family)
    assert strangers.opened == 0
    assert kept_out == []
    assert strangers.made == ATTEMPTS
    with database.reading() as session:
        states = [session.get_one(Account, family.account_id).state for family in strangers.families]
        mails = session.scalars(select(func.count(AccountMail.id)).group_by(AccountMail.recipient)).all()
    assert states == [AccountState.ACTIVE, AccountState.NOTIFIED] * (FAMILIES // 2)
    assert strangers.asked > FAMILIES * MAILS_A_DAY
    assert max(mails) <= MAILS_A_DAY
