"""Trying again everything that failed in a campaign, with a number of queries that does not grow with it (R18)."""

from collections.abc import Sequence

from sqlalchemy import select

from shared.acting.desk import Desk
from shared.models.accounts import AccountKind
from shared.models.journal import Action
from shared.models.notifications import DeliveryState, Notification
from shared.notifications.campaigns.launching import lock_campaign
from shared.notifications.campaigns.planning import plan
from shared.notifications.campaigns.progress import put_back
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import CHANNELS, NOTHING_MORE, Offer, mode_of
from shared.notifications.outbox.provider_refusals import forget_refusals


def try_all_again(desk: Desk, campaign_id: int, offer: Offer = NOTHING_MORE) -> int:
    """Put every refused row of a campaign back among those to send, to the addresses known now; returns how many.

    Raises:
        CampaignNotFound: it is another establishment's, or there is none.
        ModeNotOffered: the installation does not notify so any more.
    """
    campaign = lock_campaign(desk.session, desk.establishment_id, campaign_id)
    refused = desk.session.scalars(
        select(Notification)
        .where(Notification.campaign_id == campaign.id, Notification.delivery == DeliveryState.REFUSED)
        .with_for_update()
    ).all()
    if not refused:
        return 0
    forget_refusals(desk.session, campaign.id)
    kind = AccountKind(campaign.criteria["kind"])
    recipients = _addresses_now(desk, kind, refused, offer)
    for notification in refused:
        notification.recipient = recipients.get(notification.account_id, notification.recipient)
        put_back(desk.session, campaign, notification, desk.now)
    desk.note(
        Action.NOTIFICATION_RETRIED,
        subject=campaign.title,
        details={"campaign": campaign.id, "count": len(refused)},
    )
    return len(refused)


def _addresses_now(
    desk: Desk, kind: AccountKind, refused: Sequence[Notification], offer: Offer
) -> dict[int | None, str]:
    """The addresses of the channels that name them, by account."""
    found: dict[int | None, str] = {}
    for channel, one in CHANNELS.items():
        accounts = frozenset(row.account_id for row in refused if row.account_id and row.channel is channel)
        if one.names_recipients and accounts:
            wanted = Criteria(kind=kind, account_ids=accounts)
            planned = plan(desk.session, desk.establishment_id, wanted, mode_of(channel), desk.today, offer)
            found |= {decision.account_id: decision.recipient for decision in planned.decisions if decision.recipient}
    return found
