"""« Activez votre compte sans courrier »: the mail of a step carries a link in place of the initial password (R37).

It opens what the link that a family asks for opens: the birth date of a child is named, then a password chosen.
"""

import secrets
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from shared.accounts.state_policy import Step, allowing
from shared.accounts.without_letter.asking import PERSONS_OF_ONE_ADDRESS, may_be_written_to
from shared.accounts.without_letter.children import birth_dates_of
from shared.accounts.without_letter.links import link_address
from shared.config import Settings
from shared.models.access.self_activations import SelfActivation
from shared.models.accounts import Account, AccountKind
from shared.models.notifications import Notification
from shared.models.school import Guardian
from shared.models.sending.staged import CampaignStage

LASTS = timedelta(days=7)
"""Longer than a link that somebody asks for: nobody waits for this one. The code of an SMS lasts as long."""


def invite(session: Session, notification_ids: Collection[int], now: datetime, today: date) -> None:
    """Make a link for each of these notifications that invites, in the transaction that claims them; one query."""
    session.add_all(
        SelfActivation(
            account_id=account_id, email=email, nonce=secrets.token_hex(16), created_at=now, expires_at=now + LASTS
        )
        for account_id, email in session.execute(_invited(notification_ids, today))
    )


def invitations_of(
    session: Session, settings: Settings, notification_ids: Collection[int], made_at: datetime
) -> dict[int, tuple[str, datetime]]:
    """The address of the link of each notification that has one made at this instant, and when it opens no more."""
    rows = session.execute(
        select(Notification.id, SelfActivation)
        .join(SelfActivation, SelfActivation.account_id == Notification.account_id)
        .where(
            Notification.id.in_(notification_ids),
            Notification.campaign_id.in_(select(CampaignStage.campaign_id)),
            SelfActivation.email == Notification.recipient,
            SelfActivation.created_at == made_at,
        )
    )
    return {number: (link_address(settings, link), link.expires_at) for number, link in rows}


def _invited(notification_ids: Collection[int], today: date) -> Select[Any, Any]:
    """The accounts, never used, of steps whose mail goes to the address of one family, in a school that lets it come.

    One of whose children no birth date is known is not: nothing could be asked.
    """
    other = aliased(Guardian)
    of_address = select(func.count(other.account_id.distinct())).where(
        other.email == Guardian.email, other.gone_at.is_(None)
    )
    return (
        select(Account.id, Guardian.email)
        .select_from(Notification)
        .join(CampaignStage, CampaignStage.campaign_id == Notification.campaign_id)
        .join(Account, Account.id == Notification.account_id)
        .join(Guardian, Guardian.id == Notification.guardian_id)
        .where(
            Notification.id.in_(notification_ids),
            Guardian.email == Notification.recipient,
            Guardian.account_id == Account.id,
            Account.kind == AccountKind.GUARDIAN,
            Account.state.in_(allowing(Step.ACTIVATE_ALONE)),
            *may_be_written_to(today),
            birth_dates_of(Account.id, today).exists(),
            of_address.scalar_subquery() <= PERSONS_OF_ONE_ADDRESS,
        )
        .distinct()
    )
