"""The clock of a worker under test never jumps over what it is at: the harness would make the faults it looks for."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.config import Settings
from shared.models.notifications import Campaign, DeliveryState
from tests.notifications.conftest import School
from tests.notifications.faults.accounting import account_for, is_over
from tests.notifications.faults.workers import worker
from tests.patience import wait_until
from tests.smtp import Mailbox

SWEEPS_SECONDS = 2.5

pytestmark = [pytest.mark.slow, pytest.mark.runs_on("sqlite")]


def test_time_passes_only_between_two_pieces_of_work(
    school: School, launch: Callable[..., Campaign], settings: Settings, mailbox: Mailbox
) -> None:
    campaign = launch(mails=8)
    seen: list[float] = []
    with worker(settings) as busy:

        def let_an_hour_pass(_: str) -> None:
            if len(mailbox.messages) == 3 and not seen:
                busy.let_pass(timedelta(hours=1))
                # Long enough for other kinds of work to be looked for meanwhile.
                time.sleep(SWEEPS_SECONDS)
                seen.append(busy.seconds_ahead)

        mailbox.answer_data = let_an_hour_pass
        wait_until(lambda: is_over(school, campaign), "it ends", progress=lambda: len(mailbox.messages))
        wait_until(lambda: busy.seconds_ahead == 3600, "the hour passes when it is at nothing")
    assert seen == [0.0]
    assert account_for(school, campaign, mailbox).states == {DeliveryState.SENT: 8}
