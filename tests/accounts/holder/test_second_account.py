"""A parent with two accounts is told that there may be a second one; nobody else is."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.holder.second_account import may_have_second_account
from shared.models.accounts import Account, AccountState
from tests.factories import make_account, make_establishment, make_guardian, make_student

ELSEWHERE = {"address_line1": "1 rue du Port"}


@pytest.fixture
def marie(session: Session) -> Account:
    school = make_establishment(session)
    child = make_student(session, school, ine="0123456789A")
    fiche = make_guardian(session, school, child, email="marie@example.org", mobile_phone="0692 00 00 01")
    return make_account(session, "m.payet", fiche)


def another(
    session: Session, first_name: str = "Marie", child: str = "Tom", ine: str | None = None, **columns: Any
) -> Account:
    school = make_establishment(session, "9740002B")
    student = make_student(session, school, first_name=child, ine=ine)
    fiche = make_guardian(session, school, student, first_name=first_name, **{**ELSEWHERE, **columns})
    return make_account(session, "m.payet1", fiche)


@pytest.mark.parametrize(
    "shared",
    [
        {"email": "marie@example.org"},
        {"mobile_phone": "0692 00 00 01"},
        {"address_line1": "3 chemin des Lilas"},
        {"ine": "0123456789A", "child": "Léa"},
        {"first_name": "MARIE", "email": "marie@example.org"},
    ],
    ids=["e-mail", "telephone", "address", "child", "other spelling"],
)
def test_the_same_names_and_one_thing_in_common_are_likely_one_parent(
    session: Session, marie: Account, shared: dict[str, str]
) -> None:
    second = another(session, **shared)
    assert may_have_second_account(session, marie)
    assert may_have_second_account(session, second)


def test_the_same_address_given_to_both_accounts_is_enough(session: Session, marie: Account) -> None:
    another(session).email = marie.email
    session.flush()
    assert may_have_second_account(session, marie)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"first_name": "Paul", "email": "marie@example.org", "child": "Léa", "ine": "0123456789A"},
        {"child": "Tom", "ine": "0123456789A"},
    ],
    ids=["namesake", "spouse", "namesake of whom a child has the INE of another"],
)
def test_namesakes_and_spouses_are_not(session: Session, marie: Account, other: dict[str, str]) -> None:
    another(session, **other)
    assert not may_have_second_account(session, marie)


def test_an_account_merged_already_is_not_a_second_one(session: Session, marie: Account) -> None:
    second = another(session, email="marie@example.org")
    second.state, second.merged_into_id = AccountState.MERGED, marie.id
    session.flush()
    assert not may_have_second_account(session, marie)


def test_one_that_was_never_used_counts_and_a_students_never_does(
    session: Session, marie: Account, sealer: Sealer
) -> None:
    school = make_establishment(session, "9740002B")
    student = make_student(session, school, last_name="PAYET", first_name="Marie", email="marie@example.org")
    of_student = make_account(session, "m.payet1", student)
    assert not may_have_second_account(session, marie)
    assert not may_have_second_account(session, of_student)
    unused = make_guardian(session, school, email="marie@example.org", **ELSEWHERE)
    make_account(session, "m.payet2", unused, state=AccountState.NOTIFIED, sealer=sealer)
    assert may_have_second_account(session, marie)


def test_two_namesakes_have_nothing_in_common_in_that_neither_gave_an_address(session: Session, marie: Account) -> None:
    marie.email = another(session).email = None
    session.flush()
    assert not may_have_second_account(session, marie)
