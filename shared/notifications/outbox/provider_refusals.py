"""What providers refuse, told of the campaign rather than of each family: « orange.fr refuse notre serveur » (R18)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from shared.acting.desk import Act
from shared.database import insert_or
from shared.journal import SYSTEM
from shared.models.accounts import AccountKind
from shared.models.journal import Action
from shared.models.notifications import Campaign, Notification
from shared.models.sending.refusals import CampaignRefusal, Cause
from shared.notifications.criteria import of_school
from shared.rows.prepared import ESTABLISHMENT_ID, Prepared

REASON_CHARACTERS = 500
PROVIDERS_SHOWN = 20
RECENT = timedelta(days=3)
"""What « Accueil » still speaks of."""
NOT_OF_THE_ADDRESS = tuple(cause for cause in Cause if cause is not Cause.ADDRESS)


def note_refusal(session: Session, notification_id: int, cause: Cause, reason: str, now: datetime) -> None:
    """Count one mail that its provider refused; the first one of its kind stands in the journal."""
    row = session.execute(
        select(Notification.recipient, Campaign.id, Campaign.establishment_id, Campaign.title)
        .join(Campaign, Campaign.id == Notification.campaign_id)
        .where(Notification.id == notification_id)
    ).one_or_none()
    if row is None or "@" not in (row.recipient or ""):
        # A number has no provider that is told apart.
        return
    domain = row.recipient.rpartition("@")[2].lower()
    key = {"campaign_id": row.id, "domain": domain, "cause": cause}
    told = {"last_at": now, "reason": reason[:REASON_CHARACTERS]}
    one_more = update(CampaignRefusal).filter_by(**key).values(mails=CampaignRefusal.mails + 1, **told)
    if session.execute(one_more.returning(CampaignRefusal.mails), execution_options=_AS_IS).first() is not None:
        return
    session.execute(
        insert_or(session, CampaignRefusal)
        .values(**key, **told, since=now, mails=1)
        .on_conflict_do_update(
            index_elements=["campaign_id", "domain", "cause"], set_={"mails": CampaignRefusal.mails + 1, **told}
        )
    )
    details = {"campaign": row.id, "provider": domain, "cause": cause.value}
    Act(session, SYSTEM, now).record(
        Action.MAILS_REFUSED, establishment_id=row.establishment_id, subject=row.title, details=details
    )


def refusals_of(session: Session, campaign_id: int) -> Sequence[CampaignRefusal]:
    """What providers refused of a campaign, those that refused most first."""
    of_campaign = select(CampaignRefusal).where(CampaignRefusal.campaign_id == campaign_id)
    return session.scalars(
        of_campaign.order_by(CampaignRefusal.mails.desc(), CampaignRefusal.domain).limit(PROVIDERS_SHOWN)
    ).all()


def recent_refusals(
    session: Session, establishment_id: int, kind: AccountKind, now: datetime
) -> Sequence[CampaignRefusal]:
    """What providers refused of late for another reason than the address, the last first."""
    return [row[0] for row in _recent(kind).rows(session, establishment_id=establishment_id, since=now - RECENT)]


@cache
def _recent(kind: AccountKind) -> Prepared:
    wanted = (
        select(CampaignRefusal)
        .join(Campaign, Campaign.id == CampaignRefusal.campaign_id)
        .where(
            *of_school(ESTABLISHMENT_ID, kind),
            CampaignRefusal.last_at > bindparam("since"),
            CampaignRefusal.cause.in_(NOT_OF_THE_ADDRESS),
        )
    )
    return Prepared(wanted.order_by(CampaignRefusal.last_at.desc()).limit(PROVIDERS_SHOWN))


def forget_refusals(session: Session, campaign_id: int) -> None:
    """Everything that failed is tried again: what providers said of it before is over."""
    session.execute(delete(CampaignRefusal).where(CampaignRefusal.campaign_id == campaign_id))


_AS_IS = {"synchronize_session": False}
