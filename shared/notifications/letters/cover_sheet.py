"""The slip that opens the PDF of a campaign: what it holds, by division, and what it does not (R17)."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from shared.accounts.credentials.sealing import Sealer
from shared.clock import local, local_date, now
from shared.config import Settings
from shared.database import Database
from shared.establishments.divisions import division_codes, empty_divisions
from shared.models.notifications import SLIP_POSITION, WAITING, Campaign, DeliveryState, LetterLot, Notification
from shared.models.reasons import HELD
from shared.models.school import Division, Guardian, Student
from shared.notifications.channels.registry import PRINTED
from shared.notifications.content.sender import School, schools
from shared.notifications.letters.download import has_coupons
from shared.notifications.letters.pages import slip_html
from shared.notifications.letters.renderer import Press
from shared.notifications.mail.rendering import date_and_time
from shared.notifications.words import HELD as HELD_WORDS
from shared.notifications.words import reason_words

MOST_NAMED = 60
NO_DIVISION = "Sans division"


@dataclass(frozen=True)
class SlipLine:
    """One letter, as the slip names it when there are few."""

    division: str
    student: str
    guardian: str


@dataclass(frozen=True)
class DivisionLine:
    """The letters of one division: how many, and from which to which."""

    division: str
    letters: int
    first: int
    last: int


@dataclass(frozen=True)
class Slip:
    """What the PDF of one campaign holds."""

    school: School
    title: str
    divisions: list[DivisionLine]
    lines: list[SlipLine]
    letters: int
    left_out: dict[str, int]
    coupons: bool = False
    """They are coupons, to be cut out and given to the children."""
    nobody: tuple[tuple[str, str], ...] = ()
    """The divisions of the campaign that have no coupon, each with the reason."""


def print_missing_slips(database: Database, press: Press, sealer: Sealer, settings: Settings) -> None:
    """Print the slip of every campaign whose letters are all there, and that has none or an older one."""
    today = local_date(now(), settings.time_zone)
    with database.reading() as session:
        slips = {campaign_id: read_slip(session, campaign_id, today) for campaign_id in _without_slip(session)}
    for campaign_id, slip in slips.items():
        html = slip_html(slip=slip, printed_at=date_and_time(local(now(), settings.time_zone)))
        content = sealer.seal_bytes(press.print(html))
        with database.writing() as session:
            _replace_slip(session, campaign_id, content)


def read_slip(session: Session, campaign_id: int, today: date) -> Slip:
    """What the letters of a campaign are, in the order of the PDF."""
    campaign = session.get_one(Campaign, campaign_id)
    rows = session.execute(
        select(Notification.delivery, Notification.error, Division.code, Student, Guardian)
        .outerjoin(Student, Student.id == Notification.student_id)
        .outerjoin(Division, Division.id == Student.division_id)
        .outerjoin(Guardian, Guardian.id == Notification.guardian_id)
        .where(Notification.campaign_id == campaign_id, Notification.channel.in_(PRINTED))
        .order_by(Notification.position)
    ).all()
    lines = [
        SlipLine(code or NO_DIVISION, _name(student), _name(guardian))
        for delivery, _, code, student, guardian in rows
        if delivery is DeliveryState.PRINTED
    ]
    coupons = has_coupons(session, campaign_id)
    left_out = Counter(_told(error) for delivery, error, *_ in rows if delivery is not DeliveryState.PRINTED)
    return Slip(
        school=schools(session, [campaign.establishment_id])[campaign.establishment_id],
        title=campaign.title,
        divisions=by_division(lines),
        lines=lines if len(lines) <= MOST_NAMED else [],
        letters=len(lines),
        left_out=dict(left_out),
        coupons=coupons,
        nobody=_without_coupon(session, campaign, {line.division for line in lines}, today) if coupons else (),
    )


def _without_coupon(
    session: Session, campaign: Campaign, divisions: Collection[str], today: date
) -> tuple[tuple[str, str], ...]:
    """Whoever gives coupons out in class is told of the divisions that have none, rather than look for a page."""
    if campaign.criteria.get("reminder"):
        # Chosen one by one, whatever the division.
        return ()
    chosen = campaign.criteria.get("divisions") or division_codes(session, campaign.establishment_id)
    missing = [code for code in chosen if code not in divisions]
    empty = empty_divisions(session, campaign.establishment_id, missing, today)
    return tuple((code, "aucun élève" if code in empty else "aucun compte à notifier") for code in missing)


def by_division(lines: list[SlipLine]) -> list[DivisionLine]:
    """The letters of each division, which follow one another."""
    counts = Counter(line.division for line in lines)
    following = 1
    divisions = []
    for division, letters in counts.items():
        divisions.append(DivisionLine(division, letters, following, following + letters - 1))
        following += letters
    return divisions


def _told(error: str | None) -> str:
    """Why a letter is not there; a slip may be read by anybody, and says of nobody that a person died."""
    return HELD_WORDS if error in HELD else reason_words(error)


def _name(fiche: Student | Guardian | None) -> str:
    return f"{fiche.last_name} {fiche.first_name}".strip() if fiche else ""


def _without_slip(session: Session) -> list[int]:
    slip, lot = aliased(LetterLot), aliased(LetterLot)
    waiting = exists().where(
        Notification.campaign_id == lot.campaign_id,
        Notification.channel.in_(PRINTED),
        Notification.delivery.in_(WAITING),
    )
    return list(
        session.scalars(
            select(lot.campaign_id)
            .outerjoin(slip, (slip.campaign_id == lot.campaign_id) & (slip.first_position == SLIP_POSITION))
            .where(lot.first_position != SLIP_POSITION, ~waiting)
            .group_by(lot.campaign_id, slip.id)
            .having(or_(slip.id.is_(None), slip.id < func.max(lot.id)))
        )
    )


def _replace_slip(session: Session, campaign_id: int, content: bytes) -> None:
    # Two workers may do this at once: the second waits, and replaces the slip of the first by the same one.
    session.execute(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update()).one()
    session.execute(
        delete(LetterLot).where(LetterLot.campaign_id == campaign_id, LetterLot.first_position == SLIP_POSITION)
    )
    session.add(
        LetterLot(
            campaign_id=campaign_id, first_position=SLIP_POSITION, positions=[], content=content, created_at=now()
        )
    )
