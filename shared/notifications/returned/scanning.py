"""Envelopes that came back, scanned one after the other: each is noted once, or it is said why not (R27, R28)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select, update
from sqlalchemy.orm import Session

from shared.accounts.directory.corrections import written_address
from shared.accounts.populations import Population
from shared.acting.desk import Desk
from shared.models.accounts import AccountKind
from shared.models.journal import Action
from shared.models.notifications import Campaign, Notification
from shared.models.school import Guardian, Student
from shared.models.sending.posted import PostedLetter
from shared.notifications.channels.registry import CHANNELS
from shared.notifications.content.addresses import postal_lines
from shared.notifications.content.reference import LENGTH, WrongReference, in_groups, number_of, reference_of
from shared.refusals import Refusal

SHOWN = 20
"""Of those scanned last."""
LONGEST_SAID = 30
YEAR_BEGINS = (7, 1)
"""Month and day: letters of before are about the school year that is over."""
OTHERS = {AccountKind.GUARDIAN: "à un responsable", AccountKind.STUDENT: "à un élève"}


class CannotReturn(Refusal):
    """A reference that marks nothing; the message says why, and what to do."""


class LetterNotFound(Exception):
    """There is no such letter in this establishment."""


@dataclass(frozen=True)
class ReturnedLetter:
    """A letter that came back."""

    notification_id: int
    reference: str
    """As people read it."""
    campaign_id: int
    fiche: Guardian | Student
    account_id: int | None
    returned_at: datetime
    returned_by: str
    is_same_address: bool
    """The base still has the address that it came back from."""

    @property
    def address(self) -> str:
        """Where the fiche lives, as the base says now, in one line."""
        return ", ".join(postal_lines(self.fiche))


@dataclass(frozen=True)
class Scanned:
    """What became of one envelope."""

    letter: ReturnedLetter
    is_new: bool
    """False when it was scanned before: nothing was changed."""


def note_returned(desk: Desk, population: Population, typed: str) -> Scanned:
    """Note that the letter of this reference came back, once however often it is scanned.

    Raises:
        CannotReturn: it is no reference, or none of a letter of this population, of this establishment and this year.
    """
    number = _number(typed)
    posted = _posted(desk, population, number)
    noted = desk.session.scalar(
        update(PostedLetter)
        .where(PostedLetter.notification_id == posted, PostedLetter.returned_at.is_(None))
        .values(returned_at=desk.now, returned_by=desk.actor.name[:200])
        .returning(PostedLetter.notification_id)
    )
    letter = _one(desk, population, posted)
    if letter is None:
        raise CannotReturn(_UNKNOWN)
    if noted is not None:
        _note(desk, Action.LETTER_RETURNED, letter)
    return Scanned(letter, is_new=noted is not None)


def take_back(desk: Desk, population: Population, notification_id: int) -> ReturnedLetter:
    """Undo a scan: the address is written to again.

    Raises:
        LetterNotFound: no letter of this establishment has that number.
        CannotReturn: it is not noted as returned.
    """
    posted = desk.session.get(PostedLetter, notification_id)
    if posted is None or posted.establishment_id != desk.establishment_id:
        raise LetterNotFound
    letter = _one(desk, population, notification_id)
    if letter is None:
        raise CannotReturn("Ce courrier n'est pas noté comme revenu : quelqu'un l'a peut-être déjà rétabli.")
    desk.session.execute(
        update(PostedLetter)
        .where(PostedLetter.notification_id == notification_id)
        .values(returned_at=None, returned_by=None)
    )
    _note(desk, Action.LETTER_RETURN_UNDONE, letter)
    return letter


def last_returned(
    session: Session, establishment_id: int, population: Population, *, limit: int = SHOWN
) -> list[ReturnedLetter]:
    """Those scanned last, the newest first; one query."""
    newest = (PostedLetter.returned_at.desc(), PostedLetter.notification_id.desc())
    rows = session.execute(_letters(establishment_id, population).order_by(*newest).limit(limit))
    return [_letter(row) for row in rows]


def returned_among(session: Session, notification_ids: Collection[int]) -> dict[int, PostedLetter]:
    """Those of these notifications whose letter came back, by number; one query."""
    rows = session.scalars(
        select(PostedLetter).where(
            PostedLetter.notification_id.in_(notification_ids), PostedLetter.returned_at.is_not(None)
        )
    )
    return {row.notification_id: row for row in rows}


_UNKNOWN = (
    "Aucun courrier de cet établissement n'a cette référence : l'enveloppe vient peut-être d'un autre établissement, "
    "ou la fiche a été effacée depuis. Rien n'a été noté."
)
_OTHER_TAB = "Ce courrier était adressé {} : ouvrez « Courriers revenus » dans l'autre onglet. Rien n'a été noté."
_NO_ENVELOPE = "Cette référence est celle d'une notification sans enveloppe ({}). Rien n'a été noté."
_NOT_PRINTED = "Le courrier de cette référence n'a pas été imprimé. Rien n'a été noté."
_LAST_YEAR = (
    "Ce courrier est d'une année scolaire passée ({:%d/%m/%Y}) : l'adresse a pu être corrigée depuis. "
    "Rien n'a été noté."
)


def _number(typed: str) -> int:
    signs = "".join(typed.split())
    try:
        return number_of(typed)
    except WrongReference:
        said = signs[:LONGEST_SAID] + ("…" if len(signs) > LONGEST_SAID else "")
        why = (
            "un de ses signes est mal lu ou mal tapé"
            if len(signs) == LENGTH
            else f"elle a {LENGTH} signes, comme {in_groups(reference_of(1))}"
        )
        raise CannotReturn(
            f"« {said} » n'est pas une référence de courrier : {why}. Recommencez avec celle qui est au-dessus de "
            "l'adresse. Rien n'a été noté."
        ) from None


def _posted(desk: Desk, population: Population, number: int) -> int:
    """The number, where a letter to somebody of this population was printed and posted under it, this year."""
    found = desk.session.execute(
        select(Notification.channel, PostedLetter.notification_id, Campaign.created_at, Campaign.criteria)
        .join(Campaign, Campaign.id == Notification.campaign_id)
        .outerjoin(PostedLetter, PostedLetter.notification_id == Notification.id)
        .where(Notification.id == number, Notification.establishment_id == desk.establishment_id)
    ).one_or_none()
    if found is None:
        raise CannotReturn(_UNKNOWN)
    kind = AccountKind(found.criteria["kind"])
    if kind is not population.kind:
        raise CannotReturn(_OTHER_TAB.format(OTHERS[kind]))
    if found.notification_id is None:
        one = CHANNELS[found.channel]
        raise CannotReturn(_NOT_PRINTED if one.writes_to_homes else _NO_ENVELOPE.format(one.words.name.lower()))
    if found.created_at.date() < _year_began(desk.today):
        raise CannotReturn(_LAST_YEAR.format(found.created_at))
    return number


def _year_began(today: date) -> date:
    begins = date(today.year, *YEAR_BEGINS)
    return begins if today >= begins else begins.replace(year=today.year - 1)


def _one(desk: Desk, population: Population, notification_id: int) -> ReturnedLetter | None:
    wanted = _letters(desk.establishment_id, population).where(PostedLetter.notification_id == notification_id)
    row = desk.session.execute(wanted).one_or_none()
    return _letter(row) if row else None


def _letters(establishment_id: int, population: Population) -> Select[Any]:
    fiche: Any = population.fiche
    is_guardian = population.kind is AccountKind.GUARDIAN
    owner = Notification.guardian_id if is_guardian else Notification.student_id
    letters = (
        select(Notification, fiche, PostedLetter, (PostedLetter.address == written_address(fiche)).label("is_same"))
        .select_from(PostedLetter)
        .join(Notification, Notification.id == PostedLetter.notification_id)
        .join(fiche, fiche.id == owner)
        .where(PostedLetter.establishment_id == establishment_id, PostedLetter.returned_at.is_not(None))
    )
    return letters if is_guardian else letters.where(Notification.guardian_id.is_(None))


def _letter(row: Row[*tuple[Any, ...]]) -> ReturnedLetter:
    notification, fiche, posted, is_same = row
    return ReturnedLetter(
        notification_id=notification.id,
        reference=in_groups(reference_of(notification.id)),
        campaign_id=notification.campaign_id,
        fiche=fiche,
        account_id=notification.account_id,
        returned_at=posted.returned_at,
        returned_by=posted.returned_by or "",
        is_same_address=is_same,
    )


def _note(desk: Desk, action: Action, letter: ReturnedLetter) -> None:
    details = {"campaign": letter.campaign_id, "reference": letter.reference}
    desk.note(action, account_id=letter.account_id, subject=letter.fiche.full_name, details=details)
