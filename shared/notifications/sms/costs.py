"""What campaigns cost: each message that a gateway took, or may have taken, at the price of the day it left."""

from functools import cache

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from shared.french import number
from shared.models.accounts import AccountKind
from shared.models.notifications import Campaign, Channel, Notification
from shared.models.sending.sms import SmsMessage, SmsState
from shared.notifications.criteria import of_school
from shared.rows.prepared import ESTABLISHMENT_ID, Prepared
from shared.settings.sms import UNITS_OF_A_EURO

CENTS = 100
BILLED = tuple(state for state in SmsState if state not in {SmsState.REFUSED, SmsState.LEAVING})


def cost_of(session: Session, campaign_id: int) -> int:
    """What one campaign cost so far, in ten-thousandths of a euro."""
    return session.scalar(_costs().where(Notification.campaign_id == campaign_id)) or 0


def cost_of_school(session: Session, establishment_id: int, kind: AccountKind) -> int:
    """What the campaigns of a school about accounts of one kind cost, in ten-thousandths of a euro."""
    return sum(costs_by_channel(session, establishment_id, kind).values())


def costs_by_channel(session: Session, establishment_id: int, kind: AccountKind) -> dict[Channel, int]:
    """The same, by the channels that cost something."""
    costs = _of_channels(kind).rows(session, establishment_id=establishment_id)
    return {channel: cost or 0 for cost, channel in costs}


@cache
def _of_channels(kind: AccountKind) -> Prepared:
    wanted = _costs().add_columns(Notification.channel).join(Campaign, Campaign.id == Notification.campaign_id)
    wanted = wanted.where(Notification.establishment_id == ESTABLISHMENT_ID, *of_school(ESTABLISHMENT_ID, kind))
    return Prepared(wanted.group_by(Notification.channel))


def cost_of_account(session: Session, establishment_id: int, account_id: int) -> int:
    """What one account cost a school, in ten-thousandths of a euro."""
    of_account = Notification.account_id == account_id, Notification.establishment_id == establishment_id
    return session.scalar(_costs().where(*of_account)) or 0


def euros(units: int) -> str:
    """`12,35 €`, rounded up to the cent: nobody is told less than it costs."""
    cents = -(-units * CENTS // UNITS_OF_A_EURO)
    whole, rest = divmod(cents, CENTS)
    return f"{number(whole)},{rest:02}\N{NO-BREAK SPACE}€"


def price(units: int) -> str:
    """`0,065 €`, exactly."""
    whole, rest = divmod(units, UNITS_OF_A_EURO)
    parts = f"{rest:04}".rstrip("0").ljust(2, "0")
    return f"{number(whole)},{parts}\N{NO-BREAK SPACE}€"


def _costs() -> Select[int | None]:
    return (
        select(func.sum(SmsMessage.price))
        .select_from(SmsMessage)
        .join(Notification, Notification.id == SmsMessage.notification_id)
        .where(SmsMessage.state.in_(BILLED))
    )
