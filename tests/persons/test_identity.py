"""R31: key and identity. Each verdict has its reasons, and none of them says a value."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.persons.alike import PersonNames
from shared.persons.identity import (
    GuardianIdentity,
    StudentIdentity,
    same_guardian,
    same_student,
    same_student_elsewhere,
    well_formed_ine,
)

LEO = StudentIdentity(PersonNames("HOARAU", None, "Léo"), date(2012, 1, 1), "M", "0123456789A")
ZOE = StudentIdentity(PersonNames("PAYET", None, "Zoé"), date(2014, 6, 5), "F", "0000000009Z")
MARIE = GuardianIdentity(
    PersonNames("HOARAU", None, "Marie"), "MME", "marie@exemple.fr", frozenset({"0692 11 11 11"}), {1: "10"}
)
JEAN = GuardianIdentity(
    PersonNames("PAYET", None, "Jean"), "M.", "jean@exemple.fr", frozenset({"0692 22 22 22"}), {2: "20"}
)
NO_CONTACT = {"email": None, "phones": frozenset[str]()}


@pytest.mark.parametrize(
    ("written", "ine"),
    [
        ("0123456789A", "0123456789A"),
        ("012345678ab", "012345678AB"),
        (" 0123456789a ", "0123456789A"),
        ("01234 56789 A", "0123456789A"),
        ("0000000001A", "0000000001A"),
        ("0000000000A", None),
        ("1111111111A", None),
        ("999999999ZZ", None),
        ("01234567ABC", None),
        ("0123456789", None),
        ("01234567890", None),
        ("A1234567890", None),
        ("0123456789É", None),
        ("٠١٢٣٤٥٦٧٨٩A", None),
        ("0123456789A\n0", None),
        ("", None),
        (None, None),
    ],
)
def test_an_ine_counts_only_when_well_formed(written: str | None, ine: str | None) -> None:
    assert well_formed_ine(written) == ine


def test_students_of_two_schools_are_one_when_ine_and_birth_date_agree_and_names_do_not_contradict() -> None:
    verdict = same_student_elsewhere(LEO, LEO._replace(ine="0123456789a", names=PersonNames("hoarau", "PAYET", "LEO")))
    assert verdict == (True, ("même INE", "même date de naissance", "noms qui s'accordent"))


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (LEO._replace(ine="0123456780A"), "pas le même INE"),
        (LEO._replace(ine=None), "INE inconnu"),
        (LEO._replace(ine="0000000000A"), "INE inconnu"),
        (LEO._replace(birth_date=date(2012, 1, 2)), "dates de naissance différentes"),
        (LEO._replace(birth_date=None), "date de naissance inconnue"),
        (LEO._replace(names=PersonNames("HOARAU", None, "Zoé")), "prénoms différents"),
        (LEO._replace(names=PersonNames("PAYET", None, "Léo")), "noms différents"),
        (LEO._replace(names=PersonNames("PAYET", None, "Zoé")), "noms et prénoms différents"),
    ],
)
def test_one_ine_is_not_enough_in_two_schools(other: StudentIdentity, reason: str) -> None:
    assert same_student_elsewhere(LEO, other) == (False, (reason,))
    assert same_student_elsewhere(other, LEO) == (False, (reason,))


def test_two_ill_formed_ine_that_are_equal_agree_on_nothing() -> None:
    one = LEO._replace(ine="0000000000A")
    assert not same_student_elsewhere(one, one).same


@pytest.mark.parametrize(
    "new",
    [
        LEO,
        LEO._replace(names=ZOE.names),
        LEO._replace(names=ZOE.names, sex="F"),
        LEO._replace(names=ZOE.names, birth_date=ZOE.birth_date, sex="F"),
        LEO._replace(birth_date=ZOE.birth_date, ine=ZOE.ine),
        LEO._replace(names=PersonNames("PAYET", None, "Léo"), ine=ZOE.ine),
        LEO._replace(names=PersonNames("HOARAU", None, "Léo-Paul"), ine=ZOE.ine),
        LEO._replace(names=PersonNames("PAYET", None, "Léo"), ine=None, birth_date=None),
        LEO._replace(names=ZOE.names, ine=None),
        LEO._replace(names=PersonNames("HOARAU", None, ""), ine=None, birth_date=None),
    ],
)
def test_a_student_of_whom_something_stayed_is_the_same(new: StudentIdentity) -> None:
    assert same_student(LEO, new).same


@pytest.mark.parametrize(
    "new",
    [
        ZOE,
        ZOE._replace(sex="M"),
        ZOE._replace(sex=None, ine=None),
        ZOE._replace(ine=None, birth_date=None),
        ZOE._replace(names=PersonNames("HOARAU", None, "Zoé")),
        ZOE._replace(names=PersonNames("HOARAU", None, "Zoé"), ine=None, sex="M"),
        ZOE._replace(names=PersonNames("PAYET", None, "Léo"), sex="M"),
        ZOE._replace(birth_date=LEO.birth_date),
        # The twin: a first name that is corrected keeps its INE.
        LEO._replace(names=PersonNames("HOARAU", None, "Théo"), ine=ZOE.ine),
        # Without a first name, the last one says little.
        ZOE._replace(names=PersonNames("HOARAU", None, ""), sex=None),
    ],
)
def test_a_student_of_whom_everything_changed_is_another(new: StudentIdentity) -> None:
    verdict = same_student(LEO, new)
    assert not verdict.same
    assert verdict.reasons


def test_twins_whose_ine_were_swapped_stay_who_they_are() -> None:
    lou = StudentIdentity(PersonNames("HOARAU", None, "Lou"), LEO.birth_date, "M", "0000000009Z")
    assert same_student(LEO, LEO._replace(ine=lou.ine)).same
    assert same_student(LEO, lou._replace(ine=None)).same, "a first name corrected, for all that is known"
    assert not same_student(LEO, lou).same, "the key of one twin was given to the other"
    assert not same_student_elsewhere(LEO, lou._replace(ine=LEO.ine)).same


@pytest.mark.parametrize(
    "new",
    [
        MARIE,
        MARIE._replace(**NO_CONTACT, civility="M.", children=JEAN.children),
        MARIE._replace(civility="M."),
        MARIE._replace(civility="M.", email=JEAN.email),
        MARIE._replace(civility="M.", children={1: "20"}),
        MARIE._replace(names=PersonNames("PAYET", None, "Marie")),
        MARIE._replace(names=PersonNames("PAYET", None, "Marie"), email=None, phones=frozenset(), children={}),
        MARIE._replace(names=PersonNames("HOARAU", None, "Anne"), email=None, phones=frozenset(), children={}),
        MARIE._replace(names=PersonNames("HOARAU", None, "Anne"), phones=JEAN.phones),
        MARIE._replace(names=PersonNames("PAYET", None, "Anne"), phones=JEAN.phones),
        MARIE._replace(names=PersonNames("PAYET", None, "Anne"), email=JEAN.email),
        MARIE._replace(names=PersonNames("PAYET", None, "Anne"), phones=frozenset(), children={}),
        JEAN._replace(names=PersonNames("HOARAU", None, ""), email=MARIE.email),
    ],
)
def test_a_guardian_of_whom_something_stayed_is_the_same(new: GuardianIdentity) -> None:
    assert same_guardian(MARIE, new).same


@pytest.mark.parametrize(
    "new",
    [
        JEAN,
        JEAN._replace(civility="MME"),
        JEAN._replace(civility=None, **NO_CONTACT),
        JEAN._replace(children={}, **NO_CONTACT),
        # Another woman called Marie, and a cousin.
        JEAN._replace(names=PersonNames("PAYET", None, "Marie"), civility="MME"),
        JEAN._replace(names=PersonNames("HOARAU", None, "Anne"), civility="MME"),
        JEAN._replace(names=PersonNames("PAYET", None, "Marie"), civility="MME", children={}),
        # The father in the mother's place: what the household shares says nothing.
        MARIE._replace(names=PersonNames("HOARAU", None, "Jean"), civility="M."),
        MARIE._replace(names=PersonNames("HOARAU", None, "Jean"), civility="M.", children={1: "20"}),
        # He has her name, and is the father of her child, or has an address of his own.
        MARIE._replace(civility="M.", email=None, children={1: "20"}),
        MARIE._replace(civility="M.", email=JEAN.email, children={}),
        # The next educator, or stepmother, of the same child: what the child has in common with both says nothing.
        MARIE._replace(names=PersonNames("PAYET", None, "Anne"), phones=JEAN.phones, email=JEAN.email),
        MARIE._replace(names=PersonNames("HOARAU", None, "Anne"), phones=JEAN.phones, email=JEAN.email),
        MARIE._replace(names=PersonNames("PAYET", None, "Anne"), **NO_CONTACT),
        MARIE._replace(names=JEAN.names, civility=None, children={1: None}, **NO_CONTACT),
        # A grandmother of the household, and two who share a mailbox.
        MARIE._replace(names=PersonNames("PAYET", None, "Anne"), email=JEAN.email, children={1: "40"}),
        MARIE._replace(names=PersonNames("PAYET", None, "Anne"), phones=JEAN.phones, children={2: "10"}),
        MARIE._replace(names=PersonNames("PAYET", None, "Anne"), email=JEAN.email, children={2: "10"}),
        # The grandmother of the same child.
        JEAN._replace(civility="MME", children={1: "40"}),
        JEAN._replace(names=PersonNames("HOARAU", None, ""), civility=None),
    ],
)
def test_a_guardian_of_whom_everything_changed_is_another(new: GuardianIdentity) -> None:
    verdict = same_guardian(MARIE, new)
    assert not verdict.same
    assert verdict.reasons


def test_numbers_written_in_two_ways_are_one() -> None:
    anne = MARIE._replace(names=PersonNames("HOARAU", None, "Anne"), email=None, phones=frozenset({"+262692111111"}))
    assert same_guardian(MARIE, anne) == (True, ("même enfant", "même téléphone"))


people = st.builds(
    PersonNames,
    st.sampled_from(["HOARAU", "PAYET"]),
    st.none() | st.just("TECHER"),
    st.sampled_from(["Léo", "Zoé", ""]),
)
students = st.builds(
    StudentIdentity,
    people,
    st.none() | st.sampled_from([date(2012, 1, 1), date(2014, 6, 5)]),
    st.none() | st.sampled_from("MF"),
    st.none() | st.sampled_from(["0123456789A", "0123456789a", "012345678BC", "0000000000A", "?"]),
)
guardians = st.builds(
    GuardianIdentity,
    people,
    st.none() | st.sampled_from(["M.", "MME", "MLLE", "?"]),
    st.none() | st.sampled_from(["a@exemple.fr", "B@exemple.fr"]),
    st.frozensets(st.sampled_from(["0692000001", "0692000002", "?"])),
    st.dictionaries(st.integers(1, 3), st.none() | st.sampled_from(["10", "20"])),
)


@given(one=students, other=students)
def test_students_are_compared_in_either_order_and_what_is_missing_never_makes_one_of_two(
    one: StudentIdentity, other: StudentIdentity
) -> None:
    for compare in (same_student, same_student_elsewhere):
        assert compare(one, other).same == compare(other, one).same
        assert compare(one, other).reasons
    assert same_student(one, one).same
    if same_student_elsewhere(one, other).same:
        assert same_student(one, other).same
        assert not same_student_elsewhere(one, other._replace(ine=None)).same
        assert not same_student_elsewhere(one, other._replace(birth_date=None)).same


@given(one=guardians, other=guardians)
def test_guardians_are_compared_in_either_order(one: GuardianIdentity, other: GuardianIdentity) -> None:
    assert same_guardian(one, other).same == same_guardian(other, one).same
    assert same_guardian(one, other).reasons
    assert same_guardian(one, one).same
