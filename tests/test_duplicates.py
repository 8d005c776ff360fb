"""R11, R12: likely duplicates of an establishment, by last and first name."""

from sqlalchemy import event
from sqlalchemy.orm import Session

from shared.duplicates.detection import count_untreated, likely_duplicates
from tests.factories import NOW, make_establishment, make_guardian, make_student


def test_spelling_usage_names_and_comments_do_not_hide_a_duplicate(session: Session) -> None:
    school = make_establishment(session)
    make_guardian(session, school, last_name="VELOU", first_name="Marie", mobile_phone="0692 00 00 01")
    make_guardian(session, school, last_name="VÉLOU (mère de Léa)", first_name="marie", mobile_phone="+262692000001")
    make_guardian(session, school, last_name="PAYET", usage_name="VELOU", first_name="Marie")
    assert count_untreated(session, school.id) == 3
    certain = max(likely_duplicates(session, school.id), key=lambda pair: pair.confidence)
    assert certain.reasons == (
        "même nom et même prénom (Marie VELOU / marie VÉLOU (mère de Léa))",
        "même portable",
        "même adresse",
    )


def test_spouses_gone_fiches_and_other_schools_are_no_duplicates(session: Session) -> None:
    school, other = make_establishment(session), make_establishment(session, "9740002B")
    student = make_student(session, school)
    make_guardian(session, school, student, first_name="Marie")
    make_guardian(session, school, student, first_name="Paul", legal_rank=2)
    make_guardian(session, school, first_name="Marie", gone_at=NOW)
    make_guardian(session, other, first_name="Marie")
    make_guardian(session, school, last_name="PAYET", first_name="")
    make_guardian(session, school, last_name="PAYET", first_name="")
    assert count_untreated(session, school.id) == 0


def test_pages_of_pairs_follow_each_other_in_as_many_queries(session: Session) -> None:
    school = make_establishment(session)
    for _ in range(4):
        make_guardian(session, school)
    statements: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    first = likely_duplicates(session, school.id, limit=4)
    rest = likely_duplicates(session, school.id, after=first[-1].key)
    assert len(statements) == 4
    assert len({pair.key for pair in first + rest}) == count_untreated(session, school.id) == 6
