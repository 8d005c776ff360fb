"""R13: two protected fiches of one person leave the list of duplicates to treat, and are not forgotten."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from shared.duplicates.fusion.history import PastReferral, ReferralProgress, past_referrals
from shared.duplicates.pairs.daily_file import write_daily_files
from shared.duplicates.pairs.queries import count_untreated, likely_duplicates, referred_duplicates
from shared.duplicates.pairs.refresh import refresh_pairs
from shared.duplicates.standing.decisions import not_a_duplicate
from shared.duplicates.standing.errors import (
    AlreadyTreated,
    AlreadyUndone,
    CanBeFused,
    FichesNotFound,
    ToldApart,
    TooFewFiches,
)
from shared.duplicates.standing.referrals import refer_duplicates, undo_referrals
from shared.journal import COMMAND
from shared.models.fusions import Referral, ReferredFiches
from shared.models.school import Establishment, Guardian
from tests.duplicates.base import dump, fuse, make_pair
from tests.events import events_of_establishment
from tests.factories import NOW, TODAY, at_desk, make_account, make_establishment, make_guardian


@pytest.fixture
def school(session: Session) -> Establishment:
    return make_establishment(session)


@pytest.fixture
def protected(session: Session, school: Establishment) -> list[Guardian]:
    """One mother twice, with two activated accounts."""
    fiches = [make_guardian(session, school, last_name="HOARAU", first_name="Anne") for _ in range(2)]
    for number, fiche in enumerate(fiches):
        make_account(session, f"a.hoarau{number}", fiche)
    make_pair(session, *fiches)
    return fiches


def refer(session: Session, *guardians: Guardian, to: Referral = Referral.PARENT) -> list[ReferredFiches]:
    ids = [guardian.id for guardian in guardians]
    return refer_duplicates(at_desk(session, guardians[0].establishment_id, NOW, COMMAND), ids, to)


def only(session: Session, school: Establishment) -> PastReferral:
    [past] = past_referrals(session, school.id, TODAY)
    return past


@pytest.mark.parametrize("referral", Referral)
def test_a_protected_pair_leaves_the_list_and_comes_back_when_that_is_undone(
    session: Session, school: Establishment, protected: list[Guardian], referral: Referral
) -> None:
    accounts = dump(session)
    [decision] = refer(session, *protected, to=referral)

    assert count_untreated(session, school.id) == 0
    assert likely_duplicates(session, school.id) == []
    assert [pair.referral for pair in referred_duplicates(session, school.id)] == [referral]
    assert dump(session) == accounts
    with pytest.raises(AlreadyTreated):
        refer(session, *protected)

    undo_referrals(at_desk(session, school.id, NOW, COMMAND), [decision.id])
    assert count_untreated(session, school.id) == 1
    assert referred_duplicates(session, school.id) == []
    assert only(session, school).progress is ReferralProgress.UNDONE
    with pytest.raises(AlreadyUndone):
        undo_referrals(at_desk(session, school.id, NOW, COMMAND), [decision.id])
    assert [(event.action, event.details) for event in events_of_establishment(session, school.id)] == [
        ("duplicate_referral_undone", {"referral": [referral.value]}),
        ("duplicate_referred", {"referral": [referral.value]}),
    ]


def test_what_staff_can_fuse_is_not_left_to_somebody_else(
    session: Session, school: Establishment, protected: list[Guardian]
) -> None:
    free = make_guardian(session, school, last_name="HOARAU", first_name="Anne")
    with pytest.raises(CanBeFused):
        refer(session, *protected, free)
    # Two fiches of one account: fusing them loses nothing.
    protected[1].account_id = protected[0].account_id
    session.flush()
    with pytest.raises(CanBeFused):
        refer(session, *protected)
    with pytest.raises(TooFewFiches):
        refer(session, protected[0])
    assert past_referrals(session, school.id, TODAY) == []


def test_two_persons_and_fiches_of_another_school_are_refused(
    session: Session, school: Establishment, protected: list[Guardian]
) -> None:
    ids = [guardian.id for guardian in protected]
    other = make_establishment(session, "9740002B")
    with pytest.raises(FichesNotFound):
        refer_duplicates(at_desk(session, other.id, NOW, COMMAND), ids, Referral.PARENT)
    [decision] = refer(session, *protected)
    with pytest.raises(FichesNotFound):
        undo_referrals(at_desk(session, other.id, NOW, COMMAND), [decision.id])
    undo_referrals(at_desk(session, school.id, NOW, COMMAND), [decision.id])
    not_a_duplicate(at_desk(session, school.id, NOW, COMMAND), ids)
    with pytest.raises(ToldApart):
        refer(session, *protected)


def test_once_the_parent_merged_the_accounts_the_fiches_can_be_fused(
    session: Session, school: Establishment, protected: list[Guardian]
) -> None:
    refer(session, *protected)
    assert only(session, school).progress is ReferralProgress.WAITING

    protected[1].account_id = protected[0].account_id
    session.flush()
    assert only(session, school).progress is ReferralProgress.FUSABLE

    fuse(session, *protected)
    assert only(session, school).progress is ReferralProgress.SETTLED
    assert referred_duplicates(session, school.id) == []


def test_it_holds_for_the_fiche_that_absorbs_one_of_them_and_after_a_new_detection(
    session: Session, school: Establishment, protected: list[Guardian]
) -> None:
    refer(session, *protected)
    keeper = make_guardian(session, school, last_name="HOARAU", first_name="Anne")
    protected[1].account_id, keeper.account_id = None, protected[1].account_id
    session.flush()
    fuse(session, keeper, protected[1])
    refresh_pairs(session, school.id, NOW)

    assert count_untreated(session, school.id) == 0
    [pair] = referred_duplicates(session, school.id)
    assert {pair.first.id, pair.second.id} == {protected[0].id, keeper.id}
    past = only(session, school)
    assert {past.first.id, past.second.id} == {protected[0].id, keeper.id}
    assert past.progress is ReferralProgress.WAITING


def test_the_daily_file_lists_it_after_those_to_treat_with_who_settles_it(
    session: Session, school: Establishment, protected: list[Guardian], tmp_path: Path
) -> None:
    refer(session, *protected, to=Referral.SIECLE)
    make_pair(session, *(make_guardian(session, school, last_name="ZITTE") for _ in range(2)), 0.5)

    write_daily_files(session, tmp_path, TODAY)

    lines = (tmp_path / "doublons_9740001A_2026-09-01.csv").read_text("utf-8-sig").splitlines()
    assert [(line.split(";")[1], line.split(";")[-1]) for line in lines] == [
        ("Nom 1", "Suite donnée"),
        ("ZITTE", ""),
        ("HOARAU", "À corriger dans SIECLE"),
    ]
