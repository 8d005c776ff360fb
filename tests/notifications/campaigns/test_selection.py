"""Which accounts are listed, in what order, with what beside them (R16)."""

from datetime import timedelta

import pytest

from shared.establishments.codes.levels import Level
from shared.models.accounts import AccountKind, AccountState
from shared.models.notifications import Channel, Mode
from shared.models.school import Division
from shared.notifications.campaigns.account_list import Place, page_to_notify
from shared.notifications.campaigns.by_division import count_selection
from shared.notifications.campaigns.selection import Criteria, UnknownDivision
from shared.notifications.mail.worker import Postman
from tests.factories import NOW, TODAY, link, make_account, make_establishment, make_guardian
from tests.notifications.conftest import School


def listed(school: School, criteria: Criteria | None = None) -> list[str]:
    page = page_to_notify(school.session, school.establishment.id, criteria or Criteria(), TODAY)
    return [line.identifier for line in page.lines]


def test_the_list_is_sorted_by_division_then_student(school: School) -> None:
    for name, division in (("ROBERT", "6B"), ("ADAM", "6B"), ("HOARAU", "6A")):
        school.family(name, division=division, identifier=name.lower())
    assert listed(school) == ["hoarau", "adam", "robert"]


def test_an_account_with_several_children_is_listed_once_under_the_first(school: School) -> None:
    _, guardian, _ = school.family("PAYET", division="5C", child="Zoé", identifier="m.payet")
    link(school.session, school.student("PAYET", "Tom", "3A"), guardian)
    page = page_to_notify(school.session, school.establishment.id, Criteria(), TODAY)
    assert [(line.identifier, line.division, line.student.first_name) for line in page.lines] == [
        ("m.payet", "3A", "Tom")
    ]


def test_criteria_narrow_the_list(school: School) -> None:
    school.family("ADAM", identifier="adam")
    school.family("BEGUE", identifier="begue", division="6B")
    school.family("CADET", identifier="cadet", legal_rank=2)
    school.family("DIJOUX", identifier="dijoux", state=AccountState.ACTIVE)
    assert listed(school, Criteria(divisions=frozenset({"6B"}))) == ["begue"]
    assert listed(school, Criteria(ranks=frozenset({2}))) == ["cadet"]
    assert listed(school, Criteria(states=frozenset({AccountState.ACTIVE}))) == ["dijoux"]
    adam = page_to_notify(school.session, school.establishment.id, Criteria(), TODAY).lines[0]
    assert listed(school, Criteria(account_ids=frozenset({adam.account_id}))) == ["adam"]
    assert listed(school, Criteria(unticked=frozenset({adam.account_id}))) == ["cadet", "dijoux", "begue"]


def test_used_accounts_can_be_chosen_by_their_last_use(school: School) -> None:
    old, _, _ = school.family("ADAM", identifier="adam", state=AccountState.ACTIVE)
    recent, _, _ = school.family("BEGUE", identifier="begue", state=AccountState.ACTIVE)
    school.family("CADET", identifier="cadet", state=AccountState.ACTIVE)
    old.last_login_at, recent.last_login_at = NOW - timedelta(days=200), NOW
    before = NOW - timedelta(days=100)
    criteria = Criteria(states=frozenset({AccountState.ACTIVE}), last_used_before=before)
    assert listed(school, criteria) == ["adam", "cadet"]


def test_who_left_is_not_listed(school: School) -> None:
    _, _, gone = school.family("ADAM")
    gone.gone_at = NOW
    _, _, left = school.family("BEGUE")
    left.left_on = TODAY - timedelta(days=1)
    _, guardian, _ = school.family("CADET")
    guardian.gone_at = NOW
    school.family("DIJOUX", identifier="dijoux")
    assert listed(school) == ["dijoux"]


def test_another_establishment_is_never_listed(school: School) -> None:
    school.family("ADAM")
    other = make_establishment(school.session, "9740002B")
    assert page_to_notify(school.session, other.id, Criteria(), TODAY).lines == []
    assert count_selection(school.session, other.id, Criteria(), TODAY).total == 0


def test_disabled_accounts_come_only_when_asked_for_one_by_one(school: School) -> None:
    account, _, _ = school.family("ADAM", identifier="adam")
    account.state, account.disabled_from, account.expires_on = AccountState.DISABLED, AccountState.NOT_NOTIFIED, None
    school.session.flush()
    assert listed(school) == []
    assert listed(school, Criteria(account_ids=frozenset({account.id}))) == ["adam"]


def test_pages_follow_one_another_without_gap_or_repetition(school: School) -> None:
    for number in range(7):
        school.family("PAYET", identifier=f"p{number}", child="Léa")
    seen, key = [], None
    while True:
        page = page_to_notify(school.session, school.establishment.id, Criteria(), TODAY, Place(after=key), rows=3)
        seen += [line.identifier for line in page.lines]
        key = page.next_key
        if key is None:
            break
    assert sorted(seen) == [f"p{number}" for number in range(7)]
    assert count_selection(school.session, school.establishment.id, Criteria(), TODAY).total == 7


@pytest.mark.parametrize("brothers", [1, 2, 5])
def test_brothers_and_sisters_of_a_division_take_no_room_of_other_families(school: School, brothers: int) -> None:
    for number in range(4):
        _, guardian, _ = school.family(f"PAYET{number}", identifier=f"p{number}", child="Ana")
        for child in range(brothers - 1):
            link(school.session, school.student(f"PAYET{number}", f"Zoé{child}"), guardian)

    page = page_to_notify(school.session, school.establishment.id, Criteria(), TODAY, rows=3)
    assert [(line.identifier, line.student.first_name) for line in page.lines] == [(f"p{n}", "Ana") for n in range(3)]
    last = page_to_notify(
        school.session, school.establishment.id, Criteria(), TODAY, Place(after=page.next_key), rows=3
    )
    assert ([line.identifier for line in last.lines], last.next_key) == (["p3"], None)


def test_a_level_counts_those_that_its_divisions_would_select_and_nobody_else(school: School) -> None:
    """Neither a child without a division nor one of a division that went is of the level of any that can be ticked."""
    school.family("ADAM", division="ULIS")
    _, _, without = school.family("BEGUE", division="6A")
    without.division_id = None
    _, _, of_old = school.family("CADET", division="CAP")
    school.session.flush()
    school.session.get_one(Division, of_old.division_id).gone_at = NOW
    school.session.flush()
    counts = count_selection(school.session, school.establishment.id, Criteria(), TODAY)
    assert {level.level: level.number for level in counts.levels} == {Level.SIXTH: 0, Level.OTHER: 1}
    assert (counts.total, counts.held) == (3, 0)
    narrowed = Criteria(divisions=frozenset({"ULIS"}))
    assert count_selection(school.session, school.establishment.id, narrowed, TODAY).total == 1


def test_a_line_shows_who_where_and_the_last_notification(school: School, postman: Postman) -> None:
    _, guardian, _ = school.family("PAYET", email="m.payet@example.org")
    guardian.account_kept = True
    school.launch(Mode.MAIL)
    postman.send_due()
    line = page_to_notify(school.session, school.establishment.id, Criteria(), TODAY).lines[0]
    assert (line.guardian and line.guardian.full_name, line.legal_rank) == ("Marie PAYET", 1)
    assert line.address == ["3 chemin des Lilas", "97400 SAINT-DENIS"]
    assert line.email == "m.payet@example.org"
    assert line.account_kept
    assert line.last is not None
    assert line.last.channel is Channel.MAIL


def test_students_are_listed_with_their_own_accounts(school: School) -> None:
    make_account(
        school.session, "l.payet", school.student("PAYET"), state=AccountState.NOT_NOTIFIED, sealer=school.sealer
    )
    school.family("ADAM")
    assert listed(school, Criteria(kind=AccountKind.STUDENT)) == ["l.payet"]


def test_an_unknown_division_is_named(school: School) -> None:
    school.family("ADAM")
    with pytest.raises(UnknownDivision, match="« 9Z »"):
        listed(school, Criteria(divisions=frozenset({"6A", "9Z"})))


def test_two_fiches_of_one_account_make_one_line(school: School) -> None:
    account, _, student = school.family("PAYET", identifier="m.payet")
    twin = make_guardian(school.session, school.establishment, student, last_name="PAYET", email="m@example.org")
    twin.account_id = account.id
    page = page_to_notify(school.session, school.establishment.id, Criteria(), TODAY)
    assert [(line.identifier, line.email) for line in page.lines] == [("m.payet", "m@example.org")]
