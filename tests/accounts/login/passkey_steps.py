"""The steps that the tests of passkeys share."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.login.passkey_adding import add_passkey, ask_for_passkey
from shared.accounts.login.passkey_challenges import (
    PasskeyRefusal,
    PasskeyRefused,
    PasskeySite,
)
from shared.accounts.login.passkey_login import ask_who, log_in_with_passkey
from shared.acting.caller import Caller
from shared.models.access.passkeys import Passkey
from shared.models.accounts import Account
from shared.models.notifications import AccountMail, AccountMailKind
from tests.factories import NOW
from tests.telephone import Telephone

SITE = PasskeySite("portail.example.org", "https://portail.example.org")
HOME = "198.51.100.7"


def add(session: Session, account: Account, telephone: Telephone, name: str = "Téléphone", **wrong: Any) -> Passkey:
    question = ask_for_passkey(session, SITE, account, NOW)
    answer = telephone.create(question.options, **wrong)
    return add_passkey(Caller(session, NOW, HOME), SITE, account, token=question.token, answer=answer, name=name)


def log_in(session: Session, telephone: Telephone, **wrong: Any) -> Account:
    question = ask_who(session, SITE, NOW)
    return log_in_with_passkey(
        Caller(session, NOW, HOME), SITE, question.token, telephone.get(question.options, **wrong)
    )


def mails(session: Session, kind: AccountMailKind) -> list[str]:
    return list(session.scalars(select(AccountMail.recipient).where(AccountMail.kind == kind)))


def refused(why: PasskeyRefusal, do: Callable[[], object]) -> None:
    with pytest.raises(PasskeyRefused) as refusal:
        do()
    assert refusal.value.reason is why
