"""Thirty days of one school: its staff notify, its worker works, its families answer over HTTP; the clock is moved."""

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Event
from types import MappingProxyType
from unittest.mock import patch

import time_machine
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from parent_portal import create_app
from parent_portal.views.activating import sms_code, without_letter
from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.populations import GUARDIANS
from shared.acting.desk import Desk
from shared.config import Settings
from shared.database import Database
from shared.demo.school import make_demo_school
from shared.journal import COMMAND
from shared.models.accounts import Account, AccountState
from shared.models.notifications import Campaign, Channel, DeliveryState, LetterLot, Mode, Notification
from shared.models.school import Establishment, Guardian, Guardianship, Student
from shared.models.sending.staged import StagedCampaign, StageState
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import Offer, offer_of
from shared.notifications.coupons.sheets import ON_A_PAGE
from shared.notifications.letters.download import assemble_pdf, note_download
from shared.notifications.letters.worker import Printer
from shared.notifications.mail.worker import Postman
from shared.notifications.sms.costs import cost_of_school
from shared.notifications.sms.worker import SmsCarrier
from shared.notifications.staged.control import launch_next
from shared.notifications.staged.finding import next_stage
from shared.notifications.staged.starting import start
from shared.notifications.staged.steps import Steps
from shared.overview.channels import ChannelResult, compare_channels
from shared.worker.due_steps import advance_stages
from tests.september import doors
from tests.september.answers import ON_PAPER, Answers
from tests.september.doors import Family
from tests.sms import HttpGatewayServer, Phones
from tests.smtp import Mailbox, MailServer, text_of

FIRST_DAY = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
DAYS = 30
WORD = re.compile(r"[\w.-]*\w")
ORDER = (Channel.MAIL, Channel.SMS, Channel.PAPER, Channel.COUPON)
DAYS_BETWEEN = 7
SECOND_LETTER = 14
"""Days after which a school that has paper alone writes again to those who did not activate."""


@dataclass(frozen=True)
class September:
    """What became of one month."""

    accounts: int
    active_by_day: Sequence[int]
    left: Mapping[Channel, int]
    """What was handed over or printed, by channel."""
    cost: int
    """Of the SMS, in ten-thousandths of a euro."""
    channels: Mapping[Channel, ChannelResult]

    @property
    def rate(self) -> float:
        """The share of accounts activated at the end."""
        return self.active_by_day[-1] / self.accounts

    @property
    def letters(self) -> int:
        """In envelopes."""
        return self.left.get(Channel.PAPER, 0)

    @property
    def pages(self) -> int:
        """Of paper printed: one for each letter, and eight coupons on each."""
        return self.letters + -(-self.left.get(Channel.COUPON, 0) // ON_A_PAGE)


@dataclass
class Month:
    """One school and its thirty days."""

    database: Database
    settings: Settings
    mailbox: Mailbox
    phones: Phones
    portal: Flask
    answers: Answers
    seed: int
    establishment_id: int = 0
    families: dict[int, Family] = field(default_factory=dict)
    _seen: int = 0
    """The last notification that a family was told of."""
    _times: Counter[tuple[int, Channel]] = field(default_factory=Counter)
    _acts: dict[date, list[tuple[int, Channel]]] = field(default_factory=dict)
    _passwords: dict[str, str] = field(default_factory=dict)
    """What the letters that were taken say, by identifier."""

    @property
    def today(self) -> date:
        """The day it is in the académie."""
        return clock.local_date(clock.now(), self.settings.time_zone)

    @property
    def offer(self) -> Offer:
        """With SMS."""
        return offer_of(self.settings)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """Staff, for one thing."""
        with self.database.writing() as session:
            yield Desk(session, COMMAND, clock.now(), self.establishment_id, self.today)

    def begin(self, in_steps: bool) -> None:
        """The first of September: accounts are generated and families notified."""
        with self.desk() as desk:
            generate_accounts(desk, GUARDIANS, Sealer(self.settings.initial_password_keys))
        self.families = self._know_each_other()
        with self.desk() as desk:
            if in_steps:
                start(desk, Criteria(), Steps(ORDER, DAYS_BETWEEN), request_key="september", offer=self.offer)
            else:
                launch(desk, Criteria(), Mode.PAPER, request_key="september", offer=self.offer)

    def live_a_day(self, number: int, *, in_steps: bool) -> int:
        """What staff, the worker and families do on one day; returns how many accounts are active in the evening."""
        if in_steps:
            advance_stages(self.database, self.settings, Event())
            self._confirm_what_is_proposed()
        elif number == SECOND_LETTER:
            with self.desk() as desk:
                states = frozenset({AccountState.NOTIFIED, AccountState.ACTIVATING})
                launch(desk, Criteria(states=states), Mode.PAPER, request_key="again", offer=self.offer)
        self._work()
        self._take_letters()
        self._be_told()
        for account_id, channel in self._acts.pop(self.today, ()):
            self._act(self.families[account_id], channel)
        with self.database.reading() as session:
            active = select(Account.id).where(Account.state == AccountState.ACTIVE, Account.id.in_(self.families))
            return len(session.scalars(active).all())

    def ended(self, active_by_day: Sequence[int]) -> September:
        """What is left of the month in the tables."""
        with self.database.reading() as session:
            rows = session.scalars(
                select(Notification.channel).where(
                    Notification.establishment_id == self.establishment_id,
                    Notification.delivery.in_((DeliveryState.SENT, DeliveryState.PRINTED)),
                )
            )
            kind = GUARDIANS.kind
            return September(
                len(self.families),
                active_by_day,
                Counter(rows),
                cost_of_school(session, self.establishment_id, kind),
                compare_channels(session, self.establishment_id, kind),
            )

    def _know_each_other(self) -> dict[int, Family]:
        with self.database.reading() as session:
            rows = session.execute(
                select(Account.id, Account.identifier, Guardian.email, Student.birth_date)
                .join(Guardian, Guardian.account_id == Account.id)
                .join(Guardianship, Guardianship.guardian_id == Guardian.id)
                .join(Student, Student.id == Guardianship.student_id)
                .where(Guardian.establishment_id == self.establishment_id, Guardianship.legal_rank.is_not(None))
                .order_by(Account.id, Student.id)
            ).all()
        return {
            account_id: Family(account_id, identifier, email or f"{identifier}@famille.example.org", born)
            for account_id, identifier, email, born in rows
            if born is not None
        }

    def _confirm_what_is_proposed(self) -> None:
        with self.desk() as desk:
            for staged in desk.session.scalars(select(StagedCampaign).where(StagedCampaign.ended_at.is_(None))):
                stage = next_stage(staged)
                if stage is not None and stage.state is StageState.PROPOSED:
                    launch_next(desk, staged.id, stage.position, self.offer)

    def _work(self) -> None:
        for carrier in (Postman, SmsCarrier):
            carrier(self.database, self.settings, Event()).send_due()
        Printer(self.database, self.settings, Event()).print_due()

    def _take_letters(self) -> None:
        with self.database.reading() as session:
            waiting = select(Campaign.id).where(
                Campaign.establishment_id == self.establishment_id,
                Campaign.letters_downloaded_at.is_(None),
                Campaign.id.in_(select(Notification.campaign_id).where(Notification.channel.in_(ON_PAPER))),
                Campaign.id.in_(select(LetterLot.campaign_id)),
                Campaign.finished_at.is_not(None),
            )
            campaigns = session.scalars(waiting).all()
        for campaign_id in campaigns:
            pdf = assemble_pdf(self.database, campaign_id, Sealer(self.settings.initial_password_keys))
            with self.desk() as desk:
                note_download(desk, campaign_id, is_head=True)
            for page in PdfReader(io.BytesIO(pdf)).pages:
                self._passwords |= doors.passwords_in(page.extract_text())

    def _be_told(self) -> None:
        """Each family decides, once for each message, whether it will act upon it, and when."""
        with self.database.reading() as session:
            rows = session.execute(
                select(Notification.id, Notification.account_id, Notification.channel)
                .where(
                    Notification.id > self._seen,
                    Notification.establishment_id == self.establishment_id,
                    Notification.delivery.in_((DeliveryState.SENT, DeliveryState.PRINTED)),
                )
                .order_by(Notification.id)
            ).all()
        for number, account_id, channel in rows:
            self._seen = number
            if account_id not in self.families:
                continue
            self._times[account_id, channel] += 1
            time = self._times[account_id, channel]
            if day := self.answers.day_of(self.seed, account_id, channel, self.today, time):
                self._acts.setdefault(day, []).append((account_id, channel))

    def _act(self, family: Family, channel: Channel) -> None:
        with self.database.reading() as session:
            account = session.get_one(Account, family.account_id)
            if account.state is AccountState.ACTIVE:
                return
            number = self._number_of(family)
        doors_of = {
            Channel.MAIL: partial(doors.by_mail, text=self._mail_of(family)),
            Channel.SMS: partial(doors.by_sms, text=self._sms_of(family, number)),
            **dict.fromkeys(
                ON_PAPER, partial(doors.by_letter, initial_password=self._passwords.get(family.identifier, ""))
            ),
        }
        if doors_of[channel](self.portal, family):
            self._work()
            doors.confirm(self.portal, family, self.mailbox)

    def _mail_of(self, family: Family) -> str:
        texts = [text for text in map(text_of, self.mailbox.to(family.email)) if family.identifier in text.split()]
        return texts[0] if texts else ""

    def _number_of(self, family: Family) -> str:
        with self.database.reading() as session:
            wanted = select(Notification.recipient).where(
                Notification.account_id == family.account_id, Notification.channel == Channel.SMS
            )
            return session.scalars(wanted).first() or ""

    def _sms_of(self, family: Family, number: str) -> str:
        """The message that names it: two parents of one child may share a telephone."""
        texts = [str(one["message"]) for one in self.phones.taken(number)] if number else []
        named = [text for text in texts if family.identifier in WORD.findall(text)]
        return named[-1] if named else ""


def live(
    database: Database, settings: Settings, *, students: int, in_steps: bool, answers: Answers, seed: int = 2026
) -> September:
    """One September of the demonstration school, in steps or by paper alone; `database` is empty and at its version."""
    with (
        MailServer() as mails,
        HttpGatewayServer() as gateway,
        time_machine.travel(FIRST_DAY, tick=True) as traveller,
        patch.object(sms_code, "ANSWER_SECONDS", 0),
        patch.object(without_letter, "ANSWER_SECONDS", 0),
    ):
        here = _connected(settings, mails, gateway)
        folder = settings.var_dir / "siecle"
        [school, _] = make_demo_school(database, folder, students=students, uai=None, now=clock.now())
        month = Month(database, here, mails.mailbox, gateway.phones, create_app(here, database), answers, seed)
        with database.reading() as session:
            of_school = select(Establishment.id).where(Establishment.uai == school.written.uai)
            month.establishment_id = session.scalars(of_school).one()
        month.begin(in_steps)
        active = []
        for number in range(DAYS):
            active.append(month.live_a_day(number, in_steps=in_steps))
            traveller.shift(timedelta(days=1))
        return month.ended(active)


def _connected(settings: Settings, mails: MailServer, gateway: HttpGatewayServer) -> Settings:
    told = {
        "smtp_host": mails.host,
        "smtp_port": mails.port,
        "mail_from": "ne-pas-repondre@example.org",
        "public_portal_url": "http://localhost:5002",
    }
    return gateway.sending(settings.model_copy(update=told))


NAMES = MappingProxyType(
    {Channel.MAIL: "mails", Channel.SMS: "SMS", Channel.PAPER: "letters", Channel.COUPON: "coupons"}
)
"""As the tables of the simulation name them."""
