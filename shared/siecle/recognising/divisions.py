"""Joins the spellings of the codes of divisions, between the files and with the school base."""

from typing import cast

from sqlalchemy import Table, select, update

from shared.establishments.codes.divisions import join_spellings
from shared.models.school import Division
from shared.siecle.reading.tables import DIVISIONS, PLACEMENTS
from shared.siecle.updating.school_base import Updating

DIVISION = cast("Table", Division.__table__)


def join_divisions(updating: Updating) -> None:
    """Write each division one way: one statement for each code that is written in two, which are few."""
    session = updating.session
    structures = session.scalars(select(DIVISIONS.c.code).distinct()).all()
    students = session.scalars(select(PLACEMENTS.c.division_code).distinct()).all()
    here = DIVISION.c.establishment_id == updating.establishment_id
    known = session.scalars(select(DIVISION.c.code).where(here)).all()
    joined = join_spellings(structures, students, known)
    for other, code in joined.read.items():
        session.execute(update(PLACEMENTS).where(PLACEMENTS.c.division_code == other).values(division_code=code))
    for before, code in joined.renamed.items():
        session.execute(update(DIVISION).where(here, DIVISION.c.code == before).values(code=code))
    updating.report.divisions.updated += len(joined.renamed)
