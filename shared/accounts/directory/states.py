"""The steps of an account from one state to the next, and the date on which it is erased (R9)."""

from collections.abc import Sequence
from datetime import date

from dateutil.relativedelta import relativedelta
from sqlalchemy import case, literal, select, update

from shared.accounts.state_policy import EXPIRING, Step, after, allowing
from shared.acting.desk import Desk
from shared.models.accounts import Account
from shared.models.journal import Action

MONTHS_TO_ACTIVATE = 3


def expiry_date(day: date) -> date:
    """The day on which an account generated or notified on `day` is erased, unless it was activated (R9)."""
    return day + relativedelta(months=MONTHS_TO_ACTIVATE)


def mark_notified(desk: Desk, account_ids: Sequence[int], channel: str) -> None:
    """Note that these accounts were notified: their three months run from the day of `desk` (R9).

    A reminder of an account being activated gives it three months more; one of a used account only dates it.
    """
    chosen = Account.id.in_(account_ids)
    desk.session.execute(
        update(Account)
        .where(chosen, Account.state.in_(allowing(Step.NOTIFY)))
        .values(
            notified_at=desk.now,
            state=case(after(Step.NOTIFY), value=Account.state),
            expires_on=case((Account.state.in_(EXPIRING), expiry_date(desk.today)), else_=Account.expires_on),
        ),
        execution_options={"synchronize_session": "fetch"},
    )
    accounts = select(Account.id, Account.identifier, literal(desk.establishment_id)).where(chosen)
    desk.record_for_accounts(Action.ACCOUNT_NOTIFIED, accounts, {"by": channel})
