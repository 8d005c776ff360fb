"""A small school with accounts to notify, and a mail server to notify them through."""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Event

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import Account, AccountState
from shared.models.notifications import Campaign, DeliveryState, Mode, Notification
from shared.models.school import Division, Establishment, Guardian, Student
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.letters.worker import Printer
from shared.notifications.mail.worker import Postman
from tests.factories import at_desk, make_account, make_division, make_establishment, make_guardian, make_student
from tests.smtp import Mailbox, MailServer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def mailbox(mail_server: MailServer) -> Mailbox:
    return mail_server.mailbox


@pytest.fixture
def settings(settings: Settings, mail_server: MailServer) -> Settings:
    """The settings of an installation whose mail server is the one of the test."""
    return settings.model_copy(
        update={
            "smtp_host": mail_server.host,
            "smtp_port": mail_server.port,
            "mail_from": "ne-pas-repondre@example.org",
            "public_portal_url": "https://portail.example.org",
            "time_zone": "Indian/Reunion",
        }
    )


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session that tests commit themselves: the worker's own transactions must find what it wrote."""
    yield database.open(writing=True)
    database.close()


@dataclass
class School:
    """Rows of one school, and the few steps that tests take on them."""

    database: Database
    session: Session
    sealer: Sealer
    establishment: Establishment
    numbers: Iterator[int]

    def family(
        self,
        name: str,
        *,
        division: str = "6A",
        email: str | None = None,
        state: AccountState = AccountState.NOT_NOTIFIED,
        legal_rank: int = 1,
        child: str = "Léa",
        identifier: str | None = None,
        **columns: object,
    ) -> tuple[Account, Guardian, Student]:
        """A guardian with one child and an account in `state`; `columns` are the guardian's."""
        student = self.student(name, child, division)
        guardian = make_guardian(
            self.session, self.establishment, student, last_name=name, legal_rank=legal_rank, email=email, **columns
        )
        account = make_account(
            self.session,
            identifier or f"m.{name.lower()}{next(self.numbers)}",
            guardian,
            state=state,
            sealer=self.sealer,
        )
        return account, guardian, student

    def student(self, last_name: str, first_name: str = "Léa", division: str = "6A") -> Student:
        found = self.session.scalar(
            select(Division).where(Division.establishment_id == self.establishment.id, Division.code == division)
        )
        found = found or make_division(self.session, self.establishment, division)
        return make_student(self.session, self.establishment, found, last_name=last_name, first_name=first_name)

    def launch(
        self,
        mode: Mode = Mode.BOTH,
        criteria: Criteria | None = None,
        key: str | None = None,
        now: datetime | None = None,
    ) -> Campaign:
        now = now or clock.now()
        campaign = launch(
            at_desk(self.session, self.establishment.id, now=now),
            criteria or Criteria(),
            mode,
            request_key=key or f"key-{next(self.numbers)}",
        )
        self.session.commit()
        return campaign

    def rows(self, campaign: Campaign) -> list[Notification]:
        wanted = select(Notification).where(Notification.campaign_id == campaign.id).order_by(Notification.position)
        with self.database.reading() as session:
            return list(session.scalars(wanted))

    def states(self, campaign: Campaign) -> Counter[DeliveryState]:
        return Counter(row.delivery for row in self.rows(campaign))

    def account(self, account: Account) -> Account:
        with self.database.reading() as session:
            return session.get_one(Account, account.id)


@pytest.fixture
def school(database: Database, session: Session, sealer: Sealer) -> School:
    establishment = make_establishment(session)
    establishment.head_civility, establishment.head_name = "M.", "Jean HOARAU"
    return School(database, session, sealer, establishment, itertools.count(1))


@pytest.fixture
def postman(database: Database, settings: Settings) -> Postman:
    return Postman(database, settings, Event())


@pytest.fixture
def printer(database: Database, settings: Settings) -> Printer:
    return Printer(database, settings, Event())
