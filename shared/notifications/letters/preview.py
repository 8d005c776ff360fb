"""Letters to look at before any is printed: to an invented family, or to the family of the school that has most to say.

No account is read for them, so no identifier and no password of anybody is shown (R3, R20).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, desc, func, select
from sqlalchemy.orm import Session

from shared.accounts.directory.states import expiry_date
from shared.config import Settings
from shared.models.accounts import AccountKind
from shared.models.letters import LetterKind
from shared.models.school import Division, Guardian, Guardianship, Student
from shared.notifications.content.addresses import postal_lines
from shared.notifications.content.notice import Child, Notice
from shared.notifications.content.sender import schools
from shared.notifications.content.texts import type_of
from shared.notifications.letters.logo import current_logo
from shared.notifications.letters.own_texts import own_texts
from shared.notifications.letters.pages import OwnTexts, Sender, sender
from shared.persons.civilities import spoken
from shared.persons.presence import present

SAMPLE_IDENTIFIER = "c.exemple"
SAMPLE_PASSWORD = "abcd-2346-wxyz"  # noqa: S105 - it opens nothing
# As long as the longest that can be given (R2).
LONGEST_IDENTIFIER = "m" * 40 + ".99"


@dataclass(frozen=True)
class Family:
    """Whom a sample is written to."""

    civility: str | None
    name: str
    address: Sequence[str]
    children: Sequence[Child]
    identifier: str = SAMPLE_IDENTIFIER


GUARDIAN = Family(
    "Madame",
    "Camille EXEMPLE",
    ("Résidence des Lilas", "12 rue de l'Exemple", "97400 SAINT-DENIS"),
    (Child("Léo EXEMPLE", "6A"), Child("Zoé EXEMPLE", "3B")),
)
STUDENT = Family(None, "Léo EXEMPLE", GUARDIAN.address, (Child("Léo EXEMPLE", "6A"),))


def sample_sender(
    session: Session, establishment_id: int, settings: Settings, today: date, texts: OwnTexts | None = None
) -> Sender:
    """The establishment as the sender; `texts` are tried in place of those it saved."""
    [school] = schools(session, [establishment_id]).values()
    saved = own_texts(session, [establishment_id])[establishment_id]
    logo = current_logo(session, establishment_id).logo
    return sender(school, saved | dict(texts or {}), settings.public_portal_url, today, logo)


def sample_notice(letter: LetterKind, family: Family, today: date) -> Notice:
    """What would be notified to `family` today."""
    of = type_of(letter)
    return Notice(
        id=0,
        account_id=0,
        establishment_id=0,
        recipient=None,
        position=1,
        text=of.text,
        kind=of.kind,
        civility=family.civility,
        name=family.name,
        address=tuple(family.address),
        identifier=family.identifier,
        initial_password=SAMPLE_PASSWORD if of.shows.shows_password else None,
        children=tuple(family.children),
        deadline=expiry_date(today) if of.shows.has_deadline else None,
        carried_by=next(iter(family.children), Child("", None)),
    )


def invented_family(letter: LetterKind) -> Family:
    """A family of the usual size."""
    return GUARDIAN if type_of(letter).kind is AccountKind.GUARDIAN else STUDENT


def longest_family(session: Session, establishment_id: int, letter: LetterKind, today: date) -> Family:
    """The family of the school with most children in it, then with the longest name; the invented one if it has none.

    Its name, address and children are real; the identifier is as long as any can be, and nobody's.
    """
    if type_of(letter).kind is AccountKind.STUDENT:
        return _longest_student(session, establishment_id, today)
    guardian = session.scalar(
        select(Guardian)
        .join(Guardianship, Guardianship.guardian_id == Guardian.id)
        .join(Student, Student.id == Guardianship.student_id)
        .where(Guardian.gone_at.is_(None), *_named(establishment_id, today))
        .group_by(Guardian.id)
        .order_by(desc(func.count(Student.id)), desc(_length_of_name(Guardian)), Guardian.id)
        .limit(1)
    )
    if guardian is None:
        return GUARDIAN
    children = session.execute(
        select(Student, Division.code)
        .join(Guardianship, Guardianship.student_id == Student.id)
        .outerjoin(Division, Division.id == Student.division_id)
        .where(Guardianship.guardian_id == guardian.id, *_named(establishment_id, today))
        .order_by(Student.birth_date.nulls_last(), Student.id)
    )
    named = tuple(Child(student.full_name, code) for student, code in children)
    return Family(spoken(guardian.civility), guardian.full_name, postal_lines(guardian), named, LONGEST_IDENTIFIER)


def _named(establishment_id: int, today: date) -> tuple[ColumnElement[bool], ...]:
    """The links that letters name a child by."""
    return (
        Guardianship.establishment_id == establishment_id,
        Student.establishment_id == establishment_id,
        Guardianship.gone_at.is_(None),
        Guardianship.legal_rank.is_not(None),
        present(Student, today),
    )


def _longest_student(session: Session, establishment_id: int, today: date) -> Family:
    row = session.execute(
        select(Student, Division.code)
        .outerjoin(Division, Division.id == Student.division_id)
        .where(Student.establishment_id == establishment_id, present(Student, today))
        .order_by(desc(_length_of_name(Student)), Student.id)
        .limit(1)
    ).first()
    if row is None:
        return STUDENT
    student, code = row
    child = Child(student.full_name, code)
    return Family(None, student.full_name, postal_lines(student), (child,), LONGEST_IDENTIFIER)


def _length_of_name(table: type[Guardian] | type[Student]) -> ColumnElement[int]:
    return func.length(func.coalesce(table.usage_name, table.family_name)) + func.length(table.first_name)
