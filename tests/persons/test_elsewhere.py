"""R31: who of one school is the same student in another."""

from datetime import date

from sqlalchemy.orm import Session

from shared.models.school import Student
from shared.persons.elsewhere import same_students_elsewhere, students_with_one_ine
from tests.factories import make_establishment, make_student

INE = "0123456789A"
BORN = date(2012, 1, 1)


def test_the_same_student_is_found_in_two_other_schools_and_nobody_by_the_ine_alone(session: Session) -> None:
    here, *others = (make_establishment(session, uai) for uai in ("9740001A", "9740002B", "9740003C"))
    leo = make_student(session, here, None, "HOARAU", "Léo", ine=INE, birth_date=BORN)
    same = [make_student(session, school, None, "Hoarau", "LEO", ine=INE, birth_date=BORN) for school in others]
    zoe = make_student(session, others[0], None, "PAYET", "Zoé", ine=INE, birth_date=date(2014, 6, 5))
    twin = make_student(session, others[1], None, "HOARAU", "Lou", ine=INE, birth_date=BORN)
    make_student(session, here, None, "HOARAU", "Léo", ine=INE, birth_date=BORN)
    nobody = make_student(session, here, None, "TECHER", "Max", birth_date=BORN)
    make_student(session, others[0], None, "TECHER", "Max", birth_date=BORN)
    assert same_students_elsewhere(session, Student.id == leo.id) == [(leo.id, one.id) for one in same]
    others_with_it = [one for one in students_with_one_ine(session, Student.id == leo.id) if not one.verdict.same]
    assert [(one.elsewhere_id, one.verdict.reasons) for one in others_with_it] == [
        (zoe.id, ("dates de naissance différentes", "noms et prénoms différents")),
        (twin.id, ("prénoms différents",)),
    ]
    assert same_students_elsewhere(session, Student.id == nobody.id) == []
