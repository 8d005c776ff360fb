"""A night goes through the schools one by one, and through no table of the whole académie for any of them."""

from typing import Any

import pytest
from sqlalchemy import update

from shared.database import Database, refresh_statistics
from shared.duplicates.pairs.whole_school import compare_school
from shared.models.school import Guardian, Guardianship, Student
from tests.benchmarks.generate_accounts import fill_school
from tests.factories import NOW, TODAY, make_establishment
from tests.plans import questions, whole_tables_read

SCHOOLS = 8


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("known", [0, 1, SCHOOLS], ids=["no INE", "the INE of one school", "every INE"])
def test_a_school_is_compared_without_reading_the_others_from_end_to_end(database: Database, known: int) -> None:
    with database.writing() as session:
        schools = [make_establishment(session, f"975000{number}A").id for number in range(SCHOOLS)]
        for school in schools:
            fill_school(session, school)
        numbers: Any = Student.siecle_id + "AB"
        session.execute(update(Student).where(Student.establishment_id.in_(schools[:known])).values(ine=numbers))
        refresh_statistics(session, Guardian, Guardianship, Student)
    with questions(database) as asked:
        compare_school(database, schools[0], now=NOW, today=TODAY, announce=True)
    assert asked
    assert whole_tables_read(database, asked) == []
