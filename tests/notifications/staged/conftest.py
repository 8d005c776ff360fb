"""A school that begins a campaign in steps, whose days pass one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from sqlalchemy import select

from shared import clock
from shared.acting.desk import Desk
from shared.config import Settings
from shared.journal import SYSTEM, Actor
from shared.models.accounts import Account, AccountState
from shared.models.journal import ActorKind
from shared.models.notifications import Channel, Notification
from shared.models.school import Establishment
from shared.models.sending.staged import CampaignStage, StageCause, StagedCampaign, StageState
from shared.models.staff import StaffRoleKind
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import DELIVERED, offer_of
from shared.notifications.letters.worker import Printer
from shared.notifications.mail.worker import Postman
from shared.notifications.sms.worker import SmsCarrier
from shared.notifications.staged.starting import start
from shared.notifications.staged.steps import Steps
from shared.worker.due_steps import advance_stages
from tests.factories import NOW, PASSWORD_HASH, make_staff
from tests.notifications.conftest import School
from tests.notifications.sms.conftest import gateway, phones, sending

__all__ = ["gateway", "phones", "sending"]

ORDER = (Channel.MAIL, Channel.SMS, Channel.PAPER)
WEEK = 7


@dataclass
class Days:
    """The days of one school, as its worker and its families live them."""

    school: School
    settings: Settings
    traveller: time_machine.Traveller

    def desk(self, actor: Actor = SYSTEM) -> Desk:
        now = clock.now()
        today = clock.local_date(now, self.settings.time_zone)
        return Desk(self.school.session, actor, now, self.school.establishment.id, today)

    def begin(
        self,
        channels: tuple[Channel, ...] = ORDER,
        *,
        criteria: Criteria | None = None,
        actor: Actor = SYSTEM,
        key: str = "key",
    ) -> StagedCampaign:
        steps, offer = Steps(channels, WEEK), offer_of(self.settings)
        staged = start(self.desk(actor), criteria or Criteria(), steps, request_key=key, offer=offer)
        self.school.session.commit()
        self.deliver()
        return staged

    def pass_days(self, days: int) -> None:
        self.traveller.shift(timedelta(days=days))

    def tick(self) -> None:
        """What the worker does by itself."""
        advance_stages(self.school.database, self.settings, Event())
        self.deliver()

    def deliver(self) -> None:
        for carrier in (Postman, SmsCarrier):
            carrier(self.school.database, self.settings, Event()).send_due()
        Printer(self.school.database, self.settings, Event()).print_due()

    def activate(self, account: Account) -> None:
        with self.school.database.writing() as session:
            found = session.get_one(Account, account.id)
            found.state, found.password_hash, found.expires_on = AccountState.ACTIVE, PASSWORD_HASH, None
            found.activated_at = found.last_login_at = clock.now()

    def told(self, channel: Channel) -> list[int]:
        """The accounts that one channel reached, each as often as it did."""
        reached = Notification.delivery.in_(DELIVERED)
        with self.school.database.reading() as session:
            rows = session.scalars(select(Notification.account_id).where(Notification.channel == channel, reached))
            return sorted(account_id for account_id in rows if account_id)

    def stages(self, staged: StagedCampaign) -> list[tuple[StageState, StageCause | None]]:
        with self.school.database.reading() as session:
            wanted = select(CampaignStage).where(CampaignStage.staged_campaign_id == staged.id)
            rows = session.scalars(wanted.order_by(CampaignStage.position))
            return [(row.state, row.cause) for row in rows]


@pytest.fixture
def days(school: School, sending: Settings) -> Iterator[Days]:
    """From the first of September at noon; the school's own rows are kept."""
    school.session.commit()
    with time_machine.travel(NOW, tick=True) as traveller:
        yield Days(school, sending, traveller)


def secretary(school: School, login: str = "secretaire", **columns: object) -> Actor:
    """Who has a delegation of the guardians' tab."""
    establishment = school.session.get_one(Establishment, school.establishment.id)
    staff = make_staff(
        school.session, login, establishment, kind=StaffRoleKind.DELEGATE, tabs=("guardians",), **columns
    )
    school.session.commit()
    return Actor(ActorKind.STAFF, login, id=staff.id)
