"""R31: accounts of a base of before that look crossed are listed, those whose holder's name changed are not."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from shared.accounts.directory.crossed import crossed_accounts
from shared.models.school import Establishment
from tests.factories import make_account, make_establishment, make_guardian, make_student


@pytest.fixture
def school(session: Session) -> Establishment:
    return make_establishment(session)


def crossed(session: Session, school_id: int | None = None) -> dict[str, list[str]]:
    return {one.identifier: list(one.reasons) for one in crossed_accounts(session, school_id)}


@pytest.mark.parametrize(
    ("identifier", "last_name", "first_name"),
    [
        ("m.hoarau", "HOARAU", "Marie"),
        ("m.hoarau12", "HOARAU", "Marie"),
        ("m.hoarau", "PAYET", "Marie"),
        ("m.hoarau", "HOARAU", "Anne"),
        ("m.hoarau", "HOAREAU", "Anne"),
        ("m.hoarau", "HOARAU PAYET", "Anne"),
        ("departement", "DEPARTEMENT", ""),
        ("compte", "(inconnu)", ""),
    ],
)
def test_an_identifier_that_may_be_its_holders_is_not_listed(
    session: Session, school: Establishment, identifier: str, last_name: str, first_name: str
) -> None:
    make_account(session, identifier, make_guardian(session, school, last_name=last_name, first_name=first_name))
    assert crossed(session) == {}


def test_an_account_whose_fiche_became_somebody_elses_is_listed(session: Session, school: Establishment) -> None:
    make_account(session, "m.hoarau", make_guardian(session, school, last_name="PAYET", first_name="Jean"))
    make_account(session, "l.hoarau", make_student(session, school, last_name="PAYET", first_name="Zoé"))
    said = ["l'identifiant n'est celui d'aucune des personnes qui l'ont"]
    assert crossed(session) == {"m.hoarau": said, "l.hoarau": said}


def test_one_account_of_two_persons_is_listed_with_both(session: Session, school: Establishment) -> None:
    elsewhere = make_establishment(session, "9740002B")
    marie = make_guardian(session, school, first_name="Marie", siecle_id="101")
    also = make_guardian(session, elsewhere, first_name="Marie-Anne")
    make_account(session, "m.payet", marie, also)
    make_account(
        session, "m.payet1", make_guardian(session, school), make_guardian(session, elsewhere, first_name="Jean")
    )
    assert crossed(session) == {"m.payet1": ["les fiches sont de personnes différentes"]}
    assert crossed(session, elsewhere.id) == crossed(session)
    [found] = crossed_accounts(session, school.id)
    assert [(holder.uai, holder.names.first_name, holder.present) for holder in found.holders] == [
        ("9740001A", "Marie", True),
        ("9740002B", "Jean", True),
    ]


def test_one_account_of_two_students_is_listed(session: Session, school: Establishment) -> None:
    elsewhere = make_establishment(session, "9740002B")
    for identifier, born in (("l.payet", date(2014, 3, 2)), ("l.payet1", date(2015, 1, 1))):
        children = (make_student(session, school), make_student(session, elsewhere, birth_date=born))
        make_account(session, identifier, *children)
    assert crossed(session) == {"l.payet1": ["les dates de naissance sont différentes"]}


def test_another_schools_accounts_are_left_out_when_one_is_asked_for(session: Session, school: Establishment) -> None:
    elsewhere = make_establishment(session, "9740002B")
    make_account(session, "m.hoarau", make_guardian(session, elsewhere, last_name="PAYET", first_name="Jean"))
    assert crossed(session, school.id) == {}
    assert set(crossed(session)) == {"m.hoarau"}
