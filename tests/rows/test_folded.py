"""Words looked for in what people wrote: capitals and accents do not matter, on either database."""

import pytest
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from shared.rows.folded import says

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("École Édouard-Herriot", "ecole"),
        ("École Édouard-Herriot", "ÉDOUARD"),
        ("ECOLE", "école"),
        ("Collège du Sacré-Cœur", "coeur"),
        ("Collège du Sacre-Coeur", "CŒUR"),
        ("Lycée Françoise-d'Eaubonne", "francoise-d'"),
        ("Collège Mahabou – Ōtepa", "otepa"),
        ("Collège Noe\u0308l", "noël"),
        ("Taux de 100 %", "100 %"),
        ("NGUYỄN", "nguyen"),
        ("Nguye\u0302\u0303n", "NGUYỄN"),
        ("Collège ΈΛΛΗΝ", "έλλην"),
    ],
)
def test_what_is_typed_finds_what_was_written(session: Session, written: str, typed: str) -> None:
    assert session.scalar(select(says(literal(written), typed)))


@pytest.mark.parametrize(("written", "typed"), [("Taux de 100 euros", "100 %"), ("École", "école 1"), ("a_b", "axb")])
def test_it_finds_nothing_else(session: Session, written: str, typed: str) -> None:
    assert not session.scalar(select(says(literal(written), typed)))


@pytest.mark.parametrize(
    "written",
    ["ØRSTED", "Łódź", "ĐÀ", "ŊO", "ÞÓR", "ÐI", "ĲSSEL", "ƁANGA", "ƊAGO", "STRAẞE", "ΟΔΟΣ", "ШКОЛА", "a\u030c", "Ǆ"],
)
def test_what_is_typed_as_it_was_written_is_found(session: Session, written: str) -> None:
    assert session.scalar(select(says(literal(f"à {written} b"), written)))
