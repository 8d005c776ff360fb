"""What became of a campaign: progress, each line with its error, and trying again what was refused (R18)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.models.accounts import Account, AccountKind
from shared.models.journal import Action
from shared.models.notifications import WAITING, Campaign, Channel, DeliveryState, Notification
from shared.models.school import Guardian, Student
from shared.models.sending.outages import ChannelOutage
from shared.models.sending.refusals import FailingAddress
from shared.notifications.campaigns.launching import find_campaign, lock_campaign
from shared.notifications.campaigns.planning import plan
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import CHANNELS, DELIVERED, NOTHING_MORE, Offer, mode_of
from shared.notifications.outbox.outages import standing_outage
from shared.rows.ownership import RowsOfSchools

PAGE_ROWS = 50


class NotificationNotFound(Exception):
    """There is no such notification in this establishment."""

    def __init__(self) -> None:
        super().__init__("Cette notification n'existe pas dans cet établissement.")


_NOTIFICATIONS = RowsOfSchools(Notification, NotificationNotFound)


class NotRefused(Exception):
    """Only what was refused can be tried again; the message says so."""

    def __init__(self) -> None:
        super().__init__("Cette notification n'est pas en échec : il n'y a rien à réessayer.")


@dataclass(frozen=True)
class Progress:
    """How far a campaign is."""

    counts: Mapping[Channel, Mapping[DeliveryState, int]]
    """Of the channels that it has rows of, the slowest first."""
    is_finished: bool
    """Whether its end is noted."""

    @property
    def total(self) -> int:
        """All its rows, those skipped included."""
        return self.number(*DeliveryState)

    @property
    def waiting(self) -> int:
        """Rows that are still to be delivered."""
        return self.number(*WAITING)

    @property
    def done(self) -> int:
        """What was handed over."""
        return self.number(*DELIVERED)

    @property
    def refused(self) -> int:
        """Rows that failed for good, and can be tried again by hand."""
        return self.number(DeliveryState.REFUSED)

    @property
    def slowest(self) -> Channel | None:
        """The channel that ends last, of those by which something waits."""
        return next((channel for channel in self.counts if self.waiting_by(channel)), None)

    def of(self, channel: Channel) -> Mapping[DeliveryState, int]:
        """The rows of one channel in each state."""
        return self.counts.get(channel, {})

    def waiting_by(self, channel: Channel) -> int:
        """Rows that one channel is still to deliver."""
        return sum(self.of(channel).get(state, 0) for state in WAITING)

    def number(self, *states: DeliveryState) -> int:
        """How many rows are in one of these states."""
        return sum(counts.get(state, 0) for counts in self.counts.values() for state in states)


@dataclass(frozen=True)
class ReportLine:
    """One row of a campaign, with the people it is about; `identifier` is none once the account was erased."""

    notification: Notification
    identifier: str | None
    student: Student | None
    guardian: Guardian | None


def progress(session: Session, establishment_id: int, campaign_id: int) -> Progress:
    """Counts of the rows of a campaign in each state.

    Raises:
        CampaignNotFound: it is another establishment's, or there is none.
    """
    campaign = find_campaign(session, establishment_id, campaign_id)
    counts: dict[Channel, dict[DeliveryState, int]] = {channel: {} for channel in CHANNELS}
    for channel, delivery, number in session.execute(
        select(Notification.channel, Notification.delivery, func.count())
        .where(Notification.campaign_id == campaign.id)
        .group_by(Notification.channel, Notification.delivery)
    ):
        counts[channel][delivery] = number
    return Progress({channel: of for channel, of in counts.items() if of}, campaign.finished_at is not None)


def outage_of(session: Session, now_so: Progress) -> ChannelOutage | None:
    """What keeps the rest of a campaign from leaving; none when nothing does, or when nothing waits for it."""
    found = (standing_outage(session, channel) for channel in CHANNELS if now_so.waiting_by(channel))
    return next(filter(None, found), None)


def report_lines(
    session: Session,
    establishment_id: int,
    campaign_id: int,
    states: Sequence[DeliveryState] = (),
    *,
    after_position: int = 0,
    rows: int = PAGE_ROWS,
) -> list[ReportLine]:
    """The rows of a campaign in the order of the list, those in `states` only when some are given.

    Raises:
        CampaignNotFound: it is another establishment's, or there is none.
    """
    campaign = find_campaign(session, establishment_id, campaign_id)
    wanted = (
        select(Notification, Account.identifier, Student, Guardian)
        .outerjoin(Account, Account.id == Notification.account_id)
        .outerjoin(Student, Student.id == Notification.student_id)
        .outerjoin(Guardian, Guardian.id == Notification.guardian_id)
        .where(Notification.campaign_id == campaign.id, Notification.position > after_position)
        .order_by(Notification.position)
        .limit(rows)
    )
    if states:
        wanted = wanted.where(Notification.delivery.in_(states))
    return [ReportLine(*row) for row in session.execute(wanted)]


def notifications_of_account(session: Session, establishment_id: int, account_id: int) -> Sequence[Notification]:
    """The notifications of an account by this establishment, newest first: its history (R19)."""
    return session.scalars(
        select(Notification)
        .where(Notification.account_id == account_id, Notification.establishment_id == establishment_id)
        .order_by(Notification.id.desc())
        .limit(PAGE_ROWS)
    ).all()


def failing_address(session: Session, email: str | None) -> FailingAddress | None:
    """The note that mails come back from `email`, if they do."""
    return session.get(FailingAddress, email.lower()) if email else None


def try_again(desk: Desk, notification_id: int, offer: Offer = NOTHING_MORE) -> Notification:
    """Put a refused notification back among those to send, to the address that is known now.

    Raises:
        NotificationNotFound: it is another establishment's, or there is none.
        NotRefused: it did not fail.
        ModeNotOffered: the installation does not notify so any more.
    """
    found = _NOTIFICATIONS.find(desk.session, desk.establishment_id, notification_id)
    campaign = lock_campaign(desk.session, desk.establishment_id, found.campaign_id)
    # One that a worker holds is not waited for: it waits for the campaign.
    refused = select(Notification).where(Notification.id == found.id, Notification.delivery == DeliveryState.REFUSED)
    locked = refused.with_for_update()
    notification = desk.session.scalars(locked, execution_options={"populate_existing": True}).one_or_none()
    if notification is None:
        raise NotRefused
    notification.recipient = _address_now(desk.session, notification, desk.today, offer)
    put_back(desk.session, campaign, notification, desk.now)
    desk.note(
        Action.NOTIFICATION_RETRIED,
        account_id=notification.account_id,
        details={"campaign": notification.campaign_id, "by": notification.channel.value},
    )
    return notification


def put_back(session: Session, campaign: Campaign, notification: Notification, now: datetime) -> None:
    """Make a refused notification of this locked campaign wait to be sent again, as if it had never been tried."""
    notification.delivery = DeliveryState.TO_SEND
    notification.attempts = 0
    notification.next_attempt_at = now
    notification.settled_at = None
    notification.error = None
    notification.handed_over_at = None
    # It alone: what a worker held when its campaign was cancelled stays held back.
    notification.is_freed = True
    campaign.finished_at = None
    if notification.recipient:
        session.execute(delete(FailingAddress).where(FailingAddress.email == notification.recipient.lower()))
    if CHANNELS[notification.channel].keeps_files:
        campaign.letters_removed_at = None


def _address_now(session: Session, notification: Notification, today: date, offer: Offer) -> str | None:
    if not CHANNELS[notification.channel].names_recipients or notification.account_id is None:
        return notification.recipient
    kind = AccountKind.GUARDIAN if notification.guardian_id else AccountKind.STUDENT
    criteria = Criteria(kind=kind, account_ids=frozenset({notification.account_id}))
    mode = mode_of(notification.channel)
    decisions = plan(session, notification.establishment_id, criteria, mode, today, offer).decisions
    return next((one.recipient for one in decisions if one.recipient), notification.recipient)
