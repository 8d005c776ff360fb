"""`kill -9` of the worker and both applications in the middle of the journey: nothing is lost, nothing is doubled."""

import mailbox
import random
import signal
import time
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.clock import now
from shared.database import Database
from shared.models.accounts import Account
from shared.models.imports.uploads import SchoolImport
from shared.models.notifications import AccountMail, Campaign, Channel, DeliveryState, Notification
from shared.models.school import Guardian, Student
from tests.browser.conftest import PHONE, open_page
from tests.browser.installation import RunningInstallation, family_of, new_password
from tests.browser.pages import MAIL, PAPER, BackOffice, MailReader, Portal, letters_in
from tests.patience import STILL_SECONDS

pytestmark = pytest.mark.browser

EMAIL = "parent@example.org"


def start_again(installation: RunningInstallation, database: Database) -> None:
    """The machine lost its power, and came back when the leases of those who worked had run out."""
    installation.kill()
    with database.writing() as session:
        leased = update(SchoolImport).where(SchoolImport.leased_until.is_not(None))
        session.execute(leased.values(leased_until=now()))
        for rows in (Notification, AccountMail):
            leased = update(rows).where(rows.delivery == DeliveryState.SENDING)
            session.execute(leased.values(next_attempt_at=now()))
    installation.start()


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def close_and_come_back(
    page: Page, installation: RunningInstallation, database: Database, seconds_before: float = 0
) -> None:
    """The laptop is closed, everything dies and starts again, and the same address is opened again.

    A page left open would look for what is new by itself, and go on to it while the test does.
    """
    address = page.url
    page.goto("about:blank")
    time.sleep(seconds_before)
    start_again(installation, database)
    page.goto(address)


@pytest.mark.runs_on("postgresql")
def test_nothing_is_lost_nor_doubled_when_everything_dies(
    installation: RunningInstallation, database: Database, desk: Page, browser: Browser, tmp_path: Path
) -> None:
    school = installation.command("demo", "--students", "40")["schools"][0]
    with database.reading() as session:
        before = {table: count(session, table) for table in (Student, Guardian)}
    installation.start()
    staff = BackOffice(desk, installation.admin)
    staff.log_in("chef1", school["staff"][0]["password"], new_password())

    staff.send_files([Path(file) for file in school["files"]])
    staff.confirm_import()
    close_and_come_back(desk, installation, database)
    staff.see_import_done()
    with database.reading() as session:
        assert {table: count(session, table) for table in (Student, Guardian)} == before

    staff.generate()
    staff.notify([], PAPER)
    close_and_come_back(desk, installation, database)
    letters = letters_in(staff.download_letters())
    with database.reading() as session:
        printed = session.scalars(
            select(Account.identifier)
            .join(Notification, Notification.account_id == Account.id)
            .where(Notification.delivery == DeliveryState.PRINTED)
        ).all()
        assert count(session, Campaign) == 1
    assert sorted(printed) == sorted(letters)

    parent = open_page(browser, PHONE)
    portal, mails = Portal(parent, installation.portal), MailReader(parent, installation.mails)
    letter = letters[min(letters)]
    portal.first_login(letter, EMAIL, new_password())
    start_again(installation, database)
    mails.open_newest("[Aa]ctive", EMAIL)
    portal.activate(mails.link())
    assert portal.children()
    activation = message_ids(tmp_path / "var" / "courriels")
    assert len(activation) == 1

    kill_during_a_mail_campaign(installation, database, staff)
    assert len(message_ids(tmp_path / "var" / "courriels") - activation) == sent_mails(database)


def kill_during_a_mail_campaign(installation: RunningInstallation, database: Database, staff: BackOffice) -> None:
    """A death at a moment drawn at random; then every account was sent its mail, and is settled once."""
    staff.page.goto(installation.admin)
    staff.notify([], MAIL)
    close_and_come_back(staff.page, installation, database, random.Random(20_260_901).uniform(0, 0.5))
    staff.see_campaign_done()
    with database.reading() as session:
        left = select(func.count()).where(
            Notification.channel == Channel.MAIL,
            Notification.delivery.not_in([DeliveryState.SENT, DeliveryState.SKIPPED]),
        )
        assert session.scalar(left) == 0


def sent_mails(database: Database) -> int:
    """How many mails have left by what the notifications say: one row for each account and campaign."""
    with database.reading() as session:
        sent = (Notification.channel == Channel.MAIL, Notification.delivery == DeliveryState.SENT)
        number = session.scalar(select(func.count()).where(*sent)) or 0
    assert number > 0
    return number


def message_ids(folder: Path) -> set[str]:
    """The Message-IDs received: a mail sent again after a death bears the same one, and its receiver drops it."""
    return {mail["Message-ID"] for mail in mailbox.Maildir(folder)}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_terminal_that_is_closed_leaves_nothing_running(installation: RunningInstallation) -> None:
    installation.command("demo", "--students", "20")
    installation.start()
    assert installation.process is not None
    family = family_of(installation.process)
    assert len(family) > 3
    installation.process.send_signal(signal.SIGHUP)
    ended, still_there = psutil.wait_procs(family, timeout=STILL_SECONDS)
    assert (len(ended), still_there) == (len(family), [])
