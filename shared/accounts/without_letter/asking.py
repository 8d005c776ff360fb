"""« Je n'ai pas reçu mon identifiant »: a link leaves to an address that a school base knows, or nothing does (R37)."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shared.accounts.directory.holds import child_is_held, is_held
from shared.accounts.state_policy import Step, allowing
from shared.accounts.trail import lock, note_in_every_school
from shared.accounts.without_letter.children import birth_dates_of
from shared.accounts.without_letter.links import lets_come
from shared.acting.caller import Caller
from shared.emails import EmailInvalid, normal_email
from shared.models.access.self_activations import SelfActivation
from shared.models.accounts import Account, AccountKind
from shared.models.journal import Action
from shared.models.notifications import AccountMailKind
from shared.models.school import Guardian
from shared.outbox import AccountMessage, queue_account_mail
from shared.persons.presence import legal_guardian_of_a_present_student

LASTS = timedelta(hours=72)
TIME_BETWEEN_MAILS, A_DAY, MAILS_A_DAY = timedelta(minutes=5), timedelta(days=1), 3
PERSONS_OF_ONE_ADDRESS = 4
"""An address that the base gives to more of them is no family's: that of the school, or of a home for children."""


def ask_self_activation(caller: Caller, email: str, today: date, *, language: str) -> None:
    """Let one mail leave to the address, if accounts of persons who have it wait; says nothing either way.

    `language` is that of the page: nobody chose one for the account yet. The links of earlier mails stay good: whoever
    asks in a family's name takes nothing from it.
    """
    try:
        email = normal_email(email)
    except EmailInvalid:
        return
    waiting = _waiting(caller.session, email, today)
    if not 0 < len(waiting) <= PERSONS_OF_ONE_ADDRESS:
        return
    # In the order of their numbers: two who ask at once wait for each other, and one mail leaves.
    accounts = [lock(caller.session, account) for account in waiting]
    if _mailed_enough(caller.session, email, caller.now):
        return
    for account in accounts:
        caller.session.add(_link(account, email, caller.now))
        note_in_every_school(caller.by_nobody(), Action.SELF_ACTIVATION_ASKED, account)
    kind, details = AccountMailKind.SELF_ACTIVATION, {"language": language}
    queue_account_mail(caller.session, AccountMessage(kind, details=details), accounts[0], email, caller.now)


def _waiting(session: Session, email: str, today: date) -> Sequence[Account]:
    """Accounts never used of persons who have this address, in schools that allow it; at most one too many."""
    of_address = (
        select(Account.id)
        .join(Guardian, Guardian.account_id == Account.id)
        .where(
            Guardian.email == email,
            *may_be_written_to(today),
            Account.kind == AccountKind.GUARDIAN,
            Account.state.in_(allowing(Step.ACTIVATE_ALONE)),
            # Else nothing could be asked.
            birth_dates_of(Account.id, today).exists(),
        )
    )
    found = select(Account).where(Account.id.in_(of_address)).order_by(Account.id)
    return session.scalars(found.limit(PERSONS_OF_ONE_ADDRESS + 1)).all()


def may_be_written_to(today: date) -> tuple[ColumnElement[bool], ...]:
    """Whether a fiche is that of a person, whom its school writes to, and lets come without a letter.

    That the tie of the account to this school is confirmed, the database sees to.
    """
    return (
        Guardian.gone_at.is_(None),
        Guardian.first_name != "",
        legal_guardian_of_a_present_student(today),
        ~is_held(Guardian),
        ~child_is_held(Guardian, today),
        lets_come(),
    )


def _mailed_enough(session: Session, email: str, now: datetime) -> bool:
    """Whether mails enough left to this address: the links of one were made at one instant."""
    last_day = select(func.count(SelfActivation.created_at.distinct()), func.max(SelfActivation.created_at)).where(
        SelfActivation.email == email, SelfActivation.created_at > now - A_DAY
    )
    count, last = session.execute(last_day).one()
    return count >= MAILS_A_DAY or (last is not None and last > now - TIME_BETWEEN_MAILS)


def _link(account: Account, email: str, now: datetime) -> SelfActivation:
    nonce = secrets.token_hex(16)
    return SelfActivation(account_id=account.id, email=email, nonce=nonce, created_at=now, expires_at=now + LASTS)
