"""What each channel did, on rows that a plain loop counts as well; and the way of one family (R19, R26)."""

import random
import statistics
from collections import defaultdict
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.models.accounts import Account, AccountKind
from shared.models.notifications import Campaign, Channel, DeliveryState, Mode, Notification
from shared.models.school import Establishment
from shared.models.sending.sms import SmsMessage, SmsState
from shared.notifications.campaigns.progress import notifications_of_account
from shared.overview.channels import ChannelResult, compare_channels
from shared.overview.family_way import way_of
from tests.factories import NOW, make_account, make_division, make_establishment, make_guardian, make_student

FAMILIES = 25
PRICE = 650
DONE = {Channel.MAIL: DeliveryState.SENT, Channel.SMS: DeliveryState.SENT, Channel.PAPER: DeliveryState.PRINTED}
GUARDIAN = {"kind": "guardian"}


@pytest.fixture
def school(session: Session, sealer: Sealer) -> Establishment:
    establishment = make_establishment(session)
    division = make_division(session, establishment)
    for index in range(FAMILIES):
        child = make_student(session, establishment, division, f"PAYET{index}")
        make_account(session, f"p{index}", make_guardian(session, establishment, child, last_name=f"PAYET{index}"))
    return establishment


def campaign(session: Session, school: Establishment, key: str, criteria: dict[str, str] = GUARDIAN) -> Campaign:
    found = Campaign(
        establishment_id=school.id, request_key=key, title=key, mode=Mode.BOTH, criteria=criteria, created_at=NOW
    )
    session.add(found)
    session.flush()
    return found


def told(
    session: Session,
    of: Campaign,
    account: Account,
    channel: Channel,
    at: datetime,
    delivery: DeliveryState | None = None,
) -> Notification:
    row = Notification(
        campaign_id=of.id,
        establishment_id=of.establishment_id,
        account_id=account.id,
        guardian_id=account.origin_guardian_id,
        channel=channel,
        recipient="x",
        delivery=delivery or DONE[channel],
        settled_at=at,
        position=account.id,
    )
    session.add(row)
    session.flush()
    if channel is Channel.SMS and row.delivery is DeliveryState.SENT:
        state, lease = SmsState.ACCEPTED, "l"
        session.add(SmsMessage(notification_id=row.id, lease=lease, state=state, price=PRICE, begun_at=at))
    return row


def test_channels_are_compared_as_a_plain_loop_does(session: Session, school: Establishment) -> None:
    dice = random.Random(19)
    first, second, third = (campaign(session, school, key) for key in "abc")
    reached: dict[Channel, set[int]] = defaultdict(set)
    delays: dict[Channel, list[float]] = defaultdict(list)
    messages = 0
    for account in session.query(Account).order_by(Account.id):
        account.activated_at = None
        way: list[tuple[datetime, Channel]] = []
        for place, of in enumerate((first, second, third)):
            channel, at = dice.choice(list(DONE)), NOW + timedelta(days=7 * place, hours=dice.randrange(100))
            fails = dice.random() < 0.2
            told(session, of, account, channel, at, DeliveryState.REFUSED if fails else None)
            if not fails:
                reached[channel].add(account.id)
                way.append((at, channel))
                messages += channel is Channel.SMS
        if dice.random() < 0.7:
            account.activated_at = NOW + timedelta(days=dice.randrange(25), hours=dice.randrange(24))
            before = [step for step in way if step[0] <= account.activated_at]
            if before:
                at, channel = max(before)
                delays[channel].append((account.activated_at - at) / timedelta(days=1))
    session.flush()
    found = compare_channels(session, school.id, AccountKind.GUARDIAN)
    assert {channel: one.reached for channel, one in found.items()} == {
        channel: len(accounts) for channel, accounts in reached.items()
    }
    for channel, one in found.items():
        assert one.activated == len(delays[channel])
        assert one.median_days == pytest.approx(statistics.median(delays[channel]), abs=1e-4)
    assert found[Channel.SMS].cost == messages * PRICE
    assert found[Channel.MAIL].cost == found[Channel.PAPER].cost == 0


def test_nothing_of_another_school_or_of_students_is_counted(session: Session, school: Establishment) -> None:
    account = session.query(Account).order_by(Account.id).first()
    assert account is not None
    other = make_establishment(session, "9740002B")
    told(session, campaign(session, other, "x"), account, Channel.MAIL, NOW)
    told(session, campaign(session, school, "y", {"kind": "student"}), account, Channel.MAIL, NOW)
    assert compare_channels(session, school.id, AccountKind.GUARDIAN) == {}
    assert compare_channels(session, school.id, AccountKind.STUDENT)[Channel.MAIL].reached == 1


def test_three_statements_whatever_the_number_of_rows(session: Session, school: Establishment) -> None:
    told_in = campaign(session, school, "a")
    for account in session.query(Account):
        told(session, told_in, account, Channel.MAIL, NOW)
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    found = compare_channels(session, school.id, AccountKind.GUARDIAN)
    assert len(statements) == 3
    # Those of the factories were activated at that very instant.
    assert found == {Channel.MAIL: ChannelResult(FAMILIES, FAMILIES, 0.0)}


def test_the_way_of_a_family_ends_where_it_activates(session: Session, school: Establishment) -> None:
    account = session.query(Account).order_by(Account.id).first()
    assert account is not None
    account.activated_at = NOW + timedelta(days=9)
    days = {Channel.MAIL: 0, Channel.SMS: 7, Channel.PAPER: 14}
    for channel, day in days.items():
        told(session, campaign(session, school, channel), account, channel, NOW + timedelta(days=day))
    session.flush()
    way = way_of(session, school.id, account, notifications_of_account(session, school.id, account.id))
    assert way.reached == [(Channel.MAIL, NOW), (Channel.SMS, NOW + timedelta(days=7))]
    assert (way.cost, way.days, way.days_after_last) == (PRICE, 9, 2)
