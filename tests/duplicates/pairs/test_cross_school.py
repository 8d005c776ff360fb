"""R4, R8, R12: what two schools of the académie know of one student, by INE, tells who is one person."""

from collections.abc import Iterator
from datetime import date
from itertools import count

import pytest
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.duplicates.matching.siblings import families_in, read_students
from shared.duplicates.pairs.cross_school import accounts_in_two_schools
from shared.duplicates.pairs.queries import likely_duplicates
from shared.duplicates.pairs.refresh import refresh_pairs
from shared.models.accounts import AccountState
from shared.models.school import Establishment, Guardian, Student
from tests.factories import NOW, make_account, make_establishment, make_guardian, make_student, tie


@pytest.fixture
def schools(session: Session) -> list[Establishment]:
    return [make_establishment(session), make_establishment(session, "9740002B")]


@pytest.fixture
def numbers() -> Iterator[int]:
    return count(1)


def same_student(session: Session, schools: list[Establishment], ine: str = "0123456789A") -> list[Student]:
    return [make_student(session, school, ine=ine) for school in schools]


def with_accounts(session: Session, sealer: Sealer, numbers: Iterator[int], *guardians: Guardian) -> None:
    for guardian in guardians:
        make_account(session, f"x.payet{next(numbers)}", guardian, state=AccountState.NOTIFIED, sealer=sealer)


def test_support_sees_who_has_accounts_in_two_schools_however_the_name_is_spelt(
    session: Session, sealer: Sealer, schools: list[Establishment], numbers: Iterator[int]
) -> None:
    here, there = same_student(session, schools)
    mother = make_guardian(session, schools[0], here, last_name="VELOUPOULE", first_name="Hélène", civility="MME")
    again = make_guardian(session, schools[1], there, last_name="VELOUPOULLE", first_name="Helene", civility="Mme")
    father = make_guardian(session, schools[1], there, last_name="VELOUPOULE", first_name="Paul", legal_rank=2)
    with_accounts(session, sealer, numbers, mother, again, father)
    [found] = accounts_in_two_schools(session)
    assert (found.first.guardian, found.second.guardian) == (mother, again)
    assert (found.first.establishment, found.student) == (schools[0], here)
    assert "même prénom (Hélène / Helene)" in found.likeness.reasons
    assert found.likeness.confidence >= 0.9
    # The parent merged them (R8).
    tie(session, found.first.account, schools[1].id)
    again.account_id = mother.account_id
    session.flush()
    assert accounts_in_two_schools(session) == []


def test_pages_of_them_follow_each_other_past_those_who_are_two_persons(
    session: Session, sealer: Sealer, schools: list[Establishment], numbers: Iterator[int]
) -> None:
    for family in range(4):
        here, there = same_student(session, schools, f"000000001{family}A")
        name = f"{'ABCD'[family]}RAMASSAMY"
        held = [make_guardian(session, schools[0], here, last_name=name, first_name=first) for first in ("Anne", "Éva")]
        held += [make_guardian(session, schools[1], there, last_name=name, first_name="Anne")]
        with_accounts(session, sealer, numbers, *held)
    everybody = [one.key for one in accounts_in_two_schools(session)]
    assert len(everybody) == 4
    assert [one.key for one in accounts_in_two_schools(session, limit=3, at_once=2)] == everybody[:3]
    assert [one.key for one in accounts_in_two_schools(session, after=everybody[2], at_once=1)] == everybody[3:]


@pytest.mark.parametrize("known_elsewhere", [True, False])
def test_a_parent_of_brothers_whom_another_school_knows_is_found_though_the_fiches_share_nothing_else(
    session: Session, schools: list[Establishment], known_elsewhere: bool
) -> None:
    school, before = schools
    mothers = []
    for number, (name, street) in enumerate((("HOARAU", "1 rue du Port"), ("PAYET", "9 chemin Neuf"))):
        child = make_student(session, school, last_name=name, ine=f"000000001{number}A", address_line1=street)
        mothers.append(
            make_guardian(session, school, child, last_name="TECHER", first_name="Anne", address_line1=street)
        )
    if known_elsewhere:
        of_both = [
            make_student(session, before, last_name=name, ine=f"000000001{number}A")
            for number, name in enumerate(("HOARAU", "PAYET"))
        ]
        make_guardian(session, before, of_both[0], of_both[1], last_name="TECHER", first_name="Anne")
    # The name is no rare one there.
    for first_name in ("Zoé", "Paul", "Ismaël", "Corentin", "Ludivine"):
        make_guardian(session, school, last_name="TECHER", first_name=first_name)
    for last_name in ("VIRAPIN", "FONTAINE", "MUSSARD", "ZITTE", "BEGUE"):
        make_guardian(session, school, last_name=last_name, first_name="Anne")
    refresh_pairs(session, school.id, NOW)
    found = likely_duplicates(session, school.id)
    assert [pair.key for pair in found] == ([tuple(one.id for one in mothers)] if known_elsewhere else [])
    assert all("responsables de deux enfants de la même famille" in pair.reasons for pair in found)


def test_who_has_the_ine_of_another_student_makes_nobody_a_parent_of_that_one(
    session: Session, sealer: Sealer, schools: list[Establishment], numbers: Iterator[int]
) -> None:
    here, twin, younger = (
        make_student(session, schools[0], first_name="Léa", ine="0123456789A"),
        make_student(session, schools[1], first_name="Zoé", ine="0123456789A"),
        make_student(session, schools[1], first_name="Léa", ine="0123456789A", birth_date=date(2015, 1, 1)),
    )
    mothers = [
        make_guardian(session, school, child, last_name="VELOUPOULE", first_name="Hélène")
        for school, child in ((schools[0], here), (schools[1], twin), (schools[1], younger))
    ]
    with_accounts(session, sealer, numbers, *mothers)
    assert accounts_in_two_schools(session) == []


def test_two_students_with_one_ine_are_no_brothers(session: Session, schools: list[Establishment]) -> None:
    lea, zoe, again = (
        make_student(session, schools[0], first_name="Léa", ine="0123456789A"),
        make_student(session, schools[1], last_name="HOARAU", first_name="Zoé", ine="0123456789A"),
        make_student(session, schools[1], first_name="Léa", ine="0123456789A"),
    )
    make_guardian(session, schools[1], zoe, first_name="Anne")
    families = families_in(read_students(session, Student.id.in_([lea.id, zoe.id, again.id]))).family
    assert families[lea.id] == families[again.id] != families[zoe.id]
