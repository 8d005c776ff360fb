"""R13: « pas un doublon », proposals, and treating by lot."""

from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.duplicates.fusion.batches import NothingToTreat, plan_lot, treat_lot
from shared.duplicates.fusion.history import find_lot, past_distinctions, past_fusions
from shared.duplicates.fusion.proposal import candidates, propose
from shared.duplicates.fusion.undo import undo_lot
from shared.duplicates.matching.clusters import groups_of
from shared.duplicates.pairs.queries import count_untreated, likely_duplicates
from shared.duplicates.standing.decisions import not_a_duplicate, undo_not_a_duplicate
from shared.duplicates.standing.errors import (
    AlreadyTreated,
    AlreadyUndone,
    FichesChanged,
    FichesNotFound,
    UndoLaterFirst,
)
from shared.journal import COMMAND
from shared.models.school import Establishment, Guardian
from tests.duplicates.base import dump, fuse, make_pair
from tests.events import events_of_establishment
from tests.factories import NOW, TODAY, at_desk, make_account, make_establishment, make_guardian

AS_THEY_ARE: dict[str, Any] = {"now": NOW, "today": TODAY, "actor": COMMAND}


def tell_apart(session: Session, *guardians: Guardian) -> Any:
    ids = [guardian.id for guardian in guardians]
    return not_a_duplicate(at_desk(session, guardians[0].establishment_id, NOW, COMMAND), ids)


def test_a_pair_told_apart_is_listed_no_more_until_it_is_undone(session: Session) -> None:
    school = make_establishment(session)
    first, second = make_guardian(session, school), make_guardian(session, school)
    make_pair(session, first, second)
    assert count_untreated(session, school.id) == 1
    [decision] = tell_apart(session, second, first)
    assert count_untreated(session, school.id) == 0
    assert likely_duplicates(session, school.id) == []
    with pytest.raises(AlreadyTreated):
        tell_apart(session, first, second)
    undo_not_a_duplicate(at_desk(session, school.id, NOW, COMMAND), [decision.id])
    assert count_untreated(session, school.id) == 1
    with pytest.raises(AlreadyUndone):
        undo_not_a_duplicate(at_desk(session, school.id, NOW, COMMAND), [decision.id])
    assert [noted.action for noted in events_of_establishment(session, school.id)] == [
        "not_a_duplicate_undone",
        "not_a_duplicate",
    ]
    [past] = past_distinctions(session, school.id)
    assert {past.first.id, past.second.id} == {first.id, second.id}


def test_who_absorbs_a_fiche_is_not_whom_it_was_told_apart_from(session: Session) -> None:
    school = make_establishment(session)
    first, second, third = (make_guardian(session, school) for _ in range(3))
    for one, other in ((first, second), (first, third), (second, third)):
        make_pair(session, one, other)
    tell_apart(session, first, third)
    assert count_untreated(session, school.id) == 2
    fuse(session, second, first)
    assert count_untreated(session, school.id) == 0


def test_another_school_decides_nothing(session: Session) -> None:
    school, other = make_establishment(session), make_establishment(session, "9740002B")
    first, second = make_guardian(session, school), make_guardian(session, school)
    with pytest.raises(FichesNotFound):
        not_a_duplicate(at_desk(session, other.id, NOW, COMMAND), [first.id, second.id])
    [decision] = tell_apart(session, first, second)
    with pytest.raises(FichesNotFound):
        undo_not_a_duplicate(at_desk(session, other.id, NOW, COMMAND), [decision.id])


def test_pairs_that_share_a_fiche_are_one_group() -> None:
    assert groups_of([(1, 2), (5, 6), (3, 2), (6, 7)]) == [(1, 2, 3), (5, 6, 7)]


def test_the_protected_fiche_is_proposed_and_the_newest_way_to_reach_the_person(
    session: Session, sealer: Sealer
) -> None:
    school = make_establishment(session)
    older = make_guardian(session, school, email="ancienne@exemple.fr", mobile_phone="0692000001")
    newer = make_guardian(session, school, email="neuve@exemple.fr")
    make_account(session, "m.payet", older)
    known = candidates(session, [newer, older], TODAY)
    [proposal] = propose([list(known.values())])
    assert proposal.wanted.ids == (older.id, newer.id)
    assert (proposal.choices["email"], proposal.choices["mobile_phone"]) == (newer.id, older.id)
    assert proposal.refusal is None


@pytest.fixture
def lot_school(session: Session, sealer: Sealer) -> Establishment:
    """Two sure groups, of two and of three; one unsure pair; one sure pair of which both are protected."""
    school = make_establishment(session)
    groups = {
        name: [make_guardian(session, school, last_name=name, email=f"{number}@exemple.fr") for number in range(size)]
        for name, size in (("PAYET", 2), ("HOARAU", 3), ("GRONDIN", 2), ("RIVIERE", 2))
    }
    for name, group in groups.items():
        for one, other in pairwise(group):
            make_pair(session, one, other, 0.8 if name == "GRONDIN" else 0.97)
    for number, guardian in enumerate(groups["RIVIERE"]):
        make_account(session, f"m.riviere{number}", guardian)
    return school


def test_a_dry_run_says_what_the_lot_then_does(session: Session, lot_school: Establishment) -> None:
    before = dump(session)
    plan = plan_lot(session, lot_school.id, 0.95, TODAY)
    assert dump(session) == before
    assert (len(plan.fusions), plan.absorbed, len(plan.refused)) == (2, 3, 1)
    assert "protégées" in (plan.refused[0].proposal.refusal or "")
    lot = treat_lot(at_desk(session, lot_school.id, **AS_THEY_ARE), 0.95, seen=plan.mark)
    made = past_fusions(session, lot_school.id)
    assert sorted(len(one.absorbed) for one in made) == [1, 2]
    assert find_lot(session, lot_school.id, lot.id).standing == 2
    assert len(session.scalars(select(Guardian).where(Guardian.gone_at.is_not(None))).all()) == 3


def test_a_lot_is_undone_at_once_and_only_once(session: Session, lot_school: Establishment) -> None:
    before = dump(session)
    lot = treat_lot(at_desk(session, lot_school.id, **AS_THEY_ARE), 0.95)
    assert len(undo_lot(at_desk(session, lot_school.id, **AS_THEY_ARE), lot.id)) == 2
    assert dump(session) == before
    with pytest.raises(AlreadyUndone):
        undo_lot(at_desk(session, lot_school.id, **AS_THEY_ARE), lot.id)
    with pytest.raises(FichesNotFound):
        undo_lot(at_desk(session, make_establishment(session, "9740002B").id, **AS_THEY_ARE), lot.id)


def test_a_lot_upon_which_something_was_made_is_undone_whole_or_not_at_all(
    session: Session, lot_school: Establishment
) -> None:
    lot = treat_lot(at_desk(session, lot_school.id, **AS_THEY_ARE), 0.95)
    kept = past_fusions(session, lot_school.id)[0].kept
    fuse(session, kept, make_guardian(session, lot_school, last_name="HOARAU"))
    before = dump(session)
    with pytest.raises(UndoLaterFirst):
        undo_lot(at_desk(session, lot_school.id, **AS_THEY_ARE), lot.id)
    assert dump(session) == before


def test_a_lot_that_is_no_longer_as_shown_is_not_treated(session: Session, lot_school: Establishment) -> None:
    plan = plan_lot(session, lot_school.id, 0.95, TODAY)
    first = plan.fusions[0].proposal.candidates
    tell_apart(session, *(candidate.guardian for candidate in first))
    with pytest.raises(FichesChanged):
        treat_lot(at_desk(session, lot_school.id, **AS_THEY_ARE), 0.95, seen=plan.mark)
    with pytest.raises(NothingToTreat):
        treat_lot(at_desk(session, lot_school.id, **AS_THEY_ARE), 1.01)


def test_a_group_of_which_two_were_told_apart_is_left(session: Session, lot_school: Establishment) -> None:
    hoarau = [one for one in session.scalars(select(Guardian)) if one.family_name == "HOARAU"]
    tell_apart(session, hoarau[0], hoarau[2])
    plan = plan_lot(session, lot_school.id, 0.95, TODAY)
    assert len(plan.fusions) == 1
    assert any("pas un doublon" in (one.proposal.refusal or "") for one in plan.refused)


def test_a_lot_asks_as_many_questions_whatever_its_size(session: Session) -> None:
    statements: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    counted = []
    for number, uai in ((3, "9740001A"), (60, "9740002B")):
        school = make_establishment(session, uai)
        for index in range(number):
            one, other = (make_guardian(session, school, last_name=f"NOM{index}") for _ in range(2))
            make_pair(session, one, other)
        session.flush()
        statements.clear()
        treat_lot(at_desk(session, school.id, **AS_THEY_ARE), 0.8)
        # The new rows themselves go in one by one on SQLite, which cannot say which number each of several got.
        counted.append(len([statement for statement in statements if not statement.startswith("INSERT")]))
    assert counted[1] == counted[0] <= 30
