"""The campaigns of an establishment at a glance: who asked, how far they are, how many lines failed (R18)."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from shared.accounts.directory.holds import held_account_ids
from shared.accounts.populations import Population, Register, counts
from shared.models.accounts import Account, AccountState
from shared.models.notifications import WAITING, Campaign, DeliveryState, Notification
from shared.models.reasons import Reason
from shared.models.sending.staged import StageState
from shared.models.staff import Staff
from shared.notifications.campaigns.letters_standing import Letters, are_to_take, letters_of
from shared.notifications.campaigns.unreached import Missed, Outcome, count_missed, missed_rows
from shared.notifications.criteria import of_school
from shared.notifications.staged.standing import count_stages
from shared.rows.paging import newest
from shared.rows.prepared import ESTABLISHMENT_ID, NOW, TODAY, Day, Instant, Number, Prepared

PAGE_ROWS = 50


class Which(enum.StrEnum):
    """Which campaigns the list keeps."""

    ALL = "all"
    REFUSED = "refused"
    """With a line that failed."""
    TO_TAKE = "to_take"
    """With letters that nobody downloaded yet."""
    UNDER_WAY = "under_way"
    EXPIRED = "expired"
    """With letters that were removed before anybody downloaded them, and persons still to be reached."""


@dataclass(frozen=True)
class CampaignLine:
    """One campaign of the list."""

    campaign: Campaign
    author: str | None
    """None for the command line, or when the member of staff is gone."""
    total: int
    waiting: int
    refused: int
    skipped: int
    letters: Letters | None
    """None when it has no letter."""


def overview(
    register: Register, now: datetime, *, which: Which = Which.ALL, before_id: int | None = None, rows: int = PAGE_ROWS
) -> list[CampaignLine]:
    """The campaigns about accounts of one population, newest first, from before `before_id`; four queries."""
    wanted = select(Campaign, Staff.name).outerjoin(Staff, Staff.id == Campaign.staff_id)
    wanted = wanted.where(*of_school(register.establishment_id, register.population.kind))
    wanted = wanted.where(*_kept(register.establishment_id, register.population, which, now, register.today))
    found = register.session.execute(newest(wanted, Campaign.id, before_id, rows)).all()
    counts = _counts(register.session, [campaign.id for campaign, _ in found])
    letters = letters_of(register.session, [campaign for campaign, _ in found], now)
    return [_line(one, author, counts.get(one.id, {}), letters.get(one.id)) for one, author in found]


def _kept(
    establishment_id: Number, population: Population, which: Which, now: Instant, today: Day
) -> tuple[ColumnElement[bool], ...]:
    if which is Which.REFUSED:
        failed = Notification.delivery == DeliveryState.REFUSED
        return (exists().where(Notification.campaign_id == Campaign.id, failed),)
    if which is Which.TO_TAKE:
        return (are_to_take(now),)
    if which is Which.UNDER_WAY:
        return (Campaign.finished_at.is_(None),)
    if which is Which.EXPIRED:
        missed = missed_rows(establishment_id, population, Missed(Outcome.EXPIRED), today)
        return (Campaign.id.in_(missed.add_columns(Notification.campaign_id)),)
    return ()


@dataclass(frozen=True)
class Afoot:
    """What the notifications of one population ask of staff; each number is that of a list."""

    failed: int
    """Notifications that failed, of persons still to be reached."""
    to_take: int
    """Campaigns whose letters nobody downloaded yet."""
    under_way: int
    """Campaigns of which something waits."""
    expired: int
    """Campaigns whose letters nobody downloaded before they were removed."""
    leaving: int = 0
    """Accounts never notified to which something of a campaign is about to leave."""
    proposed: int = 0
    """Campaigns in steps whose next step asks to be confirmed."""
    awaited: int = 0
    """Campaigns in steps whose next step has its day to come."""
    nowhere: int = 0
    """Accounts never notified for which a letter was wanted, and of which the base has no postal address."""


def count_afoot(session: Session, establishment_id: int, population: Population, now: datetime, today: date) -> Afoot:
    """What is left to do about notifications, in one query."""
    return Afoot(*_afoot(population).one(session, establishment_id=establishment_id, today=today, now=now))


@cache
def _afoot(population: Population) -> Prepared:
    campaigns = select(func.count()).select_from(Campaign)
    campaigns = campaigns.where(*of_school(ESTABLISHMENT_ID, population.kind))
    lists = (
        campaigns.where(*_kept(ESTABLISHMENT_ID, population, which, NOW, TODAY)).scalar_subquery()
        for which in (Which.TO_TAKE, Which.UNDER_WAY, Which.EXPIRED)
    )
    failed = count_missed(ESTABLISHMENT_ID, population, Missed(Outcome.FAILED), TODAY)
    stages = (
        count_stages(ESTABLISHMENT_ID, population.kind, state) for state in (StageState.PROPOSED, StageState.AWAITED)
    )
    leaving = _number_leaving(population).scalar_subquery()
    nowhere = _number_nowhere(population).scalar_subquery()
    return Prepared(select(failed, *lists, leaving, *stages, nowhere))


def _number_leaving(population: Population) -> Select[Any]:
    waiting = select(func.count(Notification.account_id.distinct()))
    waiting = waiting.join(Campaign, Campaign.id == Notification.campaign_id)
    waiting = waiting.join(Account, Account.id == Notification.account_id)
    return waiting.where(
        *of_school(ESTABLISHMENT_ID, population.kind),
        Campaign.finished_at.is_(None),
        Notification.delivery.in_(WAITING),
        Account.state == AccountState.NOT_NOTIFIED,
    )


def _number_nowhere(population: Population) -> Select[Any]:
    """To ask for a letter again would leave them aside again: they are to be reached in another way."""
    again = aliased(Notification)
    waits = exists().where(again.account_id == Account.id, again.delivery.in_(WAITING))
    aside = select(func.count(Notification.account_id.distinct()))
    aside = aside.join(Campaign, Campaign.id == Notification.campaign_id)
    aside = aside.join(Account, Account.id == Notification.account_id)
    return aside.where(
        *of_school(ESTABLISHMENT_ID, population.kind),
        Notification.delivery == DeliveryState.SKIPPED,
        Notification.error == Reason.NO_POSTAL_ADDRESS,
        Account.state == AccountState.NOT_NOTIFIED,
        counts(population, ESTABLISHMENT_ID, TODAY),
        Account.id.not_in(held_account_ids([ESTABLISHMENT_ID], TODAY)),
        ~waits,
    )


def _counts(session: Session, campaign_ids: Sequence[int]) -> dict[int, dict[DeliveryState, int]]:
    counts: dict[int, dict[DeliveryState, int]] = {}
    rows = session.execute(
        select(Notification.campaign_id, Notification.delivery, func.count())
        .where(Notification.campaign_id.in_(campaign_ids))
        .group_by(Notification.campaign_id, Notification.delivery)
    )
    for campaign_id, delivery, number in rows:
        counts.setdefault(campaign_id, {})[delivery] = number
    return counts


def _line(
    campaign: Campaign, author: str | None, counts: dict[DeliveryState, int], letters: Letters | None
) -> CampaignLine:
    return CampaignLine(
        campaign,
        author,
        total=sum(counts.values()),
        waiting=sum(counts.get(state, 0) for state in WAITING),
        refused=counts.get(DeliveryState.REFUSED, 0),
        skipped=counts.get(DeliveryState.SKIPPED, 0),
        letters=letters,
    )
