"""Whom a notification did not reach, and who is still to be reached: one definition for counts, lists and remedies."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from shared.accounts.populations import Population, Register, entitled, present_accounts
from shared.accounts.state_policy import NOTIFIABLE
from shared.models.accounts import Account
from shared.models.notifications import Campaign, DeliveryState, Notification
from shared.models.school import Guardian
from shared.models.sending.posted import PostedLetter
from shared.notifications.channels.registry import WITHOUT_ADDRESS
from shared.notifications.criteria import of_school
from shared.rows.paging import newest
from shared.rows.prepared import Day, Number

PAGE_ROWS = 50


class Outcome(enum.StrEnum):
    """Why a notification reached nobody."""

    FAILED = "failed"
    """Refused by the server, or impossible to print."""
    LEFT_ASIDE = "left_aside"
    """A mail or an SMS was wanted, and there is no address, or one that fails."""
    EXPIRED = "expired"
    """A letter that nobody downloaded before it was removed."""
    RETURNED = "returned"
    """A letter whose envelope came back."""


@dataclass(frozen=True)
class Missed:
    """Those that notifications of an establishment did not reach, for one cause; of one campaign when it is given."""

    outcome: Outcome
    campaign_id: int | None = None


_WITHOUT_ADDRESS = tuple(reason.value for reasons in WITHOUT_ADDRESS.values() for reason in reasons)
_OUTCOMES: dict[Outcome, ColumnElement[bool]] = {
    Outcome.FAILED: Notification.delivery == DeliveryState.REFUSED,
    Outcome.LEFT_ASIDE: and_(
        Notification.delivery == DeliveryState.SKIPPED,
        or_(
            *(
                and_(Notification.channel == channel, Notification.error.in_([reason.value for reason in reasons]))
                for channel, reasons in WITHOUT_ADDRESS.items()
            )
        ),
    ),
    Outcome.EXPIRED: and_(
        Notification.delivery == DeliveryState.PRINTED,
        Campaign.letters_removed_at.is_not(None),
        Campaign.letters_downloaded_at.is_(None),
    ),
    Outcome.RETURNED: exists().where(
        PostedLetter.notification_id == Notification.id, PostedLetter.returned_at.is_not(None)
    ),
}


def missed_rows(establishment_id: Number, population: Population, missed: Missed, today: Day) -> Select[()]:
    """The notifications of `missed` that still ask for something to be done, without columns yet.

    Not those whose person was notified again since, came in since, left, or may not be notified any more. Several of
    one person count once: the last.
    """
    rows = (
        select()
        .select_from(Notification)
        .join(Campaign, Campaign.id == Notification.campaign_id)
        .outerjoin(Account, Account.id == Notification.account_id)
        .where(
            Notification.establishment_id == establishment_id,
            *of_school(establishment_id, population.kind),
            _OUTCOMES[missed.outcome],
            _is_still_there(establishment_id, population, today),
            ~_is_followed(Notification.account_id, missed.outcome),
            ~_is_followed(Notification.tie_id, missed.outcome),
        )
    )
    return rows if missed.campaign_id is None else rows.where(Notification.campaign_id == missed.campaign_id)


def missed_accounts(
    establishment_id: Number, population: Population, missed: Missed, today: Day
) -> Select[tuple[int | None]]:
    """The numbers of their accounts, to be looked among."""
    return missed_rows(establishment_id, population, missed, today).add_columns(Notification.account_id)


def count_missed(establishment_id: Number, population: Population, missed: Missed, today: Day) -> ScalarSelect[Any]:
    """How many notifications, as a column of a statement."""
    return missed_rows(establishment_id, population, missed, today).add_columns(func.count()).scalar_subquery()


def missed_of_campaign(
    session: Session, establishment_id: int, population: Population, campaign_id: int, today: date
) -> dict[Outcome, int]:
    """How many one campaign did not reach, for each cause that has some; one query."""
    counts = [count_missed(establishment_id, population, Missed(outcome, campaign_id), today) for outcome in Outcome]
    numbers = session.execute(select(*counts)).one()
    return {outcome: number for outcome, number in zip(Outcome, numbers, strict=True) if number}


@dataclass(frozen=True)
class MissedLine:
    """One of them, with the person."""

    notification: Notification
    campaign: Campaign
    fiche: Any
    """The guardian or the student; none once erased."""
    identifier: str | None


def missed_lines(
    register: Register, missed: Missed, *, before_id: int | None = None, rows: int = PAGE_ROWS
) -> Sequence[MissedLine]:
    """The newest first, from before `before_id`; one query."""
    fiche, owner = register.population.fiche, _owner(register.population)
    wanted = missed_rows(register.establishment_id, register.population, missed, register.today).outerjoin(
        fiche, fiche.id == owner
    )
    columns = wanted.add_columns(Notification, Campaign, fiche, Account.identifier)
    return [MissedLine(*row) for row in register.session.execute(newest(columns, Notification.id, before_id, rows))]


def _is_still_there(establishment_id: Number, population: Population, today: Day) -> ColumnElement[bool]:
    """Whether the person still counts, can be notified, and has not come in since."""
    fiche: Any = population.fiche
    of_account = and_(
        Account.state.in_(NOTIFIABLE),
        or_(Account.last_login_at.is_(None), Account.last_login_at < Notification.settled_at),
        Account.id.in_(present_accounts(population, establishment_id, today, Account.id)),
    )
    here = select(fiche.id).where(*entitled(population, establishment_id, today))
    return or_(of_account, and_(Notification.tie_id.is_not(None), _owner(population).in_(here)))


def _owner(population: Population) -> InstrumentedAttribute[int | None]:
    return Notification.guardian_id if population.fiche is Guardian else Notification.student_id


def _is_followed(column: Any, outcome: Outcome) -> ColumnElement[bool]:  # noqa: ANN401 - a column of notifications
    """Whether a later notification of the same person says more: it reached them, waits, or missed them again."""
    later = _named_later()
    same = getattr(later, column.key) == column
    after = later.id > Notification.id
    says_more = later.delivery != DeliveryState.SKIPPED
    if outcome is Outcome.LEFT_ASIDE:
        says_more = or_(says_more, later.error.in_(_WITHOUT_ADDRESS))
    return (
        select(later.id)
        .where(same, after, later.establishment_id == Notification.establishment_id, says_more)
        .correlate(Notification)
        .exists()
    )


@cache
def _named_later() -> type[Notification]:
    """Named once: it takes longer than asking for one school."""
    return aliased(Notification)
