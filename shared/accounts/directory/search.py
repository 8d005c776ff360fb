"""Finding a family of one establishment by whatever of it somebody remembers (R19).

The words typed are looked for in any order and anywhere in a name, accents or not, in the names and divisions of the
students, in identifiers, addresses, telephones, and the numbers of SIECLE. Each query reads the fiches of the one
establishment through an index, so that its cost follows the size of the school and never that of the académie; nothing
has to be kept in line when a fiche changes.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import Session

from shared.accounts.directory.listing import Child, children_of
from shared.accounts.directory.search_conditions import begins_a_word, holds, is_in_name
from shared.accounts.directory.typed import Said, Where, Word, names_alike, where_found, words_in
from shared.accounts.populations import Fiche, Population
from shared.models.accounts import Account
from shared.models.school import Guardian, Student
from shared.persons.names import fold

MOST = 50


@dataclass(frozen=True)
class Hit:
    """A fiche found, with its account when it has one, and in what each word was found."""

    population: Population
    fiche: Fiche
    account: Account | None
    children: Sequence[Child]
    why: Sequence[tuple[str, Where]]
    """Each word as it was typed, and where it is."""
    rank: int
    """The lower, the nearer to what was typed."""


def find_families(
    session: Session,
    establishment_id: int,
    populations: Collection[Population],
    text: str,
    today: date,
    *,
    limit: int = MOST,
) -> list[Hit]:
    """Up to `limit` fiches of these populations that hold every word of `text`, nearest first, then by name.

    Those that left or were fused are found as long as they have an account. Where nothing holds the words as they were
    typed, names that a slip makes of them do (`typed.names_alike`). Nothing is found of nothing typed.
    """
    words = words_in(text)
    if not words:
        return []
    hits = _hits(session, establishment_id, populations, words, today, limit)
    if not hits:
        forgiving = _with_names_alike(session, establishment_id, words)
        if any(word.alike for word in forgiving):
            hits = _hits(session, establishment_id, populations, forgiving, today, limit)
    return sorted(hits, key=lambda hit: (hit.rank, hit.fiche.name_key, hit.fiche.id))[:limit]


def _hits(
    session: Session,
    establishment_id: int,
    populations: Collection[Population],
    words: Sequence[Word],
    today: date,
    limit: int,
) -> list[Hit]:
    hits: list[Hit] = []
    for population in populations:
        rows = session.execute(_chosen(establishment_id, population, words).limit(limit)).all()
        children = children_of(session, [fiche for fiche, _, _ in rows], today)
        for fiche, account, rank in rows:
            own = children.get(fiche.id, [])
            hits.append(Hit(population, fiche, account, own, _why(words, fiche, account, own), rank))
    return hits


def _chosen(establishment_id: int, population: Population, words: Sequence[Word]) -> Select[Any]:
    fiche: Any = population.fiche
    rank = _rank(fiche, words)
    return (
        select(fiche, Account, rank)
        .outerjoin(Account, Account.id == fiche.account_id)
        .where(
            fiche.establishment_id == establishment_id,
            or_(fiche.gone_at.is_(None), fiche.account_id.is_not(None)),
            *(holds(establishment_id, population, word) for word in words),
        )
        .order_by(rank, fiche.name_key, fiche.id)
    )


def _rank(fiche: Any, words: Sequence[Word]) -> ColumnElement[int]:  # noqa: ANN401 - one of two mapped classes
    """A name that begins so, then names of which every word begins so, then names, then all the rest."""
    whole = " ".join(part for word in words for part in word.parts)
    keys = fiche.name_key, fiche.birth_name_key
    return case(
        (or_(*(key.startswith(whole, autoescape=True) for key in keys)), 0),
        (or_(*(and_(*(begins_a_word(key, part) for word in words for part in word.parts)) for key in keys)), 1),
        (or_(*(and_(*(is_in_name(key, part) for word in words for part in word.parts)) for key in keys)), 2),
        else_=3,
    )


def _with_names_alike(session: Session, establishment_id: int, words: Iterable[Word]) -> list[Word]:
    """The words with the names of the establishment that a slip makes of them, in two queries."""
    names: set[str] = set()
    for fiche in (Guardian, Student):
        keys = select(fiche.name_key, fiche.birth_name_key).where(fiche.establishment_id == establishment_id)
        names.update(name for row in session.execute(keys) for key in row for name in key.split())
    return [replace(word, alike=names_alike(word, names)) for word in words]


def _why(
    words: Iterable[Word], fiche: Fiche, account: Account | None, children: Iterable[Child]
) -> list[tuple[str, Where]]:
    addresses = fiche.email, account.email if account else None
    phones = fiche.mobile_phone, fiche.home_phone, fiche.work_phone
    said = Said(
        {Where.NAME: fiche.name_key, Where.BIRTH_NAME: fiche.birth_name_key},
        [(fold(child.name), fold(child.division or "").replace(" ", "")) for child in children],
        {
            Where.IDENTIFIER: [account.identifier] if account else [],
            Where.EMAIL: [one.lower() for one in addresses if one],
            Where.PHONE: [one.replace(" ", "") for one in phones if one],
            Where.FICHE: [one for one in (fiche.siecle_id, fiche.former_siecle_id) if one],
            Where.INE: [fiche.ine.lower()] if isinstance(fiche, Student) and fiche.ine else [],
        },
    )
    found = ((word.raw, where_found(word, said)) for word in words)
    return [(raw, where) for raw, where in found if where is not None]
