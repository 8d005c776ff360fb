"""What must hold when a fault is over: each account is settled once, each family told once, each letter there once."""

import io
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pypdf import PdfReader
from sqlalchemy import func, select

from shared import clock
from shared.models.journal import JournalEvent
from shared.models.notifications import Campaign, Channel, DeliveryState, Notification
from shared.notifications.letters.download import LettersNotReady, NoLetters, assemble_pdf, letters_for
from tests.notifications.conftest import School
from tests.notifications.faults.workers import Worker
from tests.patience import wait_until
from tests.smtp import Mailbox

FINAL = {DeliveryState.SENT, DeliveryState.PRINTED, DeliveryState.REFUSED, DeliveryState.SKIPPED}
PAST_EVERY_LEASE = timedelta(minutes=6)
IDLE_SECONDS = 0.4


def is_over(school: School, campaign: Campaign) -> bool:
    """Whether nothing of the campaign waits any more, and its letters have their slip."""
    with school.database.reading() as session:
        if session.get_one(Campaign, campaign.id).finished_at is None:
            return False
        try:
            letters_for(session, campaign.id, campaign.establishment_id, None, is_head=True, now=clock.now())
        except LettersNotReady:
            return False
        except NoLetters:
            pass
        return True


def let_it_end(school: School, campaign: Campaign, worker: Worker, step: timedelta = PAST_EVERY_LEASE) -> None:
    """Let the worker's clock run, whenever it has nothing to do, until everything is settled."""
    asked_at = time.monotonic()

    def ends() -> bool:
        nonlocal asked_at
        if is_over(school, campaign):
            return True
        if not worker.waits_for_its_clock and time.monotonic() > asked_at + IDLE_SECONDS:
            worker.let_pass(step)
            asked_at = time.monotonic()
        return False

    wait_until(ends, "everything is settled", progress=lambda: (school.states(campaign), worker.seconds_ahead))


@dataclass(frozen=True)
class Account:
    """What became of a campaign, counted from its rows and from what the families received."""

    states: Counter[DeliveryState]
    repeated: int
    """Mails received again, under the same Message-ID."""


def account_for(
    school: School, campaign: Campaign, mailbox: Mailbox, *, window: int = 0, others: Sequence[Notification] = ()
) -> Account:
    """Check that all accounts are settled once and no family is told twice, but for `window` mails at most.

    `others` are the rows of other campaigns that are over.
    """
    rows = school.rows(campaign)
    assert len({row.account_id for row in rows}) == len(rows)
    assert {row.delivery for row in rows} <= FINAL
    mails = [row for row in (*rows, *others) if row.channel is Channel.MAIL]
    sent = {row.recipient for row in mails if row.delivery is DeliveryState.SENT}
    assert set(mailbox.recipients) == sent
    distinct = {str(message["Message-ID"]) for message in mailbox.messages}
    assert len(distinct) == len(sent)
    repeated = len(mailbox.messages) - len(distinct)
    assert repeated <= window
    _check_letters(school, campaign, rows)
    _check_journal(school, [*rows, *others])
    return Account(school.states(campaign), repeated)


def _check_journal(school: School, rows: list[Notification]) -> None:
    told = [row.account_id for row in rows if row.delivery in {DeliveryState.SENT, DeliveryState.PRINTED}]
    with school.database.reading() as session:
        events = session.execute(
            select(JournalEvent.account_id, func.count())
            .where(JournalEvent.action == "account_notified")
            .group_by(JournalEvent.account_id)
        ).all()
    assert dict(events) == dict.fromkeys(told, 1)


def _check_letters(school: School, campaign: Campaign, rows: list[Notification]) -> None:
    printed = sum(row.delivery is DeliveryState.PRINTED for row in rows)
    if printed:
        pdf = assemble_pdf(school.database, campaign.id, school.sealer)
        text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
        found = Counter(word for word in text.split() if word.startswith("papier") and word.endswith("x"))
        assert len(found) == printed
        assert set(found.values()) == {1}
