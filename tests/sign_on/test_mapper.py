"""What the directories say of a person opens what it says clearly, and nothing else (R34)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.establishments.codes.uai import uai_of
from shared.models.staff import StaffRoleKind, Tab
from shared.sign_on.attributes import Attributes, Trouble, delegations
from shared.sign_on.mapper import Granted, Trust, person_said

TODAY = date(2026, 9, 1)
COLLEGE, LYCEE, FAR = uai_of(9740001), uai_of(9740002), uai_of(441550)
KNOWN = {COLLEGE, LYCEE}
TRUSTED = Trust()
IN_CHARGE = f"{COLLEGE}$UAJ$PU$N$T3$CLG$340"


def delegated(
    application: str = "teleservices", begins: str = "18/10/2023", ends: str = "31/12/9999", scope: str = ""
) -> str:
    scope = scope or f"FrEduRneResp={COLLEGE}$UAJ$PU$N$T3$LP$320;{LYCEE}$UAJ$PU$N$T3$LYC$300"
    address = f"/redirectionhub/redirect.jsp?applicationname={application}"
    return f"{application}|{address}|{begins}|{ends}|chef|{scope}|srv|module"


def roles(said: dict[str, object], trust: Trust = TRUSTED) -> list[tuple[StaffRoleKind, str | None]]:
    person = person_said(Attributes.of(said), trust, KNOWN, TODAY)
    return [(role.kind, role.uai) for role in person.roles]


def troubles(said: dict[str, object]) -> set[Trouble]:
    return {one.trouble for one in person_said(Attributes.of(said), Trust(), KNOWN, TODAY).unread}


@pytest.mark.parametrize(
    "in_charge",
    [
        IN_CHARGE,
        COLLEGE,
        COLLEGE.lower(),
        [IN_CHARGE, IN_CHARGE],
        f"{IN_CHARGE},X",
        f"X; {IN_CHARGE}",
        [f" {IN_CHARGE} "],
    ],
)
def test_a_director_is_head_of_the_schools_that_are_in_charge(in_charge: object) -> None:
    assert roles({"FrEduRneResp": in_charge, "FrEduFonctAdm": "DIR"}) == [(StaffRoleKind.HEAD, COLLEGE)]
    assert roles({"fredurneresp": in_charge, "TITLE": "DIR"}) == [(StaffRoleKind.HEAD, COLLEGE)]


@pytest.mark.parametrize(
    "said",
    [
        {"FrEduRneResp": IN_CHARGE},
        {"FrEduRneResp": IN_CHARGE, "FrEduFonctAdm": "ENS"},
        {"FrEduRneResp": IN_CHARGE, "FrEduFonctAdm": "ENS", "title": "DIR"},
        {"FrEduRneResp": IN_CHARGE, "FrEduFonctAdm": "DIRX"},
        {"FrEduRneResp": IN_CHARGE, "FrEduFonctAdm": ["ENS", "DIR"]},
        {"FrEduRne": f"{COLLEGE}$UAJ$PU$DIR${COLLEGE}$T3$CLG$340", "FrEduFonctAdm": "DIR"},
        {"FrEduRneResp": "X", "FrEduFonctAdm": "DIR"},
        {"FrEduRneResp": IN_CHARGE.replace("$CLG$", "$ECOLE$"), "FrEduFonctAdm": "DIR"},
        {"FrEduRneResp": "9740001A$UAJ$PU$N$T3$CLG$340", "FrEduFonctAdm": "DIR"},
        {"FrEduRneResp": f"{COLLEGE}$UAJ$PU$N$T3$CLG", "FrEduFonctAdm": "DIR"},
        {"FrEduRneResp": f"{COLLEGE}$UAJ$PU$N$T3$CLG$340$more", "FrEduFonctAdm": "DIR"},
        {"FrEduRneResp": FAR, "FrEduFonctAdm": "DIR"},
        {"FrEduRneResp": {"uai": COLLEGE}, "FrEduFonctAdm": "DIR"},
        {"FrEduRneResp": [COLLEGE] * 501, "FrEduFonctAdm": "DIR"},
        {"FrEduRneResp": f"{COLLEGE}," * 11_112, "FrEduFonctAdm": "DIR"},
        {"rne": COLLEGE, "FrEduFonctAdm": "DIR"},
    ],
)
def test_what_says_less_makes_no_head(said: dict[str, object]) -> None:
    assert roles(said) == []


def test_a_delegation_of_ours_gives_delegates_with_its_dates() -> None:
    person = person_said(Attributes.of({"FrEduResDel": delegated()}), Trust(), KNOWN, TODAY)
    until = date(2023, 10, 18), date(9999, 12, 31)
    assert set(person.roles) == {
        Granted(StaffRoleKind.DELEGATE, uai, frozenset(Tab), *until) for uai in (COLLEGE, LYCEE)
    }


@pytest.mark.parametrize(
    ("value", "trouble"),
    [
        (delegated("teleservices2"), Trouble.OTHER_APPLICATION),
        (delegated("Teleservices"), Trouble.OTHER_APPLICATION),
        (delegated(begins="02/09/2026"), Trouble.NOT_YET),
        (delegated(ends="31/08/2026"), Trouble.OVER),
        (delegated(begins="31/12/9999", ends="18/10/2023"), Trouble.DATES),
        (delegated(ends="31/02/2027"), Trouble.DATES),
        (delegated(ends=""), Trouble.DATES),
        (delegated(scope="FrEduRne=" + COLLEGE), Trouble.FIELDS),
        (delegated(scope=f"FrEduRneResp={FAR}$UAJ$PU$N$T3$LP$320"), Trouble.UNKNOWN_SCHOOL),
        (delegated(scope="FrEduRneResp=9740001A$UAJ$PU$N$T3$LP$320"), Trouble.UAI),
        (delegated().rpartition("|")[0], Trouble.FIELDS),
        ("teleservices", Trouble.FIELDS),
        (delegated() + "x" * 100_000, Trouble.TOO_LONG),
    ],
)
def test_another_delegation_gives_nothing_and_says_why(value: str, trouble: Trouble) -> None:
    assert roles({"FrEduResDel": value}) == []
    assert troubles({"FrEduResDel": value}) == {trouble}


@pytest.mark.parametrize(("begins", "ends"), [("01/09/2026", "01/09/2026"), ("18/10/2023", "01/09/2026")])
def test_a_delegation_holds_on_its_first_and_last_day(begins: str, ends: str) -> None:
    assert len(roles({"FrEduResDel": delegated(begins=begins, ends=ends)})) == 2


@given(
    st.lists(st.sampled_from(["teleservices", "gestion"]), min_size=1, max_size=6), st.sampled_from([",", "; ", ";"])
)
def test_delegations_joined_in_one_text_are_those_of_a_list(applications: list[str], joint: str) -> None:
    each = [delegated(application) for application in applications]
    joined, listed = (delegations(Attributes.of({"FrEduResDel": said})) for said in (joint.join(each), each))
    assert joined == listed
    assert [one.application for one in joined[0]] == applications


def test_a_delegate_who_is_head_is_head_and_of_two_delegations_the_longer_holds() -> None:
    said = {"FrEduRneResp": IN_CHARGE, "FrEduFonctAdm": "DIR", "FrEduResDel": delegated()}
    assert roles(said) == [(StaffRoleKind.HEAD, COLLEGE), (StaffRoleKind.DELEGATE, LYCEE)]
    two = {"FrEduResDel": [delegated(ends="30/09/2026"), delegated(ends="31/10/2026")]}
    ends = {role.ends_on for role in person_said(Attributes.of(two), Trust(), KNOWN, TODAY).roles}
    assert ends == {date(2026, 10, 31)}


def test_only_the_groups_that_the_academie_named_administer_it() -> None:
    said = {"ctgrps": "DSI, SPC", "FrEduGestResp": "X"}
    assert roles(said) == []
    assert roles(said, Trust(academy_groups=frozenset({"DS"}))) == []
    assert roles(said, Trust(academy_groups=frozenset({"DSI"}))) == [(StaffRoleKind.ACADEMY, None)]


def test_only_the_groups_that_the_academie_named_are_its_help_desk_and_who_administers_it_is_no_less() -> None:
    said = {"ctgrps": "ASSISTANCE, DSI"}
    assert roles(said, Trust(help_groups=frozenset({"ASSIST"}))) == []
    assert roles(said, Trust(help_groups=frozenset({"ASSISTANCE"}))) == [(StaffRoleKind.HELP_DESK, None)]
    both = Trust(academy_groups=frozenset({"DSI"}), help_groups=frozenset({"ASSISTANCE"}))
    assert roles(said, both) == [(StaffRoleKind.ACADEMY, None)]


def test_a_provider_that_only_says_who_somebody_is_gives_no_role() -> None:
    said = {"FrEduRneResp": IN_CHARGE, "FrEduFonctAdm": "DIR", "FrEduResDel": delegated(), "given_name": "Léa"}
    person = person_said(Attributes.of(said), Trust(gives_roles=False), KNOWN, TODAY)
    assert (person.name, person.roles) == ("Léa", ())


@given(st.dictionaries(st.sampled_from(["FrEduRneResp", "FrEduResDel", "FrEduFonctAdm", "ctgrps", "name"]), st.text()))
def test_any_text_is_read_without_a_fault_and_opens_nothing(said: dict[str, str]) -> None:
    assert person_said(Attributes.of(dict(said)), Trust(), KNOWN, TODAY).roles == ()


@pytest.mark.parametrize(
    "said", ["pas une adresse", "a@example.org\r\nBcc: x@example.org", "a" * 300 + "@example.org", "é@x.fr"]
)
def test_what_is_no_address_is_none(said: str) -> None:
    assert person_said(Attributes.of({"email": said}), Trust(), KNOWN, TODAY).email == ""


def test_what_no_database_keeps_is_a_blank_in_a_name() -> None:
    person = person_said(
        Attributes.of({"given_name": "\0Él\0ise", "family_name": "\ud800Pa\ud800yet\n"}), Trust(), KNOWN, TODAY
    )
    assert person.name == "Él ise Pa yet"
