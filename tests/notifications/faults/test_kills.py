"""`kill -9` of workers at moments drawn at random: nothing lost, nothing twice but the mail under way (R18)."""

import os
import random
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.config import Settings
from shared.models.notifications import Campaign, DeliveryState
from tests.notifications.conftest import School
from tests.notifications.faults.accounting import PAST_EVERY_LEASE, account_for, is_over, let_it_end
from tests.notifications.faults.workers import worker
from tests.patience import wait_until
from tests.smtp import Mailbox

KILLS = int(os.environ.get("FAULT_KILLS", "8"))
MAILS_PER_KILL = 6

pytestmark = pytest.mark.slow

Tell = Callable[[str, str], None]


def test_a_worker_killed_at_many_random_moments(
    school: School,
    launch: Callable[..., Campaign],
    settings: Settings,
    mailbox: Mailbox,
    tell: Callable[[str, str], None],
) -> None:
    """Wherever it is: claiming, composing, between « 250 » and its note, settling."""
    dice = random.Random(20260901)
    campaign = launch(mails=KILLS * MAILS_PER_KILL)
    mailbox.seconds_to_accept = 0.002
    ahead = timedelta(0)
    for _ in range(KILLS):
        ahead += PAST_EVERY_LEASE
        wanted = len(mailbox.messages) + dice.randrange(1, MAILS_PER_KILL)
        with worker(settings, ahead=ahead) as victim:
            wait_until(lambda wanted=wanted: len(mailbox.messages) >= wanted, "mails leave")
            time.sleep(dice.uniform(0, 0.03))
            victim.kill()
    with worker(settings, ahead=ahead + PAST_EVERY_LEASE) as last:
        let_it_end(school, campaign, last)
    found = account_for(school, campaign, mailbox, window=KILLS)
    assert found.states == {DeliveryState.SENT: KILLS * MAILS_PER_KILL}
    tell(f"{KILLS} kill -9", f"{found.repeated} mails repeated, of {KILLS * MAILS_PER_KILL}")


def test_two_workers_killed_again_and_again(
    school: School,
    launch: Callable[..., Campaign],
    settings: Settings,
    mailbox: Mailbox,
    tell: Callable[[str, str], None],
) -> None:
    """One, another, then both at once; letters and mails alike."""
    campaign = launch(mails=90, letters=20)
    mailbox.seconds_to_accept = 0.01
    with worker(settings) as survivor:
        for _ in range(3):
            wanted = len(mailbox.messages) + 12
            with worker(settings) as victim:
                wait_until(lambda wanted=wanted: len(mailbox.messages) >= wanted, "mails leave")
                victim.kill()
        survivor.kill()
    with worker(settings, ahead=PAST_EVERY_LEASE), worker(settings, ahead=PAST_EVERY_LEASE):
        wait_until(lambda: is_over(school, campaign), "two others take over")
    found = account_for(school, campaign, mailbox, window=4)
    assert found.states == {DeliveryState.SENT: 90, DeliveryState.PRINTED: 20}
    tell("kill -9 of two workers", f"{found.repeated} mails repeated, at 4 kills")
