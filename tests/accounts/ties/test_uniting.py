"""R4, R8: ties follow the merges of accounts, and come back when these are undone."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.holder.merging import MergeRefused, merge_accounts, undo_merge
from shared.accounts.ties.settling import A_FAMILY, refuse_tie
from shared.acting.desk import Act
from shared.database import Database
from shared.journal import SYSTEM
from shared.models.access.ties import AccountTie, ConfirmedBy, ProposedFiche, TieState
from shared.models.accounts import Account, AccountMerge
from shared.models.school import Establishment, Guardian
from tests.accounts.ties.families import Family, generate, make_family, tie_of
from tests.factories import NOW, make_account, make_establishment, make_guardian, make_student, tie


def merge(session: Session, kept: Account, absorbed: Account) -> AccountMerge:
    merge_accounts(Act(session, SYSTEM, NOW), kept.id, absorbed.id)
    session.expire_all()
    standing = select(AccountMerge).where(AccountMerge.absorbed_id == absorbed.id, AccountMerge.undone_at.is_(None))
    return session.scalars(standing).one()


def undo(session: Session, merged: AccountMerge) -> None:
    undo_merge(Act(session, SYSTEM, NOW), merged)
    session.expire_all()


@pytest.fixture
def family(session: Session, sealer: Sealer) -> Family:
    """Proposed in the second school, where the mother has another account for another fiche."""
    family = make_family(session)
    generate(session, sealer, family.there)
    return family


@pytest.fixture
def other(session: Session, family: Family) -> Account:
    return make_account(session, "m.payet9", make_guardian(session, family.there, family.claimed_child))


def test_the_account_kept_has_the_schools_of_both_and_each_its_own_again_afterwards(session: Session) -> None:
    here, there = make_establishment(session), make_establishment(session, "9740002B")
    first, second = (
        make_account(session, f"m.payet{number}", make_guardian(session, school))
        for number, school in enumerate((here, there))
    )
    merged = merge(session, first, second)
    assert [tie_of(session, first, school) is not None for school in (here, there)] == [True, True]
    assert tie_of(session, second, there) is None
    undo(session, merged)
    assert [tie_of(session, first, school) is not None for school in (here, there)] == [True, False]
    assert tie_of(session, second, there) is not None


def test_whoever_merges_two_accounts_knows_the_schools_of_both(
    session: Session, family: Family, other: Account
) -> None:
    merged = merge(session, family.account, other)
    now_there = tie_of(session, family.account, family.there)
    assert now_there is not None
    assert now_there.confirmed_by is ConfirmedBy.GENERATION
    assert family.claimed.account_id == family.account.id
    undo(session, merged)
    before = tie_of(session, family.account, family.there)
    assert before is not None
    assert (before.state, before.confirmed_by, before.settled_at) == (TieState.PROPOSED, None, None)
    assert family.claimed.account_id is None
    assert session.scalars(select(ProposedFiche.guardian_id)).all() == [family.claimed.id]


def test_the_fiche_proposed_to_the_account_absorbed_is_held_by_the_one_kept(
    session: Session, family: Family, other: Account
) -> None:
    undo(session, merge(session, other, family.account))
    again = tie_of(session, family.account, family.there)
    assert again is not None
    assert again.state is TieState.PROPOSED
    merge(session, other, family.account)
    assert family.claimed.account_id == other.id


def test_a_no_to_one_account_counts_for_both(session: Session, family: Family) -> None:
    refused = tie_of(session, family.account, family.there)
    assert refused is not None
    refuse_tie(Act(session, A_FAMILY, NOW), refused.id)
    third = make_establishment(session, "9740009Z")
    other = make_account(session, "m.payet9", make_guardian(session, third))
    tie(session, other, family.there.id, TieState.PROPOSED)
    merged = merge(session, other, family.account)
    now_there = tie_of(session, other, family.there)
    assert now_there is not None
    assert now_there.state is TieState.REFUSED
    undo(session, merged)
    assert now_there.state is TieState.PROPOSED


def test_what_came_while_merged_from_a_school_that_is_no_more_of_the_account_is_asked(session: Session) -> None:
    here, there = make_establishment(session), make_establishment(session, "9740002B")
    first, second = (
        make_account(session, f"m.payet{number}", make_guardian(session, school))
        for number, school in enumerate((here, there))
    )
    merged = merge(session, first, second)
    since = make_guardian(session, there, make_student(session, there))
    since.account_id = first.id
    session.flush()
    undo(session, merged)
    assert since.account_id is None
    asked = tie_of(session, first, there)
    assert asked is not None
    assert asked.state is TieState.PROPOSED


STATES = st.sampled_from([None, *TieState])


def picture(session: Session) -> tuple[object, ...]:
    session.expire_all()
    ties = select(AccountTie.account_id, AccountTie.establishment_id, AccountTie.state, AccountTie.confirmed_by)
    fiches = select(Guardian.id, Guardian.account_id).order_by(Guardian.id)
    waiting = (
        select(ProposedFiche.guardian_id, AccountTie.account_id)
        .join(AccountTie, AccountTie.id == ProposedFiche.tie_id)
        .where(AccountTie.state == TieState.PROPOSED)
    )
    return tuple(sorted(map(tuple, session.execute(statement).all())) for statement in (ties, waiting)), tuple(
        session.execute(fiches).all()
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ties=st.lists(st.tuples(STATES, STATES, STATES), min_size=3, max_size=3),
    merges=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=5),
)
def test_merges_undone_from_the_last_to_the_first_leave_the_ties_that_were_before(
    database: Database, ties: list[tuple[TieState | None, ...]], merges: list[tuple[int, int]]
) -> None:
    with Session(database.engine.execution_options(writing=True)) as session:
        schools = [make_establishment(session, f"974000{number}A") for number in range(3)]
        accounts = [_account(session, number, schools, states) for number, states in enumerate(ties)]
        before = picture(session)
        done = []
        for kept, absorbed in merges:
            try:
                done.append(merge(session, accounts[kept], accounts[absorbed]))
            except MergeRefused:
                continue
            _nothing_is_held_without_a_confirmed_tie(session)
        for merged in reversed(done):
            undo(session, merged)
            _nothing_is_held_without_a_confirmed_tie(session)
        assert picture(session) == before


def _account(
    session: Session, number: int, schools: list[Establishment], states: tuple[TieState | None, ...]
) -> Account:
    home = make_establishment(session, f"974001{number}A")
    account = make_account(session, f"m.payet{number}", make_guardian(session, home))
    for school, state in zip(schools, states, strict=True):
        if state is None:
            continue
        there, fiche = tie(session, account, school.id, state), make_guardian(session, school)
        if state is TieState.CONFIRMED:
            fiche.account_id = account.id
        elif state is TieState.PROPOSED:
            session.add(ProposedFiche(tie_id=there.id, guardian_id=fiche.id))
        session.flush()
    return account


def _nothing_is_held_without_a_confirmed_tie(session: Session) -> None:
    held = set(session.execute(select(Guardian.account_id, Guardian.establishment_id)).all())
    confirmed = select(AccountTie.account_id, AccountTie.establishment_id).where(AccountTie.state == TieState.CONFIRMED)
    assert {row for row in held if row[0] is not None} <= set(session.execute(confirmed).all())
