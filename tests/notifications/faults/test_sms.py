"""`kill -9` of workers while SMS leave, and while steps fall due: no message twice, none lost without being told (R36).

A gateway that took a message answers once. Who dies before reading the answer leaves a message of which nobody knows:
it is told as such, and staff decide. That is what the channel cannot promise; each is counted here.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from shared import clock
from shared.config import Settings
from shared.models.notifications import Campaign, Channel, DeliveryState, Mode, Notification
from shared.models.reasons import Reason
from shared.models.sending.staged import StagedCampaign, StageState
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import offer_of
from shared.notifications.staged.starting import start
from shared.notifications.staged.steps import Steps
from tests.factories import at_desk
from tests.notifications.conftest import School
from tests.notifications.faults.accounting import FINAL, PAST_EVERY_LEASE, let_it_end
from tests.notifications.faults.workers import worker
from tests.notifications.sms.conftest import number, phone
from tests.patience import wait_until
from tests.ports import free_port
from tests.smpp import SmppServer, settings_through
from tests.sms import Phones
from tests.smtp import Mailbox

KILLS = int(os.environ.get("FAULT_KILLS", "8"))
MESSAGES_PER_KILL = 6
NOON = 12
DAYS = 7

pytestmark = pytest.mark.slow

Tell = Callable[[str, str], None]


def families(school: School, count: int, *, mails: bool = False) -> None:
    for index in range(count):
        school.family(
            f"PAYET{index}",
            child=f"Léa{index}",
            identifier=f"p{index}",
            mobile_phone=phone(index),
            accepts_sms=True,
            email=f"p{index}@example.org" if mails else None,
        )
    school.session.commit()


def unknown_of(rows: list[Notification], taken: Counter[str]) -> int:
    """Check every row against what the gateway took of each number; how many messages nobody knows of."""
    assert len({row.account_id for row in rows}) == len(rows)
    assert {row.delivery for row in rows} <= FINAL
    assert set(taken.values()) <= {1}, taken
    for row in rows:
        if row.delivery is DeliveryState.SENT:
            assert taken[row.recipient or ""] == 1
        else:
            assert (row.delivery, row.error) == (DeliveryState.REFUSED, Reason.SMS_STATE_UNKNOWN)
    return sum(row.delivery is DeliveryState.REFUSED for row in rows)


def test_a_worker_killed_while_messages_leave(school: School, sending: Settings, phones: Phones, tell: Tell) -> None:
    """Wherever it is: claiming, writing the code, handing over, between the answer and its note, settling."""
    dice = random.Random(20260901)
    total = KILLS * MESSAGES_PER_KILL
    families(school, total)
    desk = at_desk(school.session, school.establishment.id, now=clock.now())
    campaign = launch(desk, Criteria(), Mode.SMS, request_key="k", offer=offer_of(sending))
    school.session.commit()
    phones.seconds = 0.002
    ahead = timedelta(0)
    for _ in range(KILLS):
        ahead += PAST_EVERY_LEASE
        wanted = min(len(phones.messages) + dice.randrange(1, MESSAGES_PER_KILL), total - KILLS)
        with worker(sending, ahead=ahead) as victim:
            wait_until(lambda wanted=wanted: len(phones.messages) >= wanted, "messages leave")
            time.sleep(dice.uniform(0, 0.03))
            victim.kill()
    with worker(sending, ahead=ahead + PAST_EVERY_LEASE) as last:
        let_it_end(school, campaign, last)
    rows = school.rows(campaign)
    assert len(rows) == total
    unknown = unknown_of(rows, phones.numbers)
    assert unknown <= KILLS
    reached = sum(row.delivery is DeliveryState.REFUSED and bool(phones.numbers[row.recipient or ""]) for row in rows)
    tell(f"{KILLS} kill -9 while SMS leave", f"0 twice, {unknown} told as unknown ({reached} had left), of {total}")


def test_a_worker_killed_with_several_messages_in_hand(school: School, settings: Settings, tell: Tell) -> None:
    """By SMPP: as many are unknown at each kill as were in hand, and no more; none leaves twice."""
    dice = random.Random(20260903)
    total = KILLS * MESSAGES_PER_KILL * 2
    families(school, total)
    with SmppServer(port := free_port()) as server:
        sending = settings_through(settings, port)
        desk = at_desk(school.session, school.establishment.id, now=clock.now())
        campaign = launch(desk, Criteria(), Mode.SMS, request_key="k", offer=offer_of(sending))
        school.session.commit()
        ahead = timedelta(0)
        for _ in range(KILLS):
            ahead += PAST_EVERY_LEASE
            wanted = min(len(server.taken) + dice.randrange(1, MESSAGES_PER_KILL), total - KILLS)
            with worker(sending, ahead=ahead) as victim:
                wait_until(lambda wanted=wanted: len(server.taken) >= wanted, "messages leave")
                victim.kill()
        with worker(sending, ahead=ahead + PAST_EVERY_LEASE) as last:
            let_it_end(school, campaign, last)
        rows = school.rows(campaign)
        taken = Counter({f"+{number}": times for number, times in server.times.items()})
    assert len(rows) == total
    unknown = unknown_of(rows, taken)
    assert unknown <= KILLS * sending.sms_smpp_window
    reached = sum(row.delivery is DeliveryState.REFUSED and bool(taken[row.recipient or ""]) for row in rows)
    tell(
        f"{KILLS} kill -9 while SMS leave by SMPP",
        f"0 twice, {unknown} told as unknown ({reached} had left), of {total}",
    )


def noon_after(days: int, time_zone: str) -> timedelta:
    """From now to noon, so many days on: steps fall due by day."""
    now = datetime.now(ZoneInfo(time_zone))
    return (now + timedelta(days=days)).replace(hour=NOON, minute=0, second=0) - now


def test_a_worker_killed_between_two_steps_and_while_one_falls_due(
    school: School, sending: Settings, phones: Phones, mailbox: Mailbox, tell: Tell
) -> None:
    """Nobody gets the second step twice, whoever was killed how often, and nobody is left out of it."""
    dice = random.Random(20260902)
    families(school, total := 2 * MESSAGES_PER_KILL, mails=True)
    now = clock.now()
    today = clock.local_date(now, sending.time_zone)
    desk = at_desk(school.session, school.establishment.id, now=now, today=today)
    steps = Steps((Channel.MAIL, Channel.SMS), DAYS)
    staged = start(desk, Criteria(), steps, request_key="k", offer=offer_of(sending))
    first = school.session.get_one(Campaign, staged.stages[0].campaign_id)
    school.session.commit()
    with worker(sending) as sends:
        let_it_end(school, first, sends)
    ahead = noon_after(DAYS, sending.time_zone)
    phones.seconds = 0.002
    for _ in range(KILLS):
        with worker(sending, ahead=ahead) as victim:
            time.sleep(dice.uniform(0.2, 0.8))
            victim.kill()
        ahead += PAST_EVERY_LEASE
    with worker(sending, ahead=ahead) as last:
        wait_until(lambda: second_of(school, staged) is not None, "the second step takes place")
        second = second_of(school, staged)
        assert second is not None
        let_it_end(school, second, last)
    rows = school.rows(second)
    assert len(rows) == total
    unknown = unknown_of(rows, phones.numbers)
    assert Counter(mailbox.recipients) == Counter(f"p{index}@example.org" for index in range(total))
    assert set(phones.numbers) <= {number(index) for index in range(total)}
    with school.database.reading() as session:
        campaigns = session.scalars(select(Campaign)).all()
        found = session.get_one(StagedCampaign, staged.id)
        assert [stage.state for stage in found.stages] == [StageState.LAUNCHED] * 2
        assert found.ended_at is not None
    assert len(campaigns) == 2
    tell(f"{KILLS} kill -9 around a step", f"1 step, 0 twice, {unknown} told as unknown, of {total}")


def second_of(school: School, staged: StagedCampaign) -> Campaign | None:
    with school.database.reading() as session:
        found = session.get_one(StagedCampaign, staged.id).stages[1].campaign_id
        return session.get(Campaign, found) if found else None
