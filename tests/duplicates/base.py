"""Rows that a treatment may touch, to be compared before and after, and pairs of a given confidence to treat."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database import Base
from shared.duplicates.fusion.fuse import Wanted, fuse_fiches
from shared.journal import COMMAND
from shared.models.duplicates import DuplicatePair
from shared.models.fusions import Fusion
from shared.models.school import Guardian
from tests.factories import NOW, at_desk

OF_THE_SCHOOL = (
    "guardian",
    "guardianship",
    "waiting_link",
    "account",
    "account_tie",
    "proposed_fiche",
    "notification",
    "mailed_link",
    "account_session",
)


def dump(session: Session, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables of the school base, of the accounts and of the notifications."""
    session.flush()
    metadata = Base.metadata.tables
    return {
        name: sorted((tuple(row) for row in session.execute(select(metadata[name]))), key=repr)
        for name in tables or OF_THE_SCHOOL
    }


def fuse(session: Session, kept: Guardian, *absorbed: Guardian, **choices: Guardian) -> Fusion:
    """Fuse as staff would; `choices` name the fiche that a part is taken from."""
    wanted = Wanted(kept.id, tuple(one.id for one in absorbed), {name: one.id for name, one in choices.items()})
    return fuse_fiches(at_desk(session, kept.establishment_id, NOW, COMMAND), wanted)


def make_pair(session: Session, one: Guardian, other: Guardian, confidence: float = 0.9) -> DuplicatePair:
    """What the detection would have left."""
    first, second = sorted((one.id, other.id))
    pair = DuplicatePair(
        establishment_id=one.establishment_id,
        first_id=first,
        second_id=second,
        confidence=confidence,
        reasons=["même nom"],
        against=["autre adresse"],
        detected_at=NOW,
    )
    session.add(pair)
    session.flush()
    return pair
