"""« Notifier » pressed twice, in one tab and in two, at once: one mail for each family (R18)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import clock
from shared.config import Settings
from shared.models.notifications import Campaign, DeliveryState, Mode
from shared.models.reasons import Reason
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from tests.factories import at_desk
from tests.notifications.conftest import School
from tests.notifications.faults.accounting import account_for, is_over
from tests.notifications.faults.workers import worker
from tests.patience import wait_until
from tests.smtp import Mailbox

MAILS = 10
TWO_TABS_PRESSED_TWICE = ["tab-1", "tab-1", "tab-2", "tab-2"]

pytestmark = pytest.mark.slow


def test_confirmed_twice_at_once_in_two_tabs(
    school: School, settings: Settings, mailbox: Mailbox, tell: Callable[[str, str], None]
) -> None:
    for index in range(MAILS):
        school.family("HOARAU", email=f"p{index}@example.org", identifier=f"courriel{index}x")
    school.session.commit()
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda key: _confirm(school, key), TWO_TABS_PRESSED_TWICE))
    campaigns = {campaign.id: campaign for campaign in made}
    assert len(campaigns) == 2
    # What waits in the one that came first is skipped in the other.
    first, second = sorted(campaigns.values(), key=lambda one: DeliveryState.SKIPPED in school.states(one))
    assert {row.error for row in school.rows(second)} == {Reason.ALREADY_WAITING}
    with worker(settings):
        wait_until(lambda: is_over(school, first), "it ends")
    assert school.states(second) == {DeliveryState.SKIPPED: MAILS}
    found = account_for(school, first, mailbox)
    tell("confirmed twice at once, in two tabs", f"{found.states[DeliveryState.SENT]} mails to {MAILS} families")


def _confirm(school: School, key: str) -> Campaign:
    now = clock.now()
    with school.database.writing() as session:
        return launch(
            at_desk(session, school.establishment.id, now=now),
            Criteria(),
            Mode.MAIL,
            request_key=key,
        )
