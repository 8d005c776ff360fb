"""How far each school is, counted once a day for whoever follows all of them (R26).

Every number is that of « Accueil »; nothing is counted when a page is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, Integer, Select, case, cast, delete, func, or_, select, update
from sqlalchemy.orm import Session

from shared.accounts.directory.listing import count_accounts
from shared.accounts.populations import GUARDIANS
from shared.database import insert_or
from shared.models.academy import AcademyFigures, SchoolFigures
from shared.models.accounts import AccountState
from shared.models.school import Establishment
from shared.notifications.campaigns.unreached import Missed, Outcome, count_missed
from shared.overview.attention import school_base_to_watch
from shared.overview.todo import activation_in

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When files of a school were taken in of which none was."""
MONTHS_KEPT = 25
"""So that each day of this year and of the last has the same day of the year before."""
FEWEST_OTHERS = 2
"""Schools with accounts that the reader has no part in, for a mean to be shown: the rate of one could be read in it."""
NEAR = timedelta(days=7)
"""How much older the figures of « a year before » may be, where nothing was counted on that very day."""
UNCOUNTED_SHOWN = 20


@dataclass(frozen=True)
class Rates:
    """How far families were on one day, in hundredths."""

    day: date
    notified: int
    active: int


@dataclass(frozen=True)
class Comparison:
    """The rates of one school beside what they can be measured by."""

    now: Rates
    a_year_before: Rates | None
    mean: Rates | None
    """Of the académie; none where too few schools make it."""


def schools_to_count(session: Session) -> Sequence[int]:
    """Every school, by number."""
    return session.scalars(select(Establishment.id).order_by(Establishment.id)).all()


def count_school(session: Session, establishment_id: int, now: datetime, today: date) -> Mapping[str, Any]:
    """The figures of one school, as `keep_figures` takes them: some queries, whatever the number of families."""
    school = session.get_one(Establishment, establishment_id)
    base = school_base_to_watch(session, establishment_id)
    by_state = count_accounts(session, establishment_id, GUARDIANS, today).by_state
    activation = activation_in(by_state)
    failed = count_missed(establishment_id, GUARDIANS, Missed(Outcome.FAILED), today)
    return {
        "establishment_id": establishment_id,
        "day": today,
        "counted_at": now,
        "uai": school.uai,
        "name": school.name,
        "imported_at": base.last_export.imported_at if base.last_export else NEVER,
        "accounts": activation.total,
        "notified": activation.total - by_state[AccountState.NOT_NOTIFIED],
        "active": activation.active,
        "rate": activation.rate,
        "duplicates": base.untreated_duplicates,
        "failures": session.scalar(select(failed)) or 0,
    }


def keep_figures(session: Session, counted: Mapping[str, Any]) -> None:
    """Keep what `count_school` found, in the place of what was counted before on the same day."""
    of_school = SchoolFigures.establishment_id == counted["establishment_id"]
    # The former row first: one at most is the latest.
    session.execute(update(SchoolFigures).where(of_school, SchoolFigures.is_latest).values(is_latest=False))
    row = insert_or(session, SchoolFigures).values(**counted, is_latest=True)
    session.execute(
        row.on_conflict_do_update(index_elements=["establishment_id", "day"], set_={**counted, "is_latest": True})
    )


def keep_academy_figures(session: Session, now: datetime, today: date) -> None:
    """Add the last figures of all schools up, in one statement, and forget those that are too old."""
    sums = session.execute(select(*_sums()).where(SchoolFigures.is_latest)).one()
    columns = {"day": today, "counted_at": now, **sums._asdict()}
    row = insert_or(session, AcademyFigures).values(**columns)
    session.execute(row.on_conflict_do_update(index_elements=["day"], set_=columns))
    before = today - relativedelta(months=MONTHS_KEPT)
    session.execute(delete(SchoolFigures).where(SchoolFigures.day < before, ~SchoolFigures.is_latest))
    session.execute(delete(AcademyFigures).where(AcademyFigures.day < before))


def _sums() -> list[ColumnElement[int]]:
    one, has_accounts = SchoolFigures, SchoolFigures.accounts > 0
    notified_rate = 100 * one.notified / func.nullif(one.accounts, 0)
    counts = {
        "schools": func.count(),
        "imported": func.count(case((one.imported_at > NEVER, 1))),
        "with_accounts": func.count(case((has_accounts, 1))),
        **{name: func.sum(getattr(one, name)) for name in ("accounts", "notified", "active", "duplicates", "failures")},
        "notified_mean": func.round(func.avg(notified_rate)),
        "active_mean": func.round(func.avg(case((has_accounts, one.rate)))),
    }
    return [cast(func.coalesce(count, 0), Integer).label(name) for name, count in counts.items()]


def last_academy_figures(session: Session) -> AcademyFigures | None:
    """All schools together, as they were last counted; none before the first time."""
    return session.scalars(select(AcademyFigures).order_by(AcademyFigures.day.desc()).limit(1)).first()


def not_counted_yet(session: Session) -> Sequence[Establishment]:
    """The first schools that were made since all of them were counted: those whose number is above."""
    counted = select(func.max(SchoolFigures.establishment_id)).where(SchoolFigures.is_latest).scalar_subquery()
    newer = select(Establishment).where(Establishment.id > func.coalesce(counted, 0)).order_by(Establishment.id)
    return session.scalars(newer.limit(UNCOUNTED_SHOWN)).all()


def compare(session: Session, establishment_id: int, readable: Select[tuple[int | None]]) -> Comparison | None:
    """One school beside itself a year before, and beside the others; none before it was counted.

    `readable` are the numbers of the schools whose own figures the reader is shown too.
    """
    of_school = select(SchoolFigures).where(SchoolFigures.establishment_id == establishment_id)
    latest = session.scalars(of_school.where(SchoolFigures.is_latest)).one_or_none()
    if latest is None or not latest.accounts:
        return None
    then = latest.day - relativedelta(years=1)
    near = of_school.where(SchoolFigures.day.between(then - NEAR, then), SchoolFigures.accounts > 0)
    former = session.scalars(near.order_by(SchoolFigures.day.desc()).limit(1)).first()
    return Comparison(_rates(latest), _rates(former) if former else None, _mean(session, establishment_id, readable))


def _rates(figures: SchoolFigures) -> Rates:
    return Rates(figures.day, 100 * figures.notified // figures.accounts, figures.rate)


def _mean(session: Session, establishment_id: int, readable: Select[tuple[int | None]]) -> Rates | None:
    figures = last_academy_figures(session)
    if figures is None:
        return None
    shown = or_(SchoolFigures.establishment_id == establishment_id, SchoolFigures.establishment_id.in_(readable))
    known = select(func.count()).where(SchoolFigures.is_latest, SchoolFigures.accounts > 0, shown)
    if figures.with_accounts - session.scalars(known).one() < FEWEST_OTHERS:
        return None
    return Rates(figures.day, figures.notified_mean, figures.active_mean)
