"""What a word typed by staff asks of the database: conditions on the fiches of one establishment (R19)."""

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, false, func, or_, select

from shared.accounts.directory.typed import INSIDE, Word, phone_part, words_in
from shared.accounts.populations import Population
from shared.models.accounts import Account
from shared.models.school import Division, Guardian, Guardianship, Student
from shared.rows.folded import folded

_DIGITS_OF_A_PHONE = 4
_BETWEEN_LETTERS_OF_A_DIVISION = " -_./"


def holds_every_word(establishment_id: int, population: Population, text: str) -> ColumnElement[bool]:
    """Whether a fiche of the establishment, with its account, holds every word of `text`; none does of signs alone.

    The fiches are found first, by themselves: joined with their accounts, those of the whole académie might be read.
    """
    fiche: Any = population.fiche
    words = words_in(text)
    if not words:
        return false()
    found = select(fiche.id).select_from(fiche).outerjoin(Account, Account.id == fiche.account_id)
    conditions = (holds(establishment_id, population, word) for word in words)
    found = found.where(fiche.establishment_id == establishment_id, *conditions)
    matched: ColumnElement[bool] = fiche.id.in_(found.correlate(None))
    return matched


def holds(establishment_id: int, population: Population, word: Word) -> ColumnElement[bool]:
    """Whether a fiche, joined with its account, holds one word typed, anywhere it may be."""
    fiche: Any = population.fiche
    found = [*_in_names(fiche, word), *_in_account(word), *_in_email(fiche.email, word)]
    found.append(fiche.siecle_id.startswith(word.compact, autoescape=True))
    found.append(fiche.former_siecle_id.startswith(word.compact, autoescape=True))
    if len(word.digits) >= _DIGITS_OF_A_PHONE:
        phones = fiche.mobile_phone, fiche.home_phone, fiche.work_phone
        found += [func.replace(phone, " ", "").contains(phone_part(word.digits), autoescape=True) for phone in phones]
    if fiche is Guardian:
        children = select(Guardianship.guardian_id).join(Student, Student.id == Guardianship.student_id)
        # Said of the students, not of the links: whoever looks names up among all students reads the whole académie.
        children = children.where(Student.establishment_id == establishment_id, Guardianship.gone_at.is_(None))
        found.append(Guardian.id.in_(children.where(or_(*_in_student(establishment_id, word)))))
    else:
        found += [Student.ine.istartswith(word.compact, autoescape=True), _in_division(establishment_id, word)]
    return or_(*found)


def _in_student(establishment_id: int, word: Word) -> list[ColumnElement[bool]]:
    return [*_in_names(Student, word), _in_division(establishment_id, word)]


def _in_names(fiche: Any, word: Word) -> list[ColumnElement[bool]]:  # noqa: ANN401 - one of two mapped classes
    keys = fiche.name_key, fiche.birth_name_key
    exact = [and_(*(is_in_name(key, part) for part in word.parts)) for key in keys]
    return exact + [_is_a_word(key, name) for key in keys for name in sorted(word.alike)]


def _in_account(word: Word) -> list[ColumnElement[bool]]:
    if len(word.raw) < INSIDE:
        return [Account.identifier.startswith(word.raw, autoescape=True)]
    return [Account.identifier.contains(word.raw, autoescape=True), *_in_email(Account.email, word)]


def _in_email(column: SQLColumnExpression[str | None], word: Word) -> list[ColumnElement[bool]]:
    return [func.lower(column).contains(word.raw, autoescape=True)] if len(word.raw) >= INSIDE else []


def _in_division(establishment_id: int, word: Word) -> ColumnElement[bool]:
    """« 6 A » is found by `6a`, whatever stands between the letters, and « 6ÈME A » by `6emea`."""
    code = folded(Division.code)
    for sign in _BETWEEN_LETTERS_OF_A_DIVISION:
        code = func.replace(code, sign, "")
    called = select(Division.id).where(Division.establishment_id == establishment_id, code == word.compact)
    return Student.division_id.in_(called)


def is_in_name(key: SQLColumnExpression[str], part: str) -> ColumnElement[bool]:
    """As `typed.is_in`, in the database."""
    return key.contains(part, autoescape=True) if len(part) >= INSIDE else begins_a_word(key, part)


def begins_a_word(key: SQLColumnExpression[str], part: str) -> ColumnElement[bool]:
    """Whether a word of a folded name begins so."""
    return or_(key.startswith(part, autoescape=True), key.contains(f" {part}", autoescape=True))


def _is_a_word(key: SQLColumnExpression[str], name: str) -> ColumnElement[bool]:
    return (" " + key + " ").contains(f" {name} ", autoescape=True)
