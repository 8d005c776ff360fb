"""A real worker process, killed and started again: nothing lost, nothing twice (R18)."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from shared import clock
from shared.config import Settings
from shared.models.notifications import WAITING, Campaign, DeliveryState, Mode, Notification
from shared.notifications.campaigns.progress import progress
from shared.notifications.letters.download import LettersNotReady, assemble_pdf, letters_for
from shared.worker.bells import ring_campaign
from tests.notifications.conftest import School
from tests.patience import STILL_SECONDS, ended, wait_until
from tests.smtp import Mailbox

MAILS, LETTERS = 30, 12

# What else may befall a worker is played on both databases, in `faults`.
pytestmark = [pytest.mark.slow, pytest.mark.runs_on("postgresql")]


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest, database_url: str) -> Settings:
    """One machine, or many: SQLite with the embedded queue, PostgreSQL with Redis."""
    redis_url = None if database_url.startswith("sqlite") else request.getfixturevalue("redis_url")
    return Settings(**(settings.model_dump() | {"redis_url": redis_url}))


@contextmanager
def worker(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker process of `settings`; killed at the end if it still runs."""
    given = {name.upper(): str(value) for name, value in settings.model_dump().items() if value is not None}
    # However slow the machine, what is being done when it is told to stop is ended.
    patient = f"from shared import config; from shared.worker import tasks; tasks.SHUTDOWN_SECONDS = {STILL_SECONDS}"
    command = f"{patient}; tasks.run_worker(config.load_settings())"
    with subprocess.Popen([sys.executable, "-c", command], env={**os.environ, **given}) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def wait_until_finished(school: School, campaign: Campaign) -> None:
    def is_finished() -> bool:
        with school.database.reading() as session:
            return progress(session, campaign.establishment_id, campaign.id).is_finished

    wait_until(is_finished, "the campaign ends", progress=lambda: school.states(campaign))


def let_leases_run_out(school: School) -> None:
    """As if the minutes of the leases had passed."""
    with school.database.writing() as session:
        session.execute(
            update(Notification)
            .where(Notification.delivery.in_(WAITING))
            .values(next_attempt_at=clock.now() - timedelta(seconds=1))
        )


@pytest.fixture
def campaign(school: School) -> Campaign:
    for index in range(MAILS):
        school.family("HOARAU", email=f"p{index}@example.org", identifier=f"h{index}")
    for index in range(LETTERS):
        school.family("PAYET", identifier=f"p{index}x")
    return school.launch(Mode.BOTH)


def kill_at(mailbox: Mailbox, moments: set[int], process: "subprocess.Popen[bytes]") -> None:
    """Kill the worker when the server has read these messages, before it answers: it is in the middle of one."""

    def answer(_: str) -> None:
        if len(mailbox.messages) in moments:
            moments.remove(len(mailbox.messages))
            process.send_signal(signal.SIGKILL)
            process.wait()

    mailbox.answer_data = answer


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox
) -> None:
    for moment in (3, 17):
        with worker(settings) as process:
            kill_at(mailbox, {moment}, process)
            assert ended(process) == -signal.SIGKILL
        assert DeliveryState.SENDING in school.states(campaign)
        let_leases_run_out(school)
    with worker(settings):
        wait_until_finished(school, campaign)
        # The slip comes after the last letter: whoever prints it must be there.
        letters = _letters(school, campaign)
    assert school.states(campaign) == {DeliveryState.SENT: MAILS, DeliveryState.PRINTED: LETTERS}
    assert set(mailbox.recipients) == {f"p{index}@example.org" for index in range(MAILS)}
    # What a receiver that knows the Message-ID keeps is one mail for each account…
    assert len({message["Message-ID"] for message in mailbox.messages}) == MAILS
    # … and what it receives more is the message that was under way at each kill, and no other.
    assert len(mailbox.messages) <= MAILS + 2
    assert len(letters) == LETTERS


def _letters(school: School, campaign: Campaign) -> set[str]:
    def are_ready() -> bool:
        with school.database.reading() as session:
            try:
                letters_for(session, campaign.id, campaign.establishment_id, None, is_head=True, now=clock.now())
            except LettersNotReady:
                return False
            return True

    wait_until(are_ready, "the letters are put together")
    pdf = assemble_pdf(school.database, campaign.id, school.sealer)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    found = [f"p{index}x" for page in pages for index in range(LETTERS) if f"p{index}x" in page]
    assert len(found) == len(set(found))
    return set(found)


def test_a_worker_told_to_stop_ends_the_mail_it_is_sending(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox
) -> None:
    with worker(settings) as process:

        def answer(_: str) -> None:
            if len(mailbox.messages) == 4:
                process.send_signal(signal.SIGTERM)

        mailbox.answer_data = answer
        assert ended(process) == 0
    states = school.states(campaign)
    assert states[DeliveryState.SENDING] == 0
    assert states[DeliveryState.SENT] == len(mailbox.messages) < MAILS


def test_two_workers_share_a_campaign(school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox) -> None:
    with worker(settings), worker(settings):
        wait_until_finished(school, campaign)
    assert school.states(campaign) == {DeliveryState.SENT: MAILS, DeliveryState.PRINTED: LETTERS}
    assert set(mailbox.recipients.values()) == {1}


def test_a_bell_wakes_a_worker_that_was_idle(school: School, settings: Settings, mailbox: Mailbox) -> None:
    school.session.commit()
    with worker(settings):
        school.family("PAYET", email="m.payet@example.org")
        campaign = school.launch(Mode.MAIL)
        ring_campaign(settings)
        wait_until_finished(school, campaign)
    assert len(mailbox.messages) == 1
