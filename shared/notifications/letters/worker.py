"""Prints the letters and the coupons that are due, in lots: claim, commit, render, store and settle, commit (R17, R18).

Several transactions for one lot: these functions are given the database, and own them. A lot is stored, sealed, in the
transaction that marks its letters printed: there is never a letter printed twice, nor one marked that is not there.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Event
from typing import ClassVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.states import mark_notified
from shared.acting.desk import Desk
from shared.clock import local_date, now
from shared.config import Settings
from shared.database import Database
from shared.journal import SYSTEM
from shared.models.notifications import Channel, LetterLot, Notification
from shared.models.reasons import Reason
from shared.models.school import Student
from shared.notifications.channels.registry import CHANNELS, PRINTED
from shared.notifications.content.notice import Notice, read_notices
from shared.notifications.content.sender import schools
from shared.notifications.coupons.sheets import Sheet, sheets_of
from shared.notifications.letters.cover_sheet import print_missing_slips
from shared.notifications.letters.logo import logos
from shared.notifications.letters.own_texts import own_texts
from shared.notifications.letters.pages import Sender, filling, sender
from shared.notifications.letters.renderer import LETTERS_AT_ONCE, LONGEST_JOB, PRESSES, LayoutFailed, Press
from shared.notifications.outbox.completion import note_ends
from shared.notifications.outbox.holds import Hold
from shared.notifications.outbox.leases import (
    Claim,
    DeliveryFailed,
    PermanentFailure,
    claim,
    due,
    finish_campaigns,
    is_worn_out,
    settle,
    settle_failure,
)
from shared.notifications.returned.posting import addresses_written, note_posted
from shared.rows.leases import LeaseLost

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Placed:
    """A PDF, in memory, and for each of its pages the place it takes among those of the campaign."""

    pdf: bytes = field(repr=False)
    positions: Sequence[int]


@dataclass(frozen=True)
class PrintedLot:
    """Letters of one campaign, sealed as they are kept, and for each page the place of its letter in the campaign."""

    notices: Sequence[Notice]
    positions: Sequence[int]
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class _Lot:
    """Letters ready to be rendered, or coupons, and those that cannot be, with the reason."""

    channel: Channel
    claimed: Claim
    started: datetime
    notices: list[Notice]
    senders: dict[int, Sender]
    failures: dict[int, DeliveryFailed]
    hold: Hold
    addresses: Mapping[int, str]
    """Of letters, as the base has them now."""


class Printer:
    """Prints every due letter, until nothing is due or `stopping` is set."""

    channels: ClassVar[Collection[Channel]] = PRINTED
    """Whose letters."""

    def __init__(self, database: Database, settings: Settings, stopping: Event) -> None:
        self._database = database
        self._settings = settings
        self._sealer = Sealer(settings.initial_password_keys)
        self._stopping = stopping

    def print_due(self, campaign_id: int | None = None) -> int:
        """How many letters were printed, of one campaign or of all; then the slips of those that are complete."""
        printed = 0
        with PRESSES.lend() as press:
            while not self._stopping.is_set():
                lot = self._print_lot(press, campaign_id)
                if lot is None:
                    break
                printed += lot
            self._complete(press)
        with self._database.writing() as session:
            finish_campaigns(session, now())
        return printed

    def _print_lot(self, press: Press, campaign_id: int | None) -> int | None:
        started = now()
        with self._database.writing() as session:
            taken = claim_letters(session, started, campaign_id, self.channels)
        if taken is None:
            return None
        channel, claimed = taken
        day = local_date(started, self._settings.time_zone)
        lot = self._compose(channel, claimed, started, day)
        try:
            printed, failures = self._render(press, lot)
            notices = [notice for notice in lot.notices if notice.id not in failures]
            sealed = PrintedLot(notices, printed.positions, self._sealer.seal_bytes(printed.pdf))
            with self._database.writing() as session:
                for row_id, failure in {**lot.failures, **failures}.items():
                    settle_failure(session, claimed, row_id, failure, now())
                stored = self._store(session, lot, sealed)
                note_ends(session, now())
            log.info("a lot of letters: %d printed, %d refused", stored, len(lot.failures) + len(failures))
            return stored
        except LeaseLost:
            log.warning("a lot of %d letters was taken over by another worker, and is left to it", len(lot.notices))
            return 0

    def _compose(self, channel: Channel, claimed: Claim, started: datetime, day: date) -> _Lot:
        worn_out = {row_id for row_id, attempts in claimed.attempts.items() if is_worn_out(attempts)}
        failures: dict[int, DeliveryFailed] = dict.fromkeys(worn_out, PermanentFailure(Reason.WORN_OUT))
        wanted = [row_id for row_id in claimed.ids if row_id not in worn_out]
        with self._database.reading() as session:
            read = read_notices(session, wanted, self._sealer, day)
            notices = [one for row_id in wanted if isinstance(one := read[row_id], Notice)]
            senders = self._senders(session, {notice.establishment_id for notice in notices}, day)
            addresses = addresses_written(session, [notice.id for notice in notices])
        failures |= {row_id: one for row_id, one in read.items() if isinstance(one, DeliveryFailed)}
        hold = Hold(self._database, claimed, started)
        return _Lot(channel, claimed, started, notices, senders, failures, hold, addresses)

    def _senders(self, session: Session, establishment_ids: set[int], day: date) -> dict[int, Sender]:
        texts, pictures = own_texts(session, establishment_ids), logos(session, establishment_ids)
        return {
            key: sender(school, texts[key], self._settings.public_portal_url, day, pictures.get(key))
            for key, school in schools(session, establishment_ids).items()
        }

    def _render(self, press: Press, lot: _Lot) -> tuple[_Placed, dict[int, DeliveryFailed]]:
        try:
            return self._draw(press, lot, lot.notices), {}
        except LayoutFailed:
            # One letter spoils the lot: find it, and print the others.
            failures = {notice.id: self._trial(press, lot, notice) for notice in lot.notices}
            spoilt: dict[int, DeliveryFailed] = {row_id: why for row_id, why in failures.items() if why}
            sound = [notice for notice in lot.notices if notice.id not in spoilt]
            return self._draw(press, lot, sound), spoilt

    def _trial(self, press: Press, lot: _Lot, notice: Notice) -> LayoutFailed | None:
        try:
            self._draw(press, lot, [notice])
        except LayoutFailed as failed:
            return failed
        return None

    def _draw(self, press: Press, lot: _Lot, notices: Sequence[Notice]) -> _Placed:
        if not notices:
            return _Placed(b"", [])
        # Each letter that hangs takes its time, and there may be many.
        lot.hold.hold_for(LONGEST_JOB)
        return _DRAWN[lot.channel](press, notices, lot.senders[notices[0].establishment_id])

    def _store(self, session: Session, lot: _Lot, printed: PrintedLot) -> int:
        if not printed.notices:
            return 0
        ids = [notice.id for notice in printed.notices]
        settled = settle(session, lot.claimed, ids, CHANNELS[lot.channel].delivered, now())
        if len(settled) != len(ids):
            raise LeaseLost
        campaign_id = session.scalars(select(Notification.campaign_id).where(Notification.id == ids[0])).one()
        self._keep(session, campaign_id, printed)
        addresses = {number: lot.addresses[number] for number in ids if number in lot.addresses}
        note_posted(session, printed.notices[0].establishment_id, addresses)
        self._mark_notified(session, lot, printed.notices)
        return len(ids)

    def _keep(self, session: Session, campaign_id: int, printed: PrintedLot) -> None:
        """Store the lot in the transaction that settles its letters."""
        session.add(
            LetterLot(
                campaign_id=campaign_id,
                first_position=min(printed.positions),
                positions=list(printed.positions),
                content=printed.content,
                created_at=now(),
            )
        )

    def _complete(self, press: Press) -> None:
        """What is printed once all letters of a campaign are."""
        print_missing_slips(self._database, press, self._sealer, self._settings)

    def _mark_notified(self, session: Session, lot: _Lot, notices: Sequence[Notice]) -> None:
        accounts = [notice.account_id for notice in notices if notice.account_id is not None]
        today = local_date(lot.started, self._settings.time_zone)
        desk = Desk(session, SYSTEM, lot.started, notices[0].establishment_id, today)
        mark_notified(desk, accounts, lot.channel.value)


def claim_letters(
    session: Session, instant: datetime, campaign_id: int | None = None, channels: Collection[Channel] = PRINTED
) -> tuple[Channel, Claim] | None:
    """Take the next due letters of one campaign, or its coupons, in the order they are printed in."""
    waiting = select(Notification.campaign_id, Notification.channel).where(
        due(Notification, instant), Notification.channel.in_(channels)
    )
    if campaign_id is not None:
        waiting = waiting.where(Notification.campaign_id == campaign_id)
    oldest = session.execute(waiting.order_by(Notification.next_attempt_at, Notification.id).limit(1)).first()
    if oldest is None:
        return None
    of_campaign: tuple[ColumnElement[bool], ...] = (
        Notification.campaign_id == oldest.campaign_id,
        Notification.channel == oldest.channel,
    )
    if oldest.channel is Channel.COUPON:
        of_campaign = (*of_campaign, Notification.position <= _last_of_divisions(session, instant, of_campaign))
    claimed = claim(session, Notification, instant, *of_campaign, limit=LETTERS_AT_ONCE, order=(Notification.position,))
    return (oldest.channel, claimed) if claimed else None


def _last_of_divisions(session: Session, instant: datetime, of_campaign: tuple[ColumnElement[bool], ...]) -> int:
    """The position where a lot ends with a division, so that no page of it is begun twice; a long one is cut."""
    rows = session.execute(
        select(Notification.position, Student.division_id)
        .outerjoin(Student, Student.id == Notification.student_id)
        .where(due(Notification, instant), *of_campaign)
        .order_by(Notification.position)
        .limit(LETTERS_AT_ONCE + 1)
    ).all()
    if len(rows) <= LETTERS_AT_ONCE:
        return rows[-1].position
    *lot, following = rows
    whole = [row for row in lot if row.division_id != following.division_id]
    return (whole or lot)[-1].position


def _letters(press: Press, notices: Sequence[Notice], sent_by: Sender) -> _Placed:
    printed = press.letters([filling(notice, sent_by) for notice in notices])
    pages = zip(notices, printed.pages, strict=True)
    return _Placed(printed.pdf, [notice.position for notice, many in pages for _ in range(many)])


def _coupons(press: Press, notices: Sequence[Notice], sent_by: Sender) -> _Placed:
    sheets: Sequence[Sheet] = sheets_of(notices, sent_by)
    return _Placed(press.coupons(sheets).pdf, [sheet.position for sheet in sheets])


_DRAWN: Mapping[Channel, Callable[[Press, Sequence[Notice], Sender], _Placed]] = {
    Channel.PAPER: _letters,
    Channel.PRINT_SERVICE: _letters,
    Channel.COUPON: _coupons,
}
