"""What the académie is told of ties, by school and by period (R4)."""

from datetime import timedelta

from sqlalchemy import event
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.populations import GUARDIANS, STUDENTS
from shared.accounts.ties.overseeing import Claims, claims_by_school, claims_of_school
from shared.accounts.ties.settling import A_FAMILY, confirm_tie, refuse_tie
from shared.acting.desk import Act
from shared.journal import SYSTEM
from shared.models.access.ties import ConfirmedBy, TieState
from tests.accounts.ties.families import Family, generate, make_family, tie_of
from tests.factories import NOW, TODAY, make_account, make_establishment, make_guardian, make_student, tie

LONG_AGO = NOW - timedelta(days=30)


def families(session: Session, sealer: Sealer, count: int) -> list[Family]:
    made = [make_family(session, number) for number in range(1, count + 1)]
    for family in made:
        generate(session, sealer, family.there)
    return made


def test_each_outcome_is_counted_and_accounts_made_by_a_school_itself_are_not(session: Session, sealer: Sealer) -> None:
    waits, refused, confirmed, departed = families(session, sealer, 4)
    refuse_tie(Act(session, A_FAMILY, NOW), tie_of(session, refused.account, refused.there).id)
    confirm_tie(Act(session, SYSTEM, NOW), tie_of(session, confirmed.account, confirmed.there).id, ConfirmedBy.FAMILY)
    departed.child.left_on = TODAY
    session.flush()
    generate(session, sealer, departed.there)
    told = {one.establishment.id: one for one in claims_by_school(session, LONG_AGO)}
    assert told == {
        waits.there.id: Claims(waits.there, 1, 1, 0, 0, 0, 1),
        refused.there.id: Claims(refused.there, 1, 0, 1, 0, 0, 1),
        confirmed.there.id: Claims(confirmed.there, 1, 0, 0, 0, 1, 1),
        departed.there.id: Claims(departed.there, 1, 0, 0, 1, 0, 1),
    }


def test_those_that_nobody_bore_out_come_first_and_pages_lose_and_repeat_none(session: Session, sealer: Sealer) -> None:
    made = families(session, sealer, 5)
    worst = make_establishment(session, "9741111X", "Lycée")
    for family in made[:3]:
        tie(session, family.account, worst.id, TieState.PROPOSED)
    confirm_tie(Act(session, SYSTEM, NOW), tie_of(session, made[4].account, made[4].there).id, ConfirmedBy.FAMILY)
    found, after = [], None
    while page := claims_by_school(session, LONG_AGO, after=after, limit=2):
        found += page
        after = page[-1].key
    ids = [one.establishment.id for one in found]
    assert ids == [worst.id, *(family.there.id for family in made[:4]), made[4].there.id]
    # One account in two schools that claim it, and in the one that knows it.
    assert (found[0].proposed, found[0].waiting, found[0].others) == (3, 3, 3)


def test_what_was_asked_before_the_period_is_left_out(session: Session, sealer: Sealer) -> None:
    families(session, sealer, 1)
    assert claims_by_school(session, NOW + timedelta(seconds=1)) == []
    assert len(claims_by_school(session, NOW)) == 1


def test_the_claims_of_a_school_name_both_sides_in_as_many_queries_however_many_they_are(
    session: Session, sealer: Sealer
) -> None:
    there = make_establishment(session, "9741111X", "Lycée")
    for number in range(1, 7):
        here = make_establishment(session, f"974200{number}A", f"Collège {number}")
        ine = f"{number:010d}B"
        child = make_student(session, here, first_name=f"Élève{number}", ine=ine)
        make_account(session, f"m.payet{number}", make_guardian(session, here, child))
        make_account(session, f"e.payet{number}", child)
        make_guardian(session, there, make_student(session, there, first_name=f"Élève{number}", ine=ine))
    for population in (GUARDIANS, STUDENTS):
        generate(session, sealer, there, population)
    school_id = there.id
    asked: list[int] = []
    for limit in (2, 12):
        statements: list[str] = []
        listen = lambda *arguments, into=statements: into.append(arguments[2])  # noqa: E731
        event.listen(session.get_bind(), "before_cursor_execute", listen)
        claims = claims_of_school(session, school_id, TieState.PROPOSED, limit=limit)
        event.remove(session.get_bind(), "before_cursor_execute", listen)
        asked.append(len(statements))
        assert len(claims) == limit
    assert asked[0] == asked[1] <= 4
    assert [one.others[0].name for one in claims] == [f"Collège {number}" for number in range(1, 7)] * 2
    assert [len(one.persons) for one in claims] == [1] * 12
    again = claims_of_school(session, there.id, TieState.PROPOSED, after=claims[9].tie.id)
    assert [one.tie.id for one in again] == [one.tie.id for one in claims[10:]]
    assert claims_of_school(session, there.id, TieState.REFUSED) == []
