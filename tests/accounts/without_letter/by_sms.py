"""Accounts notified by SMS, and the codes that their messages carry."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from shared.accounts.without_letter.codes import codes_of, make_codes
from shared.config import Settings
from shared.models.accounts import Account
from shared.models.notifications import Campaign, Channel, DeliveryState, Mode, Notification
from shared.models.school import Establishment, Guardian
from tests.factories import NOW


def codes_by_sms(
    session: Session, settings: Settings, school: Establishment, holders: Sequence[tuple[Account, Guardian]]
) -> list[str]:
    """The code of each, in their order, from one campaign that was sent."""
    campaign = Campaign(
        establishment_id=school.id, request_key="k", title="t", mode=Mode.SMS, criteria={}, created_at=NOW
    )
    session.add(campaign)
    session.flush()
    rows = [
        Notification(
            campaign_id=campaign.id,
            establishment_id=school.id,
            account_id=account.id,
            guardian_id=guardian.id,
            channel=Channel.SMS,
            recipient="+262692123456",
            delivery=DeliveryState.SENT,
            position=position,
        )
        for position, (account, guardian) in enumerate(holders, 1)
    ]
    session.add_all(rows)
    session.flush()
    make_codes(session, settings, {row.id: account.id for row, (account, _) in zip(rows, holders, strict=True)}, NOW)
    session.flush()
    codes = codes_of(session, settings, [row.id for row in rows])
    return [codes[row.id][0] for row in rows]
