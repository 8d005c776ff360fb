"""R31: who of one school is the same student in another."""

from datetime import date

from sqlalchemy.orm import Session

from shared.models.school import Student
from shared.persons.elsewhere import students_with_one_ine
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
    found = list(students_with_one_ine(session, Student.id == leo.id))
    assert [(one.student_id, one.elsewhere_id) for one in found if one.verdict.same] == [
        (leo.id, one.id) for one in same
    ]
    others_with_it = [one for one in found if not one.verdict.same]
    assert [(one.elsewhere_id, one.verdict.reasons) for one in others_with_it] == [
        (zoe.id, ("dates de naissance différentes", "noms et prénoms différents")),
        (twin.id, ("prénoms différents",)),
    ]
    assert list(students_with_one_ine(session, Student.id == nobody.id)) == []
