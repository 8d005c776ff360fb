"""What a family is asked to prove itself by: when one of its children was born."""

from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from shared.models.school import Guardian, Guardianship, Student
from shared.persons.presence import present


def birth_dates_of(account_id: Any, today: date) -> Select[date | None]:  # noqa: ANN401 - a number, or a column
    """The birth dates of the present students that an account is legal guardian of, in whichever school."""
    # Tables of their own: the query around may read fiches as well.
    fiche, child = aliased(Guardian), aliased(Student)
    return (
        select(child.birth_date)
        .join(Guardianship, Guardianship.student_id == child.id)
        .join(fiche, fiche.id == Guardianship.guardian_id)
        .where(
            fiche.account_id == account_id,
            fiche.gone_at.is_(None),
            Guardianship.gone_at.is_(None),
            Guardianship.legal_rank.is_not(None),
            present(child, today),
            child.birth_date.is_not(None),
        )
    )
