"""Accounts that nobody uses, or that are of nobody any more: announced, then erased a month later (R33)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from shared.accounts.directory.expiry import delete_accounts, with_absorbed
from shared.acting.desk import Act
from shared.database import insert_or
from shared.journal import SYSTEM
from shared.models.access.ties import AccountTie, ProposedFiche, TieState
from shared.models.accounts import Account, AccountErasure, AccountState, ErasureReason
from shared.models.journal import Action
from shared.models.notifications import WAITING, AccountMail, AccountMailKind, DeliveryState
from shared.models.school import Guardian, Student
from shared.retention.periods import NOTICE, Periods

ROWS_AT_ONCE = 1_000


def last_used() -> ColumnElement[datetime]:
    """When its holder was last there, or when it was opened."""
    return func.coalesce(Account.last_login_at, Account.activated_at, Account.created_at)


def unused(given: Periods) -> ColumnElement[bool]:
    """Whether it is active, and nobody came in for nearly as long as it is kept."""
    return and_(Account.state == AccountState.ACTIVE, last_used() < given.unused_since)


def without_fiche() -> ColumnElement[bool]:
    """Whether it is of nobody whom a school base knows; a fiche that waits for the family's answer counts.

    Those that nobody activated go by R9, those absorbed with theirs.
    """
    held = [exists().where(fiche.account_id == Account.id) for fiche in (Guardian, Student)]
    proposed = exists(
        select(ProposedFiche.id)
        .join(AccountTie, AccountTie.id == ProposedFiche.tie_id)
        .where(AccountTie.account_id == Account.id, AccountTie.state == TieState.PROPOSED)
    )
    return and_(Account.state.in_((AccountState.ACTIVE, AccountState.DISABLED)), ~or_(*held), ~proposed)


def over(given: Periods) -> ColumnElement[bool]:
    """Whether there is a reason to erase it."""
    return or_(unused(given), without_fiche())


def coming_erasure(session: Session, account_id: int) -> AccountErasure | None:
    """What was announced of one account."""
    return session.get(AccountErasure, account_id)


def announce(session: Session, given: Periods, now: datetime) -> int:
    """Note some erasures to come, and mail each verified address; none when none is left. To be called until then."""
    reason = case((without_fiche(), literal(ErasureReason.WITHOUT_FICHE)), else_=literal(ErasureReason.UNUSED))
    announced = exists().where(AccountErasure.account_id == Account.id)
    found = session.execute(
        select(Account.id, Account.email, Account.email_verified_at, reason.label("reason"))
        .where(over(given), ~announced)
        .order_by(Account.id)
        .limit(ROWS_AT_ONCE)
    ).all()
    if not found:
        return 0
    due_on = given.today + NOTICE
    rows = [{"account_id": one.id, "reason": one.reason, "announced_at": now, "due_on": due_on} for one in found]
    session.execute(insert_or(session, AccountErasure).on_conflict_do_nothing(), rows)
    mails = [
        {
            "kind": AccountMailKind.ERASURE_COMING,
            "account_id": one.id,
            "recipient": one.email,
            "details": {"due_on": due_on.isoformat(), "reason": str(one.reason)},
            "created_at": now,
            "delivery": DeliveryState.TO_SEND,
            "next_attempt_at": now,
        }
        for one in found
        if one.email is not None and one.email_verified_at is not None
    ]
    if mails:
        session.execute(insert(AccountMail), mails)
    return len(found)


def forget_what_is_over_no_more(session: Session, given: Periods) -> None:
    """Take back what was announced of accounts that were used since, or that a school base knows again."""
    kept = select(Account.id).where(Account.id == AccountErasure.account_id, over(given))
    session.execute(delete(AccountErasure).where(~exists(kept)), execution_options={"synchronize_session": False})


def erase_due(session: Session, given: Periods, now: datetime) -> int:
    """Erase some of those whose day has come and whose mail is no longer on its way; none when none is left."""
    chosen = session.scalars(_due(given).order_by(Account.id).limit(ROWS_AT_ONCE).with_for_update(of=Account)).all()
    if not chosen:
        return 0
    ids = with_absorbed(session, chosen)
    _note(session, ids, now)
    for start in range(0, len(ids), ROWS_AT_ONCE):
        delete_accounts(session, ids[start : start + ROWS_AT_ONCE])
    return len(chosen)


def _due(given: Periods) -> Select[int]:
    mail_waits = exists().where(
        AccountMail.account_id == Account.id,
        AccountMail.kind == AccountMailKind.ERASURE_COMING,
        AccountMail.delivery.in_(WAITING),
    )
    return (
        select(Account.id)
        .join(AccountErasure, AccountErasure.account_id == Account.id)
        .where(AccountErasure.due_on <= given.today, over(given), ~mail_waits)
    )


def _note(session: Session, ids: Sequence[int], now: datetime) -> None:
    """How many, in every school that had a fiche of theirs; not of whom."""
    noted = False
    for fiche in (Guardian, Student):
        counted = (
            select(fiche.establishment_id, func.count(fiche.account_id.distinct()))
            .where(fiche.account_id.in_(ids))
            .group_by(fiche.establishment_id)
            .order_by(fiche.establishment_id)
        )
        for establishment_id, number in session.execute(counted).all():
            noted = True
            Act(session, SYSTEM, now).record(
                Action.RECORDS_ERASED, establishment_id=establishment_id, details={"accounts": number}
            )
    if not noted:
        Act(session, SYSTEM, now).record(Action.RECORDS_ERASED, details={"accounts": len(ids)})
